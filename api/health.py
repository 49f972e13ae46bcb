"""Is it alive, can it serve, how is it doing."""

from datetime import UTC, datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from pydantic import Field

from api.meter import put, put_board, put_refusals
from api.service import Service
from blackboard.errors import Unavailable
from blackboard.values import Frozen

router = APIRouter(tags=["health"])

# The sequencer renews the head's snapshot every 5 s even when nothing happens; older means that nobody sequences.
HEAD_MAX_AGE_S = 20


class Ready(Frozen):
    """What a ready board says of itself."""

    position: int
    head_age_s: float
    reading_behind: int = Field(description="Positions that the read models are behind the journal.")
    reading_behind_s: float


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(request: Request) -> Ready:
    """The database answers, events are being sequenced, and this process is not shutting down."""
    service: Service = request.app.state.service
    if service.hub.closing:
        raise Unavailable("This process is shutting down; ask another one.")
    head = await service.store.read_head()
    age_s = (datetime.now(UTC) - head.sequenced_at).total_seconds()
    if age_s > HEAD_MAX_AGE_S:
        raise Unavailable(f"Events have not been sequenced for {age_s:.0f} s. Look at the log of the leading process.")
    reading = await service.store.measure_reading()
    return Ready(
        position=head.head,
        head_age_s=round(max(age_s, 0), 3),
        reading_behind=reading.behind,
        reading_behind_s=round(reading.behind_s, 3),
    )


@router.get("/metrics", response_model=None)
async def metrics(request: Request) -> Response:
    """Prometheus metrics: of this process, and of the board while its database answers. Never fails because that is away."""
    service: Service = request.app.state.service
    registry = CollectorRegistry()
    for name, told, value in (
        ("blackboard_streams", "Open event streams.", service.hub.streams),
        ("blackboard_waiting_claims", "Claims waiting for work.", service.board.waiting_claims),
        ("blackboard_requests_in_line", "Requests that wait for their tenant's turn.", service.turns.waiting),
        ("blackboard_journal_position", "Newest position that this process has read.", service.journal.head),
        ("blackboard_sequencer_leading", "Whether this process sequences events.", service.sequencer.leading),
        ("blackboard_sequenced_events", "Events that this process has sequenced.", service.sequencer.sequenced),
        ("blackboard_sweeper_leading", "Whether this process sweeps.", service.sweeper.leading),
        ("blackboard_projector_leading", "Whether this process fills the read models.", service.projector.leading),
    ):
        put(registry, name, told, value)
    put_refusals(registry, request.app.state.refusals)
    put_board(registry, await service.meter.read())
    return Response(generate_latest(registry), HTTPStatus.OK, media_type=CONTENT_TYPE_LATEST)
