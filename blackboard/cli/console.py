"""What the commands share: running async work, finding the board, showing errors, and everything that is printed.

Nothing of a command reaches the terminal but through here, where it is made harmless: what a case says is written by strangers.
Colour, bars and pictures are for a terminal alone. What is no terminal gets whole lines of plain text, as scripts want them.
"""

import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from blackboard.client import BoardClient
    from blackboard.errors import BlackboardError

REFUSED, NOT_NOW, OTHERWISE, RESTS, NEEDS_ATTENTION, STOPPED = 1, 3, 4, 5, 6, 130

# More of a line, or of a cell of a table, would push everything else off the screen. --json has all of it.
MAX_LINE, MAX_CELL = 2_000, 300

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
Shown = tuple[str, str]

_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_ADVICE = {
    "not-found": "`blackboard cases` lists what there is.",
    "unauthenticated": "Look at BLACKBOARD_KEY; where `blackboard up` runs, keys are in .blackboard/keys.",
    "not-permitted": "Use the key of somebody who may: BLACKBOARD_KEY=… before the command. `blackboard agents` tells roles.",
    "claim-lost": "Look at what is there now, and begin again.",
    "busy": "Try again later; nothing was done.",
    "unavailable": "Try again when the board is back. `blackboard doctor` looks for what is wrong.",
    "setup": "`blackboard doctor` looks for what is wrong.",
}


class Choice:
    """What was chosen for the whole run, by an option that stands before or after any command."""

    without_colour = False
    # The process is a command and nothing else, and ends with it.
    is_brief = False


def run(work: Coroutine[Any, Any, int | None]) -> None:
    """Run a command to its end and exit with its code; errors on standard error: what happened, and what to do."""
    import asyncio

    from blackboard.errors import BlackboardError

    try:
        code = asyncio.run(work)
    except (KeyboardInterrupt, EOFError):
        code = STOPPED
    except BrokenPipeError:
        raise
    except BlackboardError as error:
        code = complain(error)
    except ValueError as error:
        if not (problems := getattr(error, "errors", None)):
            raise
        say(
            "invalid: " + "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in problems()), "red", err=True
        )
        code = REFUSED
    except OSError as error:
        say(f"setup: {error.strerror or error}: {error.filename or 'this machine'}", err=True)
        code = NEEDS_ATTENTION
    raise typer.Exit(code or 0)


def complain(error: "BlackboardError") -> int:
    """Say what happened and what to do; the exit code for it."""
    from blackboard.errors import Busy, SetupError

    say(f"{error.code}: {error.detail}", "red", err=True)
    advice = next((_ADVICE[code] for kind in type(error).__mro__ if (code := getattr(kind, "code", "")) in _ADVICE), None)
    if advice and advice not in error.detail:
        say(f"  → {advice}", err=True)
    return NEEDS_ATTENTION if isinstance(error, SetupError) else NOT_NOW if isinstance(error, Busy) else REFUSED


@asynccontextmanager
async def board(role: str) -> AsyncIterator["BoardClient"]:
    """The board: BLACKBOARD_URL and BLACKBOARD_KEY, else the one that `up` started from here, with the key of `role`."""
    from blackboard.errors import SetupError
    from blackboard.whereabouts import Whereabouts

    whereabouts = Whereabouts.read()
    url, key = whereabouts.found_url(), whereabouts.found_key(role)
    if not url or not key:
        raise SetupError(
            "No board found. Start one here with `make run`, or set BLACKBOARD_URL and BLACKBOARD_KEY to one that runs."
        )
    if Choice.is_brief:
        # Plugins would be looked for in every library that is installed.
        os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
        from blackboard.values import Frozen

        # Models are built when they are first used: a command uses few of them.
        Frozen.model_config["defer_build"] = True
    from blackboard.client import BoardClient

    hush()
    async with BoardClient(url, key, retry_for_s=10) as client:
        yield client


def hush() -> None:
    """Say nothing of what is retried: that is for who runs a service, and would stand in the middle of what is read here."""
    import stamina

    stamina.instrumentation.set_on_retry_hooks([])


# ------------------------------------------------------------------------------------------------------------ what is harmless
def clean(text: str) -> str:
    """A text on one line, without what drives a terminal: control characters, escapes, and signs that turn the direction."""
    return text if text.isascii() and text.isprintable() else "".join(c if c.isprintable() else "�" for c in text)


def short(text: str, limit: int = MAX_CELL) -> str:
    """No longer than so many characters; what was left out is told."""
    return text if len(text) <= limit else f"{text[: limit - 1]}… ({len(text) - limit + 1:,} more characters)"


def words(*parts: Shown | str, limit: int = MAX_LINE) -> "Text":
    """Text for a picture, never markup: a case's own words must not colour the terminal."""
    from rich.text import Text

    pairs = ((part, "") if isinstance(part, str) else part for part in parts)
    return Text.assemble(*((short(clean(text), limit), style) for text, style in pairs))


# ------------------------------------------------------------------------------------------------------------ where it appears
def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether a person looks at what is printed there: standard output unless said otherwise."""
    return (stream or sys.stdout).isatty()


def is_stage() -> bool:
    """Whether a picture can be drawn and keys be read: a terminal at both ends that moves its cursor, this command in front."""
    if not (is_terminal() and sys.stdin.isatty() and os.environ.get("TERM", "dumb") not in ("dumb", "unknown")):
        return False
    try:
        return os.tcgetpgrp(sys.stdout.fileno()) == os.getpgrp()
    except OSError:
        return False


def console(stream: TextIO | None = None) -> "Console":
    """The terminal, as pictures are drawn on it."""
    from rich.console import Console

    stream = stream or sys.stdout
    on = is_terminal(stream)
    return Console(
        file=stream,
        force_terminal=on,
        no_color=Choice.without_colour or bool(os.environ.get("NO_COLOR")),
        highlight=False,
        markup=False,
        emoji=False,
        # Elsewhere than on a terminal nothing may be cut off: a script wants whole ids.
        width=None if on else 240,
    )


def say(text: str = "", style: str = "", *, err: bool = False, whole: bool = False) -> None:
    """A line. On a terminal in its style, and cut where it is beyond reading unless it is wanted `whole`."""
    stream = sys.stderr if err else sys.stdout
    line = clean(text)
    if is_terminal(stream):
        line = line if whole else short(line, MAX_LINE)
        if style:
            console(stream).print(words((line, style), limit=len(line) + 1), soft_wrap=True)
            return
    stream.write(line + "\n")
    stream.flush()


def ask(prompt: str) -> str:
    """What the person answers, in one line. Nothing more to be read is Ctrl-D, and ends the command."""
    sys.stdout.write(clean(prompt))
    sys.stdout.flush()
    line = sys.stdin.readline()
    if not line:
        raise EOFError
    return line.strip()


def emit(document: object) -> None:
    """JSON on standard output, one document a line, in which nothing drives a terminal either."""
    import orjson
    from pydantic import BaseModel

    def plain(value: object) -> object:
        return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)

    text = orjson.dumps(document, default=plain).decode()
    sys.stdout.write(_UNPRINTABLE.sub(_escaped, text) + "\n")
    sys.stdout.flush()


def hand_out(lines: str) -> None:
    """JSON lines as they came, number for number, in which nothing drives a terminal."""
    for line in lines.splitlines():
        sys.stdout.write(_UNPRINTABLE.sub(_escaped, line) + "\n")
    sys.stdout.flush()


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table as wide as the terminal; elsewhere plain columns, each as wide as its widest cell."""
    cells = [[clean(str(cell)) for cell in row] for row in rows]
    if not is_terminal():
        _write_columns(title, columns, cells)
        return
    console().print(grid(columns, cells, title=title))


def grid(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", **options: Any) -> Any:
    """A table to draw. A cell is its text, or its text and style. What columns are called is ours."""
    from rich.table import Table

    drawn = Table(*columns, box=None, pad_edge=False, header_style="bold", title_justify="left", **options)
    drawn.title = words(title) if title else None
    for row in rows:
        drawn.add_row(*(words(cell if isinstance(cell, tuple) else str(cell), limit=MAX_CELL) for cell in row))
    return drawn


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, told of by (name, done, of). Where that is no terminal nothing is drawn."""
    if not is_terminal(sys.stderr):
        yield lambda _name, _done, _of: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    # Lines that are printed meanwhile stand above the bar, unless they go somewhere else.
    with Progress(*columns, console=console(sys.stderr), transient=True, redirect_stdout=is_terminal()) as drawn:
        bars: dict[str, Any] = {}

        def tell(name: str, done: int, of: int) -> None:
            if name not in bars:
                bars[name] = drawn.add_task(clean(name), total=of)
            drawn.update(bars[name], completed=done, total=of)

        yield tell


@contextmanager
def sign_of_life() -> Iterator[Callable[[str], None]]:
    """Something that moves on standard error, with words and how long it took, while nothing else does. Drawn on a terminal."""
    if not is_terminal(sys.stderr):
        yield lambda _text: None
        return
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    with Progress(*columns, console=console(sys.stderr), transient=True, redirect_stdout=is_terminal()) as drawn:
        only = drawn.add_task("", total=None)
        yield lambda text: drawn.update(only, description=short(clean(text), MAX_CELL))


def _write_columns(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    lines = [list(columns), *map(list, rows)]
    widths = [max(len(line[n]) for line in lines) for n in range(len(columns))]
    if title:
        say(title)
    for line in lines:
        say("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _escaped(found: re.Match[str]) -> str:
    """A character in JSON as its number, unless it is there to be read."""
    character = found[0]
    if character.isprintable():
        return character
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
