"""Whatever is sent to the stream: a defined answer, and no harm to anybody else's."""

import asyncio
import json
from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import asyncpg
import pytest

from tests.factories import Scene, age_journal
from tests.http.conftest import Api, serve
from tests.http.test_streams import following, until
from tests.process import program

PAGES = "Accept: application/json"
NASTY = [
    "",
    " ",
    "\0",
    "\r\n",
    "\r\ndata: x\r\n\r\n",
    "\x85\u2028",
    "💥",
    "null",
    "-1",
    "1e9",
    "1." + "9" * 40,
    "*",
    "x" * 5000,
    "a:b,c",
]
PARAMETERS = [
    "case",
    "workflow",
    "stage",
    "type",
    "filter",
    "after",
    "limit",
    "pace_ms",
    "fold",
    "ticket",
    "min_position",
    "no",
]


class Answer(NamedTuple):
    """What came: of a stream as far as its first bookmark."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def problem(self) -> Any:
        """The problem that it is."""
        assert self.headers["content-type"] == "application/problem+json", self
        return json.loads(self.body)

    @property
    def reset(self) -> Any:
        """What the frame `reset` says."""
        lines = self.body.decode().split("\n")
        return json.loads(lines[lines.index("event: reset") + 1].removeprefix("data: "))


async def ask(
    api: Api, query: bytes | str = b"", *headers: str, method: str = "GET", version: str = "1.1", who: str | None = "auditor"
) -> Answer:
    """Send a request as it is given, byte for byte."""
    parts = urlsplit(api.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    key = [f"Authorization: Bearer {api.scene.keys[who]}"] if who else []
    target = b"/v1/events?" + (query.encode("latin-1") if isinstance(query, str) else query)
    head = "\r\n".join([f" HTTP/{version}", "Host: here", *key, *headers, "", ""])
    writer.write(method.encode() + b" " + target + head.encode("latin-1"))
    try:
        async with asyncio.timeout(10):
            return await _answer(reader, method)
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader, method: str) -> Answer:
    status, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    body = b""
    if method != "HEAD":
        streams = headers["content-type"].startswith("text/event-stream")
        body = await (reader.readuntil(b"\n\r\n") if streams else reader.readexactly(int(headers["content-length"])))
    return Answer(int(status.split()[1]), headers, body)


REFUSED = {
    "an unknown parameter": (b"cases=1", "No such parameter: cases"),
    "a misspelt field": (b"filter=stages:review", "fields case, workflow, stage"),
    "a filter without a value": (b"filter=stage:", "field:value"),
    "an empty filter": (b"filter=", "field:value"),
    "an empty value": (b"stage=", "1 to 200 characters"),
    "a NUL": (b"stage=%00", "control character"),
    "a NUL in a filter": (b"filter=stage:a%00", "control character"),
    "a line end": (b"type=task.%0d%0adata:%20x", "control character"),
    "a line end in a filter": (b"filter=type:task.*%0a", "control character"),
    "a very long value": (b"stage=" + b"x" * 50_000, "1 to 200 characters"),
    "no UTF-8": (b"stage=%ff%fe", "not UTF-8"),
    "a half of a surrogate pair": (b"stage=%ed%a0%80", "not UTF-8"),
    "no UTF-8 in a name": (b"%ff=1", "not UTF-8"),
    "a case that is no UUID": (b"case=1", "case.0"),
    "a case in a filter that is no UUID": (b"filter=case:1", "field case"),
    "thousands of values": (b"&".join([b"stage=a"] * 7_500), "stage"),
    "thousands of filters": (b"&".join([b"filter=a"] * 7_000), "filter"),
    "thousands of values in one filter": (b"filter=" + b",".join(b"stage:%d" % n for n in range(5_000)), "at most 100"),
    "thousands of cases that are none": (b"&".join([b"case=x"] * 9_000), "case"),
    "thousands of unknown parameters": (b"&".join(b"x%d" % n for n in range(9_000)), "No such parameter"),
    "a pace below zero": (b"pace_ms=-1", "pace_ms"),
    "a fold that is neither": (b"fold=perhaps", "fold"),
    "a page of nothing": (b"limit=0", "limit"),
    "fields and filters": (b"stage=a&filter=stage:a", "not both"),
    "a position that cannot be": (b"min_position=%00", "epoch.position"),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("headers", [(), (PAGES,)], ids=["stream", "page"])
async def test_what_cannot_be_meant_is_refused(shared: Api, what: str, headers: tuple[str, ...]) -> None:
    """Before any stream opens, with a sentence that says what is wrong, however much came."""
    query, told = REFUSED[what]
    answer = await ask(shared, query, *headers)

    assert (answer.status, told in answer.problem["detail"]) == (422, True), answer.problem
    assert len(answer.body) < 20_000
    assert shared.service.hub.streams == 0


CURSORS = {
    "nonsense": ("malformed", 422),
    "1": ("malformed", 422),
    "1.-1": ("malformed", 422),
    "1. 1": ("malformed", 422),
    "1.99999999999999999999": ("malformed", 422),
    "1" * 5000: ("malformed", 422),
    "1.\xb2": ("malformed", 422),
    "9.1": ("rewound", 410),
    "0.5": ("rewound", 410),
    "1.999999": ("rewound", 410),
}


@pytest.mark.parametrize("cursor", CURSORS, ids=range(len(CURSORS)))
@pytest.mark.item("S31")
async def test_a_cursor_that_cannot_be_gone_on_from_resets_a_stream_and_refuses_a_page(shared: Api, cursor: str) -> None:
    """The same as a parameter and as a header."""
    reason, status = CURSORS[cursor]
    streams = [await ask(shared, f"after={quote(cursor)}"), await ask(shared, "", f"Last-Event-ID: {cursor}")]
    pages = [await ask(shared, f"after={quote(cursor)}", PAGES), await ask(shared, "", PAGES, f"Last-Event-ID: {cursor}")]

    assert [(answer.status, answer.reset["reason"]) for answer in streams] == [(200, reason)] * 2
    assert [(answer.status, answer.problem["status"]) for answer in pages] == [(status, status)] * 2


async def test_a_cursor_from_before_what_is_kept_resets_a_stream_and_refuses_a_page(
    api: Api, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """In the header as in the parameter."""
    await age_journal(connection)
    async with asyncio.timeout(10):
        while not await api.service.store.trim_journal(1, 10):
            await asyncio.sleep(0.01)
    streams = [await ask(api, "after=1.1"), await ask(api, "", "Last-Event-ID: 1.1")]
    pages = [await ask(api, "after=1.1", PAGES), await ask(api, "", PAGES, "Last-Event-ID: 1.1")]

    assert [answer.reset["reason"] for answer in streams] == ["expired"] * 2
    assert [answer.status for answer in pages] == [410] * 2


@pytest.mark.parametrize("sent", ["%00", "1.1%0d%0aevent:%20task", "%f0%9f%92%a5", "x" * 5000])
@pytest.mark.item("S30", "S31")
async def test_what_was_asked_for_is_in_the_journal_whatever_it_was(shared: Api, sent: str) -> None:
    """Quoted and cut, so that nothing that a caller sends can keep the journal from telling who read it."""
    await ask(shared, f"after={sent}")
    async with shared.http("auditor") as http, following(http, "after=0&type=stream.opened") as frames:
        asked = (await until(frames, "message"))["data"]["data"]["asked"]

    assert (asked.isascii(), asked.isprintable(), 0 < len(asked) <= 500) == (True, True, True)


@pytest.mark.parametrize(
    "request_line",
    [b"stage=\xff\xfe", b"stage=" + b"x" * 1_000_000, b"&".join([b"stage=a"] * 10_000)],
    ids=["raw bytes", "a megabyte", "10,000 filters"],
)
async def test_what_is_no_http_or_too_much_of_it_is_refused(shared: Api, request_line: bytes) -> None:
    """By the server, before anybody looks at it; and it hangs up."""
    answer = await ask(shared, request_line)

    assert (answer.status in (400, 431), answer.headers["connection"]) == (True, "close")


async def test_a_nul_in_a_header_is_no_http(shared: Api) -> None:
    """No cursor can carry one on."""
    assert (await ask(shared, "", "Last-Event-ID: 1.\x001")).status == 400


@pytest.mark.usefixtures("alone")
async def test_nothing_that_is_sent_harms_another_stream(api: Api) -> None:
    """Each nasty value in each parameter: none is the server's fault, none is left open, and who read what is still told."""
    async with api.http("auditor") as http, following(http) as frames:
        await until(frames, "ready")
        for name, value, header in product(PARAMETERS, NASTY, ["Accept: */*", PAGES]):
            answer = await ask(api, f"{name}={quote(value)}", header)
            assert answer.status in (200, 401, 410, 422), (name, value, answer)
        await api.scene.open()
        await until(frames, "message", "case.opened")
        async with asyncio.timeout(10):
            while api.service.hub.streams > 1:
                await asyncio.sleep(0.01)
        with_a_nul = await ask(api, "after=%00")

    opened = json.loads(next(line for line in with_a_nul.body.split(b"\n") if line.startswith(b"data: "))[6:])["stream"]
    async with api.http("auditor") as http, following(http, "after=0&type=stream.opened") as frames:
        while (await until(frames, "message"))["data"]["data"]["stream"] != opened:
            pass


async def test_thousands_of_filters_get_no_ticket(api: Api) -> None:
    """A body has more room than an address."""
    async with api.http("auditor") as http:
        many = await http.post("/v1/events/tickets", json={"filters": ["stage:a"] * 10_000})
        long = await http.post("/v1/events/tickets", json={"filters": ["stage:" + "a" * 100_000]})
        wide = await http.post("/v1/events/tickets", json={"filters": [",".join(f"stage:{n}" for n in range(10_000))]})

    assert [answer.status_code for answer in (many, long, wide)] == [400, 422, 422]


@pytest.mark.parametrize(
    ("query", "who", "status"),
    [("", "auditor", 200), ("", None, 401), ("stage=", "auditor", 422), ("no=1", "auditor", 422), ("ticket=x", None, 401)],
)
async def test_head_answers_like_get_without_a_body(shared: Api, query: str, who: str | None, status: int) -> None:
    """And opens no stream."""
    answer = await ask(shared, query, method="HEAD", who=who)

    assert (answer.status, shared.service.hub.streams) == (status, 0)
    assert "x-request-id" in answer.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
async def test_the_journal_takes_no_other_method(shared: Api, method: str) -> None:
    """Nobody writes it but the board."""
    answer = await ask(shared, method=method)

    assert (answer.status, answer.headers["allow"]) == (405, "GET")


async def test_a_client_of_http_1_0_gets_pages_and_streams(api: Api) -> None:
    """The page with its length; the stream until the connection ends."""
    page = await ask(api, "after=0", PAGES, version="1.0")
    stream = await ask(api, "after=0", version="1.0")

    assert (page.headers["connection"], set(json.loads(page.body))) == ("close", {"events", "next"})
    assert (stream.status, b"event: ready" in stream.body) == (200, True)


@pytest.mark.parametrize("options", [(), ("-N",), ("-0",), ("--compressed",)], ids=["buffered", "-N", "-0", "--compressed"])
async def test_curl_is_told_everything_up_to_the_farewell(scene: Scene, options: tuple[str, ...]) -> None:
    """Without -N it prints late and loses nothing; a stream that ended ended well."""
    curl = program("curl")
    case = await scene.open()
    async with serve(scene, stream_max_age_s=1, heartbeat_s=0.2) as api:
        key = f"Authorization: Bearer {scene.keys['auditor']}"
        url = f"{api.url}/v1/events?after=0&case={case.id}"
        process = await asyncio.create_subprocess_exec(curl, "-s", *options, "-H", key, url, stdout=asyncio.subprocess.PIPE)
        async with asyncio.timeout(30):
            told, _ = await process.communicate()

    assert (process.returncode, told.startswith(b"retry: "), told.endswith(b"}\n\n")) == (0, True, True)
    assert [told.count(kind) for kind in (b'"type":"case.opened"', b'"type":"task.ready"', b"event: bye")] == [1, 1, 1]
