"""`blackboard load`: many cases of all kinds on the board that runs here, and what became of them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import REFUSED, emit, hush, progress_bar, run, say, table
from blackboard.cli.demo import SCENARIOS, Data

if TYPE_CHECKING:
    from blackboard.scenario import Mix
    from blackboard.traffic import Account, Plan


def load(
    cases: Annotated[int | None, typer.Option(min=1, max=100_000, help="How many cases.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed draws the same cases, at the same moments.")] = 7,
    rate: Annotated[float, typer.Option(min=0.01, max=10_000, help="How many arrive in a second, in the mean.")] = 10,
    workflow: Annotated[list[str] | None, typer.Option(help="Only of these workflows.")] = None,
    faults: Annotated[float, typer.Option(min=0, max=1, help="How much goes wrong at the bank meanwhile.")] = 0,
    kill_agents: Annotated[bool, typer.Option("--kill-agents", help="Kill agents of this machine meanwhile, with -9.")] = False,
    data: Data = Path(".blackboard"),
    scenarios: Annotated[Path, typer.Option(help="Folder with the stories, which say what cases look like.")] = SCENARIOS,
) -> None:
    """Put load on the board that runs here: mixed cases, people played, until each has ended or waits where it may.

    The last line is JSON. Exit 0 when all came to their end, the bank's books add up and every promise was kept; else 1.
    """
    if cases is None:
        raise typer.BadParameter("say how many: --cases 1000. How much work lies where is told by `blackboard backlog`.")
    from blackboard import scenario
    from blackboard.traffic import Plan

    async def work() -> int:
        mixes = [mix for story in scenario.load_all(scenarios) for mix in story.load]
        chosen = [mix for mix in mixes if not workflow or mix.workflow in workflow]
        account = await _carry_out(data, chosen, Plan(cases, seed, rate, faults, kill_agents))
        rows = [
            (name, state, count, "" if p50 is None else f"{p50:.2f}", "" if p99 is None else f"{p99:.2f}")
            for name, state, count, p50, p99 in account.rows()
        ]
        table("", ("workflow", "state", "cases", "p50 s", "p99 s"), rows)
        for line in [*account.violations[:20], *account.complaints[:20]]:
            say(line, err=True)
        emit(account.told())
        return 0 if account.ok else REFUSED

    run(work())


async def _carry_out(data: Path, mixes: "list[Mix]", plan: "Plan") -> "Account":
    from blackboard.cast import Cast
    from blackboard.traffic import Traffic, violations
    from blackboard.victims import Victims

    hush()
    async with Cast(data) as cast:
        traffic = Traffic(cast, mixes, plan, Victims(data) if plan.kill_agents else None)
        with progress_bar() as tell:
            account = await traffic.carry_out(lambda settled: tell("at their end", settled, plan.cases))
        account.violations += await violations(cast)
        return account
