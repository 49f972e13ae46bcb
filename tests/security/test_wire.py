"""What comes over a connection: how much of it, for how long, and whether it can be read in two ways."""

import asyncio
import gzip
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from tests.conftest import Databases
from tests.factories import make_scene
from tests.http.conftest import Api, fresh_key, serve
from tests.http.test_streams import following, until
from tests.security.table import Tried
from tests.security.wire import Answer, Wire, head, told, wire

LIMIT = 64 * 1024
JSON = "Content-Type: application/json"
BACK_ENDS = ("httptools", "h11")
HURRY_S = 0.4
PER_SOURCE = 20


@pytest.fixture(scope="module")
async def boards(databases: Databases) -> AsyncIterator[dict[str, Api]]:
    """One board behind each parser, both in a hurry; and little room for bodies and connections."""
    async with databases() as database, AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        yield {
            parser: await stack.enter_async_context(
                serve(scene, parser=parser, request_s=HURRY_S, max_body_bytes=LIMIT, max_sockets_per_source=PER_SOURCE)
            )
            for parser in BACK_ENDS
        }


@pytest.fixture(params=BACK_ENDS)
def board(request: pytest.FixtureRequest, boards: dict[str, Api]) -> Api:
    """Each of them."""
    return boards[request.param]


def posted(board: Api, *headers: str) -> bytes:
    """The head of a request that opens a case."""
    return head(board, "POST /v1/cases", JSON, f"Idempotency-Key: {fresh_key()['Idempotency-Key']}", *headers)


async def kept(board: Api) -> int:
    """How many cases there are."""
    return int(await board.scene.admin._value("SELECT count(*) FROM board.case"))


async def first(board: Api, parts: list[bytes]) -> Answer:
    """The answer to a request that is sent in parts."""
    async with wire(board) as each:
        for part in parts:
            each.send(part)
        answer = await each.answer()
    assert answer is not None
    return answer


@pytest.mark.item("S34")
async def test_a_body_is_measured_before_it_is_kept(board: Api, tried: Tried) -> None:
    """One byte too many is 413, as announced, in chunks, or behind a length that lies; what is packed is not unpacked."""
    before = await kept(board)
    big = b'{"workflow": "small", "payload": {"x": "' + b"x" * LIMIT + b'"}}'
    chunked = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (big[at : at + 9000] for at in range(0, len(big), 9000)))
    packed = gzip.compress(big * 100)
    bodies = {
        "announced": [posted(board, f"Content-Length: {len(big)}"), big],
        "announced and not sent": [posted(board, "Content-Length: 1000000000000")],
        "in chunks": [posted(board, "Transfer-Encoding: chunked"), chunked, b"0\r\n\r\n"],
        "in chunks without an end": [posted(board, "Transfer-Encoding: chunked"), chunked],
    }
    answers = {what: await first(board, parts) for what, parts in bodies.items()}
    squeezed = (await told(board, [posted(board, f"Content-Length: {len(packed)}", "Content-Encoding: gzip"), packed]))[0]
    tried(len(bodies) + 1)

    assert {what: answer.status for what, answer in answers.items()} == dict.fromkeys(bodies, 413)
    assert (squeezed.status, "Content-Encoding" in squeezed.problem["detail"]) == (415, True)
    assert await kept(board) == before


@pytest.mark.item("S34")
async def test_a_head_is_measured_while_it_comes(board: Api, tried: Tried) -> None:
    """Too many headers, too long ones, one that never ends, an address without end: refused, and the connection is closed."""
    heads = [
        [head(board, "GET /healthz", *[f"X-{n}: 1" for n in range(101)])],
        [head(board, "GET /healthz", f"X: {'x' * 40_000}")],
        [b"GET /healthz HTTP/1.1\r\nHost: here\r\nX: ", *[b"x" * 10_000] * 8],
        [b"GET /", *[b"x" * 10_000] * 8],
        [head(board, f"GET /{'x' * 70_000}")],
    ]
    # Who is hung up on while it sends may not get to read why.
    answers = [await told(board, parts) for parts in heads]
    tried(len(heads))

    assert [answer[0].status for answer in answers[:2]] == [431, 431]
    assert {one.status for answer in answers for one in answer} <= {400, 414, 431}, answers
    assert {one.headers["connection"] for answer in answers for one in answer} == {"close"}


@pytest.mark.item("S35", "S42")
async def test_a_request_that_does_not_come_to_its_end_is_cut_off(
    board: Api, tried: Tried, caplog: pytest.LogCaptureFixture
) -> None:
    """A silent connection, a head that trickles, a body that trickles or stops, a second request that stops: each hangs up."""
    half = posted(board, "Content-Length: 100") + b'{"workflow"'
    beginnings: dict[str, tuple[bytes, int | None]] = {
        "nothing is said": (b"", 408),
        "blank lines": (b"\r\n", None),
        "a head stops": (b"GET /healthz HT", 408),
        "a body stops": (half, 408),
        "a chunk stops": (posted(board, "Transfer-Encoding: chunked") + b"5\r\nab", 408),
        "a body is not sent after 100 Continue": (posted(board, "Content-Length: 9", "Expect: 100-continue"), None),
        "a second request stops": (head(board, "GET /healthz") + b"GET /hea", None),
    }
    with caplog.at_level(logging.ERROR):
        async with AsyncExitStack() as stack:
            wires = {what: await stack.enter_async_context(wire(board)) for what in beginnings}
            for what, (begun, _) in beginnings.items():
                wires[what].send(begun)
            trickle = await stack.enter_async_context(wire(board))
            dripping = asyncio.create_task(_drip(trickle))
            ends = dict(zip(wires, await asyncio.gather(*(each.rest() for each in wires.values())), strict=True))
            dripped = await trickle.rest()
            dripping.cancel()
    tried(len(beginnings) + 1)

    for what, (_, status) in beginnings.items():
        assert status is None or ends[what].startswith(b"HTTP/1.1 %d " % status), (what, ends[what])
    # Who goes on sending may not get to read why.
    assert dripped == b"" or b" 408 " in dripped
    assert [record for record in caplog.records if record.exc_info] == []


async def _drip(each: Wire) -> None:
    """One byte after the other, as long as anybody listens."""
    each.send(b"GET /healthz HTTP/1.1\r\nHost: here\r\nX: ")
    while True:
        each.send(b"x")
        await asyncio.sleep(0.02)


@pytest.mark.item("S35")
async def test_who_waits_for_the_board_is_not_hurried(board: Api) -> None:
    """A stream and a waiting claim go on past the time in which a request must be there; a connection at rest is used again."""
    async with board.http("worker") as http, board.http("auditor") as listening:
        wish = {"capabilities": ["first"], "wait_s": 3 * HURRY_S}
        async with following(listening) as frames:
            await until(frames, "ready")
            claimed = await http.post("/v1/claims", json=wish, headers=fresh_key())
            case = await board.scene.open()
            seen = await until(frames, "message", "case.opened")
        taken = await http.post("/v1/claims", json=wish, headers=fresh_key())

    assert (claimed.json()["tasks"], seen["data"]["case_id"]) == ([], str(case.id))
    assert len(taken.json()["tasks"]) == 1


@pytest.mark.item("S35")
async def test_a_source_has_so_many_connections_and_no_more(board: Api) -> None:
    """One too many is told so and hung up on; when another one leaves there is room again."""
    waiting = b'{"capabilities": ["second"], "wait_s": 50}'
    async with AsyncExitStack() as stack:
        for _ in range(PER_SOURCE):
            each = await stack.enter_async_context(wire(board))
            key = f"Idempotency-Key: {fresh_key()['Idempotency-Key']}"
            each.send(head(board, "POST /v1/claims", JSON, key, f"Content-Length: {len(waiting)}", who="worker") + waiting)
        refused = await (await stack.enter_async_context(wire(board))).rest()
    async with board.http() as http:
        answer = await http.get("/healthz")

    assert (refused.startswith(b"HTTP/1.1 503 "), b"retry-after: 1" in refused, answer.status_code) == (True, True, 200)


SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: here\r\n\r\n"
HELLO = b"\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
POST = b"POST /v1/cases HTTP/1.1\r\nHost: here\r\n"
GET = b"GET /healthz HTTP/1.1\r\nHost: here\r\n"
UNCLEAR: dict[str, bytes] = {
    "a length and chunks": POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks and a length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4" + HELLO,
    "two lengths": POST + b"Content-Length: 6\r\nContent-Length: 5\r\n\r\nhello!" + SMUGGLED,
    "a length with a sign": POST + b"Content-Length: +5\r\n\r\nhello",
    "a length in hexadecimal": POST + b"Content-Length: 0x5\r\n\r\nhello",
    "a length below nothing": POST + b"Content-Length: -1\r\n\r\nhello",
    "a length with an underscore": POST + b"Content-Length: 1_0\r\n\r\nhellohello",
    "a length beyond all": POST + b"Content-Length: 99999999999999999999999999\r\n\r\nhello",
    "identity": POST + b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello" + SMUGGLED,
    "identity alone": POST + b"Transfer-Encoding: identity\r\n\r\n" + SMUGGLED,
    "packed, then in chunks": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks, then identity": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks twice": POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks by another name": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks after a control character": POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a blank before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks in HTTP/1.0": POST.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked" + HELLO + SMUGGLED,
    "chunks in HTTP/1.0 that stays": POST.replace(b"1.1", b"1.0")
    + b"Connection: keep-alive\r\nTransfer-Encoding: chunked"
    + HELLO
    + SMUGGLED,
    "a chunk's length in another notation": POST + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n",
    "a chunk's length below nothing": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\nhello\r\n0\r\n\r\n",
    "a chunk's length beyond all": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\nhello\r\n0\r\n\r\n",
    "a chunk that goes on": POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhelloXX0\r\n\r\n",
    "a bare line end in a chunk's extension": POST + b"Transfer-Encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
    "a bare carriage return": GET + b"X: a\rY: b\r\n\r\n",
    "a folded first header": b"GET /healthz HTTP/1.1\r\n Host: here\r\n\r\n",
    "a blank in a name": GET + b"X Y: a\r\n\r\n",
    "no name": GET + b": a\r\n\r\n",
    "no colon": GET + b"XY\r\n\r\n",
    "a NUL in a value": GET + b"X: a\x00b\r\n\r\n",
    "a name that is not ASCII": GET + b"X\xff: a\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "an empty host": b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n",
    "two hosts": GET + b"Host: there\r\n\r\n",
    "a host with a path": b"GET /healthz HTTP/1.1\r\nHost: here/../x@y\r\n\r\n",
    "a host with half a bracket": b"GET /healthz HTTP/1.1\r\nHost: [\r\n\r\n",
    "two keys": GET + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n",
    "two idempotency keys": POST + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n",
    "no slash": b"GET healthz HTTP/1.1\r\nHost: here\r\n\r\n",
    "everything": b"OPTIONS * HTTP/1.1\r\nHost: here\r\n\r\n",
    "a tunnel": b"CONNECT here:80 HTTP/1.1\r\nHost: here\r\n\r\n",
    "a blank in the address": b"GET /healthz x HTTP/1.1\r\nHost: here\r\n\r\n",
    "tabs": b"GET\t/healthz\tHTTP/1.1\r\nHost: here\r\n\r\n",
    "an address that is not ASCII": b"GET /\xc3\xa9 HTTP/1.1\r\nHost: here\r\n\r\n",
    "HTTP/1.2": GET.replace(b"1.1", b"1.2") + b"\r\n",
    "HTTP/2.0": GET.replace(b"1.1", b"2.0") + b"\r\n",
    "HTTP/0.9": b"GET /healthz\r\n\r\n",
    "the beginning of HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "a greeting of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "an expectation": POST + b"Expect: miracles\r\nContent-Length: 5\r\n\r\nhello" + SMUGGLED,
}
# One parser refuses these, the other one reads them in the one way in which they can be read.
HARMLESS: dict[str, bytes] = {
    "a length twice": POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
    "bare line ends": b"GET /healthz HTTP/1.1\nHost: here\nConnection: close\n\n",
    "a folded header": GET + b"X: a\r\n b\r\n\r\n",
    "a blank after a chunk's length": POST + b"Transfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
    "a length behind the last chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 5\r\n\r\n",
    "blank lines before": b"\r\n\r\n" + GET + b"\r\n",
    "a method that is none": GET.replace(b"GET", b"FOO") + b"\r\n",
    "a small method": GET.replace(b"GET", b"get") + b"\r\n",
    "a fragment": GET.replace(b"/healthz", b"/healthz#x") + b"\r\n",
    "another board's address": GET.replace(b"/healthz", b"http://there/healthz") + b"\r\n",
    "an upgrade": GET + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    "a web socket": GET + b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n",
    "an upgrade with a body": POST + b"Connection: Upgrade\r\nUpgrade: foo\r\nContent-Length: 5\r\n\r\nhello",
    "a last request, and more": GET + b"Connection: close\r\n\r\n" + SMUGGLED,
}


@pytest.mark.item("S41")
async def test_a_request_that_can_be_read_in_two_ways_is_read_in_none(
    board: Api, tried: Tried, caplog: pytest.LogCaptureFixture
) -> None:
    """Refused with 4xx or 505 and hung up on, in pieces as well as in one; what stands behind it is not taken for a request."""
    wrong: dict[str, Any] = {}
    with caplog.at_level(logging.ERROR):
        for what, sent in UNCLEAR.items():
            for parts in ([sent], [sent[: len(sent) // 2], sent[len(sent) // 2 :]]):
                answers = await told(board, parts)
                statuses = [answer.status for answer in answers]
                if len(statuses) > 1 or not all(400 <= status < 500 or status == 505 for status in statuses):
                    wrong[what] = statuses
        for what, sent in HARMLESS.items():
            answers = await told(board, [sent.replace(b"Host: here\r\n", b"Host: here\r\nConnection: close\r\n", 1)])
            if len(answers) > 1 or any(answer.status >= 500 and answer.status != 505 for answer in answers):
                wrong[what] = answers
    tried(2 * len(UNCLEAR) + len(HARMLESS))

    assert wrong == {}
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.item("S41", "S42")
async def test_a_refusal_ends_no_request_that_came_before_it(board: Api) -> None:
    """Two requests on one connection, the second malformed: the first gets its own answer, or none; never the other's."""
    answers = await told(board, [head(board, "GET /v1/me") + b"NONSENSE\r\n\r\n"])
    fine = await told(board, [head(board, "GET /v1/me") + head(board, "GET /healthz", "Connection: close", who=None)])

    assert [answer.status for answer in answers] in ([], [200], [200, 400]), answers
    assert [answer.status for answer in fine] == [200, 200]
