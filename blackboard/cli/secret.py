"""A secret on its way out: to a file that only its owner reads, or to standard output, and nowhere else."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from blackboard.cli.console import emit, say

if TYPE_CHECKING:
    from blackboard.credentials import IssuedKey

Taker = Callable[["IssuedKey", bool], None]


def _a_file(path: Path | None) -> Path | None:
    if path is not None and path.exists() and not path.is_file():
        raise typer.BadParameter(f"{path} is no file that could be replaced")
    if path is not None and not path.parent.is_dir():
        raise typer.BadParameter(f"there is no folder {path.parent}")
    return path


Out = Annotated[
    Path | None, typer.Option(callback=_a_file, help="Write the key to this file (mode 0600), and not to standard output.")
]


@contextmanager
def kept(out: Path | None) -> Iterator[Taker]:
    """What takes the key that is about to be issued.

    A file for it is made first: a key that could not be written would be lost. It takes the place of FILE in one step, or FILE
    stays what it was.
    """
    if out is None:
        yield _print
        return
    handle, waiting = tempfile.mkstemp(dir=out.parent, prefix=f".{out.name}.")
    try:
        with os.fdopen(handle, "w") as file:

            def keep(issued: "IssuedKey", as_json: bool) -> None:
                file.write(f"{issued.key}\n")
                file.flush()
                os.fsync(handle)
                Path(waiting).replace(out)
                if as_json:
                    emit(issued.model_dump(mode="json", exclude={"key"}))

            yield keep
    finally:
        Path(waiting).unlink(missing_ok=True)


def _print(issued: "IssuedKey", as_json: bool) -> None:
    if as_json:
        emit(issued)
    elif issued.key is not None:
        say(issued.key, whole=True)
