"""What shells complete: real ones, sourcing what the command prints, on a board that listens."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.http.conftest import Api
from tests.sitting import CHECKOUT

BASH = """
source <(blackboard completion bash)
while read -r line; do
  COMP_WORDS=($line); [[ $line == *: ]] && COMP_WORDS=(${line%:} "")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
  _blackboard_completion blackboard
  (IFS=,; echo "${COMPREPLY[*]}")
done
"""
ZSH = """
autoload -Uz compinit; compinit -u -D 2>/dev/null
_arguments() { print -r -- "${(j:,:)@}" }
_files() { print }
source <(blackboard completion zsh)
while read -r line; do
  words=(${=line}); CURRENT=$#words
  _blackboard_completion
done
"""
FISH = """
blackboard completion fish | source
while read -l line; complete -C $line | cut -f 1 | string join , ; end
"""
# What is typed, and what is offered then.
TYPED = {"exp": "explain", "cases --wor": "--workflow", "submit sm": "small", "watch --agent wor": "worker"}
# Where shells were unpacked and not installed.
LIBRARIES = {name: value for name, value in os.environ.items() if name == "LD_LIBRARY_PATH"}
# Names are offered if the board answers within 300 ms: on a machine that is busy a person presses the key again.
AGAIN = 5


def complete(folder: Path, shell: list[str], script: str, lines: list[str], **env: str) -> list[str]:
    """What the shell offers at the end of each line, with commas between."""
    folder.mkdir(exist_ok=True)
    program = folder / "blackboard"
    program.write_text(f'#!/bin/sh\nPYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m blackboard "$@"\n')
    program.chmod(0o755)
    (folder / "script").write_text(script)
    done = subprocess.run(
        [*shell, str(folder / "script")],
        cwd=folder,
        env={"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder), "LANG": "C.UTF-8", **LIBRARIES, **env},
        input="\n".join(lines) + "\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.count("\n") == len(lines), (done.stdout, done.stderr)
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("shell", "script"),
    [(["bash", "--norc"], BASH), (["zsh", "-f"], ZSH), (["fish", "--no-config"], FISH)],
    ids=["bash", "zsh", "fish"],
)
async def test_commands_options_and_names_of_the_board_are_completed(
    shared: Api, tmp_path: Path, shell: list[str], script: str
) -> None:
    """An option by its beginning, a workflow, an agent, a case by its first letters."""
    if (program := shutil.which(shell[0])) is None:
        pytest.skip(f"there is no {shell[0]} on this machine")
    case = str((await shared.scene.open()).id)
    env = {"BLACKBOARD_URL": shared.url, "BLACKBOARD_KEY": shared.scene.keys["auditor"]}
    wanted = {**TYPED, f"case {case[:30]}": case}
    lines = [f"blackboard {typed}" for typed in wanted]
    for _ in range(AGAIN):
        told = await asyncio.to_thread(complete, tmp_path, [program, *shell[1:]], script, lines, **env)
        missing = [name for name, line in zip(wanted.values(), told, strict=True) if name not in line]
        if not missing:
            break

    assert missing == [], told


HOSTILE = [
    "$(touch pwned)",
    "`touch pwned`",
    "sm;touch pwned",
    "sm touch",
    "sm\ntouch pwned",
    "sm'\"\\",
    "sm\x1b]0;x\x07",
    "sm\u202e",
    "*",
    "~",
    "-sm",
    "sm" + "x" * 100,
    "{a,b}",
    "sm>pwned",
    "sm&touch pwned",
    "sm|touch pwned",
    7,
    None,
    {"sm": 1},
]


@contextmanager
def liar() -> Iterator[str]:
    """A server that is no board, and lists names that a shell would obey."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            names = [{"name": name, "id": name, "task_id": name} for name in [*HOSTILE, "small"]]
            body = json.dumps({"cases": names, "reviews": names} if "?" in self.path else names).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.item("S25")
def test_names_that_a_shell_would_obey_are_never_offered(tmp_path: Path) -> None:
    """Whatever a server lists: only plain words are, and nothing was run."""
    with liar() as url:
        lines = ["blackboard submit :", "blackboard case :", "blackboard watch --agent :", "blackboard review :"]
        told: set[str] = set()
        for _ in range(AGAIN):
            told |= set(complete(tmp_path, ["bash", "--norc"], BASH, lines, BLACKBOARD_URL=url, BLACKBOARD_KEY="x"))
            if "small" in told:
                break

    assert told - {""} == {"small"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blackboard", "script"]
