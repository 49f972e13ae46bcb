"""Seeing what happens while it happens."""

from contextlib import aclosing
from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import AsJson, board, clean, emit, run, table

if TYPE_CHECKING:
    from blackboard.subscription import Item


def watch(
    case: Annotated[list[str] | None, typer.Option(help="Only these cases.")] = None,
    workflow: Annotated[list[str] | None, typer.Option(help="Only these workflows.")] = None,
    agent: Annotated[list[str] | None, typer.Option(help="Only what these agents did.")] = None,
    kind: Annotated[list[str] | None, typer.Option("--type", help="Only these types, e.g. task.* or case.closed.")] = None,
    after: Annotated[str | None, typer.Option(help="A cursor to go on from; 0 is the beginning.")] = None,
    count: Annotated[int, typer.Option(help="Stop after this many events; 0 never does.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Follow the journal live. A lost connection is resumed; nothing is shown twice and nothing is left out."""
    from blackboard.subscription import StreamEvent

    async def work() -> None:
        async with board("auditor") as client:
            seen = 0
            following = client.events(after=after, case=case, workflow=workflow, agent=agent, type=kind)
            async with aclosing(aiter(following)) as items:
                async for item in items:
                    emit(item) if as_json else typer.echo(_line(item))
                    seen += isinstance(item, StreamEvent)
                    if count and seen >= count:
                        return

    run(work())


def agents(as_json: AsJson = False) -> None:
    """List the agents, what each may do, whether it is alive, and what it holds."""

    async def work() -> None:
        async with board("auditor") as client:
            found = await client.list_agents()
        if as_json:
            emit(found)
            return
        rows = [
            (a.name, a.role, ", ".join(a.capabilities), a.state, len(a.sessions), a.holds, _last_heard(a.sessions))
            for a in found
        ]
        table("", ("agent", "role", "capabilities", "state", "alive", "holds", "last heard (UTC)"), rows)

    run(work())


def _last_heard(sessions: list) -> str:  # type: ignore[type-arg]  # of blackboard.reports.Session, imported late
    return f"{max(s.heartbeat_at for s in sessions):%H:%M:%S}" if sessions else ""


def _line(item: "Item") -> str:
    from blackboard.subscription import Left, Reset

    if isinstance(item, Reset):
        return clean(f"--- the stream was reset ({item.reason}); it goes on from {item.cursor}")
    if isinstance(item, Left):
        return clean(f"{item.id:>8}  --- {item.task_id or item.case_id} belongs here no longer")
    told = item.data
    words = [told.get("outcome") or told.get("by_outcome") or told.get("reason") or "", ", ".join(told.get("reasons") or [])]
    where = f"{str(item.case_id)[-8:] if item.case_id else '':8}  {item.stage or '':10}"
    return clean(
        f"{item.id:>8}  {item.time:%H:%M:%S.%f}"[:-3]
        + f"  {item.type:16}  {where}  {item.actor:10}  {'  '.join(filter(None, words))}"
    )
