"""A pseudo-terminal with a command in it: what a person would see there, and keys to press."""

import asyncio
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
LIMIT_S = 30.0
# What moves the cursor, colours and switches screens: all that is ours to send.
_ESCAPE = re.compile(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>78])")
HOME, LEAVE_SCREEN, SHOW_CURSOR = b"\x1b[H", b"\x1b[?1049l", b"\x1b[?25h"


class Terminal:
    """The person's end of it."""

    def __init__(self, columns: int) -> None:
        self._mine, self._theirs = pty.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        self.raw = b""
        self.before = termios.tcgetattr(self._theirs)
        self._news = asyncio.Event()
        self._mark = 0
        asyncio.get_running_loop().add_reader(self._mine, self._read)

    def start(self, *words: str, **env: str) -> subprocess.Popen[bytes]:
        """A command, in front on this terminal."""
        return subprocess.Popen(
            [sys.executable, "-m", "blackboard", *words],
            cwd=CHECKOUT,
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", **env},
            stdin=self._theirs,
            stdout=self._theirs,
            stderr=self._theirs,
            start_new_session=True,
            preexec_fn=_sit_down,  # noqa: PLW1509  # no threads here
        )

    def press(self, keys: str) -> None:
        """As if typed. What was seen before is no longer looked for."""
        self._mark = len(self.raw)
        os.write(self._mine, keys.encode())

    @property
    def text(self) -> str:
        """What was written since the last keys, without what only moves the cursor."""
        return _ESCAPE.sub(b"", self.raw[self._mark :].replace(HOME, b"\n")).decode(errors="replace")

    async def until(self, *words: str) -> str:
        """All of it, when each of these was written."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while not all(word in self.text for word in words):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"never came: {words}. There is: {self.text[-3000:]!r}") from None
        return self.text

    @property
    def is_as_before(self) -> bool:
        """Whether keys are echoed and lines are read as when it began."""
        return termios.tcgetattr(self._theirs) == self.before

    def close(self) -> None:
        """Put it away."""
        asyncio.get_running_loop().remove_reader(self._mine)
        os.close(self._mine)
        os.close(self._theirs)

    def _read(self) -> None:
        self.raw += os.read(self._mine, 65_536)
        self._news.set()


def _sit_down() -> None:
    """The terminal is the command's, and Ctrl-C is heard, also where the tests run behind a shell that hears none."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Sitting:
    """A command at a terminal."""

    def __init__(self, terminal: Terminal, process: subprocess.Popen[bytes]) -> None:
        self.terminal, self._process = terminal, process
        self.press, self.until = terminal.press, terminal.until

    async def ends(self) -> int:
        """Its exit code."""
        async with asyncio.timeout(LIMIT_S):
            return await asyncio.to_thread(self._process.wait)


@asynccontextmanager
async def sit(*words: str, columns: int = 80, **env: str) -> AsyncIterator[Sitting]:
    """A command that runs at a terminal of that width; it ends with the block."""
    terminal = Terminal(columns)
    process = terminal.start(*words, **env)
    try:
        yield Sitting(terminal, process)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
        terminal.close()
