"""What the board says of itself to Prometheus."""

import asyncio
import time
from collections.abc import Mapping

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge

from blackboard.errors import BlackboardError
from blackboard.measures import Measures
from blackboard.reports import Load
from blackboard.store import Store

# However many scrape, and however often: the database is asked once in this time, also while it does not answer.
MEASURES_KEPT_S = 5.0
# A scrape should end before its scraper gives up, and never wait in line for a connection.
MEASURE_LIMIT_S = 2.0

log = structlog.get_logger()


class Meter:
    """Asks the database how the board is doing, one question at a time, and keeps the answer for a moment."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._asking = asyncio.Lock()
        self._ask_at = 0.0
        self._measures: Measures | None = None

    async def read(self) -> Measures | None:
        """What was measured last, at most `MEASURES_KEPT_S` ago; None when the database did not tell."""
        async with self._asking:
            if time.monotonic() >= self._ask_at:
                self._measures = await self._ask()
                self._ask_at = time.monotonic() + MEASURES_KEPT_S
            return self._measures

    async def _ask(self) -> Measures | None:
        try:
            async with asyncio.timeout(MEASURE_LIMIT_S):
                return await self._store.measure_board()
        except (BlackboardError, OSError, TimeoutError) as error:
            log.warning("the board could not be measured", error=repr(error))
        except Exception:
            # Whoever watches needs what this process can still say, most of all when something is wrong.
            log.exception("the board could not be measured")
        return None


def put_board(registry: CollectorRegistry, board: Measures | None) -> None:
    """The board's numbers, over all tenants. What is not known has no sample."""
    told = f"Whether the database told the numbers below within {MEASURE_LIMIT_S:.0f} s."
    put(registry, "blackboard_database_up", told, board is not None)
    if board is None:
        return
    for name, told, value in (
        ("blackboard_oldest_transaction_age_seconds", "Age of the oldest open transaction.", board.oldest_transaction_s),
        ("blackboard_oldest_snapshot_age_transactions", "How far back vacuum is held.", board.oldest_snapshot_xids),
        ("blackboard_database_xid_age_transactions", "Age of the oldest unfrozen transaction id.", board.xid_age),
        ("blackboard_unsequenced_age_seconds", "Age of the oldest event without a position; 0: none.", board.unsequenced_s),
        ("blackboard_journal_head_age_seconds", "Time since the sequencer last looked.", board.head_age_s),
        ("blackboard_reading_position", "Position that the read models have come to.", board.reading.position),
        ("blackboard_reading_behind_positions", "How many positions they are behind the journal.", board.reading.behind),
        (
            "blackboard_reading_behind_seconds",
            "For how long the first event that they lack waits; 0: none.",
            board.reading.behind_s,
        ),
        ("blackboard_scheduled_tasks", "Tasks that wait for their time, up to 10000.", board.scheduled),
        ("blackboard_overdue_age_seconds", "How late the first of them is; 0: not.", board.overdue_s),
        ("blackboard_incidents", "Tasks that wait for an operator, up to 10000.", board.incidents),
        ("blackboard_open_reviews", "Reviews that wait for a person, up to 10000.", board.open_reviews),
        ("blackboard_warned_reviews", "Decided in the last hour too fast, too often or as always.", board.warned_reviews),
        ("blackboard_oldest_incident_age_seconds", "Age of the oldest of them; 0: none.", board.oldest_incident_s),
    ):
        put(registry, name, told, value)
    broken = Counter("blackboard_break_glass", "How often a rule on duties was broken, with leave.", registry=registry)
    broken.inc(board.broken_duties)
    _put_each(registry, "blackboard_dead_rows", "Rows to be vacuumed, about.", "table", {t.name: t.dead for t in board.tables})
    _put_each(registry, "blackboard_live_rows", "Rows that count, about.", "table", {t.name: t.live for t in board.tables})
    _put_load(registry, board.load)


def put_refusals(registry: CollectorRegistry, refusals: Mapping[str, int]) -> None:
    """How often this process has said no, by the type of the problem: `too-many-requests`, `unauthenticated`, `internal`."""
    counter = Counter("blackboard_refusals", "Problems that this process answered with.", ["problem"], registry=registry)
    for code, count in refusals.items():
        counter.labels(code).inc(count)


def put(registry: CollectorRegistry, name: str, told: str, value: float | None) -> None:
    """One number."""
    if value is not None:
        Gauge(name, told, registry=registry).set(value)


def _put_each(registry: CollectorRegistry, name: str, told: str, label: str, values: Mapping[str, float]) -> None:
    gauge = Gauge(name, told, [label], registry=registry)
    for key, value in values.items():
        gauge.labels(key).set(value)


def _put_load(registry: CollectorRegistry, load: list[Load]) -> None:
    for name, told, values in (
        ("blackboard_ready_tasks", "Tasks to be claimed, up to 10000 of each priority.", [x.ready for x in load]),
        ("blackboard_oldest_ready_age_seconds", "Age of the oldest of them; 0: none.", [x.oldest_ready_s or 0 for x in load]),
        ("blackboard_running_claims", "Tasks at work.", [x.claimed for x in load]),
        ("blackboard_oldest_claim_age_seconds", "Age of the oldest claim; 0: none.", [x.oldest_claim_s or 0 for x in load]),
    ):
        _put_each(registry, name, told, "capability", {x.capability: value for x, value in zip(load, values, strict=True)})
