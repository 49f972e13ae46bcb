"""Seeing what happens while it happens."""

from contextlib import aclosing
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any

import typer

from blackboard.cli.choices import a_case, a_workflow, an_agent
from blackboard.cli.console import AsJson, board, emit, is_stage, run, say
from blackboard.cli.lookup import find_case

if TYPE_CHECKING:
    from asyncio import Event, Future
    from collections.abc import AsyncGenerator
    from uuid import UUID

    from blackboard.client import BoardClient
    from blackboard.subscription import Item, StreamEvent


def watch(
    case: Annotated[list[str] | None, typer.Option(help="Only these cases.", autocompletion=a_case)] = None,
    workflow: Annotated[list[str] | None, typer.Option(help="Only these workflows.", autocompletion=a_workflow)] = None,
    agent: Annotated[list[str] | None, typer.Option(help="Only what these agents did.", autocompletion=an_agent)] = None,
    kind: Annotated[list[str] | None, typer.Option("--type", help="Only these types, e.g. task.* or case.closed.")] = None,
    after: Annotated[str | None, typer.Option(help="A cursor to go on from; 0 is the beginning.")] = None,
    count: Annotated[int, typer.Option(help="Stop after this many events; 0 never does.")] = 0,
    plain: Annotated[bool, typer.Option("--plain", help="A line for each event, on a terminal too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Follow the journal live. A lost connection is resumed; nothing is shown twice and nothing is left out.

    On a terminal, and without a place to begin or end at: a table of the open cases by workflow and stage above what happens; q
    quits. Elsewhere, in the background, and with --plain: a line for each event.
    """

    async def work() -> None:
        async with board("auditor") as client:
            cases = [await find_case(client, name) for name in case or ()]
            if is_stage() and not (plain or as_json or count or after is not None):
                await _watch_live(client, cases, workflow, agent, kind)
            else:
                following = client.events(after=after, case=cases, workflow=workflow, agent=agent, type=kind)
                await _print(aiter(following), count, as_json=as_json)

    run(work())


async def _print(following: "AsyncGenerator[Item, None]", count: int, *, as_json: bool) -> None:
    """Lines, one after the other."""
    from blackboard.subscription import StreamEvent

    seen = 0
    async with aclosing(following) as items:
        async for item in items:
            emit(item) if as_json else say(_line(item))
            seen += isinstance(item, StreamEvent)
            if count and seen >= count:
                return


async def _watch_live(
    client: "BoardClient",
    cases: "list[UUID]",
    workflows: list[str] | None,
    agents: list[str] | None,
    kinds: list[str] | None,
) -> None:
    """The picture, until `q`. The table needs every event of the cases in it, so agents and types choose among those told."""
    import asyncio

    from blackboard.cli.crowd import Crowd
    from blackboard.cli.screen import live
    from blackboard.subscription import StreamEvent

    def wanted(event: "StreamEvent") -> bool:
        return (not agents or event.actor in agents) and (not kinds or any(fnmatchcase(event.type, kind) for kind in kinds))

    crowd = Crowd(frozenset(cases), tuple(workflows or ()))
    following = client.events(snapshot=lambda: crowd.read(client), case=cases, workflow=workflows)
    async with live(crowd.draw) as screen, aclosing(aiter(following)) as items:

        async def follow() -> None:
            async for item in items:
                if isinstance(item, StreamEvent):
                    crowd.take(item, told=wanted(item))
                screen.touch()

        await until_ended(asyncio.ensure_future(follow()), screen.ended)


async def until_ended(following: "Future[Any]", ended: "Event") -> None:
    """Until the person has seen enough, or the board has no more to tell; what it refuses is raised."""
    import asyncio

    leaving = asyncio.ensure_future(ended.wait())
    both: list[Future[Any]] = [following, leaving]
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            following.result()
    finally:
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)


def _line(item: "Item") -> str:
    from blackboard.subscription import Left, Reset

    if isinstance(item, Reset):
        return f"--- the stream was reset ({item.reason}); it goes on from {item.cursor}"
    if isinstance(item, Left):
        return f"{item.id:>8}  --- {item.task_id or item.case_id} belongs here no longer"
    told = item.data
    words = [told.get("outcome") or told.get("by_outcome") or told.get("reason") or "", ", ".join(told.get("reasons") or [])]
    where = f"{str(item.case_id)[-8:] if item.case_id else '':8}  {item.stage or '':10}"
    return (
        f"{item.id:>8}  {item.time:%H:%M:%S.%f}"[:-3]
        + f"  {item.type:16}  {where}  {item.actor:10}  {'  '.join(filter(None, words))}"
    )
