"""Looks an installation over and says what to do about what is wrong."""

import json
from datetime import UTC, datetime, timedelta
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import NamedTuple

import httpx

from blackboard import migrate

CLOCK_SKEW_MAX_S = 5
PARTITIONS_AHEAD_MIN = timedelta(days=2)


class Check(NamedTuple):
    """One thing looked at. Where it is not ok, `found` says what to do."""

    name: str
    ok: bool
    found: str


async def examine(data: Path, database_url: str | None) -> list[Check]:
    """Every check that can be made from here."""
    urls = json.loads((data / "urls.json").read_text()) if (data / "urls.json").exists() else {}
    checks = [_check_name()]
    url = database_url or urls.get("database")
    if url:
        checks += await _check_database(url)
    else:
        checks.append(Check("database", False, "unknown: set DATABASE_URL, or run this beside a board that `up` started"))
    if urls.get("board"):
        checks.append(await _check_board(urls["board"]))
    return checks


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
    ]


async def _check_board(url: str) -> Check:
    try:
        async with httpx.AsyncClient(timeout=5, trust_env=False) as http:
            answer = await http.get(f"{url}/readyz")
    except httpx.TransportError as error:
        return Check("board", False, f"{url} does not answer ({error!r}). Start it with `blackboard up`")
    return Check("board", answer.is_success, f"{url}: {answer.text[:300]}")
