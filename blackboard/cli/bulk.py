"""Opening many cases from a file."""

import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from blackboard.cli.console import REFUSED, board, clean, emit

if TYPE_CHECKING:
    from blackboard.answers import Opened
    from blackboard.requests import BulkCase

BATCH = 500


class Counts(NamedTuple):
    """What became of the lines."""

    opened: int = 0
    replayed: int = 0
    refused: int = 0


async def submit_file(workflow: str, path: Path, *, as_json: bool) -> int:
    """Open a case per line. Interrupted and started again it goes on where it was, and opens no line twice.

    A line is a payload, or an object with `payload` beside the other fields of a case. Its key is made of its place and
    content, so a line that was sent before is answered as before.
    """
    from rich.console import Console
    from rich.progress import Progress

    lines = path.read_text(encoding="utf-8").splitlines()
    mark = path.with_name(path.name + ".progress")
    done = int(mark.read_text()) if mark.exists() else 0
    counts = Counts()
    async with board("requester") as client:
        with Progress(console=Console(stderr=True), transient=True) as progress:
            bar = progress.add_task(path.name, total=len(lines), completed=done)
            while done < len(lines):
                numbered = list(enumerate(lines[done : done + BATCH], start=done + 1))
                cases, bad = _read(workflow, numbered)
                told = (await client.open_cases([case for _, case in cases])).items if cases else []
                counts = _count(counts, [*bad, *((n, verdict) for (n, _), verdict in zip(cases, told, strict=True))])
                done += len(numbered)
                mark.write_text(str(done))
                progress.update(bar, completed=done)
    mark.unlink(missing_ok=True)
    emit(counts._asdict()) if as_json else typer.echo(", ".join(f"{value} {name}" for name, value in counts._asdict().items()))
    return REFUSED if counts.refused else 0


def _read(workflow: str, numbered: list[tuple[int, str]]) -> "tuple[list[tuple[int, BulkCase]], list[tuple[int, Opened]]]":
    """The cases of some lines, and verdicts for those that are none."""
    from pydantic import ValidationError

    from blackboard.answers import Opened
    from blackboard.requests import BulkCase

    cases, bad = [], []
    for n, line in numbered:
        if not line.strip():
            continue
        try:
            document = json.loads(line)
            fields = document if isinstance(document, dict) and "payload" in document else {"payload": document}
            key = hashlib.sha256(f"{n} {line}".encode()).hexdigest()[:40]
            cases.append((n, BulkCase.model_validate({"workflow": workflow, "idempotency_key": key, **fields})))
        except (ValueError, ValidationError) as error:
            bad.append((n, Opened(verdict="invalid", detail=str(error).splitlines()[0])))
    return cases, bad


def _count(counts: Counts, told: "list[tuple[int, Opened]]") -> Counts:
    """Add verdicts up; say on standard error what was refused and why."""
    for n, verdict in told:
        match verdict.verdict:
            case "opened":
                counts = counts._replace(opened=counts.opened + 1)
            case "replayed":
                counts = counts._replace(replayed=counts.replayed + 1)
            case _:
                counts = counts._replace(refused=counts.refused + 1)
                print(clean(f"line {n}: {verdict.verdict}: {verdict.detail}"), file=sys.stderr)
    return counts
