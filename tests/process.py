"""An API process on a test's database that can be killed and started again at the same address."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.factories import PEPPER, Scene

CHECKOUT = Path(__file__).parents[1]


def program(*names: str) -> str:
    """The path of a program that CI must have; elsewhere its tests are left out where it is missing."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail(f"There is no {' or '.join(names)} here, and .ci/run should have installed it.")
    if found is None:
        pytest.skip(f"There is no {' or '.join(names)} here; install it to run this test.")
    return found


class ApiProcess:
    """`python -m api`, as an installation runs it."""

    def __init__(self, scene: Scene, log: Path) -> None:
        self.scene = scene
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Until it answers."""
        settings = {
            "DATABASE_URL": self.scene.url,
            "BLACKBOARD_KEY_PEPPER": PEPPER.hex(),
            "BLACKBOARD_PORT": self.url.rpartition(":")[2],
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "api"],
                cwd=CHECKOUT,
                env={"PATH": os.environ["PATH"], **settings},
                stdout=log,
                stderr=log,
            )
        async with asyncio.timeout(60), httpx.AsyncClient(trust_env=False) as http:
            while not await _answers(http, f"{self.url}/readyz"):
                assert self._process.poll() is None, self._log.read_text()
                await asyncio.sleep(0.05)

    def kill(self) -> None:
        """Without a word to anybody."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None


async def _answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).is_success
    except httpx.TransportError:
        return False
