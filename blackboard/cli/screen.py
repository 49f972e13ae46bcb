"""A picture that fills the terminal and changes, and the keys that are pressed meanwhile."""

import asyncio
import os
import sys
import termios
import tty
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

from blackboard.cli.console import console

if TYPE_CHECKING:
    from collections.abc import Iterator

# Faster than this nobody sees a change.
REDRAW_S = 0.1
# A clock on the picture goes on although nothing happens.
REDRAW_LATEST_S = 1.0


class Screen:
    """Says when the picture is out of date, and which keys were pressed."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self._stale = asyncio.Event()

    def touch(self) -> None:
        """Something changed."""
        self._stale.set()

    def press(self, keys: bytes) -> None:
        """`q`, Escape alone and Ctrl-C, which a terminal in this mode may hand on as a key, end it."""
        if b"q" in keys or b"Q" in keys or b"\x03" in keys or keys == b"\x1b":
            self.ended.set()
        self.touch()

    async def changes(self) -> None:
        """Until something changed, or a clock would have."""
        try:
            async with asyncio.timeout(REDRAW_LATEST_S):
                await self._stale.wait()
        except TimeoutError:
            pass
        self._stale.clear()


@asynccontextmanager
async def live(draw: Callable[[int, int], Any]) -> AsyncIterator[Screen]:
    """Draw what `draw(width, height)` gives whenever it is touched, until `screen.ended`. The terminal is left as it was."""
    from rich.live import Live

    screen, terminal = Screen(), console()

    async def redraw(drawn: Live) -> None:
        while not screen.ended.is_set():
            drawn.update(draw(terminal.width, terminal.height), refresh=True)
            await screen.changes()
            await asyncio.sleep(REDRAW_S)

    with _keys(screen), Live(console=terminal, screen=True, auto_refresh=False, redirect_stderr=False) as drawn:
        drawing = asyncio.create_task(redraw(drawn))
        drawing.add_done_callback(lambda _done: screen.ended.set())
        try:
            yield screen
        finally:
            screen.ended.set()
            screen.touch()
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)
    if not drawing.cancelled() and (error := drawing.exception()):
        raise error


@contextmanager
def _keys(screen: Screen) -> "Iterator[None]":
    """Hear each key when it is pressed, unseen; Ctrl-C still interrupts."""
    keyboard, loop = sys.stdin.fileno(), asyncio.get_running_loop()
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard)
    loop.add_reader(keyboard, lambda: _read(screen, keyboard))
    try:
        yield
    finally:
        loop.remove_reader(keyboard)
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def _read(screen: Screen, keyboard: int) -> None:
    """A keyboard that is gone ends it too."""
    try:
        keys = os.read(keyboard, 64)
    except OSError:
        keys = b""
    screen.press(keys or b"q")
