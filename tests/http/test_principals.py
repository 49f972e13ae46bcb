"""Agents, keys and tenants from the command line, against a board that listens."""

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typer.testing import CliRunner, Result

from blackboard import keys, workflow
from blackboard.cli import app, principals
from blackboard.credentials import IssuedKey
from blackboard.errors import Conflict, Unauthenticated
from tests.factories import PEPPER, SMALL
from tests.http.conftest import Api

pytestmark = pytest.mark.usefixtures("shared_boss")
LIMITED = ("--amount-max", "100.00", "--currency", "USD")


class Desk:
    """Commands with somebody's key, and with the operator's login."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.operator = {"DATABASE_URL": api.scene.admin._url, "BLACKBOARD_KEY_PEPPER": PEPPER.hex()}

    async def run(self, *words: str, who: str = "boss", key: str = "", **more: str | None) -> Result:
        """What a command said and how it ended."""
        env = {"BLACKBOARD_URL": self.api.url, "BLACKBOARD_KEY": key or self.api.scene.keys[who], "DATABASE_URL": None, **more}
        return await asyncio.to_thread(lambda: CliRunner(env=env).invoke(app, words))

    async def told(self, *words: str, **more: Any) -> Any:
        """What a command that must succeed said in JSON."""
        done = await self.run(*words, "--json", **more)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    async def me(self, key: str) -> dict[str, Any]:
        """Whom the board takes the holder of a key for."""
        async with self.api.http(None) as http:
            return dict((await http.get("/v1/me", headers={"Authorization": f"Bearer {key}"})).json())


@pytest.fixture
def desk(shared: Api) -> Iterator[Desk]:
    """Where the commands are typed. What the board logs meanwhile, in this process, is not what they print."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))
    yield Desk(shared)
    structlog.configure(**before)


@pytest.mark.item("S1", "S5")
async def test_a_key_is_all_of_standard_output_or_in_a_file_of_its_owner(desk: Desk, tmp_path: Path) -> None:
    """The rest is told on standard error, without the key; a file that was open to others is replaced by one that is not."""
    file = tmp_path / "key"
    file.write_text("before")
    file.chmod(0o644)
    printed = await desk.run("keys", "issue", "requester", "--note", "nightly", "--expires-in", "30d", *LIMITED)
    written = await desk.run("keys", "issue", "requester", "--out", str(file))
    as_json = await desk.run("keys", "issue", "requester", "--json", "--out", str(tmp_path / "other"))
    key = keys.parse(printed.stdout.removesuffix("\n"))
    kept = keys.parse(file.read_text().strip())

    assert key is not None
    assert kept is not None
    assert (key.secret in printed.stderr, kept.secret in written.output, written.stdout) == (False, False, "")
    assert f"key {key.key_id} of requester (requester), until" in printed.stderr
    assert "at most 100.00 USD" in printed.stderr
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {"key": 0o600, "other": 0o600}
    assert "key" not in json.loads(as_json.stdout)
    shown = (await desk.run("keys", "show", key.key_id)).output
    until = datetime.fromisoformat((await desk.told("keys", "show", key.key_id))["expires_at"])
    assert abs(until - datetime.now(UTC) - timedelta(days=30)) < timedelta(minutes=5)
    assert ("nightly" in shown, "100.00" in shown, key.secret in shown) == (True, True, False)


async def test_a_key_is_not_issued_where_it_could_not_be_kept(desk: Desk, tmp_path: Path) -> None:
    """Nor with what the options cannot mean. Each is said in a sentence, and nothing is left behind."""
    pem = tmp_path / "not.pem"
    pem.write_text("no certificate")
    issue = ("keys", "issue", "requester")
    before = await desk.told("keys", "list")
    refused = {
        "folder": await desk.run(*issue, "--out", str(tmp_path)),
        "nowhere": await desk.run(*issue, "--out", str(tmp_path / "none" / "key")),
        "device": await desk.run(*issue, "--out", "/dev/null"),
        "span": await desk.run(*issue, "--expires-in", "soon"),
        "certificate": await desk.run(*issue, "--certificate", str(pem)),
        "token": await desk.run(*issue, "--issuer", "https://id", "--subject", "ada", "--out", str(tmp_path / "key")),
        "currency": await desk.run(*issue, "--amount-max", "1.00"),
        "amount": await desk.run(*issue, "--amount-max", "1e9", "--currency", "USD"),
        "verb": await desk.run(*issue, "--verb", "fly"),
        "agent": await desk.run("keys", "issue", "nobody"),
        "unknown": await desk.run("keys", "show", "aaaaaaaaaaaa"),
        "no id": await desk.run("keys", "revoke", "../agents", "--reason", "x"),
        "role": await desk.run(*issue, who="requester"),
        "endless": await desk.run(*issue, "--expires-in", "999999999w"),
    }

    assert {name: done.output for name, done in refused.items() if done.exit_code not in (1, 2)} == {}
    assert {name: done.exception for name, done in refused.items() if not isinstance(done.exception, SystemExit)} == {}
    assert {name: (done.stdout, done.stderr) for name, done in refused.items() if done.stdout or not done.stderr} == {}
    assert await desk.told("keys", "list") == before
    assert [path.name for path in tmp_path.iterdir()] == ["not.pem"]


@pytest.mark.item("S3")
async def test_a_key_is_rotated_with_an_overlap_and_revoked(desk: Desk, tmp_path: Path) -> None:
    """The new one stands in the file in place of the old one; what is revoked opens nothing."""
    file = tmp_path / "key"
    await desk.run("keys", "issue", "auditor", "--verb", "read the board", "--out", str(file))
    old = file.read_text().strip()
    rotated = await desk.run("keys", "rotate", old[3:15], "--overlap", "1h", "--out", str(file))
    new = file.read_text().strip()
    assert (rotated.exit_code, old != new) == (0, True), rotated.output
    assert [(await desk.me(key))["scope"]["verbs"] for key in (old, new)] == [["read the board"]] * 2

    ended = await desk.run("keys", "rotate", new[3:15], "--overlap", "0s")
    last = ended.stdout.strip()
    revoked = [await desk.run("keys", "revoke", last[3:15], "--reason", "done") for _ in range(2)]
    told = {each["id"]: each for each in await desk.told("keys", "list", "--agent", "auditor")}

    assert [done.output.strip() for done in revoked] == ["revoked", "unchanged"]
    assert [told[key[3:15]]["state"] for key in (old, new, last)] == ["active", "expired", "revoked"]
    assert told[last[3:15]]["follows"] == new[3:15]


async def test_a_key_whose_text_was_lost_is_not_passed_off_as_issued(desk: Desk) -> None:
    """The answer that had it did not arrive, and the repeat has it not: it says how to get another one."""
    taken: list[IssuedKey] = []
    async with desk.api.client("boss") as client:
        issued = [await client.issue_key({"agent": "auditor"}, key="asked-once") for _ in range(2)]

    assert (issued[0].id, issued[0].key is None, issued[1].key) == (issued[1].id, False, None)
    with pytest.raises(Conflict, match=rf"lost on the way.* blackboard keys rotate {issued[0].id} --overlap 0s"):
        principals._hand_out(issued[1], lambda key, _as_json: taken.append(key), as_json=False)
    assert taken == []


async def test_a_key_is_bound_to_the_first_certificate_of_a_file(desk: Desk, tmp_path: Path) -> None:
    """Its own, where it stands before those who signed it, whatever else there is; without it the key opens nothing."""
    text, fingerprint = certificate("agent")
    file = tmp_path / "chain.pem"
    file.write_text(f"subject=agent\n{text}{certificate('authority')[0]}")
    done = await desk.run("keys", "issue", "auditor", "--certificate", str(file))
    found = await desk.told("keys", "show", done.stdout[3:15])

    assert (done.exit_code, found["certificate"]) == (0, fingerprint), done.output
    assert (await desk.me(done.stdout.strip()))["status"] == 401


def certificate(name: str) -> tuple[str, str]:
    """One with its key in PEM, and its SHA-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    named = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = x509.CertificateBuilder(named, named, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
    signed = built.sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return (private + signed.public_bytes(Encoding.PEM)).decode(), signed.fingerprint(hashes.SHA256()).hex()


async def test_a_key_that_a_token_opens_has_no_text(desk: Desk) -> None:
    """Nothing is printed that could be taken for one."""
    done = await desk.run("keys", "issue", "auditor", "--issuer", "https://id.example", "--subject", "ada")

    assert (done.exit_code, done.stdout) == (0, ""), done.output
    assert "tokens of https://id.example for ada" in done.stderr


async def test_an_agent_is_added_given_a_key_changed_suspended_and_let_on(desk: Desk) -> None:
    """Each word does what it says; `agents` alone lists them, as it always did."""
    added = await desk.run(
        *("agents", "add", "novice", "--role", "agent", "--kind", "service", "--owner", "agency", "--capability", "first")
    )
    key = (await desk.run("keys", "issue", "novice", "--capability", "first")).stdout.strip()
    steps = [
        await desk.run("agents", "change", "novice", "--capability", "second", "--reason", "moved"),
        await desk.run("agents", "change", "novice", "--capability", "second", "--reason", "again"),
        await desk.run("agents", "suspend", "novice", "--reason", "leak"),
        await desk.run("agents", "resume", "novice", "--reason", "found"),
        await desk.run("agents", "change", "novice", "--no-capabilities", "--reason", "over"),
    ]
    nothing = await desk.run("agents", "change", "novice", "--reason", "x")
    again = await desk.run("agents", "add", "novice", "--role", "agent", "--kind", "service", "--owner", "x")
    lists = [await desk.told("agents"), await desk.told("agents", "list")]
    [novice] = [each for each in lists[0] if each["name"] == "novice"]

    assert (added.exit_code, "blackboard keys issue novice" in added.output) == (0, True), added.output
    assert [done.stdout.strip() for done in steps] == ["changed", "unchanged", "changed", "changed", "changed"]
    assert [nothing.exit_code, again.exit_code] == [1, 1]
    assert (novice["owner"], novice["capabilities"], [e["name"] for e in lists[1]]) == (
        *("agency", []),
        [each["name"] for each in lists[0]],
    )
    assert (await desk.me(key))["agent"] == "novice"


@pytest.mark.item("S25")
async def test_a_tenant_is_made_once_with_a_key_for_its_admin_and_sees_nothing_of_others(desk: Desk, tmp_path: Path) -> None:
    """By the database's login alone. Made twice it is refused, and no key is left over; whose key is lost gets another."""
    (tmp_path / "small.yaml").write_text(SMALL)
    add = ("tenants", "add", "branch", "--workflows", str(tmp_path))
    await desk.api.scene.open()
    first = await desk.run(*add, **desk.operator)
    second = await desk.run(*add, **desk.operator)
    third = await desk.run(*add, "--again", **desk.operator)
    [admin, another] = [done.stdout.strip() for done in (first, third)]
    found = await desk.told("keys", "list", key=admin)
    opened = await desk.told("submit", "small", "--payload", "{}", key=admin)
    cases = await desk.told("cases", key=another)

    assert (first.exit_code, second.exit_code, second.stdout) == (0, 1, ""), first.output + second.output
    assert "--again" in second.stderr
    assert {each["id"] for each in found} == {admin[3:15], another[3:15]}
    assert [case["id"] for case in cases["cases"]] == [opened["id"]]
    assert "branch" in await desk.told("tenants", "list", **desk.operator)


async def test_tenants_are_for_the_operator_of_the_database(desk: Desk, tmp_path: Path) -> None:
    """The application's login, a name that is none, a pepper that is none, no database: refused, and nothing is made."""
    add = ("tenants", "add")
    data = ("--data", str(tmp_path))
    app_login = {**desk.operator, "DATABASE_URL": desk.api.scene.url}
    refused = [
        await desk.run(*add, "sneaked", **app_login),
        await desk.run(*add, "Sneaked Bank", **desk.operator),
        await desk.run(*add, "sneaked", "--admin", "A B", **desk.operator),
        await desk.run(*add, "sneaked", *data, **{**desk.operator, "BLACKBOARD_KEY_PEPPER": "00" * 32}),
        await desk.run(*add, "sneaked", *data, BLACKBOARD_KEY_PEPPER=PEPPER.hex()),
        await desk.run(*add, "sneaked", *data, **{**desk.operator, "DATABASE_URL": "postgresql://127.0.0.1:1/x"}),
        await desk.run("tenants", "list", *data),
    ]
    listed = await desk.told("tenants", "list", **desk.operator)

    assert [done.exit_code for done in refused] == [6, 1, 1, 2, 2, 3, 2], [done.output for done in refused]
    assert [done.output for done in refused if "Traceback" in done.output or not isinstance(done.exception, SystemExit)] == []
    assert "sneaked" not in listed
    assert list(tmp_path.iterdir()) == []


@pytest.mark.item("S4", "I45")
async def test_what_is_typed_with_a_limited_key_stays_within_its_limit(desk: Desk) -> None:
    """Issued, tried above and at the limit and elsewhere, revoked: all of it by commands."""
    issue = ("keys", "issue", "requester", *LIMITED, "--workflow", "small", "--verb", "open a case", "--verb", "read the board")
    key = (await desk.run(*issue)).stdout.strip()
    await desk.api.scene.load(workflow.parse(SMALL.replace("name: small", "name: other")))
    before = await desk.told("cases", "--limit", "200")
    submitted = {
        amount: await desk.run("submit", "small", "--amount", amount, "--currency", currency, key=key)
        for amount, currency in (("100.01", "USD"), ("99.00", "EUR"), ("1e1", "USD"))
    }
    strange = await desk.run("submit", "other", "--amount", "1.00", "--currency", "USD", key=key)
    listed = await desk.run("keys", "list", key=key)
    refused = [*submitted.values(), strange, listed]

    assert [(done.exit_code, done.stderr.split(":")[0]) for done in refused] == [
        *[(1, "out-of-scope")] * 4,
        (1, "not-permitted"),
    ], [done.output for done in refused]
    assert "This key moves at most 100.00 USD at a time, and this says 100.01 USD" in submitted["100.01"].stderr
    assert await desk.told("cases", "--limit", "200") == before

    within = await desk.run("submit", "small", "--amount", "100.00", "--currency", "USD", key=key)
    await desk.run("keys", "revoke", key[3:15], "--reason", "over")
    async with asyncio.timeout(10):
        while (await desk.me(key)).get("status") != 401:
            await asyncio.sleep(0.05)
    after = await desk.run("submit", "small", "--amount", "1.00", "--currency", "USD", key=key)

    assert within.exit_code == 0, within.output
    assert (after.exit_code, after.stderr.split(":")[0]) == (1, Unauthenticated.code)


async def test_a_customer_is_erased_by_a_command_that_is_meant(desk: Desk) -> None:
    """Without --yes, where nobody can be asked, nothing happens; in JSON it says how many cases, and what it cannot reach."""
    words = ("erase", "C-of-nobody", "--reason", "asked for by letter")
    hasty = await desk.run(*words)
    wrong = await desk.run(*words, "--yes", who="auditor")

    assert (hasty.exit_code, "type the customer" in hasty.output) == (2, True)
    assert (wrong.exit_code, "admin" in wrong.output) == (1, True)
    told = await desk.told(*words, "--yes")
    assert (told["verdict"], told["cases"], "Backups" in told["not_reached"]) == ("nothing", 0, True)
