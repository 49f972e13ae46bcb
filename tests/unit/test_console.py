"""What is printed: harmless whoever wrote it, and plain where nobody looks."""

import ast
import io
import json
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from blackboard.cli import console
from blackboard.cli.sentences import sentence
from blackboard.events import EVENTS
from tests.security.table import Tried

CLI = Path(__file__).parents[2] / "blackboard" / "cli"
# What drives a terminal, turns the direction of writing, hides, or breaks a line.
HOSTILE = [
    "\x1b[31mred",
    "\x1b]0;title\x07",
    "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZWNobyBwd25lZA==\x07",
    "\x1bP+q\x1b\\",
    "\x9b2J",
    "\x9d0;x\x9c",
    "a\rb",
    "a\nb",
    "a\r\nb",
    "a\x08\x08b",
    "a\x00b",
    "a\x7fb",
    "a\x0bb\x0cc",
    "\u202epay\u202c",
    "\u2066x\u2069",
    "\u200fx\u200e",
    "\u061cx",
    "zero\u200bwidth",
    "soft\u00adhyphen",
    "\ufeffmark",
    "\u2028line\u2029",
    "\u0085next",
    "\ue000private",
    "\U000e0041tag",
    "[bold red]markup[/]",
    "[link=https://evil.example]x[/link]",
    ":smile:",
    "x" * 10_000,
    "\x1b[2J" * 2_500,
]


class Terminal(io.StringIO):
    """A standard output that says that somebody looks at it."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def harmful(text: str) -> set[str]:
    """The characters in it that no line may have."""
    return {c for c in text if c != "\n" and (unicodedata.category(c)[0] == "C" or c in "\u2028\u2029")}


def printed(monkeypatch: pytest.MonkeyPatch, stream: io.StringIO, hostile: str) -> str:
    """What every way of printing makes of it."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, stream)
    named = dict.fromkeys(("outcome", "reason", "key", "value"), hostile)
    told = {**named, "reasons": [hostile], "receipt": [hostile]}
    console.say(hostile)
    console.say(hostile, "bold", err=True)
    console.say(hostile, whole=True)
    console.emit({hostile: [hostile]})
    console.table(hostile, ("a", "b"), [(hostile, 1), ("x", hostile)])
    for kind in ("fact.put", "task.decided", "case.closed", "action.executed", "task.failed", "no.such"):
        said = sentence(kind, hostile, told)
        console.console().print(console.words((said.text, said.style), said.more))
    console.console().print(console.grid(("a", "b"), [((hostile, "red"), hostile)]))
    with console.progress_bar() as tell:
        tell(hostile, 1, 2)
    return stream.getvalue()


@pytest.mark.item("S25")
@pytest.mark.parametrize("hostile", HOSTILE, ids=[str(n) for n in range(len(HOSTILE))])
def test_nothing_that_drives_a_terminal_is_printed(monkeypatch: pytest.MonkeyPatch, hostile: str, tried: Tried) -> None:
    """Neither as a line nor in a table, JSON or a picture: on a terminal there are colours of ours, and nothing of theirs."""
    tried(2)
    plain = printed(monkeypatch, io.StringIO(), hostile)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("NO_COLOR", "1")
    seen = printed(monkeypatch, Terminal(), hostile)

    assert harmful(plain) == set()
    # Ours: bold and dim, which are no colours, and what a bar clears itself with.
    assert harmful(seen) <= {"\x1b", "\r"}
    assert not any(escape in seen for escape in ("\x1b]", "\x1b[31m", "\x1bP", "\x1b[2J", "evil.example\x1b"))


def test_json_is_the_same_value_however_it_is_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever parses it gets what was there."""
    console.emit(HOSTILE)

    assert json.loads(capsys.readouterr().out) == HOSTILE


def test_what_is_left_out_on_a_terminal_is_told_and_nothing_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of 10,000 characters is cut for a person, and whole for a script."""
    seen, plain = Terminal(), io.StringIO()
    for stream in (seen, plain):
        monkeypatch.setattr(sys, "stdout", stream)
        console.say("x" * 10_000)

    assert ("more characters" in seen.getvalue(), len(plain.getvalue())) == (True, 10_001)


def test_commands_print_through_one_place() -> None:
    """No module of a command reaches the terminal by itself."""
    found = []
    for path in sorted(CLI.glob("*.py")):
        if path.name == "console.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            found += [f"{path.name}: {name}" for name in reached(node)]

    assert found == []


def reached(node: ast.AST) -> list[str]:
    """What in it writes to the terminal, or makes text for one."""
    match node:
        case ast.Call(func=ast.Name(id="print" | "input" as name)):
            return [name]
        case ast.Attribute(value=ast.Name(id="typer"), attr="echo" | "secho" | "style" | "prompt" | "confirm" as name):
            return [name]
        case ast.Attribute(value=ast.Name(id="sys"), attr="stdout" | "stderr" as name):
            return [name]
        case ast.ImportFrom(module="rich.text" | "rich.table" | "rich.markup" | "rich.progress" as name):
            return [str(name)]
    return []


@pytest.mark.parametrize(
    ("told", "stage"), [({}, None), ({"reasons": None, "receipt": None}, "x"), ({"confidence": "no"}, "{x}")]
)
def test_every_event_makes_a_sentence_whatever_it_lacks(told: dict[str, Any], stage: str | None) -> None:
    """A reader may not see all of it."""
    assert [kind for kind in EVENTS if not sentence(kind, stage, told).text] == []
