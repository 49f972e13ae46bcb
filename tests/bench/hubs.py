"""Servers of an event stream, ours and others, each with a way to give it events: what is compared delivers the same bodies."""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import cycle
from pathlib import Path
from uuid import UUID

import httpx

from blackboard.requests import NewFact
from tests.bench.crowd import Crowd, crowd
from tests.bench.town import ROOT, Served, Town, free_port, process, served_api
from tests.factories import Scene

HERE = Path(__file__).parent / "peers"
NGINX = ROOT / ".bench" / "nchan"
# The module looks for its folder for large messages here, and cannot be told another.
NCHAN_NEEDS = Path("/var/lib/nginx")
PUBLISHERS = 8
# Room for the largest crowd and for whoever asks beside it, all of one principal and at once.
ROOM = {
    f"BLACKBOARD_MAX_{what}": "6000" for what in ("STREAMS", "STREAMS_PER_TENANT", "STREAMS_PER_AGENT", "NEW_STREAMS_PER_S")
}

# Gives the server so many events, bearing the moment before they were given.
Publish = Callable[[int], Awaitable[None]]


class Hub:
    """A server that is ready, its stream, and how it is given events."""

    def __init__(self, served: Served, path: str, publish: Publish, *headers: str) -> None:
        self.served = served
        self.publish = publish
        self.committed_at: dict[int, int] = {}
        """By stamp, when its writer heard that it was committed; empty where nothing is."""
        self._stream = (path, headers)

    @asynccontextmanager
    async def crowd(self, readers: int) -> AsyncIterator[Crowd]:
        """Readers of its stream."""
        path, headers = self._stream
        async with crowd(self.served.port, path, readers, *headers) as gathered:
            yield gathered


@asynccontextmanager
async def ours(town: Town, *, writers: int = 1) -> AsyncIterator[Hub]:
    """The board: events are facts put on a case by the verb, from another process, all that are given in one transaction."""
    async with town.board() as scene, served_api(scene, **ROOM) as served:
        cases = cycle([(await scene.open()).id for _ in range(writers)])

        async def publish(events: int) -> None:
            stamp = await put(scene, next(cases), events)
            hub.committed_at[stamp] = time.time_ns()

        hub = Hub(served, "/v1/events?type=fact.put&pace_ms=0", publish, f"Authorization: Bearer {scene.keys['auditor']}")
        yield hub


async def put(scene: Scene, case_id: UUID, events: int) -> int:
    """One commit with so many events in it; their stamp."""
    stamp = time.time_ns()
    facts = [NewFact(key=f"measured-{n}", value={"t": stamp}) for n in range(events)]
    verdicts = await scene.store.put_facts(scene.people["requester"], case_id, facts)
    assert all(verdict.verdict == "kept" for verdict in verdicts), verdicts[0]
    return stamp


async def sample(town: Town) -> str:
    """The body of an event as our stream carries it, with a place for the moment: what the others are given."""
    async with town.board() as scene, served_api(scene) as served:
        await put(scene, (await scene.open()).id, 1)
        headers = {"Authorization": f"Bearer {scene.keys['auditor']}", "Accept": "application/json"}
        async with httpx.AsyncClient(base_url=served.url, headers=headers) as http, asyncio.timeout(10):
            while not (event := await _first_event(http)):
                await asyncio.sleep(0.05)
    before, _, after = event.partition('"t":')
    return before + '"t":%d' + after.lstrip(" 0123456789")


async def _first_event(http: httpx.AsyncClient) -> str:
    page = (await http.get("/v1/events", params={"type": "fact.put", "after": "0"})).text
    return page.removeprefix('{"events":[').rpartition("]")[0]


@asynccontextmanager
async def sse_starlette(body: str) -> AsyncIterator[Hub]:
    """sse-starlette with a queue per client and one yield per event; a burst is one request."""
    port = free_port()
    async with process(sys.executable, str(HERE / "sse_starlette_hub.py"), str(port)) as pid:
        await _until_listening(port)
        async with _publishers(port, 1) as [publisher]:

            async def publish(events: int) -> None:
                await publisher.post("\n".join([body % time.time_ns()] * events))

            yield Hub(Served(port, pid), "/events", publish)


@asynccontextmanager
async def nchan(body: str) -> AsyncIterator[Hub]:
    """nchan, one worker; a burst is a request per event, on connections that are kept."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="blackboard-nchan-") as folder:
        home = Path(folder)
        home.chmod(0o755)
        settings = home / "nchan.conf"
        told = {"module": _module(), "home": folder, "port": str(port)}
        settings.write_text(_filled((HERE / "nchan.conf").read_text(), told))
        program = str(NGINX / "usr/sbin/nginx")
        async with process(program, "-e", f"{folder}/error.log", "-c", str(settings), "-p", folder) as pid:
            await _until_listening(port)
            async with _publishers(port, PUBLISHERS) as publishers:
                yield Hub(Served(port, _worker(pid)), "/events", lambda events: _share(publishers, body, events))


def has_nchan() -> bool:
    """Whether `make bench-stream` could make it ready here."""
    return (NGINX / "usr/sbin/nginx").exists() and NCHAN_NEEDS.is_dir()


class Publisher:
    """One connection, one request at a time, as little work as possible."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def post(self, body: str) -> None:
        """Publish, and hear that it was taken."""
        sent = body.encode()
        head = f"POST /publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain\r\nContent-Length: {len(sent)}\r\n\r\n"
        self._writer.write(head.encode() + sent)
        answer = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        assert answer.startswith(b"http/1.1 20"), answer
        _, named, length = answer.partition(b"content-length:")
        if named:
            await self._reader.readexactly(int(length.split()[0]))


@asynccontextmanager
async def _publishers(port: int, count: int) -> AsyncIterator[list[Publisher]]:
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(count):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            made.append(Publisher(reader, writer))
        yield made


async def _share(publishers: Sequence[Publisher], body: str, events: int) -> None:
    """As many requests as events, on all connections at once."""
    left = iter(range(events))

    async def work(publisher: Publisher) -> None:
        for _ in left:
            await publisher.post(body % time.time_ns())

    await asyncio.gather(*map(work, publishers[:events]))


async def _until_listening(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def _module() -> str:
    return str(NGINX / "usr/lib/nginx/modules/ngx_nchan_module.so")


def _filled(text: str, told: dict[str, str]) -> str:
    for name, value in told.items():
        text = text.replace(f"@{name}@", value)
    return text


def _worker(master: int) -> int:
    """The process that does the work: nginx's master only watches it."""
    [worker] = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    return int(worker)
