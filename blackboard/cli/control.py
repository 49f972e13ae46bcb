"""What operators do: see why something does not move, hold work back, look after what got stuck."""

from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import AsJson, board, emit, run, say, table
from blackboard.cli.lookup import TaskName, find_task

if TYPE_CHECKING:
    from blackboard.reports import Candidate

Reason = Annotated[str, typer.Option(help="Why; it is kept in the journal.")]
Kind = Annotated[str, typer.Argument(metavar="KIND", help="tenant, workflow, capability or entity.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Which, e.g. transfer, risk or account:CHK-001.")]


def why(name: TaskName, as_json: AsJson = False) -> None:
    """Say why nobody has a task, who may claim it, and who may not by which rule."""

    async def work() -> None:
        async with board("auditor") as client:
            told = await client.explain_task(await find_task(client, name))
        if as_json:
            emit(told)
            return
        say(told.answer)
        rows = [(c.agent, _alive(c), "yes" if c.may_claim else "no", c.excluded_by or "") for c in told.agents]
        table("", ("agent", "alive", "may claim", "excluded by"), rows)

    run(work())


def _alive(candidate: "Candidate") -> str:
    if candidate.is_person:
        return "a person"
    return "yes" if candidate.is_alive else "no"


def hold(kind: Kind, name: Name, reason: Reason, as_json: AsJson = False) -> None:
    """Give out no more claims of it. On an entity, claims that run are taken back too."""

    async def work() -> None:
        async with board("admin") as client:
            told = await client.place_hold(kind, name, reason)
        emit(told) if as_json else say(told.verdict)

    run(work())


def lift(kind: Kind, name: Name, reason: Reason, as_json: AsJson = False) -> None:
    """Offer again what was held back."""

    async def work() -> None:
        async with board("admin") as client:
            told = await client.lift_hold(kind, name, reason)
        emit(told) if as_json else say(told.verdict)

    run(work())


def suspend(agent: Annotated[str, typer.Argument()], reason: Reason, as_json: AsJson = False) -> None:
    """Stop an agent: its claims are taken back, and whatever it writes is refused."""

    async def work() -> None:
        async with board("admin") as client:
            told = await client.set_agent_state(agent, "suspend", reason)
        emit(told) if as_json else say(told.verdict)

    run(work())


def resume(agent: Annotated[str, typer.Argument()], reason: Reason, as_json: AsJson = False) -> None:
    """Let an agent work again."""

    async def work() -> None:
        async with board("admin") as client:
            told = await client.set_agent_state(agent, "resume", reason)
        emit(told) if as_json else say(told.verdict)

    run(work())


def incidents(as_json: AsJson = False) -> None:
    """List tasks that rest until somebody looks at them."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.list_incidents()
        if as_json:
            emit(found)
            return
        rows = [(i.task_id, i.case_id, i.stage, i.kind, i.failures, i.rescues, i.reason, f"{i.since:%H:%M:%S}") for i in found]
        table("", ("task", "case", "stage", "kind", "failures", "rescues", "reason", "since (UTC)"), rows)

    run(work())


def redrive(name: TaskName, reason: Reason, as_json: AsJson = False) -> None:
    """Try a stuck task again, its attempts counted anew."""

    async def work() -> None:
        async with board("admin") as client:
            told = await client.redrive_task(await find_task(client, name), reason)
        emit(told) if as_json else say(told.verdict)

    run(work())


def resolve(
    name: TaskName,
    outcome: Annotated[str, typer.Option(help="An outcome of its stage.")],
    reason: Reason,
    as_json: AsJson = False,
) -> None:
    """End a stuck task with an outcome of its stage."""

    async def work() -> None:
        async with board("admin") as client:
            told = await client.resolve_task(await find_task(client, name), outcome, reason)
        emit(told) if as_json else say(told.verdict)

    run(work())


def backlog(as_json: AsJson = False) -> None:
    """Show how much work of each capability lies ready and is held, and how old the oldest is."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.show_load()
        if as_json:
            emit(found)
            return
        rows = [
            (entry.capability, entry.ready, _age(entry.oldest_ready_s), entry.claimed, _age(entry.oldest_claim_s))
            for entry in found
        ]
        table("", ("capability", "ready", "oldest", "held", "longest"), rows)

    run(work())


def _age(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.0f} s"
