"""What the commands share: running async work, finding the board, showing errors, printing tables or JSON."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from blackboard.client import BoardClient

REFUSED, NOT_NOW, OTHERWISE, RESTS, NEEDS_ATTENTION = 1, 3, 4, 5, 6

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


def run(work: Coroutine[Any, Any, int | None]) -> None:
    """Run a command to its end and exit with its code; errors in one sentence on standard error."""
    from blackboard.errors import BlackboardError, Busy, SetupError

    try:
        code = asyncio.run(work)
    except KeyboardInterrupt:
        code = 130
    except BlackboardError as error:
        typer.echo(f"{error.code}: {error.detail}", err=True)
        code = NEEDS_ATTENTION if isinstance(error, SetupError) else NOT_NOW if isinstance(error, Busy) else REFUSED
    raise typer.Exit(code or 0)


@asynccontextmanager
async def board(role: str) -> AsyncIterator["BoardClient"]:
    """The board: BLACKBOARD_URL and BLACKBOARD_KEY, else the one that `up` started from here, with the key of `role`."""
    from blackboard.client import BoardClient
    from blackboard.config import ClientSettings
    from blackboard.errors import SetupError

    settings = ClientSettings()
    url, key = settings.found_url(), settings.found_key(role)
    if not url or not key:
        raise SetupError(
            "No board found. Start one here with `make run`, or set BLACKBOARD_URL and BLACKBOARD_KEY to one that runs."
        )
    hush()
    async with BoardClient(url, key, retry_for_s=10) as client:
        yield client


def hush() -> None:
    """Say nothing of what is retried: that is for who runs a service, and would stand in the middle of what is read here."""
    import stamina

    stamina.instrumentation.set_on_retry_hooks([])


def emit(document: object) -> None:
    """JSON on standard output, one document a line."""
    import orjson
    from pydantic import BaseModel

    def plain(value: object) -> object:
        return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)

    sys.stdout.write(orjson.dumps(document, default=plain).decode() + "\n")
    sys.stdout.flush()


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table as wide as the terminal; plain text elsewhere."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for row in rows:
        # Text, not markup: a case's own words must not colour the terminal.
        drawn.add_row(*(Text(clean(str(cell))) for cell in row))
    # Elsewhere than on a terminal nothing may be cut off: a script wants whole ids.
    Console(width=None if sys.stdout.isatty() else 240).print(drawn)


@contextmanager
def progress_bar() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on standard error, told of by (name, done, of). Where that is no terminal nothing is drawn."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not console.is_terminal) as drawn:
        bars = {}

        def tell(name: str, done: int, of: int) -> None:
            if name not in bars:
                bars[name] = drawn.add_task(clean(name), total=of)
            drawn.update(bars[name], completed=done, total=of)

        yield tell


def clean(text: str) -> str:
    """Without control characters: what a case says must not drive the terminal."""
    return "".join(c if c.isprintable() else "�" for c in text)
