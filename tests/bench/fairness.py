"""What a noisy tenant does to a quiet one: `make bench-fairness`, some minutes.

One API process, two tenants. The quiet one opens cases, claims and decides at a steady pace, each request at its moment
whatever became of the one before; counted is how late its answers come. The noisy one floods it from 32 connections: it opens,
claims and follows as fast as it is let and heeds no Retry-After. Its clients run on the same processors, so they are as lean as
Python can be: requests are made once, and of answers no more is read than where they end. In turn, several rounds: nobody else,
the noisy one under the usual limits, and under a limit that an operator set. The last line is JSON; `ratio` is the middle of
the rounds' p99 with the noisy one under its limit and with nobody else, `client_cpu` the processors that the flood itself took.
"""

import argparse
import asyncio
import json
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import httpx
import uvloop

from blackboard.rate_limit import RateLimit
from blackboard.rates import TRUST_S
from tests.bench.engine import percentile
from tests.bench.results import Results, machine
from tests.bench.town import process, served_api, town
from tests.factories import Scene, make_scene

CONNECTIONS = 32
PACE_PER_S = 40.0
ALONE, USUAL, LIMITED = "p99 ms, alone", "p99 ms, beside a flood", "p99 ms, beside a flood under a limit"
CLIENT = {USUAL: "processors that the flood's own clients took", LIMITED: "the same, under a limit"}
LIMIT = "tenant"


class Flooder:
    """One connection that asks and asks."""

    def __init__(self, url: str, key: str) -> None:
        self._host, self._port = url.removeprefix("http://").split(":")
        self._head = f"Host: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        self._run = uuid.uuid4().hex
        self._asked = 0

    async def open_cases(self) -> None:
        """Cases, one after another."""
        async with self._connected() as (reader, writer):
            while True:
                await self._post(reader, writer, "/v1/cases", b'{"workflow":"small","payload":{}}')

    async def work(self) -> None:
        """Claim a task and end it."""
        async with self._connected() as (reader, writer):
            while True:
                answer = await self._post(reader, writer, "/v1/claims", b'{"capabilities":["first"]}')
                for task in json.loads(answer).get("tasks", []):
                    told = {"fence": task["fence"], "outcome": "reject", "reasons": ["because"]}
                    await self._post(reader, writer, f"/v1/tasks/{task['id']}/decision", json.dumps(told).encode())

    async def follow(self) -> None:
        """Streams from the beginning of the journal, each opened and left."""
        while True:
            async with self._connected() as (reader, writer):
                writer.write(f"GET /v1/events?after=0 HTTP/1.1\r\n{self._head}\r\n".encode())
                await reader.read(65536)

    async def _post(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, body: bytes) -> bytes:
        self._asked += 1
        once = f"Idempotency-Key: {self._run}{self._asked}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(f"POST {path} HTTP/1.1\r\n{self._head}{once}".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length:")[2].partition(b"\r")[0]
        return await reader.readexactly(int(length))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(self._host, int(self._port))
        try:
            yield reader, writer
        finally:
            writer.close()


class Caller:
    """One connection of the quiet tenant's agents."""

    def __init__(self, url: str, key: str) -> None:
        self._http = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30)

    async def open(self) -> int:
        """One more case."""
        return (await self._post("/v1/cases", {"workflow": "small", "payload": {}})).status_code

    async def work(self) -> int:
        """Claim a task and end it."""
        answer = await self._post("/v1/claims", {"capabilities": ["first"]})
        if answer.is_success and (tasks := answer.json()["tasks"]):
            told = {"fence": tasks[0]["fence"], "outcome": "reject", "reasons": ["because"]}
            answer = await self._post(f"/v1/tasks/{tasks[0]['id']}/decision", told)
        return answer.status_code

    async def _post(self, path: str, body: object) -> httpx.Response:
        return await self._http.post(path, json=body, headers={"Idempotency-Key": uuid.uuid4().hex})


async def flood(url: str, opener: str, worker: str) -> None:
    """Ask for all there is, for ever, from as many connections."""

    async def ask(n: int) -> None:
        flooder = Flooder(url, opener if n % 2 else worker)
        doing = flooder.open_cases if n % 2 else flooder.follow if n % 8 == 0 else flooder.work
        while True:
            try:
                await doing()
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.01)

    await asyncio.gather(*map(ask, range(CONNECTIONS)))


async def quiet(url: str, scene: Scene, seconds: float) -> tuple[float, Counter[int]]:
    """The p99 of a steady pace in milliseconds, from the moment at which each was due; and what was answered."""
    openers = [Caller(url, scene.keys["requester"]) for _ in range(4)]
    workers = [Caller(url, scene.keys["worker"]) for _ in range(4)]
    took: list[float] = []
    answers: Counter[int] = Counter()
    began = time.perf_counter()

    async def ask(n: int, due: float) -> None:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        answers[await (openers[n // 2 % 4].open() if n % 2 else workers[n // 2 % 4].work())] += 1
        took.append((time.perf_counter() - due) * 1000)

    await asyncio.gather(*(ask(n, began + n / PACE_PER_S) for n in range(int(seconds * PACE_PER_S))))
    return percentile(took, 0.99), answers


@asynccontextmanager
async def noise(url: str, scene: Scene, results: Results, name: str) -> AsyncIterator[None]:
    """The flood, from a process of its own; how much of a processor it took is noted."""
    async with process(sys.executable, __file__, "flood", url, scene.keys["requester"], scene.keys["worker"]) as pid:
        await asyncio.sleep(1)
        began, used = time.perf_counter(), _processor_s(pid)
        yield
        results.add(name, (_processor_s(pid) - used) / (time.perf_counter() - began))


def _processor_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def set_limit(scene: Scene, per_second: float | None) -> None:
    """Bound a tenant or lift the bound, until every process knows."""
    boss = scene.people["boss"]
    if per_second is None:
        await scene.store.drop_limit(boss, LIMIT)
    else:
        await scene.store.put_limit(boss, RateLimit(name=LIMIT, per="tenant", per_second=per_second))
    await asyncio.sleep(TRUST_S + 0.5)


async def main(rounds: int, seconds: float, limit: float) -> None:
    """Measure, in turn."""
    results, answers = Results(), {name: Counter[int]() for name in (ALONE, USUAL, LIMITED)}
    with town() as place:
        async with place.board() as still, AsyncExitStack() as stack:
            loud = await make_scene(stack, still.admin._url, still.url, tenant="noisy")
            await loud.hire("boss", role="admin")
            async with served_api(still) as served:
                await quiet(served.url, still, 2)
                for _ in range(rounds):
                    for name in (ALONE, USUAL, LIMITED):
                        await set_limit(loud, limit if name == LIMITED else None)
                        async with AsyncExitStack() as beside:
                            if name != ALONE:
                                await beside.enter_async_context(noise(served.url, loud, results, CLIENT[name]))
                            found, told = await quiet(served.url, still, seconds)
                        results.add(name, found)
                        answers[name] += told
    print(f"\n{results.table()}\n\n{machine()}")
    ratios = {"ratio": results.ratio(LIMITED, ALONE), "ratio_without_limit": results.ratio(USUAL, ALONE)}
    ratios["client_cpu"] = round(results.median(CLIENT[USUAL]), 2)
    print(json.dumps({**ratios, "limit_per_s": limit, "answers": {name: dict(told) for name, told in answers.items()}}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["flood"]:
        uvloop.run(flood(*sys.argv[2:5]))
        sys.exit()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--limit", type=float, default=20, help="tokens a second for the noisy tenant, in its limited rounds")
    chosen = parser.parse_args()
    uvloop.run(main(chosen.rounds, chosen.seconds, chosen.limit))
