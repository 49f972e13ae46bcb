"""Agents of a board that `blackboard up` runs here, killed on purpose: the supervisor starts them again.

`up` keeps `processes.json` in its data folder. A process is killed only if the kernel still names that supervisor as its
parent: numbers are given again to others.
"""

import json
import os
import random
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from blackboard.errors import SetupError
from blackboard.provision import write_secret

FILE = "processes.json"
# Without these nothing goes on; they have drills of their own.
SPARED = frozenset({"postgres", "bank", "api"})


def keep_processes(data: Path, children: Mapping[str, int]) -> None:
    """Write down who runs, in place of what was written before, never half."""
    new = data / f"{FILE}.new"
    write_secret(new, json.dumps({"supervisor": os.getpid(), "children": dict(children)}))
    new.replace(data / FILE)


class Victims:
    """The agents that may be killed."""

    def __init__(self, data: Path) -> None:
        self._file = data / FILE
        self._read()

    def kill(self, chance: random.Random) -> str | None:
        """One of them with -9, whatever it is doing; its name, or None where none is alive just now."""
        supervisor, children = self._read()
        alive = sorted(name for name, pid in children.items() if name not in SPARED and _parent(pid) == supervisor)
        if not alive:
            return None
        victim = chance.choice(alive)
        with suppress(ProcessLookupError):
            os.kill(children[victim], signal.SIGKILL)
        return victim

    def _read(self) -> tuple[int, dict[str, int]]:
        if not self._file.exists():
            raise SetupError(f"There is no {self._file}: agents can be killed where `blackboard up` (`make run`) runs them.")
        found = json.loads(self._file.read_text())
        return int(found["supervisor"]), dict(found["children"])


def _parent(pid: int) -> int | None:
    """Whose child a process is, as Linux tells it."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(told.rpartition(")")[2].split()[1])
