"""Deals claimed tasks to streams: each connection gets work as it comes, as much at once as it has credit for.

A stream's turn is a waiting claim like any other, asked together with those of everybody else, and taken only when all that was
dealt before has been sent. What it has in hand shrinks when a claim ends: told at once by writes in this process, through the
journal by others, and looked up every few seconds when the hand is full, so that a lost word costs time and nothing else.

A connection that breaks leaves claims which nobody may know of. Those about which their holder has not written go back at once;
the others are at work somewhere, and live by heartbeats and deadlines as every claim does. So do all of them when this process
is killed. After a `bye` the reader has everything, and nothing is taken from it.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import structlog

from blackboard.answers import ClaimedTask, encode
from blackboard.bells import Bell, Call
from blackboard.board import Board
from blackboard.claims import RECHECK_S
from blackboard.cohort import CHUNK_MAX_BYTES
from blackboard.errors import BlackboardError, Busy, NotPermitted, Unauthenticated
from blackboard.frames import RETRY_MS, bye, control
from blackboard.journal import Entry
from blackboard.requests import ClaimRequest
from blackboard.values import MAX_CLAIM, MAX_WAIT_S, Principal

log = structlog.get_logger()

BEAT = b": still here\n\n"
STOP_LIMIT_S = 3.0
# After these a task has no holder any more, or not this one.
_ENDS = {"opinion.given"} | {
    f"task.{word}" for word in ("decided", "failed", "released", "rejected", "waiting", "revoked", "expired", "cancelled")
}


class Held(NamedTuple):
    """A claim in a hand. One that its session brought along from elsewhere counts, and is not this stream's to give back."""

    fence: int
    is_dealt: bool


class Hand:
    """What one stream has in hand, up to its credit."""

    def __init__(self, who: Principal, wish: ClaimRequest, credit: int) -> None:
        self.id = uuid4()
        self.who = who
        self.wish = wish.model_copy(update={"claim_id": self.id.hex, "wait_s": MAX_WAIT_S})
        self.credit = credit
        self.held: dict[UUID, Held] = {}
        self.call = Call()
        self.bell = Bell()
        self.turn: asyncio.Task[list[ClaimedTask]] | None = None
        # Whether the reader was told that this is the end.
        self.has_parted = False

    @property
    def room(self) -> int:
        """How many more it may have."""
        return max(0, self.credit - len(self.held))

    @property
    def dealt(self) -> dict[UUID, int]:
        """The claims that were made for this stream, task: fence."""
        return {task_id: held.fence for task_id, held in self.held.items() if held.is_dealt}


class Dealer:
    """The claim streams of this process, within a limit: over it the new are refused and the old live."""

    def __init__(
        self,
        board: Board,
        *,
        heartbeat_s: float = 15,
        max_age_s: float = 600,
        max_streams: int = 5000,
        max_per_tenant: int = 5000,
        max_per_agent: int = 1000,
    ) -> None:
        self._board = board
        self._heartbeat_s = heartbeat_s
        self._max_age_s = max_age_s
        self._max_streams = max_streams
        self._max_per_tenant = max_per_tenant
        self._max_per_agent = max_per_agent
        self._closing = False
        self._hands: set[Hand] = set()
        self._per_tenant: Counter[int] = Counter()
        self._per_agent: Counter[int] = Counter()
        # Mostly one; a session that came back while its old connection is not known to be dead has two.
        self._holders: dict[UUID, list[Hand]] = {}
        self._farewells: set[asyncio.Task[None]] = set()
        board.tell_ends(self.let_go)

    @property
    def streams(self) -> int:
        """How many are open."""
        return len(self._hands)

    async def admit(self, who: Principal, wish: ClaimRequest) -> None:
        """`NotPermitted` for who may not claim this. A board that cannot say now says it in the stream."""
        try:
            await self._board.admit(who, wish.capabilities)
        except Busy:
            return

    async def stream(self, who: Principal, wish: ClaimRequest, credit: int) -> AsyncGenerator[bytes, None]:
        """Frames as joined bytes: `ready`, then tasks and heartbeats, at last `bye`. The wish says what of, how long, for whom.

        Over the limit, without a database, or when the agent may claim no more, `bye` says why.
        """
        if self._is_full(who):
            yield bye("overloaded")
            return
        hand = self._join(Hand(who, wish, credit))
        try:
            async for frames in self._deal(hand):
                yield frames
            hand.has_parted = True
        except Unauthenticated:
            yield bye("rights_changed")
            hand.has_parted = True
        except (Busy, NotPermitted) as error:
            yield bye(error.code)
            hand.has_parted = True
        finally:
            self._part(hand)

    def take(self, entries: Sequence[Entry]) -> None:
        """Hear from the journal of claims that ended."""
        for entry in entries if self._holders else ():
            event = entry.event
            if event.task_id in self._holders and event.type in _ENDS:
                # A task that is cancelled has no further claim; any other may have been claimed again since.
                fence = None if event.type == "task.cancelled" else event.body.get("fence", 0)
                self.let_go(event.task_id, fence)

    def let_go(self, task_id: UUID, fence: int | None) -> None:
        """The claim under this fence is over, or whatever claim there is."""
        for hand in list(self._holders.get(task_id, ())):
            if fence is None or fence >= hand.held[task_id].fence:
                self._drop(hand, task_id)
                hand.bell.ring()

    @property
    def keys(self) -> set[str]:
        """The keys under which they were opened."""
        return {hand.who.key_id for hand in self._hands if hand.who.key_id}

    def keys_of(self, agents: Collection[tuple[int, str]]) -> set[str]:
        """Those of these agents."""
        return {hand.who.key_id for hand in self._hands if (hand.who.tenant_id, hand.who.agent) in agents}

    def cut(self, keys: Collection[str]) -> None:
        """End the streams that were opened under these. Nothing is taken back: claims are the agent's, whatever its key."""
        for hand in self._hands if keys else ():
            if hand.who.key_id in keys:
                hand.call.cut()

    def close(self) -> None:
        """Send every stream its `bye` and let it end."""
        self._closing = True
        for hand in self._hands:
            hand.call.hang_up()

    async def stop(self) -> None:
        """Give back what was not sent, also of streams whose socket takes nothing."""
        self.close()
        for hand in list(self._hands):
            self._part(hand)
        if self._farewells:
            await asyncio.wait(self._farewells, timeout=STOP_LIMIT_S)

    # ------------------------------------------------------------------------------------------------------------ inside
    def _is_full(self, who: Principal) -> bool:
        return (
            len(self._hands) >= self._max_streams
            or self._per_tenant[who.tenant_id] >= self._max_per_tenant
            or self._per_agent[who.agent_id] >= self._max_per_agent
        )

    def _join(self, hand: Hand) -> Hand:
        self._hands.add(hand)
        self._per_tenant[hand.who.tenant_id] += 1
        self._per_agent[hand.who.agent_id] += 1
        return hand

    async def _deal(self, hand: Hand) -> AsyncIterator[bytes]:
        """No statement runs in here: a reader may leave at any moment, and would cut the statement with it."""
        yield self._greet(hand)
        ends_at = time.monotonic() + self._max_age_s * random.uniform(0.8, 1.2)
        beat_at = self._next_beat()
        hand.turn = asyncio.create_task(self._first_turn(hand))
        while not (self._closing or hand.call.is_cut) and time.monotonic() < ends_at:
            await asyncio.wait({hand.turn}, timeout=max(0.001, min(beat_at, ends_at) - time.monotonic()))
            if self._closing or hand.call.is_cut:
                break
            if hand.turn.done():
                tasks = hand.turn.result()
                self._hold(hand, {task.id: task.fence for task in tasks}, is_dealt=True)
                for frames in join_tasks(tasks):
                    yield frames
                hand.turn = asyncio.create_task(self._turn(hand))
                beat_at = self._next_beat() if tasks else beat_at
            if time.monotonic() >= beat_at:
                yield BEAT
                beat_at = self._next_beat()
        yield bye("shutdown" if self._closing else "rights_changed" if hand.call.is_cut else "rotation")

    def _greet(self, hand: Hand) -> bytes:
        told = {
            "stream": str(hand.id),
            "credit": hand.credit,
            "server_time": datetime.now(UTC),
            "heartbeat_s": self._heartbeat_s,
            "max_age_s": self._max_age_s,
        }
        return control("ready", told, retry_ms=RETRY_MS)

    def _next_beat(self) -> float:
        return time.monotonic() + self._heartbeat_s * random.uniform(0.87, 1.13)

    async def _first_turn(self, hand: Hand) -> list[ClaimedTask]:
        """What the session has in hand from a stream before this one takes up credit."""
        if hand.wish.session_id is not None:
            brought = await self._board.list_session_claims(hand.who, hand.wish.session_id)
            self._hold(hand, brought, is_dealt=False)
        return await self._turn(hand)

    async def _turn(self, hand: Hand) -> list[ClaimedTask]:
        """Wait for room, then for work."""
        hand.call.waits_by(hand.bell)
        while not (hand.room or hand.call.gone):
            await hand.bell.wait(RECHECK_S * random.uniform(0.5, 1))
            if not (hand.room or hand.call.gone):
                await self._recount(hand)
        if hand.call.gone:
            return []
        wish = hand.wish.model_copy(update={"limit": min(hand.room, MAX_CLAIM)})
        return (await self._board.claim(hand.who, wish, call=hand.call)).value.tasks

    async def _recount(self, hand: Hand) -> None:
        """Look for ends that nobody told of."""
        asked = {task_id: held.fence for task_id, held in hand.held.items()}
        still = await self._board.list_held(hand.who, asked)
        for task_id in asked.keys() - still:
            self.let_go(task_id, asked[task_id])

    def _hold(self, hand: Hand, claims: Mapping[UUID, int], *, is_dealt: bool) -> None:
        for task_id, fence in claims.items():
            if task_id not in hand.held:
                self._holders.setdefault(task_id, []).append(hand)
            hand.held[task_id] = Held(fence, is_dealt)

    def _drop(self, hand: Hand, task_id: UUID) -> None:
        del hand.held[task_id]
        self._holders[task_id].remove(hand)
        if not self._holders[task_id]:
            del self._holders[task_id]

    def _part(self, hand: Hand) -> None:
        """The stream is over; what is left to do is done when its reader has long gone."""
        if hand in self._hands:
            self._hands.remove(hand)
            self._per_tenant[hand.who.tenant_id] -= 1
            self._per_agent[hand.who.agent_id] -= 1
            hand.call.hang_up()
            farewell = asyncio.create_task(self._give_back(hand))
            self._farewells.add(farewell)
            farewell.add_done_callback(self._farewells.discard)

    async def _give_back(self, hand: Hand) -> None:
        """Release what the reader cannot know of: what was not sent, and after a break what was not heard of."""
        claims = {} if hand.has_parted else hand.dealt
        if hand.turn is not None:
            await asyncio.wait({hand.turn})
            if not hand.turn.cancelled() and hand.turn.exception() is None:
                claims |= {task.id: task.fence for task in hand.turn.result()}
        for task_id in list(hand.held):
            self._drop(hand, task_id)
        if claims:
            try:
                await self._board.release_unheard(hand.who, claims, "the stream broke")
            except BlackboardError as error:
                log.warning("claims of a broken stream run out by themselves", agent=hand.who.agent, error=str(error))


def join_tasks(tasks: Iterable[ClaimedTask]) -> Iterator[bytes]:
    """Task frames, joined up to the size of one write. They carry no id: there is nothing to resume."""
    joined = b""
    for task in tasks:
        joined += b"event: task\ndata: %b\n\n" % encode(task)
        if len(joined) >= CHUNK_MAX_BYTES:
            yield joined
            joined = b""
    if joined:
        yield joined
