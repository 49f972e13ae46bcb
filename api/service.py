"""One API process: what it is made of, and in which order it starts and stops."""

import asyncio
from typing import Self

from api.fanout import SlowReaders
from api.gate import Gate, KeyUse
from api.meter import Meter
from api.tokens import Issuer
from api.toll import make_turns
from blackboard.addresses import Guard
from blackboard.admission import Crowd
from blackboard.board import Board
from blackboard.config import ServiceSettings
from blackboard.courier import Courier
from blackboard.dealer import Dealer
from blackboard.exposure import Exposure
from blackboard.horizon import Horizon
from blackboard.hub import Hub, Limits
from blackboard.journal import Journal
from blackboard.listener import Listener
from blackboard.loop import Loop
from blackboard.permits import Mint
from blackboard.planner import Planner
from blackboard.projector import Projector
from blackboard.rates import Rates
from blackboard.read_store import ReadStore
from blackboard.references import References
from blackboard.revocation import Revocation
from blackboard.scheduler import Scheduler
from blackboard.sealer import Sealer
from blackboard.sequencer import Sequencer
from blackboard.signing import Signer
from blackboard.store import Store
from blackboard.sweeper import Sweeper
from blackboard.tallier import Tallier
from blackboard.webhooks import Sender


class Service:
    """The composition root: everything is made here, once, and handed to what needs it."""

    def __init__(self, settings: ServiceSettings, store: Store, reads: ReadStore) -> None:
        url = settings.database_url.get_secret_value()
        reference_key = settings.reference_key.get_secret_value() if settings.reference_key else ""
        self.settings = settings
        self.store = store
        self.reads = reads
        self.journal = Journal(store)
        self.horizon = Horizon(store, self.journal)
        self.exposure = Exposure(store)
        self.hub = Hub(store, self.journal, self.exposure, _limits(settings))
        self.sequencer = Sequencer(store.seat("sequencer"), self.journal.wake)
        self.sweeper = Sweeper(
            store.seat("sweeper"), journal_days=settings.journal_days, keep_answers_days=settings.keep_answers_days
        )
        self.slow_readers = SlowReaders()
        self.meter = Meter(store)
        self.references = References(settings.references, reference_key)
        self.guard = Guard(settings.webhook_allow)
        self.board = Board(
            store,
            references=self.references,
            guard=self.guard,
            on_commit=self.sequencer.wake,
            max_waiting_claims=settings.max_waiting_claims,
            mint=_mint(settings),
        )
        self.dealer = _dealer(self.board, settings)
        self.planner = Planner(store)
        self.tallier = Tallier(store)
        self.scheduler = Scheduler(store.seat("scheduler"))
        self.projector = Projector(store.seat("projector"))
        signer = Signer.of(settings.seal_key)
        self.public_key = signer.public_key if signer else None
        self.sealer = Sealer(store.seat("sealer"), signer)
        self.sender = _sender(store, self.guard, settings)
        self.issuer = Issuer(settings.oidc_issuer, settings.oidc_audience) if settings.oidc_issuer else None
        self.gate = Gate(store, settings.pepper, self.issuer)
        revocation = Revocation(store, self.gate, self.hub, self.dealer, self.board)
        for hearer in (revocation, self.board, self.dealer, self.planner, self.tallier, self.sender, self.projector):
            self.journal.tell(hearer.take)
        self.rates = Rates(store)
        self.crowd = Crowd(settings.max_requests)
        self.turns = make_turns()
        listener = Listener(url, self.journal.wake)
        self._loops: list[Loop] = [
            *(self.journal, listener, self.sequencer, self.sweeper, self.planner, self.tallier, self.scheduler),
            *(self.exposure, revocation, KeyUse(store, self.gate), self.slow_readers, self.sender),
            *(self.projector, self.sealer, self.rates),
        ]

    @classmethod
    async def start(cls, settings: ServiceSettings) -> Self:
        """Connect and begin."""
        url = settings.database_url.get_secret_value()
        reader_url = settings.reader_url.get_secret_value() if settings.reader_url else url
        store = await Store.open(url, max_connections=settings.max_connections)
        service = cls(settings, store, await ReadStore.open(reader_url, max_connections=settings.reader_connections))
        await service.store.keep_partitions()
        await service.journal.open()
        for loop in service._loops:
            loop.start()
        return service

    def drain(self) -> None:
        """No longer ready: streams get their `bye`, waiting claims their empty answer."""
        self.hub.close()
        self.dealer.close()
        self.board.close()

    async def stop(self) -> None:
        """End in the reverse order."""
        self.drain()
        await self.dealer.stop()
        await asyncio.gather(*(loop.stop() for loop in reversed(self._loops)))
        await self.references.close()
        if self.issuer is not None:
            await self.issuer.close()
        self.guard.close()
        await self.reads.close()
        await self.store.close()


def _mint(settings: ServiceSettings) -> Mint | None:
    """What signs permits for the bank, where there is a key for it."""
    return Mint(settings.permit_key.get_secret_value(), lives_s=settings.permit_s) if settings.permit_key else None


def _limits(settings: ServiceSettings) -> Limits:
    """How many streams there may be, and how they live."""
    return Limits(
        heartbeat_s=settings.heartbeat_s,
        max_age_s=settings.stream_max_age_s,
        max_streams=settings.max_streams,
        max_streams_per_tenant=settings.max_streams_per_tenant,
        max_streams_per_agent=settings.max_streams_per_agent,
        max_new_per_s=settings.max_new_streams_per_s,
        drain_s=settings.drain_s,
    )


def _dealer(board: Board, settings: ServiceSettings) -> Dealer:
    """Streams of claims, as many as of events."""
    return Dealer(
        board,
        heartbeat_s=settings.heartbeat_s,
        max_age_s=settings.stream_max_age_s,
        max_streams=settings.max_streams,
        max_per_tenant=settings.max_streams_per_tenant,
        max_per_agent=settings.max_streams_per_agent,
    )


def _sender(store: Store, guard: Guard, settings: ServiceSettings) -> Sender:
    """What tells webhooks, with a connection of its own to lead by."""
    courier = Courier(guard)
    return Sender(
        store.seat("webhooks"), store, courier, attempts=settings.webhook_attempts, backoff_s=settings.webhook_backoff_s
    )
