"""Looks an installation over and says what to do about what is wrong."""

import json
from datetime import UTC, datetime, timedelta
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import httpx

from blackboard import migrate
from blackboard.config import PoolSettings
from blackboard.measures import Examination

CLOCK_SKEW_MAX_S = 5
PARTITIONS_AHEAD_MIN = timedelta(days=2)
TRANSACTION_MAX_S = 600
# Fewer dead rows than this slow nobody down, whatever their share.
DEAD_ROWS_MIN = 10_000
DEAD_SHARE_MAX = 0.5
SLOT_WAL_MAX_BYTES = 1024**3
MAX_WAL_MIN_BYTES = 1024**3
SHARED_BUFFERS_DEFAULT_BYTES = 128 * 1024**2
# Besides its pools, an API process connects its sequencer, sweeper, scheduler, sender, projector, sealer and listener.
CONNECTIONS_BESIDE_POOL = 7
READING_BEHIND_MAX_S = 60
# Two processes, so that a new one can start before the old one ends, and somebody with psql.
PROCESSES_MIN = 2
CONNECTIONS_FOR_PEOPLE = 3


class Check(NamedTuple):
    """One thing looked at. Where it is not ok, or could be better (`advice`), `found` says what to do."""

    name: str
    ok: bool
    found: str
    advice: bool = False


async def examine(data: Path, database_url: str | None) -> list[Check]:
    """Every check that can be made from here."""
    urls = addresses(data)
    checks = [_check_name()]
    url = database_url or urls.get("database")
    if url:
        checks += await _check_database(url)
    else:
        checks.append(Check("database", False, "unknown: set DATABASE_URL, or run this beside a board that `up` started"))
    if urls.get("board"):
        checks.append(await _check_board(urls["board"]))
    return checks


def addresses(data: Path) -> dict[str, str]:
    """Where the board is that `up` started from a folder; nothing where there is none."""
    return dict(json.loads((data / "urls.json").read_text())) if (data / "urls.json").exists() else {}


def _check_name() -> Check:
    owners = sorted(set(packages_distributions().get("blackboard", ["this checkout"])))
    found = ", ".join(owners)
    if len(owners) > 1:
        found += " all install `blackboard`; pip lets them overwrite each other. Use an environment with one of them"
    return Check("import name", len(owners) <= 1, found)


async def _check_database(url: str) -> list[Check]:
    try:
        seen = await migrate.inspect(url)
    except Exception as error:  # noqa: BLE001  # whatever the driver raises, a person wants to read it here
        return [Check("database", False, f"cannot be reached: {error}. Is the server up, is the address right?")]
    skew_s = abs((datetime.now(UTC) - seen.clock).total_seconds())
    until = seen.partitions_until
    ahead = until is not None and until >= datetime.now(UTC).date() + PARTITIONS_AHEAD_MIN
    return [
        Check("database", True, f"PostgreSQL {seen.server_version}, login {seen.login}"),
        Check("version", seen.server_version >= migrate.OLDEST_SERVER, f"{seen.server_version}; needs 15 or newer"),
        Check(
            "migrations",
            not seen.pending,
            f"missing: {', '.join(seen.pending)}. Run `blackboard migrate`" if seen.pending else "all applied",
        ),
        Check(
            "roles",
            seen.is_member and not (seen.may_bypass or seen.owns_tables),
            "neither owner nor superuser; member of blackboard_app"
            if seen.is_member and not (seen.may_bypass or seen.owns_tables)
            else f"{seen.login} could step around row-level security, or is no member of blackboard_app."
            " Give the API a login of its own: CREATE ROLE x LOGIN IN ROLE blackboard_app",
        ),
        Check("clock", skew_s < CLOCK_SKEW_MAX_S, f"{skew_s:.1f} s between the database's clock and this machine's"),
        Check(
            "partitions",
            ahead,
            f"journal until {until}"
            if ahead
            else "the journal has no partition for the day after tomorrow. Run `blackboard migrate`",
        ),
        *(check_server(seen.server, _connections_of(PoolSettings())) if seen.server else ()),
    ]


def check_server(seen: Examination, pool: int) -> list[Check]:
    """What keeps a board fast for years, on this server, for API processes with `pool` connections each."""
    return [
        _check_autovacuum(seen),
        _check_oldest_transaction(seen),
        _check_dead_rows(seen),
        _check_prepared(seen),
        _check_slots(seen),
        _check_connections(seen, pool),
        _check_settings(seen),
        _check_duties(seen),
        _check_reading(seen),
    ]


def _connections_of(settings: PoolSettings) -> int:
    return settings.max_connections + settings.reader_connections


def _check_autovacuum(seen: Examination) -> Check:
    if not seen.autovacuum:
        advice = "is off: deleted rows pile up, and every claim walks over them. Set autovacuum = on and track_counts = on"
        return Check("autovacuum", False, advice)
    if seen.unvacuumed:
        tables = ", ".join(seen.unvacuumed)
        return Check("autovacuum", False, f"is off for {tables}. ALTER TABLE board.… RESET (autovacuum_enabled)")
    return Check("autovacuum", True, "on")


def _check_oldest_transaction(seen: Examination) -> Check:
    name = "oldest transaction"
    if seen.oldest_transaction_s is None:
        return Check(name, True, "unknown. As a superuser: GRANT pg_read_all_stats TO blackboard_system", advice=True)
    found = f"{seen.oldest_transaction_s:.0f} s"
    if seen.oldest_transaction_s < TRANSACTION_MAX_S:
        return Check(name, True, found)
    found += ": nothing that was deleted since can be vacuumed. Find it (SELECT pid, usename, xact_start, query FROM"
    return Check(name, False, f"{found} pg_stat_activity ORDER BY xact_start) and end it: SELECT pg_terminate_backend(pid)")


def _check_dead_rows(seen: Examination) -> Check:
    worst = [t for t in seen.tables if t.dead >= DEAD_ROWS_MIN and t.dead > DEAD_SHARE_MAX * (t.live + t.dead)]
    if not worst:
        return Check("dead rows", True, f"{sum(t.dead for t in seen.tables)} in hot tables")
    found = ", ".join(f"{t.name}: {t.dead} dead, {t.live} live" for t in worst)
    names = ", ".join(f"board.{t.name}" for t in worst)
    return Check("dead rows", False, f"{found}. End old transactions and remove old slots first, then VACUUM (ANALYZE) {names}")


def _check_prepared(seen: Examination) -> Check:
    old = [p for p in seen.prepared if p.age_s >= TRANSACTION_MAX_S]
    if not old:
        return Check("prepared transactions", True, "none left over")
    found = "; ".join(f"{p.name!r} is {p.age_s:.0f} s old: COMMIT or ROLLBACK PREPARED '{p.name}'" for p in old)
    return Check("prepared transactions", False, f"left over, with their locks and snapshots: {found}")


def _check_slots(seen: Examination) -> Check:
    idle = [s for s in seen.slots if not s.active and s.held_bytes >= SLOT_WAL_MAX_BYTES]
    if not idle:
        return Check("replication slots", True, f"{len(seen.slots)}; none holds much WAL that nobody fetches")
    found = "; ".join(f"{s.name} holds {s.held_bytes / 1024**3:.1f} GiB of WAL for nobody" for s in idle)
    advice = "Start its reader, or SELECT pg_drop_replication_slot('…'); max_slot_wal_keep_size puts a limit on it"
    return Check("replication slots", False, f"{found}. {advice}")


def _check_connections(seen: Examination, pool: int) -> Check:
    needed = PROCESSES_MIN * (pool + CONNECTIONS_BESIDE_POOL) + CONNECTIONS_FOR_PEOPLE
    if seen.connections >= needed:
        return Check("connections", True, f"{seen.connections}, and {PROCESSES_MIN} API processes of {pool} need {needed}")
    found = f"{seen.connections} are too few: {PROCESSES_MIN} API processes of {pool} need {needed}. Raise max_connections"
    return Check("connections", False, f"{found} (or the database's own limit), or lower BLACKBOARD_MAX_CONNECTIONS")


def _check_settings(seen: Examination) -> Check:
    """Never a fault: a board on a small machine is right with all of them."""
    better = []
    if seen.shared_buffers_bytes <= SHARED_BUFFERS_DEFAULT_BYTES:
        better.append("shared_buffers is the 128 MB that a server comes with; a quarter of its memory is better")
    if seen.max_wal_bytes < MAX_WAL_MIN_BYTES:
        better.append("max_wal_size is below 1 GB, so checkpoints come often and each makes writing dearer; set 1 GB or more")
    return Check("settings", True, "; ".join(better) or "nothing to better", advice=bool(better))


def _check_duties(seen: Examination) -> Check:
    """Never a fault of the installation, and always worth a look."""
    if not seen.broken_duties:
        return Check("duties", True, "no rule broken within a day")
    found = f"{seen.broken_duties} rules broken with leave within a day: look at `blackboard break-glass list`"
    return Check("duties", True, found, advice=True)


def _check_reading(seen: Examination) -> Check:
    reading = seen.reading
    found = f"at position {reading.position}, {reading.behind} behind the journal ({reading.behind_s:.0f} s)"
    if reading.rebuilding:
        found += f"; {reading.rebuilding} being made anew"
    if reading.behind_s < READING_BEHIND_MAX_S:
        return Check("read models", True, found)
    return Check("read models", False, f"{found}. Look for `loop=projector` in the log of the API processes; is one running?")


async def _check_board(url: str) -> Check:
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            answer = await http.get(f"{url}/readyz")
    except httpx.TransportError as error:
        return Check("board", False, f"{url} does not answer ({error!r}). Start it with `blackboard up`")
    return Check("board", answer.is_success, f"{url}: {answer.text[:300]}")
