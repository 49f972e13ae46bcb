"""Who acts for whom, and leave to break a rule on duties, which takes two persons."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from blackboard.cli.console import AsJson, board, emit, run, say, table

if TYPE_CHECKING:
    from blackboard.reports import Leave

delegation = typer.Typer(help="Who acts for whom.", no_args_is_help=True)
break_glass = typer.Typer(help="Leave to break a rule on duties: one person asks, a second approves.", no_args_is_help=True)

Reason = Annotated[str, typer.Option(help="Why; it is kept in the journal.")]
CaseId = Annotated[UUID, typer.Argument(metavar="CASE")]
LeaveId = Annotated[UUID, typer.Argument(metavar="LEAVE")]


@delegation.command("start")
def start(
    delegator: Annotated[str, typer.Argument(metavar="FROM")],
    delegate: Annotated[str, typer.Argument(metavar="TO")],
    until: Annotated[datetime, typer.Option(help="When it ends, in UTC.")],
    reason: Reason,
    capability: Annotated[str | None, typer.Option(help="What of the delegator's the delegate may claim.")] = None,
    as_json: AsJson = False,
) -> None:
    """Let one agent act for another one. Until the end the two are one person in every duty."""
    from blackboard.requests import NewDelegation

    fields = {"from": delegator, "to": delegate, "capability": capability, "until": until.replace(tzinfo=UTC), "reason": reason}

    async def work() -> None:
        async with board("admin") as client:
            made = await client.delegate(NewDelegation.model_validate(fields))
        emit(made) if as_json else say(str(made.id))

    run(work())


@delegation.command("end")
def end(delegation_id: Annotated[UUID, typer.Argument(metavar="DELEGATION")], reason: Reason, as_json: AsJson = False) -> None:
    """Let nobody act for the delegator any more. What was done meanwhile stays one person's."""

    async def work() -> None:
        async with board("admin") as client:
            told = await client.end_delegation(delegation_id, reason)
        emit(told) if as_json else say(told.verdict)

    run(work())


@delegation.command("list")
def list_delegations(as_json: AsJson = False) -> None:
    """List who acts for whom at present."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.list_delegations()
        if as_json:
            emit(found)
            return
        rows = [(d.id, d.from_, d.to, d.capability or "", f"{d.until:%Y-%m-%d %H:%M}", d.reason) for d in found]
        table("", ("delegation", "from", "to", "capability", "until (UTC)", "why"), rows)

    run(work())


@break_glass.command("ask")
def ask(
    case_id: CaseId,
    agent: Annotated[str, typer.Option(help="Who is to act.")],
    duty: Annotated[str, typer.Option(help="maker, opinion, checker or executor.")],
    reason: Reason,
    minutes: Annotated[int, typer.Option(min=1, max=60, help="How long, from the approval.")] = 15,
    as_json: AsJson = False,
) -> None:
    """Ask leave to break a rule once: a duty, although its person has another one on the case."""
    from blackboard.requests import NewLeave

    new = {"agent": agent, "duty": duty, "reason": reason, "minutes": minutes}

    async def work() -> None:
        async with board("admin") as client:
            _tell(await client.ask_leave(case_id, NewLeave.model_validate(new)), as_json=as_json)

    run(work())


@break_glass.command("approve")
def approve(case_id: CaseId, leave_id: LeaveId, reason: Reason, as_json: AsJson = False) -> None:
    """Approve as a second person: neither who asked nor who acts."""

    async def work() -> None:
        async with board("reviewer") as client:
            _tell(await client.approve_leave(case_id, leave_id, reason), as_json=as_json)

    run(work())


@break_glass.command("revoke")
def revoke(case_id: CaseId, leave_id: LeaveId, reason: Reason, as_json: AsJson = False) -> None:
    """Take leave back that was not spent yet."""

    async def work() -> None:
        async with board("admin") as client:
            _tell(await client.revoke_leave(case_id, leave_id, reason), as_json=as_json)

    run(work())


@break_glass.command("list")
def list_leaves(as_json: AsJson = False) -> None:
    """List what leave was asked for, newest first."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.list_leaves()
        if as_json:
            emit(found)
            return
        rows = [
            (each.id, each.case_id, each.agent, each.duty, each.despite, each.state, each.asked_by, each.approved_by or "")
            for each in found
        ]
        table("", ("leave", "case", "agent", "duty", "despite", "state", "asked by", "approved by"), rows)

    run(work())


def _tell(leave: "Leave", *, as_json: bool) -> None:
    words = f"{leave.id} {leave.state}: {leave.agent} as {leave.duty} despite {leave.despite}"
    emit(leave) if as_json else say(f"{words}, until {leave.expires_at:%H:%M:%S} UTC")
