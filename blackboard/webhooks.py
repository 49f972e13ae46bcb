"""Sends events to the endpoints of tenants: each in its order, none held up by another, every event at least once.

One process among all sends. Two at once would be slower and not wrong: where an endpoint stands is compared and set with every
event that arrived, and what is sent twice has one id (`schema/functions_webhook.sql`).
"""

import asyncio
import time
from collections.abc import Sequence
from uuid import UUID, uuid5

import structlog

from blackboard.answers import Event
from blackboard.courier import Courier, Letter, Receipt
from blackboard.errors import BlackboardError, Expired
from blackboard.filters import Filter
from blackboard.frames import Matched
from blackboard.journal import Entry
from blackboard.loop import Loop
from blackboard.reports import DueWebhook, Failed
from blackboard.store import Seat, Store

MAX_TURNS = 64
# Endpoints that failed last time may take so many of the places: each may keep its place until the time limit of a request.
MAX_FAILING = 32
TURN_S = 5.0
PAGE_LIMIT = 500
# What happens within this time is looked for once.
GATHER_S = 0.02
# So long an endpoint rests that came to the end of the journal over events that are not for it: its cursor would be written for
# each of them otherwise.
REST_S = 0.5

log = structlog.get_logger()


class Sender(Loop):
    """Looks for endpoints that something may be due to, and gives each a turn; `take` is fed by the journal."""

    def __init__(
        self, seat: Seat, store: Store, courier: Courier, *, attempts: int = 12, backoff_s: float = 5.0, interval_s: float = 0.5
    ) -> None:
        super().__init__("webhooks", interval_s=interval_s)
        self._seat = seat
        self._store = store
        self._courier = courier
        self._attempts = attempts
        self._backoff_s = backoff_s
        self._turns: dict[UUID, asyncio.Task[None]] = {}
        self._failing: set[UUID] = set()
        self.leading = False

    def take(self, entries: Sequence[Entry]) -> None:
        """There is news, which may be for somebody."""
        if entries and self.leading:
            self.wake()

    async def run_once(self) -> bool:
        """Begin the turns that are due. They end by themselves, and wake the loop then."""
        try:
            verbs = await self._seat.take()
        except BaseException:
            self.leading = False
            raise
        self.leading = verbs is not None
        if verbs is None:
            await self._end_turns()
            return False
        await asyncio.sleep(GATHER_S)
        if room := MAX_TURNS - len(self._turns):
            for due in await verbs.due_webhooks(self._turns.keys(), room):
                self._begin(due)
        return False

    async def close(self) -> None:
        """End every turn where it is, and let a standby send."""
        self.leading = False
        await self._end_turns()
        await self._courier.close()
        await self._seat.leave()

    def _begin(self, due: DueWebhook) -> None:
        if due.failures:
            if len(self._failing) >= MAX_FAILING:
                return
            self._failing.add(due.id)
        self._turns[due.id] = asyncio.create_task(self._turn(due), name=f"webhook:{due.name}")

    async def _end_turns(self) -> None:
        turns = list(self._turns.values())
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)

    async def _turn(self, due: DueWebhook) -> None:
        try:
            await (self._go_on(due) if due.dead_position is None else self._send_again(due, due.dead_position))
            self.wake()
        except (BlackboardError, OSError, TimeoutError) as error:
            log.warning("webhook turn failed", webhook=due.name, error=str(error))
        except Exception:
            log.exception("webhook turn failed", webhook=due.name)
        finally:
            self._failing.discard(due.id)
            self._turns.pop(due.id, None)

    async def _go_on(self, due: DueWebhook) -> None:
        """Send what comes next, until the page or the time of the turn is over."""
        try:
            events = await self._store.read_journal(due.position, PAGE_LIMIT, tenant_id=due.tenant_id)
        except Expired as error:
            await self._fail(due, Failed(position=due.floor, prev=due.prev, error=error.detail, is_lost=True))
            return
        wanted = Filter.model_validate(due.filter)
        ends_at = time.monotonic() + TURN_S
        for event in events:
            if not is_for(wanted, event):
                continue
            if (moved := await self._send_next(due, event)) is None or time.monotonic() > ends_at:
                return
            due = moved
        end = events[-1].position if len(events) == PAGE_LIMIT else max(due.head, *(e.position for e in events[-1:]), 0)
        if end > due.position:
            await self._store.advance_webhook(due, end, due.prev, REST_S if len(events) < PAGE_LIMIT else 0)

    async def _send_next(self, due: DueWebhook, event: Event) -> DueWebhook | None:
        """Deliver one event; the endpoint as it then is, or None when its turn is over."""
        receipt = await self._deliver(due, event, due.prev)
        if not receipt.is_delivered:
            await self._refused(due, receipt, Failed(position=event.position, prev=due.prev, error=receipt.error))
            return None
        if not await self._store.advance_webhook(due, event.position, event.position):
            return None
        return due.model_copy(update={"position": event.position, "prev": event.position, "failures": 0})

    async def _send_again(self, due: DueWebhook, position: int) -> None:
        """Deliver a dead letter, as it was the first time."""
        failed = Failed(position=position, prev=due.dead_prev or 0, error="", is_again=True)
        try:
            [event] = await self._store.read_journal(position - 1, 1, tenant_id=due.tenant_id)
        except Expired as error:
            await self._fail(due, failed.model_copy(update={"error": error.detail, "is_lost": True}))
            return
        receipt = await self._deliver(due, event, failed.prev)
        if receipt.is_delivered:
            await self._store.settle_dead_letter(due, position)
        else:
            await self._refused(due, receipt, failed)

    async def _deliver(self, due: DueWebhook, event: Event, prev: int) -> Receipt:
        body = Matched(prev, Entry(event)).encode(due.epoch)
        return await self._courier.deliver(Letter(letter_id(due, event.position), due.url, body, due.secrets))

    async def _refused(self, due: DueWebhook, receipt: Receipt, failed: Failed) -> None:
        if receipt.is_gone:
            await self._store.disable_webhook(due, receipt.error)
        else:
            told = {"error": receipt.error, "status": receipt.status, "wait_s": receipt.wait_s}
            await self._fail(due, failed.model_copy(update=told))

    async def _fail(self, due: DueWebhook, failed: Failed) -> None:
        await self._store.fail_webhook(due, failed, self._attempts, self._backoff_s)


def is_for(wanted: Filter, event: Event) -> bool:
    """Whether an event is to be sent. That one could not be is told to streams alone: two endpoints would never end."""
    return event.type != "webhook.failed" and wanted.matches(event)


def letter_id(due: DueWebhook, position: int) -> str:
    """One for each event and endpoint, however often it is sent, whoever sends it."""
    return f"msg_{uuid5(due.id, f'{due.epoch}.{position}').hex}"
