"""Keys: what they may, how they end, and how little can be learnt by guessing them."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.gate import Arrival, Gate
from api.guesses import MAX_KEPT, TRIES_PER_SOURCE, Guesses, Tally, network
from blackboard import keys, workflow
from blackboard.config import ServiceSettings
from blackboard.errors import TooManyTries, Unauthenticated
from blackboard.provision import write_secret
from blackboard.store import Store
from blackboard.verbs.keys import FoundKey
from tests import factories
from tests.factories import PEPPER, make_scene
from tests.http.conftest import Api, fresh_key
from tests.security.table import Tried

SMALL = {"workflow": "small", "payload": {"customer": "C-1", "amount": "50.00", "currency": "EUR"}}


async def issue(boss: httpx.AsyncClient, agent: str, **scope: Any) -> dict[str, Any]:
    """A new key, as its issuer is shown it."""
    answer = await boss.post("/v1/keys", json={"agent": agent, **scope}, headers=fresh_key())
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def caller(api: Api, key: str, address: str | None = None) -> httpx.AsyncClient:
    """Somebody with a key, from an address of this machine."""
    transport = httpx.AsyncHTTPTransport(local_address=address) if address else None
    return httpx.AsyncClient(base_url=api.url, transport=transport, headers={"Authorization": f"Bearer {key}"}, timeout=30)


async def post(http: httpx.AsyncClient, path: str, body: object, method: str = "POST") -> httpx.Response:
    """A write under a fresh idempotency key."""
    return await http.request(method, path, json=body, headers=fresh_key())


@pytest.mark.item("S1")
async def test_a_key_is_shown_once_and_kept_as_a_keyed_hash(shared: Api, shared_boss: httpx.AsyncClient) -> None:
    """A repeat has the same key without its text, and no row of any table has the secret."""
    once = fresh_key()
    answers = [await shared_boss.post("/v1/keys", json={"agent": "worker"}, headers=once) for _ in range(2)]
    text = answers[0].json()["key"]
    key = keys.parse(text)
    assert key is not None
    listed = await shared_boss.get("/v1/keys", params={"agent": "worker"})
    stored = await shared.scene.store.find_key(key.key_id)
    tables = ("board.idempotency", "board.api_key", "board.event_in", "board.journal")
    rows = [await shared.scene.admin._rows(f"SELECT t::text AS row FROM {table} t") for table in tables]
    kept = " ".join(row["row"] for found in rows for row in found)

    assert [answer.status_code for answer in answers] == [201, 201]
    assert (answers[1].json()["key"], answers[1].json()["id"]) == (None, key.key_id)
    assert stored is not None
    assert stored.secret_hash == keys.keyed_hash(key.secret, PEPPER)
    assert [word for word in (text, key.secret) if word in listed.text or word in kept] == []
    assert answers[0].headers["Cache-Control"] == "no-store"


@pytest.mark.item("S1")
@given(st.text(max_size=100) | st.from_regex(r"bb_[a-z0-9]{12}_[A-Za-z0-9-]{43}_[0-9a-f]{8}"))
def test_no_text_is_taken_for_a_key_that_it_is_not(text: str) -> None:
    """It is a key with the right checksum, or nothing."""
    found = keys.parse(text)

    assert found is None or str(found) == text.strip()


class Watched(Store):
    """A store that notes which verbs are used."""

    steps: list[str]

    async def find_key(self, key_id: str) -> FoundKey | None:
        """Note it, and do it."""
        self.steps.append("find_key")
        return await super().find_key(key_id)


@pytest.mark.item("S2")
async def test_every_wrong_key_takes_the_same_way_to_the_same_answer(
    shared: Api, shared_boss: httpx.AsyncClient, tried: Tried, *, thorough: bool
) -> None:
    """Unknown id, wrong secret, revoked, expired, not yet good, agent suspended: one look-up, one sentence."""
    issued = {name: await issue(shared_boss, "auditor") for name in ("revoked", "expired", "wrong")}
    early = await issue(shared_boss, "auditor", not_before="2999-01-01T00:00:00Z")
    await post(shared_boss, f"/v1/keys/{issued['revoked']['id']}?reason=leak", None, "DELETE")
    await post(shared_boss, f"/v1/keys/{issued['expired']['id']}/rotate", {"overlap_s": 0})
    wrong = keys.Key(issued["wrong"]["id"], keys.mint().secret)
    texts = [str(keys.mint()), str(wrong), issued["revoked"]["key"], issued["expired"]["key"], early["key"]]
    store = await Watched.open(shared.scene.url, max_connections=1)
    told, count = [], 2000 if thorough else 0
    try:
        for text in texts:
            gate, store.steps = Gate(store, PEPPER), []
            with pytest.raises(Unauthenticated) as refused:
                await gate.identify(f"Bearer {text}", Arrival("10.0.0.1"))
            told.append((refused.value.detail, tuple(store.steps)))
        times = [await _time(store, text, count) for text in texts if count]
    finally:
        await store.close()
    tried(len(texts) * max(count, 1))

    assert len(set(told)) == 1
    assert told[0][1] == ("find_key",)
    assert not times or max(times) < 1.5 * min(times)


async def _time(store: Store, text: str, count: int) -> float:
    """The median time of a refusal."""
    taken = []
    for _ in range(count):
        gate, began = Gate(store, PEPPER), time.perf_counter()
        with pytest.raises(Unauthenticated):
            await gate.identify(f"Bearer {text}")
        taken.append(time.perf_counter() - began)
    return sorted(taken)[count // 2]


@pytest.mark.item("S3", "S33")
async def test_a_revoked_key_opens_nothing_and_keeps_nothing_open(
    shared: Api, shared_boss: httpx.AsyncClient, tried: Tried
) -> None:
    """Neither a stream of the journal, nor one of claims, nor a claim that waits; the next request is refused. Within 5 s."""
    issued = await issue(shared_boss, "rival")
    async with caller(shared, issued["key"]) as http:
        ended = asyncio.gather(
            _last_words(http, "/v1/events"),
            _last_words(http, "/v1/claims/stream?capability=second"),
            post(http, "/v1/claims", {"capabilities": ["second"], "wait_s": 50}),
        )
        while not (shared.service.hub.keys & shared.service.dealer.keys & shared.service.board.keys >= {issued["id"]}):
            await asyncio.sleep(0.01)
        began = time.monotonic()
        await post(shared_boss, f"/v1/keys/{issued['id']}?reason=leak", None, "DELETE")
        *streams, claim = await ended
        took_s = time.monotonic() - began
        after = await http.get("/v1/me")
    tried(4)

    assert ["rights_changed" in words for words in streams] == [True, True]
    assert (claim.status_code, after.status_code, took_s < 5) == (401, 401, True)


async def _last_words(http: httpx.AsyncClient, path: str) -> str:
    async with http.stream("GET", path, headers={"Accept": "text/event-stream"}) as stream:
        return "".join([line async for line in stream.aiter_lines()])[-300:]


@pytest.mark.item("S3")
async def test_a_rotated_key_goes_on_for_its_overlap(shared: Api, shared_boss: httpx.AsyncClient) -> None:
    """Old and new may the same meanwhile; without an overlap the old one ends at once."""
    old = await issue(shared_boss, "requester", workflows=["small"], verbs=["open a case", "read the board"])
    new = (await post(shared_boss, f"/v1/keys/{old['id']}/rotate", {"overlap_s": 600})).json()
    last = (await post(shared_boss, f"/v1/keys/{new['id']}/rotate", {"overlap_s": 0})).json()
    told = []
    for each in (old, new, last):
        async with caller(shared, each["key"]) as http:
            told.append((await http.get("/v1/me")).status_code)
    again = await post(shared_boss, f"/v1/keys/{new['id']}/rotate", {})

    assert told == [200, 401, 200]
    assert (new["follows"], last["workflows"], sorted(last["verbs"])) == (
        old["id"],
        ["small"],
        ["open a case", "read the board"],
    )
    assert again.status_code == 409


@pytest.mark.item("S4", "I45")
async def test_a_key_does_what_its_scope_says_and_nothing_else(
    shared: Api, shared_boss: httpx.AsyncClient, tried: Tried
) -> None:
    """The refusal names the part of the scope that stands in the way, and changes nothing."""
    limited = {"amount_max": "100.00", "currency": "EUR"}
    beyond = (
        ("requester", {"verbs": ["read the board"]}, SMALL, "verbs"),
        ("requester", {"workflows": ["small"]}, {**SMALL, "workflow": "other"}, "workflows"),
        ("requester", limited, _amount("100.01"), "amount_max"),
        ("requester", limited, _amount("1e1"), "amount_max"),
        ("requester", limited, _amount("50.00", "USD"), "amount_max"),
        ("requester", limited, {"workflow": "small", "payload": {"customer": "C-1"}}, "amount_max"),
    )
    await shared.scene.load(_other())
    before = len((await shared_boss.get("/v1/cases")).json()["cases"])
    for agent, scope, body, part in beyond:
        async with caller(shared, (await issue(shared_boss, agent, **scope))["key"]) as http:
            answer = await post(http, "/v1/cases", body)
            me = (await http.get("/v1/me")).json()
        assert (answer.status_code, answer.json().get("scope")) == (403, part), (scope, answer.text)
        assert answer.json()["type"].endswith("out-of-scope")
        assert me["scope"] is not None
    tried(len(beyond))
    assert len((await shared_boss.get("/v1/cases")).json()["cases"]) == before

    async with caller(shared, (await issue(shared_boss, "requester", **limited, workflows=["small"]))["key"]) as http:
        assert (await post(http, "/v1/cases", _amount("100.00"))).status_code == 201


def _amount(amount: str, currency: str = "EUR") -> dict[str, Any]:
    return {"workflow": "small", "payload": {"customer": "C-1", "amount": amount, "currency": currency}}


def _other() -> Any:
    return workflow.parse(factories.SMALL.replace("name: small", "name: other"))


@pytest.mark.item("S4", "I45")
async def test_an_agent_claims_and_ends_only_what_its_keys_scope_names(
    shared: Api, shared_boss: httpx.AsyncClient, tried: Tried
) -> None:
    """Tasks of other workflows stay for others; what another key of the agent claimed it does not end."""
    await shared.scene.load(_other())
    opened = {name: await shared.scene.open(name) for name in ("other", "small")}
    async with caller(shared, (await issue(shared_boss, "rival", workflows=["other"], capabilities=["first"]))["key"]) as http:
        claimed = (await post(http, "/v1/claims", {"capabilities": ["first"], "limit": 100})).json()["tasks"]
        strange = await post(http, "/v1/claims", {"capabilities": ["second"]})
        [taken] = [t for t in await shared.scene.claim("rival", "first", limit=100) if t.case_id == opened["small"].id]
        decision = {"fence": taken.fence, "outcome": "approve", "reasons": ["because"]}
        ended = await post(http, f"/v1/tasks/{taken.id}/decision", decision)
        told = await post(http, f"/v1/cases/{taken.case_id}/facts", {"items": [{"key": "a", "value": 1}]})
        [own] = [task for task in claimed if task["case_id"] == str(opened["other"].id)]
        done = await post(http, f"/v1/tasks/{own['id']}/decision", {**decision, "fence": own["fence"]})
    tried(5)

    assert {task["workflow"] for task in claimed} == {"other"}
    assert [(answer.status_code, answer.json()["scope"]) for answer in (strange, ended, told)] == [
        (403, "capabilities"),
        (403, "workflows"),
        (403, "workflows"),
    ]
    assert done.status_code == 200


@pytest.mark.item("S4")
async def test_nobody_grants_more_than_he_has_nor_shuts_the_last_admin_out(
    shared: Api, shared_boss: httpx.AsyncClient, tried: Tried
) -> None:
    """A narrow admin issues narrower keys and changes no agent; nobody changes himself; the last wide key stays."""
    narrow = await issue(shared_boss, "boss", verbs=["grant access"], workflows=["small"], expires_at="2998-01-01T00:00:00Z")
    async with caller(shared, narrow["key"]) as http:
        told = [
            await post(http, "/v1/keys", {"agent": "boss"}),
            await post(http, "/v1/keys", {"agent": "worker", "verbs": ["claim tasks"], "workflows": ["small"]}),
            await post(http, "/v1/keys", {"agent": "worker", "verbs": ["grant access"], "workflows": ["other"]}),
            await post(http, "/v1/keys", {"agent": "worker", "verbs": ["grant access"], "workflows": ["small"]}),
            await post(http, f"/v1/keys/{shared.scene.people['boss'].key_id}/rotate", {}),
            await post(http, "/v1/agents", {"name": "mole", "owner": "x", "kind": "agent", "role": "admin"}),
            await post(http, "/v1/agents/worker", {"role": "admin", "reason": "x"}, "PATCH"),
        ]
    last = [
        await post(shared_boss, f"/v1/keys/{shared.scene.people['boss'].key_id}?reason=x", None, "DELETE"),
        await post(shared_boss, "/v1/agents/boss/suspend", {"reason": "x"}),
    ]
    own = await post(shared_boss, "/v1/agents/boss", {"owner": "somebody-else", "reason": "x"}, "PATCH")
    tried(10)

    assert [answer.status_code for answer in told] == [403] * 7
    assert [answer.status_code for answer in last] == [409, 409], [answer.text for answer in last]
    assert own.status_code == 403
    assert (await shared_boss.get("/v1/me")).status_code == 200


@pytest.mark.item("S4")
async def test_an_agent_that_is_changed_comes_back_as_what_it_is(shared: Api, shared_boss: httpx.AsyncClient) -> None:
    """It is registered without a key, given one, and another role; its open stream ends."""
    new = {"name": "novice", "owner": "agency", "kind": "human", "role": "auditor"}
    registered = [await post(shared_boss, "/v1/agents", new) for _ in range(2)]
    key = (await issue(shared_boss, "novice"))["key"]
    async with caller(shared, key) as http:
        words = asyncio.create_task(_last_words(http, "/v1/events"))
        while not any(reader.who.agent == "novice" for reader in shared.service.hub._readers.values()):
            await asyncio.sleep(0.01)
        changed = await post(shared_boss, "/v1/agents/novice", {"role": "requester", "reason": "moved"}, "PATCH")
        said = await words
        me = (await http.get("/v1/me")).json()

    assert [answer.status_code for answer in registered] == [201, 409]
    assert (changed.json()["verdict"], me["role"]) == ("changed", "requester")
    assert "rights_changed" in said


@pytest.mark.item("S5")
async def test_keys_stand_in_no_answer_log_or_argument(
    shared: Api, shared_boss: httpx.AsyncClient, capfd: pytest.CaptureFixture[str], tried: Tried
) -> None:
    """A key that is refused is not repeated, one in the URL is not looked at, and no process has one in its arguments."""
    key = (await issue(shared_boss, "auditor"))["key"]
    wrong = key[:-1] + ("0" if key[-1] != "0" else "1")
    told = []
    for text in (wrong, str(keys.mint()), key + "x"):
        async with caller(shared, text) as http:
            told.append((await http.get("/v1/me")).text)
    async with shared.http(None) as http:
        answers = [await http.get("/v1/me", params={name: key}) for name in ("key", "token", "access_token")]
        told += [answer.text for answer in answers]
    arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if _is_there(path)]
    logged = "".join(capfd.readouterr())
    secret = key.split("_")[2]
    tried(len(told) + len(arguments))

    assert [answer.status_code for answer in answers] == [401] * 3
    assert [text for text in told if secret in text] == []
    assert secret not in logged
    assert [line for line in arguments if secret.encode() in line] == []


def _is_there(path: Path) -> bool:
    try:
        return bool(path.read_bytes())
    except OSError:
        return False


@pytest.mark.item("S5")
def test_a_file_with_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    """From the first byte, also where another file was before."""
    file = tmp_path / "keys" / "admin"
    write_secret(file, "first")
    file.chmod(0o644)
    write_secret(file, "second")

    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.item("S7")
async def test_who_guesses_keys_waits_and_nobody_else_does(
    shared: Api, shared_boss: httpx.AsyncClient, tried: Tried, *, thorough: bool
) -> None:
    """Wrong tries at one key end in 429 with Retry-After; the right one is served from elsewhere, and behind that address."""
    tries = 1000 if thorough else 50
    issued = await issue(shared_boss, "auditor")
    seen: dict[int, int] = {}
    async with caller(shared, issued["key"], "127.0.0.3") as neighbour:
        assert (await neighbour.get("/v1/me")).status_code == 200
        async with caller(shared, "", "127.0.0.3") as guesser:
            for _ in range(tries):
                guess = f"Bearer {keys.Key(issued['id'], keys.mint().secret)}"
                answer = await guesser.get("/v1/me", headers={"Authorization": guess})
                seen[answer.status_code] = seen.get(answer.status_code, 0) + 1
        behind = await neighbour.get("/v1/me")
    async with caller(shared, (await issue(shared_boss, "auditor"))["key"], "127.0.0.4") as other:
        elsewhere = await other.get("/v1/me")
    async with caller(shared, issued["key"], "127.0.0.5") as owner:
        moved = await owner.get("/v1/me")
    tried(tries)

    assert set(seen) == {401, 429}
    assert seen[401] < TRIES_PER_SOURCE < 1000
    assert int(answer.headers["Retry-After"]) >= 1
    assert [found.status_code for found in (behind, elsewhere, moved)] == [200, 200, 200]


@pytest.mark.item("S7")
def test_what_is_kept_of_guesses_is_bounded_and_forgiven(tried: Tried) -> None:
    """Memory by a number of names, a /64 of IPv6 being one; a quiet guesser is heard again."""
    now = [0.0]
    tally, guesses = Tally(3, lambda: now[0]), Guesses(lambda: now[0])
    for n in range(MAX_KEPT + 50):
        tally.count(str(n))
    for n in range(TRIES_PER_SOURCE):
        guesses.count(f"2001:db8::{n:x}")
    with pytest.raises(TooManyTries):
        guesses.demand("2001:db8::ffff")
    now[0] += 3600
    guesses.demand("2001:db8::ffff")
    tried(MAX_KEPT)

    assert len(tally) == MAX_KEPT
    assert (network("::ffff:10.0.0.1"), network("not an address")) == ("10.0.0.1", "not an address")


@pytest.mark.item("S26")
async def test_an_agent_of_two_tenants_cannot_mix_them(shared: Api, shared_boss: httpx.AsyncClient, tried: Tried) -> None:
    """One name, one owner, a key for each: with the one key the other tenant's cases, tasks, keys and agents are not there."""
    async with AsyncExitStack() as stack:
        abroad = await make_scene(stack, shared.scene.admin._url, shared.scene.url, tenant="abroad")
        await abroad.open()
        [task] = await abroad.claim("worker")
        other = abroad.people["worker"].key_id
        async with shared.http("worker") as http:
            decision = {"fence": task.fence, "outcome": "approve", "reasons": ["because"]}
            told = [
                await http.get(f"/v1/cases/{task.case_id}"),
                await http.get(f"/v1/tasks/{task.id}"),
                await post(http, f"/v1/tasks/{task.id}/decision", decision),
                await post(http, f"/v1/cases/{task.case_id}/facts", {"items": [{"key": "a", "value": 1}]}),
                await post(shared_boss, f"/v1/keys/{other}/rotate", {}),
                await post(shared_boss, f"/v1/keys/{other}?reason=x", None, "DELETE"),
            ]
        decided = await abroad.decide(task, "approve")
    tried(len(told))

    assert [answer.status_code for answer in told] == [404] * len(told)
    assert decided == "decided"


@pytest.mark.item("S50")
@pytest.mark.parametrize("pepper", ["", "00" * 16, "00" * 32, "ab" * 40, "secret", "0123456789abcdef" * 4])
def test_no_server_starts_with_a_default_or_a_short_pepper(pepper: str) -> None:
    """And the refusal does not repeat it."""
    with pytest.raises(ValueError, match=r"openssl rand -hex 32|hex") as refused:
        ServiceSettings(database_url="postgresql://x", key_pepper=pepper)

    assert not pepper or pepper not in str(refused.value)
