"""Weaknesses that are planted, one at a time, in a copy of the board: for each there is a test that fails.

A defence whose absence no test notices is not defended. Whoever moves the code that stands here moves it here too;
`test_weaknesses` says when it is not found any more.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.security.table import Row

CHECKOUT = Path(__file__).parents[2]
LIMIT_S = 900
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S+)", re.MULTILINE)


class Weakness(NamedTuple):
    """What is planted: in a file, this in place of that. `tests` is where somebody must notice."""

    what: str
    file: str
    strong: str
    weak: str
    tests: str


PLANTED = (
    Weakness(
        "row-level security is not forced",
        "schema/policies.sql",
        "ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "ENABLE ROW LEVEL SECURITY",
        "tests/sql/test_tenancy.py",
    ),
    Weakness(
        "every tenant's rows are seen",
        "schema/policies.sql",
        "v_guard := 'tenant_id = (SELECT board.current_tenant())'",
        "v_guard := 'true'",
        "tests/sql/test_tenancy.py",
    ),
    Weakness(
        "a tenant stays entered when its transaction is over",
        "schema/functions_clock.sql",
        "set_config('board.tenant', p_tenant::text, true)",
        "set_config('board.tenant', p_tenant::text, false)",
        "tests/security/test_tenants.py tests/security/test_database.py",
    ),
    Weakness(
        "a verb does not enter its tenant",
        "schema/functions_keys.sql",
        "BEGIN\n  PERFORM board.enter_tenant(p_tenant);\n  RETURN (",
        "BEGIN\n  RETURN (",
        "tests/sql/test_tenancy.py",
    ),
    Weakness(
        "a key is compared by its first byte",
        "api/gate.py",
        "hmac.compare_digest(secret_hash, found.secret_hash if found else bytes(32))",
        "hmac.compare_digest(secret_hash[:0], (found.secret_hash if found else bytes(32))[:0])",
        "tests/security/test_keys.py",
    ),
    Weakness(
        "a revoked key is trusted for an hour",
        "schema/functions_tenants.sql",
        "board.clock() < least(k.expires_at, k.revoked_at) AND a.state = 'active'",
        "board.clock() < k.expires_at AND a.state = 'active'",
        "tests/security/test_keys.py",
    ),
    Weakness(
        "a bound key needs no certificate",
        "api/gate.py",
        "return found.certificate is None or found.certificate == certificate",
        "return True",
        "tests/security/test_certificates.py",
    ),
    Weakness(
        "a token for another board is taken",
        "api/tokens.py",
        'aud={"essential": True, "value": audience},',
        "",
        "tests/security/test_tokens.py",
    ),
    Weakness(
        "no role is asked",
        "blackboard/roles.py",
        "if who.role not in PERMITTED[verb]:",
        "if False:",
        "tests/security/test_matrix.py",
    ),
    Weakness(
        "a body has no limit",
        "api/envelope.py",
        "if received > self._max_bytes:",
        "if False:",
        "tests/http/test_cases.py",
    ),
    Weakness(
        "a request has all the time in the world",
        "api/connection.py",
        "            guest.cut()\n        self._round",
        "            pass\n        self._round",
        "tests/security/test_wire.py",
    ),
    Weakness(
        "a member that comes twice is taken",
        "blackboard/strict.py",
        'if _walk(value) != bare.count(b":"):',
        'if _walk(value) > bare.count(b":"):',
        "tests/security/test_input_values.py",
    ),
    Weakness(
        "a page of another site may act with a login",
        "api/deps.py",
        "if request.method not in _SAFE and not _is_of_this_site(request):",
        "if False:",
        "tests/http/test_login.py",
    ),
    Weakness(
        "a webhook may go inside",
        "blackboard/addresses.py",
        "return address.is_global and not (address.is_multicast or address.is_reserved)",
        "return True",
        "tests/unit/test_addresses.py",
    ),
    Weakness(
        "whoever lost a claim may still decide",
        "schema/functions_finish.sql",
        "WHERE l.fence = i.fence AND l.agent_id = i.agent_id",
        "WHERE l.agent_id = i.agent_id",
        "tests/sql",
    ),
    Weakness(
        "duties are not kept apart by the table",
        "schema/functions_duty.sql",
        "CREATE OR REPLACE TRIGGER kept_apart BEFORE INSERT OR UPDATE OR DELETE ON board.duty",
        "CREATE OR REPLACE TRIGGER kept_apart BEFORE DELETE ON board.duty",
        "tests/sql/test_duties.py",
    ),
    Weakness(
        "an expired authorization sends",
        "schema/functions_authorization.sql",
        "WHEN v_permit.state = 'granted' AND v_permit.expires_at <= p_now THEN 'expired'",
        "WHEN false THEN 'expired'",
        "tests/sql/test_actions.py",
    ),
    Weakness(
        "the bank takes a permit for another order",
        "agents/bank/permitting.py",
        "if (permit.kind, permit.effect_key, permit.digest) != (kind, key, digest):",
        "if permit.effect_key != key:",
        "tests/security/test_permits.py",
    ),
    Weakness(
        "an author activates his own policy",
        "schema/functions_policy.sql",
        "IF v_owner = v_policy.author_owner THEN",
        "IF false THEN",
        "tests/sql/test_policies.py",
    ),
)


NOTHING = Weakness("nothing", "README.md", "# ", "# ", " ".join(sorted({each.tests for each in PLANTED})))


def plant_all() -> Iterator[Row]:
    """Each in turn, and by which test it was noticed. First nothing, which nobody may notice."""
    false_alarm = plant(NOTHING)
    yield Row("planted", "nothing: nobody notices", 1, [false_alarm] if false_alarm else [])
    for weakness in PLANTED:
        noticed = plant(weakness)
        words = f"{weakness.what}: {f'noticed by {noticed}' if noticed else 'nobody notices'}"
        yield Row("planted", words, 1, [] if noticed else [weakness.what])


def plant(weakness: Weakness) -> str | None:
    """The test that fails in a copy with the weakness; None when all pass."""
    with tempfile.TemporaryDirectory(prefix="blackboard-planted-") as folder:
        copy = Path(folder) / "board"
        shutil.copytree(CHECKOUT, copy, ignore=shutil.ignore_patterns(".*", "__pycache__", "dist", "*.egg-info"))
        weaken(copy, weakness)
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *weakness.tests.split()]
        surroundings = {**os.environ, "PYTHONPATH": str(copy)}
        told = subprocess.run(
            command, cwd=copy, env=surroundings, capture_output=True, text=True, timeout=LIMIT_S, check=False
        ).stdout
    failed = _FAILED.search(told)
    return failed[1] if failed else None


def weaken(copy: Path, weakness: Weakness) -> None:
    """Put it into the copy."""
    file = copy / weakness.file
    text = file.read_text()
    if text.count(weakness.strong) != 1 and weakness is not NOTHING:
        raise LookupError(f"{weakness.file} says {weakness.strong!r} {text.count(weakness.strong)} times")
    file.write_text(text.replace(weakness.strong, weakness.weak))
