"""Opening many cases from a file."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from blackboard.cli.console import REFUSED, board, emit, progress_bar, say

if TYPE_CHECKING:
    from blackboard.answers import Opened
    from blackboard.requests import BulkCase

# What goes into one request: less than a board takes (1 MiB, 50,000 members).
BATCH_MAX_LINES = 500
BATCH_MAX_BYTES = 800_000
BATCH_MAX_MEMBERS = 40_000


class Line(NamedTuple):
    """A line of the file, counted from 1."""

    n: int
    text: bytes

    @property
    def members(self) -> int:
        """At least as many as its JSON has, without reading it."""
        return self.text.count(b":") + self.text.count(b",") + 8


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
    content = _content(path)
    lines = [Line(n, text) for n, text in enumerate(content.split(b"\n"), start=1) if text.strip()]
    mark = Mark(path, workflow, content)
    counts = Counts()
    async with board("requester") as client:
        with progress_bar() as tell:
            done = mark.read()
            tell(path.name, done, len(lines))
            for batch in _batches(lines[done:]):
                cases, told = _read(workflow, batch)
                opened = (await client.open_cases(list(cases.values()))).items if cases else []
                told |= dict(zip(cases, opened, strict=True))
                counts = _count(counts, told)
                done += len(batch)
                mark.write(done)
                tell(path.name, done, len(lines))
    mark.remove()
    emit(counts._asdict()) if as_json else say(", ".join(f"{value} {name}" for name, value in counts._asdict().items()))
    return REFUSED if counts.refused else 0


class Mark:
    """How many lines of this very file were sent to this workflow, kept beside it while it is being sent."""

    def __init__(self, path: Path, workflow: str, content: bytes) -> None:
        self._path = path.with_name(path.name + ".progress")
        self._digest = hashlib.sha256(workflow.encode() + b"\n" + content).hexdigest()

    def read(self) -> int:
        """0 when the mark is of another file."""
        digest, _, done = self._path.read_text().partition(" ") if self._path.exists() else ("", "", "")
        return int(done) if digest == self._digest else 0

    def write(self, done: int) -> None:
        """Keep the place."""
        self._path.write_text(f"{self._digest} {done}")

    def remove(self) -> None:
        """All is sent."""
        self._path.unlink(missing_ok=True)


def _content(path: Path) -> bytes:
    """The file, which must be there and be UTF-8."""
    from blackboard.errors import Invalid

    try:
        content = path.read_bytes()
        content.decode()
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Invalid(
            f"{path} is not UTF-8: line {line} has the byte {content[error.start]:#04x}. Convert the file."
        ) from error
    return content


def _batches(lines: Sequence[Line]) -> Iterator[Sequence[Line]]:
    """As many lines at a time as fit into one request; a line that is too large for any goes alone."""
    begin, size, members = 0, 0, 0
    for at, line in enumerate(lines):
        size, members = size + len(line.text), members + line.members
        if at > begin and (at - begin == BATCH_MAX_LINES or size > BATCH_MAX_BYTES or members > BATCH_MAX_MEMBERS):
            yield lines[begin:at]
            begin, size, members = at, len(line.text), line.members
    if lines[begin:]:
        yield lines[begin:]


def _read(workflow: str, lines: Sequence[Line]) -> "tuple[dict[int, BulkCase], dict[int, Opened]]":
    """The cases of some lines by their numbers, and verdicts for those that are none."""
    from pydantic import ValidationError

    from blackboard import strict
    from blackboard.answers import Opened
    from blackboard.errors import Malformed
    from blackboard.requests import BulkCase

    cases, bad = {}, {}
    for line in lines:
        if len(line.text) > BATCH_MAX_BYTES:
            bad[line.n] = Opened(verdict="too-large", detail=f"The line is longer than {BATCH_MAX_BYTES} bytes.")
            continue
        try:
            document = strict.parse(line.text)
            fields = document if isinstance(document, dict) and "payload" in document else {"payload": document}
            cases[line.n] = BulkCase.model_validate({"workflow": workflow, "idempotency_key": _key(workflow, line), **fields})
        except Malformed as error:
            bad[line.n] = Opened(verdict=error.code, detail=error.detail)
        except ValidationError as error:
            problems = [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
            bad[line.n] = Opened(verdict="invalid", detail="; ".join(problems))
    return cases, bad


def _key(workflow: str, line: Line) -> str:
    return hashlib.sha256(f"{workflow} {line.n} ".encode() + line.text).hexdigest()[:40]


def _count(counts: Counts, told: "dict[int, Opened]") -> Counts:
    """Add verdicts up; say on standard error what was refused and why."""
    for n, verdict in sorted(told.items()):
        match verdict.verdict:
            case "opened":
                counts = counts._replace(opened=counts.opened + 1)
            case "replayed":
                counts = counts._replace(replayed=counts.replayed + 1)
            case _:
                counts = counts._replace(refused=counts.refused + 1)
                say(f"line {n}: {verdict.verdict}: {verdict.detail}", err=True)
    return counts
