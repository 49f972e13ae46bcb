"""Child processes, kept: started in order, watched, restarted, stopped, and never left behind."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None)


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


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel signal the child when its parent dies, even of SIGKILL. Linux only; else nothing.

    The kernel watches the *thread* that forked, so spawn from the main one.
    """
    parent = os.getpid()

    def ask() -> None:
        if sys.platform == "linux":
            _LIBC.prctl(_PR_SET_PDEATHSIG, death_signal)
            if os.getppid() != parent:  # it died before we asked
                os._exit(1)

    return ask
