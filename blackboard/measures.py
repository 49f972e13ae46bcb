"""What is measured of a board and of its database server: work that waits, rows, lag, what keeps the vacuum from its work."""

from blackboard.reports import Load
from blackboard.values import Frozen


class Rows(Frozen):
    """About how many rows of a table count, and how many are waiting to be vacuumed away."""

    name: str
    live: int
    dead: int


class ServerMeasures(Frozen):
    """What the database server knows of its own burden. What it may not tell is None."""

    oldest_transaction_s: float | None
    oldest_snapshot_xids: int | None
    xid_age: int
    tables: list[Rows]


class ReadingLag(Frozen):
    """How far the read models are behind the journal, and how many tenants' are being made anew."""

    position: int
    behind: int
    behind_s: float
    rebuilding: int


class Measures(ServerMeasures):
    """How the board is doing, over all tenants."""

    load: list[Load]
    unsequenced_s: float
    head_age_s: float
    reading: ReadingLag
    scheduled: int
    overdue_s: float
    incidents: int
    oldest_incident_s: float
    broken_duties: int
    open_reviews: int
    warned_reviews: int


class Prepared(Frozen):
    """A transaction that was prepared and waits for its second phase."""

    name: str
    age_s: float


class Slot(Frozen):
    """A replication slot, and how much WAL the server keeps for it."""

    name: str
    active: bool
    held_bytes: int


class Examination(ServerMeasures):
    """What `blackboard doctor` wants to know of a database server."""

    autovacuum: bool
    unvacuumed: list[str]
    connections: int
    shared_buffers_bytes: int
    max_wal_bytes: int
    broken_duties: int
    reading: ReadingLag
    prepared: list[Prepared]
    slots: list[Slot]
