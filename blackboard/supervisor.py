"""Child processes, kept: started in order, watched, restarted, stopped, and never left behind.

    async with Supervisor() as supervisor:
        await supervisor.start(postgres)
        await supervisor.start(api, agent)
        await supervisor.wait()

SIGINT and SIGTERM end the block, wherever it is; leaving it stops the children, last one first. Each child has a session of
its own, so Ctrl-C in a terminal reaches the supervisor alone and the order is kept. Should the supervisor itself be killed,
the kernel ends its children. Standard library only.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TextIO

from blackboard.errors import SetupError

# Stopping everything is promised within 10 s. The tenth is for killing who did not listen, and for last lines.
STOP_ALL_WITHIN_S = 9.0
READY_POLL_S = 0.05
_LINE_MAX_BYTES = 64 * 1024
_LAST_LINES_WITHIN_S = 0.2
_COLOURS = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)
_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec is no time to load anything


@dataclass(frozen=True)
class Command:
    """How a process is started: its arguments, its whole environment (None: ours), and options of `Popen`."""

    argv: Sequence[str]
    env: Mapping[str, str] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Child:
    """A process to keep. `ready` is asked until it says yes; without it, a child is ready once it runs."""

    name: str
    command: Command
    ready: Callable[[], Awaitable[bool]] | None = None
    ready_within_s: float = 30.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within_s: float = 5.0


@dataclass(frozen=True)
class Backoff:
    """How long to pause before a restart: doubling with every short life, from the start again after a long one."""

    first_s: float = 0.5
    max_s: float = 30.0
    long_life_s: float = 20.0

    def pause_s(self, short_lives: int) -> float:
        """The pause after so many short lives in a row."""
        return min(self.max_s, self.first_s * 2.0 ** min(short_lives, 16))


class Supervisor:
    """Keeps children. Made for the main thread: the kernel ties a child's death signal to the thread that forked it.

    `on_change` is called whenever a child has begun a life: `pids` says which.
    """

    def __init__(
        self, *, out: TextIO | None = None, backoff: Backoff | None = None, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._on_change = on_change
        self._screen = _Screen(sys.stderr if out is None else out)
        self._backoff = backoff or Backoff()
        self._kept: list[_Kept] = []
        self._block: asyncio.Task[Any] | None = None
        self._stopping = False
        self.interrupted = False

    async def __aenter__(self) -> Self:
        self._block = asyncio.current_task()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._interrupt)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        ours = self.interrupted and kind is asyncio.CancelledError and self._block is not None
        if ours and self._block is not None:
            # Taken back before the stop: up to Python 3.11.3 a time limit inside a cancelled task raises CancelledError.
            self._block.uncancel()
        await self.stop()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().remove_signal_handler(number)
        # Still cancelled: somebody outside did so too, and must hear of it.
        return ours and self._block is not None and self._block.cancelling() == 0

    @property
    def pids(self) -> dict[str, int]:
        """The process of each child, by name."""
        return {kept.child.name: kept.process.pid for kept in self._kept if kept.process is not None}

    async def start(self, *children: Child) -> None:
        """Start the children one after another, each when the one before is ready; `SetupError` if one does not get there."""
        for child in children:
            kept = _Kept(child, self._screen, self._backoff, self._on_change)
            self._kept.append(kept)
            await kept.start()

    async def wait(self) -> None:
        """Sleep until a signal ends the block."""
        await asyncio.Event().wait()

    async def stop(self) -> None:
        """Stop every child, last one first. Safe twice and before start.

        Each may use half of the time that is left, so that a few who do not listen leave enough for those before them,
        and most of all for the database, which was started first.
        """
        self._stopping = True
        deadline = asyncio.get_running_loop().time() + STOP_ALL_WITHIN_S
        for kept in self._kept:
            kept.let_go()
        while self._kept:
            left_s = deadline - asyncio.get_running_loop().time()
            await self._kept.pop().stop(left_s / 2)

    def _interrupt(self) -> None:
        if self._stopping or self.interrupted or self._block is None:
            return  # a second Ctrl-C changes nothing: the stop has its limit
        self.interrupted = True
        self._screen.say("blackboard", "stopping")
        self._block.cancel()


class _Kept:
    """One child, through all its lives. All of them write into one pipe, so no last line is lost between two."""

    def __init__(self, child: Child, screen: _Screen, backoff: Backoff, on_change: Callable[[], None]) -> None:
        self.child = child
        self._on_change = on_change
        self.process: asyncio.subprocess.Process | None = None
        self._screen = screen
        self._backoff = backoff
        self._keeper: asyncio.Task[None] | None = None
        self._echo: asyncio.Task[None] | None = None
        self._pipe: int | None = None
        self._transport: asyncio.ReadTransport | None = None

    async def start(self) -> None:
        """Bring it to its first ready."""
        await self._open_pipe()
        try:
            self.process = await self._spawn()
        except OSError as error:
            raise SetupError(f"{self.child.name} cannot be started: {error}") from error
        self._on_change()
        await self._become_ready(self.process)
        self._keeper = asyncio.create_task(self._keep(self.process), name=f"keep:{self.child.name}")

    def let_go(self) -> None:
        """Do not restart it any more."""
        if self._keeper is not None:
            self._keeper.cancel()

    async def stop(self, within_s: float) -> None:
        """End it: politely, then not."""
        self.let_go()
        if self._keeper is not None:
            await asyncio.wait([self._keeper])
        if self.process is not None:
            await self._end(self.process, min(within_s, self.child.stop_within_s))
        await self._close_pipe()

    async def _spawn(self) -> asyncio.subprocess.Process:
        command = self.child.command
        # SIGKILL, because nobody is left to insist when the supervisor is gone. A command may choose more kindly.
        options = {"preexec_fn": die_with_parent(signal.SIGKILL), **command.options}
        return await asyncio.create_subprocess_exec(
            *command.argv,
            env=command.env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._pipe,
            stderr=self._pipe,
            start_new_session=True,
            **options,
        )

    async def _become_ready(self, process: asyncio.subprocess.Process) -> None:
        name, limit_s = self.child.name, self.child.ready_within_s
        death = asyncio.create_task(process.wait())
        try:
            async with asyncio.timeout(limit_s):
                while self.child.ready and not death.done() and not await self.child.ready():
                    await asyncio.wait([death], timeout=READY_POLL_S)
        except TimeoutError:
            raise SetupError(f"{name} was not ready within {limit_s:g} s. Its lines above say why.") from None
        finally:
            death.cancel()
        if process.returncode is not None:
            raise SetupError(f"{name} {_fate(process.returncode)} before it was ready. Its lines above say why.")

    async def _keep(self, process: asyncio.subprocess.Process) -> None:
        """Give it a new life after every death."""
        short_lives = 0
        while True:
            born = asyncio.get_running_loop().time()
            fate = _fate(await process.wait())
            _kill_session(process)
            lived_s = asyncio.get_running_loop().time() - born
            short_lives = 0 if lived_s >= self._backoff.long_life_s else short_lives
            process = await self._revive(f"{fate} after {lived_s:.1f} s", short_lives)
            short_lives += 1

    async def _revive(self, fate: str, short_lives: int) -> asyncio.subprocess.Process:
        while True:
            pause_s = self._backoff.pause_s(short_lives)
            self._screen.say("blackboard", f"{self.child.name} {fate}; starting it again in {pause_s:g} s")
            await asyncio.sleep(pause_s)
            try:
                self.process = await self._spawn()
            except OSError as error:
                fate, short_lives = f"cannot be started: {error}", short_lives + 1
            else:
                self._on_change()
                return self.process

    async def _end(self, process: asyncio.subprocess.Process, within_s: float) -> None:
        if process.returncode is not None:
            return  # dead between two lives; its number may be another's by now
        with suppress(ProcessLookupError):
            process.send_signal(self.child.stop_signal)
        try:
            async with asyncio.timeout(within_s):
                await process.wait()
        except TimeoutError:
            self._screen.say("blackboard", f"{self.child.name} did not stop within {within_s:.1f} s; killing it")
        _kill_session(process)
        await process.wait()

    async def _open_pipe(self) -> None:
        """A pipe of our own: asyncio's would make the end of a child wait for everyone who inherited its output."""
        end, self._pipe = os.pipe()
        reader = asyncio.StreamReader()
        self._transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(end, "rb", buffering=0)
        )
        self._echo = asyncio.create_task(self._repeat(reader), name=f"echo:{self.child.name}")

    async def _close_pipe(self) -> None:
        pipe, self._pipe = self._pipe, None
        if pipe is None or self._echo is None or self._transport is None:
            return
        os.close(pipe)
        await asyncio.wait([self._echo], timeout=_LAST_LINES_WITHIN_S)
        self._transport.close()  # whoever left the session may still hold the other end
        await asyncio.wait([self._echo])

    async def _repeat(self, reader: asyncio.StreamReader) -> None:
        """Say every line under the child's name; one without an end is cut at its limit."""
        rest = b""
        while chunk := await reader.read(_LINE_MAX_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LINE_MAX_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._screen.say(self.child.name, line.decode(errors="replace").rstrip("\r"))
        if rest:
            self._screen.say(self.child.name, rest.decode(errors="replace"))


class _Screen:
    """Where all lines go: each under the name of who said it, in that one's colour if a person is looking."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._colourful = out.isatty() and "NO_COLOR" not in os.environ
        self._colours: dict[str, int] = {}

    def say(self, name: str, text: str) -> None:
        prefix = f"{name:<10} | "
        if self._colourful:
            colour = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        with suppress(OSError):  # whoever read this may have gone; that is no reason to stop
            self._out.write(f"{prefix}{text}\n")
            self._out.flush()


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel signal the child when its parent dies, even of SIGKILL. Linux only; else nothing.

    The kernel watches the thread that forked, not the process: spawn from the main one.
    """
    parent = os.getpid()

    def ask() -> None:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return ask


def _kill_session(process: asyncio.subprocess.Process) -> None:
    """Kill a child, if it still lives, and what it started itself."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _fate(code: int) -> str:
    return f"was ended by signal {-code} ({signal.strsignal(-code)})" if code < 0 else f"ended with exit code {code}"
