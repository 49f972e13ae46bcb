"""`blackboard top`: who works, what waits, what is stuck, how fast it goes. What operators look at."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from blackboard.cli.console import AsJson, board, console, emit, grid, is_stage, run, words
from blackboard.cli.follow import until_ended
from blackboard.cli.screen import Screen, live
from blackboard.cli.sentences import BAD, BUSY, WARN
from blackboard.cli.timeline import span

if TYPE_CHECKING:
    from blackboard.answers import CasePage
    from blackboard.client import BoardClient
    from blackboard.reports import AgentEntry, Hold, Incident, Load, ReviewQueue

# Asked again when something happened, yet no more often than this; and when nothing did, since ages grow by themselves.
ASK_EVERY_S, ASK_LATEST_S = 1.0, 5.0
NEWEST = 200
MINUTE = timedelta(minutes=1)
MAX_ROWS = 500
# What stands around the rows: head and foot; of a section that has any its title, its columns and the lines below it.
AROUND, AROUND_SECTION = 8, 4


class Picture(NamedTuple):
    """The board at one moment. `lag` is None where the board does not say that it is ready."""

    at: datetime
    agents: "list[AgentEntry]"
    load: "list[Load]"
    incidents: "list[Incident]"
    holds: "list[Hold]"
    reviews: "ReviewQueue"
    newest: "CasePage"
    lag: dict[str, Any] | None

    @property
    def alive(self) -> "list[AgentEntry]":
        """Who is at work, or should not be forgotten: busiest first."""
        found = [agent for agent in self.agents if agent.sessions or agent.holds or agent.state != "active"]
        return sorted(found, key=lambda agent: (-agent.holds, agent.name))

    @property
    def queues(self) -> "list[Load]":
        """What waits, the longest first."""
        found = [queue for queue in self.load if queue.ready or queue.claimed]
        return sorted(found, key=lambda queue: (-(queue.oldest_ready_s or -1), -queue.claimed))

    def able(self, capability: str) -> int:
        """How many of those who live may do it."""
        return sum(1 for agent in self.agents if agent.sessions and capability in agent.capabilities)

    @property
    def pace(self) -> str:
        """Of the newest cases, how many came and went in the last minute, by the board's own times."""
        since = self.at - MINUTE
        opened = sum(1 for case in self.newest.cases if case.opened_at >= since)
        ended = [case for case in self.newest.cases if case.closed_at and case.closed_at >= since]
        took = sorted(case.closed_at - case.opened_at for case in ended if case.closed_at)
        more = "+" if opened == NEWEST else ""
        median = f", in {span(took[len(took) // 2])} (median)" if took else ""
        return f"{opened}{more} opened, {len(ended)}{more} ended{median}"


def top(
    once: Annotated[bool, typer.Option("--once", help="One picture, then end.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show who works, what waits, what is stuck, how far the journal is, and how fast it goes; live on a terminal. q quits."""

    async def work() -> None:
        async with board("auditor") as client:
            picture = await look(client)
            if as_json:
                emit(picture._asdict())
            elif once or not is_stage():
                console().print(draw(picture, rows=MAX_ROWS))
            else:
                await _keep_looking(client, picture)

    run(work())


async def look(client: "BoardClient") -> Picture:
    """Everything at about the same moment."""
    (agents, load, incidents, holds), (reviews, newest, lag) = await asyncio.gather(
        asyncio.gather(client.list_agents(), client.show_load(), client.list_incidents(), client.list_holds()),
        asyncio.gather(client.list_reviews(whose="all", limit=NEWEST), client.list_cases(limit=NEWEST), _lag(client)),
    )
    return Picture(datetime.now(UTC), agents, load, incidents, holds, reviews, newest, lag)


async def _lag(client: "BoardClient") -> dict[str, Any] | None:
    """How far the journal is behind, as the process that answers sees it."""
    import httpx

    try:
        answer = await client.http.get("/readyz")
        return dict(answer.json()) if answer.is_success else None
    except (httpx.HTTPError, ValueError):
        return None


async def _keep_looking(client: "BoardClient", picture: Picture) -> None:
    """Look again whenever the stream says that something happened."""
    seen = [picture]
    happened = asyncio.Event()

    async def follow() -> None:
        async with aclosing(aiter(client.events(after=seen[0].newest.cursor))) as items:
            async for _ in items:
                happened.set()

    async def ask(screen: Screen) -> None:
        while True:
            await asyncio.sleep(ASK_EVERY_S)
            try:
                async with asyncio.timeout(ASK_LATEST_S):
                    await happened.wait()
            except TimeoutError:
                pass
            happened.clear()
            seen[0] = await look(client)
            screen.touch()

    def picture_of(height: int) -> Any:
        from rich.console import Group

        return Group(draw(seen[0], rows=_room(seen[0], height)), words(("q quits", "dim")))

    async with live(lambda _width, height: picture_of(height)) as screen:
        await until_ended(asyncio.gather(follow(), ask(screen)), screen.ended)


def _room(picture: Picture, height: int) -> int:
    """How many rows each section may have."""
    filled = sum(1 for section in (picture.queues, picture.alive, picture.incidents, picture.holds) if section) or 1
    return max((height - AROUND - AROUND_SECTION * filled) // filled, 1)


def draw(picture: Picture, *, rows: int) -> Any:
    """Sections under one another, each with as many rows as there is room for; empty ones in a word."""
    from rich.console import Group

    return Group(
        words(f"{picture.at:%H:%M:%S} UTC   journal {_journal(picture.lag)}   last minute {picture.pace}"),
        words(),
        *_section("queues", ("for", "ready", "oldest", "at work", "longest", "who may"), _queues(picture), rows),
        *_section("agents", ("agent", "holds", "alive", "last heard", "state", "capabilities"), _agents(picture), rows),
        *_section("incidents", ("where", "kind", "for", "reason", "task"), _incidents(picture), rows),
        *_section("held back", ("what", "by", "for", "reason"), _holds(picture), rows),
        words(_reviews(picture)),
    )


def _section(title: str, columns: Sequence[str], found: list[tuple[Any, ...]], rows: int) -> list[Any]:
    if not found:
        return [words((f"{title}: none", "dim"))]
    more = [words((f"  … and {len(found) - rows} more", "dim"))] if len(found) > rows else []
    return [words((f"{title} ({len(found)})", "bold")), grid(columns, found[:rows]), *more, words()]


def _journal(lag: dict[str, Any] | None) -> str:
    if lag is None:
        return "NOT READY: `blackboard doctor` looks why"
    behind = f", lists {lag.get('reading_behind')} behind" if lag.get("reading_behind") else ""
    return f"at {lag.get('position')}, sequenced {lag.get('head_age_s', 0):.1f} s ago{behind}"


def _queues(picture: Picture) -> list[tuple[Any, ...]]:
    return [
        (
            queue.capability,
            queue.ready,
            "" if queue.oldest_ready_s is None else (span(queue.oldest_ready_s), WARN if queue.oldest_ready_s > 60 else ""),
            queue.claimed,
            "" if queue.oldest_claim_s is None else span(queue.oldest_claim_s),
            picture.able(queue.capability) or ("nobody", BAD),
        )
        for queue in picture.queues
    ]


def _agents(picture: Picture) -> list[tuple[Any, ...]]:
    return [
        (
            agent.name,
            (str(agent.holds), BUSY if agent.holds else ""),
            len(agent.sessions),
            f"{span(picture.at - max(s.heartbeat_at for s in agent.sessions))} ago" if agent.sessions else "",
            (agent.state, "" if agent.state == "active" else BAD),
            ", ".join(agent.capabilities),
        )
        for agent in picture.alive
    ]


def _incidents(picture: Picture) -> list[tuple[Any, ...]]:
    return [
        (f"{each.workflow} {each.stage}", (each.kind, BAD), span(picture.at - each.since), each.reason, str(each.task_id))
        for each in picture.incidents
    ]


def _holds(picture: Picture) -> list[tuple[Any, ...]]:
    return [(f"{each.kind} {each.name}", each.by, span(picture.at - each.since), each.reason) for each in picture.holds]


def _reviews(picture: Picture) -> str:
    open_reviews = picture.reviews.reviews
    late = sum(1 for review in open_reviews if review.is_overdue)
    more = "+" if len(open_reviews) == NEWEST else ""
    return f"reviews: {len(open_reviews)}{more} open, {late} late"
