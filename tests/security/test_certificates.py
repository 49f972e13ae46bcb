"""A key that is bound to a certificate opens nothing without it; nor does a certificate that nobody here signed."""

import hashlib
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import trustme

from tests.conftest import Databases
from tests.factories import make_scene
from tests.http.conftest import Api, fresh_key, serve
from tests.security.table import Tried

Shown = Callable[[trustme.LeafCert | None], ssl.SSLContext]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Whose signature the board believes."""
    return trustme.CA()


@pytest.fixture(scope="module")
async def guarded(databases: Databases, authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Api]:
    """A board that speaks TLS and asks for certificates."""
    folder = tmp_path_factory.mktemp("tls")
    own = authority.issue_cert("127.0.0.1")
    own.private_key_and_cert_chain_pem.write_to_path(folder / "board.pem")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    async with databases() as database, AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        paths = {"tls_certificate": folder / "board.pem", "tls_client_ca": folder / "authority.pem"}
        api = await stack.enter_async_context(serve(scene, **paths))
        await scene.hire("boss", role="admin", kind="human")
        yield api


@pytest.fixture
def shown(authority: trustme.CA) -> Shown:
    """A client that believes the board, and shows a certificate or none."""

    def make(certificate: trustme.LeafCert | None) -> ssl.SSLContext:
        context = ssl.create_default_context()
        authority.configure_trust(context)
        if certificate is not None:
            certificate.configure_cert(context)
        return context

    return make


def _print(certificate: trustme.LeafCert) -> str:
    """Its SHA-256, as `blackboard keys issue --certificate` takes it from the file."""
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(certificate.cert_chain_pems[0].bytes().decode())).hexdigest()


async def _ask(api: Api, key: str, context: ssl.SSLContext) -> int | str:
    """The status of the answer, or that there was none."""
    async with httpx.AsyncClient(base_url=api.url, verify=context, headers={"Authorization": f"Bearer {key}"}) as http:
        try:
            return (await http.get("/v1/me")).status_code
        except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
            return "no answer"


async def _issue(api: Api, context: ssl.SSLContext, **scope: object) -> str:
    headers = {"Authorization": f"Bearer {api.scene.keys['boss']}", **fresh_key()}
    async with httpx.AsyncClient(base_url=api.url, verify=context) as http:
        answer = await http.post("/v1/keys", json={"agent": "worker", **scope}, headers=headers)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["key"])


@pytest.mark.item("S6")
async def test_a_bound_key_opens_nothing_without_its_certificate(
    guarded: Api, authority: trustme.CA, shown: Shown, tried: Tried
) -> None:
    """None, another one, one that is over, one that a stranger signed: each is refused. A free key needs none."""
    own, other = authority.issue_cert("worker@bank.example"), authority.issue_cert("other@bank.example")
    over = authority.issue_cert("worker@bank.example", not_after=datetime.now(UTC) - timedelta(days=1))
    strange = trustme.CA().issue_cert("worker@bank.example")
    bound = await _issue(guarded, shown(None), certificate=_print(own))
    free = await _issue(guarded, shown(None))
    told = {
        "its own": await _ask(guarded, bound, shown(own)),
        "none": await _ask(guarded, bound, shown(None)),
        "another": await _ask(guarded, bound, shown(other)),
        "over": await _ask(guarded, bound, shown(over)),
        "a stranger's": await _ask(guarded, bound, shown(strange)),
        "a free key": await _ask(guarded, free, shown(None)),
        "once more its own": await _ask(guarded, bound, shown(own)),
    }
    tried(len(told))

    assert told == {
        "its own": 200,
        "none": 401,
        "another": 401,
        "over": "no answer",
        "a stranger's": "no answer",
        "a free key": 200,
        "once more its own": 200,
    }
