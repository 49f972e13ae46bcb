"""Policies: see them, try them, draft, activate and retire them, and ask what another version would have said."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blackboard.cli.console import REFUSED, AsJson, board, emit, progress_bar, run, say, table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from blackboard.backtest import Difference, Past
    from blackboard.client import BoardClient
    from blackboard.reports import PolicyText

app = typer.Typer(help="Rules as data: see, check, draft, activate, retire and backtest them.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="Which policy, e.g. transfer_risk.")]
Version = Annotated[int, typer.Argument(metavar="VERSION", min=1)]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A policy in YAML or JSON.")]
Reason = Annotated[str, typer.Option(help="Why; it is kept in the journal.")]
Asked = Annotated[int | None, typer.Option("--version", min=1, help="Which version; the active one when left out.")]


def policies(as_json: AsJson = False) -> None:
    """List the versions of all policies: which judges, who drafted it, who activated it."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.list_policies()
        if as_json:
            emit(found)
            return
        rows = [(p.name, p.version, p.state, p.author, p.activator or "", p.title or "", p.digest[:12]) for p in found]
        table("", ("policy", "version", "state", "author", "activated by", "title", "digest"), rows)

    run(work())


@app.command()
def check(file: File, as_json: AsJson = False) -> None:
    """Look for what is wrong with a policy. Conditions, gaps, overlaps, examples; needs no board."""
    from blackboard import policy
    from blackboard.policy_check import check as examine

    async def work() -> int:
        found = examine(policy.load(file))
        if as_json:
            emit(found._asdict())
        else:
            lines = [f"MEND  {problem}" for problem in found.problems] + [f"note  {note}" for note in found.notes]
            for line in lines or ["ok"]:
                say(line)
        return REFUSED if found.problems else 0

    run(work())


@app.command()
def show(name: Name, version: Asked = None, as_json: AsJson = False) -> None:
    """Show a version and what it says."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.show_policy(name, version)
        if as_json:
            emit(found)
            return
        import yaml

        by = f", activated by {found.activator}" if found.activator else ""
        say(f"# {found.name}@{found.version}, {found.state}, drafted by {found.author}{by}, {found.digest}")
        for line in yaml.safe_dump(found.body, sort_keys=False, allow_unicode=True, width=110).split("\n")[:-1]:
            say(line, whole=True)

    run(work())


@app.command()
def draft(file: File, reason: Reason, as_json: AsJson = False) -> None:
    """Keep a policy as a draft. Somebody of another owner activates it."""
    from blackboard import policy

    async def work() -> None:
        document = policy.load(file)
        async with board("author") as client:
            _tell(await client.draft_policy(document, reason), as_json=as_json)

    run(work())


@app.command()
def activate(name: Name, version: Version, reason: Reason, as_json: AsJson = False) -> None:
    """Let a version judge from now on. The one before it judges no more."""

    async def work() -> None:
        async with board("admin") as client:
            _tell(await client.activate_policy(name, version, reason), as_json=as_json)

    run(work())


@app.command()
def retire(name: Name, version: Version, reason: Reason, as_json: AsJson = False) -> None:
    """Let a version judge no more."""

    async def work() -> None:
        async with board("admin") as client:
            _tell(await client.retire_policy(name, version, reason), as_json=as_json)

    run(work())


@app.command()
def judge(
    name: Name,
    inputs: Annotated[str, typer.Argument(metavar="INPUTS", help="JSON: an input's name and value, for all of them.")],
    version: Asked = None,
    as_json: AsJson = False,
) -> None:
    """Try inputs, deciding nothing: what it would say, by which rows."""
    from blackboard import strict
    from blackboard.requests import Trial

    async def work() -> None:
        document = strict.parse(inputs.encode())
        if not isinstance(document, dict):
            raise typer.BadParameter('give a JSON object, such as {"amount": 25000}')
        async with board("auditor") as client:
            said = await client.judge_policy(name, Trial(inputs=document, version=version))
        if as_json:
            emit(said)
            return
        points = "" if said.score is None else f", {said.score} points"
        say(f"{said.outcome} ({', '.join(said.reasons)}){points} by {said.policy}")
        rows = [
            (step.table, step.hit, row.id, " && ".join(row.when) or "always", row.outcome or "", row.score, row.reason or "")
            for step in said.trace
            for row in step.rows
        ]
        table("", ("table", "hit", "row", "when", "outcome", "points", "reason"), rows)

    run(work())


@app.command()
def backtest(
    name: Name,
    version: Annotated[int, typer.Option("--version", min=1, help="The version to try.")],
    against: Annotated[int | None, typer.Option(min=1, help="Compare with this version, not with what was decided.")] = None,
    workflow: Annotated[str | None, typer.Option(help="Only cases of this workflow.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only what was decided since then, UTC.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge past cases by another version. Lists those that would be judged otherwise."""

    async def work() -> None:
        from blackboard.backtest import compare

        async with board("auditor") as client:
            new = await client.show_policy(name, version)
            old = await client.show_policy(name, against) if against else None
            past = [each async for each in _recorded(client, name, workflow, since)]
        found = [difference for each in past if (difference := compare(each, new, old))]
        _report(len(past), found, as_json=as_json)

    run(work())


async def _recorded(client: "BoardClient", name: str, workflow: str | None, since: datetime | None) -> "AsyncIterator[Past]":
    """The policy's judgements, as the journal has them from its beginning to its present end."""
    from blackboard.backtest import TYPES, past_of

    filters: dict[str, Any] = {"type": list(TYPES), "workflow": workflow, "limit": 1000}
    page = await client.list_cases(limit=1)
    after, end = "0", page.position
    with progress_bar() as tell:
        while True:
            told = await client.events_page(after, **filters)
            for event in told.events:
                if since is not None and event.time < since.replace(tzinfo=UTC):
                    continue
                if past := past_of(name, event.case_id, event.time, event.data):
                    yield past
            position = int(told.next.partition(".")[2])
            tell("past decisions", min(position, end), end)
            if told.next == after or position >= end:
                return
            after = told.next


def _report(count: int, found: "list[Difference]", *, as_json: bool) -> None:
    if as_json:
        emit({"judged": count, "different": len(found), "differences": [each.model_dump(mode="json") for each in found]})
        return
    rows = [
        (
            each.case_id,
            f"@{each.version}",
            f"{each.was.outcome} ({', '.join(each.was.reasons)})",
            f"{each.becomes.outcome} ({', '.join(each.becomes.reasons)})",
            " ".join([*(f"-{row}" for row in each.rows_gone), *(f"+{row}" for row in each.rows_new)]),
        )
        for each in found
    ]
    if rows:
        table("", ("case", "by", "was", "becomes", "rows"), rows)
    say(f"{len(found)} of {count} would be judged otherwise")


def _tell(found: "PolicyText", *, as_json: bool) -> None:
    emit(found) if as_json else say(f"{found.name}@{found.version} is {found.state}")
