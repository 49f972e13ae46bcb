"""A token is believed when this issuer signed it for this board, now; and in no other case."""

import base64
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc import jwk, jwt

from api import tokens
from api.tokens import Issuer
from blackboard.errors import Unauthenticated, Unavailable
from tests.conftest import Databases
from tests.factories import make_scene
from tests.http.conftest import Api, fresh_key, serve
from tests.security.issuer import AUDIENCE, LocalIssuer, local_issuer
from tests.security.table import Tried


@pytest.fixture(scope="module")
def there() -> Iterator[LocalIssuer]:
    """One for all tests of the file."""
    with local_issuer() as issuer:
        yield issuer


@pytest.fixture
async def issuer(there: LocalIssuer) -> AsyncIterator[Issuer]:
    """As a board believes it."""
    believed = Issuer(there.url, AUDIENCE)
    yield believed
    await believed.close()


def _part(said: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def _unsigned(there: LocalIssuer) -> str:
    return f"{_part({'alg': 'none', 'kid': 'first'})}.{_part(there.claims())}."


def _signed_with_what_is_public(there: LocalIssuer) -> str:
    """The public key taken for a shared secret: whoever can read it could sign."""
    secret = jwk.OctKey.import_key(base64.b64encode(there.keys["first"].as_pem(private=False)).decode())
    return jwt.encode({"alg": "HS256", "kid": "first"}, there.claims(), secret, algorithms=["HS256"])


def _of_a_stranger(there: LocalIssuer, **header: Any) -> str:
    key = jwk.RSAKey.generate_key(parameters={"kid": "first"})
    return jwt.encode({"alg": "RS256", "kid": "first", **header}, there.claims(), key, algorithms=["RS256"])


def _with_its_own_key(there: LocalIssuer) -> str:
    key = jwk.RSAKey.generate_key(parameters={"kid": "mine"})
    return jwt.encode({"alg": "RS256", "jwk": key.as_dict(private=False)}, there.claims(), key, algorithms=["RS256"])


def _changed(there: LocalIssuer) -> str:
    head, _, seal = there.token().split(".")
    return f"{head}.{_part(there.claims(sub='somebody else'))}.{seal}"


WRONG: dict[str, Callable[[LocalIssuer], str]] = {
    "no signature": _unsigned,
    "a public key for a secret": _signed_with_what_is_public,
    "a stranger's signature": _of_a_stranger,
    "a stranger who says where his keys are": lambda there: _of_a_stranger(there, jku="http://127.0.0.1:9/keys"),
    "a key that it brings along": _with_its_own_key,
    "changed after it was signed": _changed,
    "for another board": lambda there: there.token(aud="another"),
    "for no board": lambda there: there.token(aud=None),
    "of another issuer": lambda there: there.token(iss="https://issuer.example"),
    "over": lambda there: there.token(exp=int(time.time()) - tokens.LEEWAY_S - 5),
    "without end": lambda there: there.token(exp=None),
    "before its time": lambda there: there.token(nbf=int(time.time()) + 300),
    "of nobody": lambda there: there.token(sub=None),
    "of an empty name": lambda there: there.token(sub=""),
    "of a number": lambda there: there.token(sub=7),
    "an end that is a word": lambda there: there.token(exp="soon"),
    "three words": lambda _: "one.two.three",
    "three dots": lambda _: "..",
    "not of this alphabet": lambda _: "é.é.é",
    "cut off": lambda there: there.token()[:-8],
    "a head that is a list": lambda there: f"{base64.urlsafe_b64encode(b'[]').decode()}.{_part(there.claims())}.AA",
    "a claim that is a list": lambda there: there.token(iss=[there.url]),
}


@pytest.mark.item("S6")
async def test_a_wrong_token_is_refused_whatever_is_wrong_with_it(there: LocalIssuer, issuer: Issuer, tried: Tried) -> None:
    """And the answer is the same for all."""
    answers = set()
    for make in WRONG.values():
        with pytest.raises(Unauthenticated) as refused:
            await issuer.verify(make(there))
        answers.add(refused.value.detail)
    tried(len(WRONG))

    assert len(answers) == 1


@pytest.mark.item("S6")
async def test_a_good_token_speaks_for_its_subject(there: LocalIssuer, issuer: Issuer, tried: Tried) -> None:
    """Whichever of the algorithms it was signed with."""
    there.publish("ES256", "second")
    there.publish("Ed25519", "third")
    told = [await issuer.verify(there.token(kid)) for kid in ("first", "second", "third")]
    tried(len(told))

    assert {(subject.issuer, subject.subject) for subject in told} == {(there.url, "anna")}


@pytest.mark.item("S6")
async def test_a_new_key_of_the_issuer_is_found_and_an_old_one_forgotten(
    there: LocalIssuer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys are asked for again when one is not known, and not for every token that makes one up."""
    await issuer.verify(there.token())
    there.publish("RS256", "next")
    before = there.asked
    for _ in range(20):
        with pytest.raises(Unauthenticated):
            await issuer.verify(there.token("next"))
    assert there.asked == before

    monkeypatch.setattr(tokens, "ASK_AGAIN_S", 0.0)
    await issuer.verify(there.token("next"))
    old = there.token("next")
    del there.keys["next"]
    monkeypatch.setattr(tokens, "KEYS_GOOD_S", 0.0)
    with pytest.raises(Unauthenticated):
        await issuer.verify(old)


@pytest.mark.item("S6")
async def test_an_issuer_that_is_silent_is_no_reason_to_believe(there: LocalIssuer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without keys nobody is believed; with those of before whoever they fit is, until the issuer speaks again."""
    monkeypatch.setattr(there, "is_up", False)
    cold = Issuer(there.url, AUDIENCE)
    with pytest.raises(Unavailable):
        await cold.verify(there.token())
    await cold.close()


@pytest.fixture(scope="module")
async def both(databases: Databases, there: LocalIssuer) -> AsyncIterator[tuple[Api, Api]]:
    """A board that believes the issuer, as two of its tenants know it."""
    async with databases() as database, AsyncExitStack() as stack:
        scenes = [await make_scene(stack, database.url, database.app_url, tenant=tenant) for tenant in ("demo", "strangers")]
        for scene in scenes:
            await scene.hire("boss", role="admin", kind="human")
        api = await stack.enter_async_context(serve(scenes[0], oidc_issuer=there.url, oidc_audience=AUDIENCE))
        yield api, replace(api, scene=scenes[1])


@pytest.fixture(scope="module")
def believing(both: tuple[Api, Api]) -> Api:
    """The first of them."""
    return both[0]


async def _bind(api: Api, there: LocalIssuer, subject: str, **scope: Any) -> httpx.Response:
    async with api.http("boss") as http:
        body = {"agent": "worker", "issuer": there.url, "subject": subject, **scope}
        return await http.post("/v1/keys", json=body, headers=fresh_key())


async def _ask(api: Api, token: str, verb: str = "GET", path: str = "/v1/me") -> httpx.Response:
    async with api.http(None) as http:
        return await http.request(verb, path, headers={"Authorization": f"Bearer {token}", **fresh_key()})


@pytest.mark.item("S6")
async def test_a_person_works_with_a_token_as_with_the_key_that_is_bound_to_her(believing: Api, there: LocalIssuer) -> None:
    """Its secret is shown to nobody, its role and scope are hers, and revoked it opens nothing to the best of tokens."""
    unknown = await _ask(believing, there.token(sub="berta"))
    bound = (await _bind(believing, there, "berta", verbs=["read the board"])).json()
    again = await _bind(believing, there, "berta")
    me = await _ask(believing, there.token(sub="berta"))
    signed_in = await _ask(believing, there.token(sub="berta"), "POST", "/v1/login")
    beyond = await _ask(believing, there.token(sub="berta"), "GET", "/v1/keys")
    async with believing.http("boss") as http:
        await http.delete(f"/v1/keys/{bound['id']}", params={"reason": "she left"}, headers=fresh_key())
    revoked = await _ask(believing, there.token(sub="berta"))

    assert (unknown.status_code, bound["key"], again.status_code) == (401, None, 409)
    assert (me.status_code, me.json()["agent"], me.json()["key_id"]) == (200, "worker", bound["id"])
    assert (signed_in.status_code, beyond.status_code, revoked.status_code) == (200, 403, 401)


@pytest.mark.item("S6", "S18")
async def test_who_is_known_in_two_tenants_says_which(both: tuple[Api, Api], there: LocalIssuer) -> None:
    """And a tenant learns nothing of another's people: binding the same subject goes as if nobody had."""
    believing, _ = both
    first, second = [await _bind(api, there, "carla") for api in both]
    token = there.token(sub="carla")
    unnamed = await _ask(believing, token)
    async with believing.http(None) as http:
        named = await http.get("/v1/me", headers={"Authorization": f"Bearer {token}", "Blackboard-Tenant": "strangers"})

    assert (first.status_code, second.status_code) == (201, 201)
    assert (unnamed.status_code, "Blackboard-Tenant" in unnamed.json()["detail"]) == (422, True)
    assert (named.status_code, named.json()["tenant"]) == (200, "strangers")
