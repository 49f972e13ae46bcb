"""A crowd of readers on one stream: the C program `sse_sink`, built when it is first needed, and what it costs the server."""

import asyncio
import json
import os
import subprocess
import tempfile
from array import array
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.town import ROOT, Served

SOURCE = Path(__file__).parent / "sse_sink.c"
OPENING_LIMIT_S = 120


class Seen(NamedTuple):
    """What reached a crowd: events over all readers, and the time from the first to the last arrival."""

    events: int
    span_s: float

    @property
    def per_s(self) -> float:
        """Events delivered a second, over all readers."""
        return self.events / self.span_s


class Crowd:
    """So many readers with their connections open."""

    def __init__(self, sink: asyncio.subprocess.Process, sightings: Path) -> None:
        self._sink = sink
        self._sightings = sightings

    async def count(self, events: int, limit_s: float, *, each: bool = False) -> None:
        """Count from now on, until each reader has so many events; then ask `seen`, and `delays` where each was wanted."""
        assert self._sink.stdin is not None
        self._sink.stdin.write(f"count {events} {limit_s} {self._sightings if each else '-'}\n".encode())
        await self._answer(limit_s)

    async def seen(self, limit_s: float) -> Seen:
        """What arrived. A reader that missed something fails the run: speed without delivery is none."""
        found = await self._answer(limit_s + 30)
        assert found["events"] == found["expected"], f"not all arrived: {found}"
        assert not found["closed"], f"readers were cut: {found}"
        return Seen(found["events"], found["span_s"])

    def delays(self, given_at: Mapping[int, int]) -> list[float]:
        """Milliseconds to each arrival, from an event's stamp or from the moment that is given for it."""
        numbers = array("q", self._sightings.read_bytes())
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        return [(arrived - given_at.get(stamp, stamp)) / 1e6 for stamp, arrived in pairs]

    async def _answer(self, limit_s: float) -> dict[str, Any]:
        assert self._sink.stdout is not None
        async with asyncio.timeout(limit_s):
            line = await self._sink.stdout.readline()
        answer: dict[str, Any] = json.loads(line)
        return answer


@asynccontextmanager
async def crowd(port: int, path: str, readers: int, *headers: str) -> AsyncIterator[Crowd]:
    """Readers with a connection each, all of them open."""
    command = (str(_built()), str(port), path, str(readers), *headers)
    sink = await asyncio.create_subprocess_exec(*command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE)
    with tempfile.TemporaryDirectory(prefix="blackboard-crowd-") as folder:
        try:
            gathered = Crowd(sink, Path(folder) / "sightings")
            await gathered._answer(OPENING_LIMIT_S)
            yield gathered
        finally:
            with suppress(ProcessLookupError):
                sink.kill()
            await sink.wait()


def cpu_s(served: Served) -> float:
    """Seconds of processor time that a server has used."""
    fields = Path(f"/proc/{served.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kb(served: Served) -> int:
    """Memory that a server holds; what the kernel keeps for its sockets is not in it."""
    status = Path(f"/proc/{served.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


@cache
def _built() -> Path:
    program = ROOT / ".bench" / "sse_sink"
    program.parent.mkdir(exist_ok=True)
    subprocess.run(["cc", "-O2", "-o", str(program), str(SOURCE)], check=True)
    return program
