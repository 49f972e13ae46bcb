"""The API as a process of its own, which can be killed, paused and asked how much memory it takes."""

import asyncio
import os
import re
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

import httpx

from blackboard.supervisor import die_with_parent
from tests.factories import PEPPER

ROOT = Path(__file__).parents[2]


class ApiProcess:
    """`python -m api` on a port that it keeps when it is started again."""

    def __init__(self, database_url: str, **settings: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as sock:
            self._port: int = sock.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self._environment = {
            **os.environ,
            **{f"BLACKBOARD_{name.upper()}": str(value) for name, value in settings.items()},
            "PYTHONPATH": str(ROOT),
            "DATABASE_URL": database_url,
            "BLACKBOARD_KEY_PEPPER": PEPPER.hex(),
            "BLACKBOARD_PORT": str(self._port),
        }
        self._process: asyncio.subprocess.Process | None = None
        self._log = tempfile.TemporaryFile()  # noqa: SIM115  # closed when the process has ended

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()
        self._log.close()

    async def start(self) -> None:
        """Start, and return when it is ready."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "api"),
            env=self._environment,
            stdout=self._log,
            stderr=self._log,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )
        async with asyncio.timeout(60):
            while not await self.is_ready():
                assert self._process.returncode is None, self.said()
                await asyncio.sleep(0.03)

    def send(self, what: signal.Signals) -> None:
        """A signal."""
        assert self._process is not None
        self._process.send_signal(what)

    async def ended(self) -> int:
        """Its exit code, when it has one."""
        assert self._process is not None
        return await self._process.wait()

    async def kill(self) -> None:
        """SIGKILL; also what is paused."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def is_ready(self) -> bool:
        """Whether it says so."""
        return await self.status() == 200

    async def status(self) -> int:
        """What it answers to the question whether it is ready; 0 when it does not answer."""
        answer = await self._ask("/readyz")
        return answer.status_code if answer else 0

    async def leads(self) -> bool:
        """Whether it is the one that sequences."""
        answer = await self._ask("/metrics")
        return answer is not None and "blackboard_sequencer_leading 1.0" in answer.text

    async def position(self) -> int:
        """How far it has read the journal."""
        answer = await self._ask("/metrics")
        found = re.search(r"blackboard_journal_position (\S+)", answer.text if answer else "")
        return int(float(found[1])) if found else 0

    @property
    def rss_mib(self) -> float:
        """Its resident memory."""
        assert self._process is not None
        found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self._process.pid}/status").read_text())
        assert found
        return int(found[1]) / 1024

    def said(self) -> str:
        """The end of its log."""
        self._log.seek(0)
        return self._log.read().decode(errors="replace")[-3000:]

    async def _ask(self, path: str) -> httpx.Response | None:
        try:
            async with httpx.AsyncClient(base_url=self.url, timeout=2) as http:
                return await http.get(path)
        except httpx.TransportError:
            return None
