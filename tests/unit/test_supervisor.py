"""The supervisor with real child processes."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from blackboard import supervisor as module
from blackboard.errors import SetupError
from blackboard.supervisor import Backoff, Child, Command, Supervisor

WAIT = "import signal\nwhile True: signal.pause()"
# Written without a buffer: a signal that interrupts `print` must not print.
POLITE = f"""
import os, signal
def leave(*_):
    os.write(1, b"bye\\n")
    raise SystemExit
signal.signal(signal.SIGTERM, leave)
os.write(1, b"up\\n")
{WAIT}
"""
STUBBORN = f"import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\n{WAIT}"


def python(code: str) -> Command:
    """A command that runs a few lines of Python, started as quickly as Python can be."""
    return Command([sys.executable, "-IS", "-c", code])


async def until(fact: Callable[[], bool], limit_s: float = 10) -> None:
    """Return when the fact holds."""
    async with asyncio.timeout(limit_s):
        while not fact():
            await asyncio.sleep(0.01)


def is_gone(pid: int) -> bool:
    """Whether the process is dead, buried or not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


async def test_a_child_starts_when_the_one_before_is_ready(tmp_path: Path, out: io.StringIO) -> None:
    flag = tmp_path / "flag"

    async def ready() -> bool:
        return flag.exists()

    first = Child("first", python(f"open({str(flag)!r}, 'w')\n{WAIT}"), ready=ready)
    second = Child("second", python(f"import os\nprint(os.path.exists({str(flag)!r}), flush=True)\n{WAIT}"))
    async with Supervisor(out=out) as supervisor:
        await supervisor.start(first, second)
        await until(lambda: "second" in out.getvalue())

    assert "second     | True\n" in out.getvalue()


async def test_every_line_carries_the_name_of_its_child(out: io.StringIO) -> None:
    code = f"import os\nos.write(1, b'one\\ntwo\\n')\nos.write(2, b'three\\nno end')\n{WAIT}"
    async with Supervisor(out=out) as supervisor:
        await supervisor.start(Child("api", python(code)))
        await until(lambda: "three" in out.getvalue())

    assert out.getvalue() == "api        | one\napi        | two\napi        | three\napi        | no end\n"


async def test_a_line_without_an_end_is_cut_and_never_piles_up(out: io.StringIO) -> None:
    code = f"import sys\nsys.stdout.write('x' * 1_000_000)\nsys.stdout.flush()\n{WAIT}"
    async with Supervisor(out=out) as supervisor:
        await supervisor.start(Child("api", python(code)))
        await until(lambda: out.getvalue().count("x") > 800_000)

        assert max(map(len, out.getvalue().splitlines())) < 200_000


async def test_names_are_coloured_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, out: io.StringIO) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    for screen in (out, terminal):
        async with Supervisor(out=screen) as supervisor:
            await supervisor.start(Child("api", python(f"print('hello', flush=True)\n{WAIT}")))
            await until(lambda screen=screen: "hello" in screen.getvalue())  # type: ignore[misc]  # cannot infer a lambda

    assert out.getvalue() == "api        | hello\n"
    assert terminal.getvalue() == "\x1b[36mapi        | \x1b[0mhello\n"


async def test_a_child_that_dies_comes_back_after_growing_pauses_and_it_is_said(out: io.StringIO) -> None:
    async with Supervisor(out=out, backoff=Backoff(first_s=0.01)) as supervisor:
        await supervisor.start(Child("agent", python("raise SystemExit(3)")))
        await until(lambda: "in 0.04 s" in out.getvalue())

    said = [line for line in out.getvalue().splitlines() if "agent ended with exit code 3" in line]
    assert [line.rpartition("again in ")[2] for line in said[:3]] == ["0.01 s", "0.02 s", "0.04 s"]


async def test_a_long_life_makes_the_next_pause_short_again(out: io.StringIO) -> None:
    async with Supervisor(out=out, backoff=Backoff(first_s=0.01, long_life_s=0)) as supervisor:
        await supervisor.start(Child("agent", python("")))
        await until(lambda: out.getvalue().count("again in 0.01 s") == 3)

    assert "0.02 s" not in out.getvalue()


async def test_a_killed_child_is_another_process_afterwards(out: io.StringIO) -> None:
    async with Supervisor(out=out, backoff=Backoff(first_s=0.01)) as supervisor:
        await supervisor.start(Child("agent", python(WAIT)))
        killed = supervisor.pids["agent"]
        os.kill(killed, signal.SIGKILL)
        await until(lambda: supervisor.pids["agent"] != killed)

        assert "agent was ended by signal 9 (Killed)" in out.getvalue()
        assert not is_gone(supervisor.pids["agent"])


def test_a_pause_has_a_ceiling() -> None:
    backoff = Backoff(first_s=1, max_s=30)

    assert [backoff.pause_s(lives) for lives in (0, 1, 4, 5, 10_000)] == [1, 2, 16, 30, 30]


async def test_children_stop_in_reverse_order(out: io.StringIO) -> None:
    async with Supervisor(out=out) as supervisor:
        await supervisor.start(*(Child(name, python(POLITE)) for name in ("one", "two", "three")))
        await until(lambda: out.getvalue().count("up") == 3)

    assert [line.split()[0] for line in out.getvalue().splitlines() if "bye" in line] == ["three", "two", "one"]


async def test_a_child_that_does_not_listen_is_killed(out: io.StringIO) -> None:
    async with Supervisor(out=out) as supervisor:
        await supervisor.start(Child("deaf", python(STUBBORN), stop_within_s=0.1))
        await until(lambda: "up" in out.getvalue())
        pid = supervisor.pids["deaf"]

    assert is_gone(pid)
    assert "deaf did not stop within 0.1 s; killing it" in out.getvalue()


async def test_children_that_do_not_listen_leave_time_for_the_database(
    monkeypatch: pytest.MonkeyPatch, out: io.StringIO
) -> None:
    """The limit for all holds, and who was started first still ends in its own way."""
    monkeypatch.setattr(module, "STOP_ALL_WITHIN_S", 2)
    async with Supervisor(out=out) as supervisor:
        await supervisor.start(Child("postgres", python(POLITE)))
        await supervisor.start(*(Child(f"deaf{number}", python(STUBBORN)) for number in range(3)))
        await until(lambda: out.getvalue().count("up") == 4)
        pids = supervisor.pids.values()
        began = time.monotonic()

    assert time.monotonic() - began < 2.5
    assert all(map(is_gone, pids))
    assert "postgres   | bye" in out.getvalue()
    assert "postgres did not stop" not in out.getvalue()


async def test_what_a_child_started_goes_with_it(out: io.StringIO) -> None:
    code = f"import subprocess, sys\nprint(subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]).pid, flush=True)\n{WAIT}"
    async with Supervisor(out=out) as supervisor:
        await supervisor.start(Child("parent", python(code)))
        await until(lambda: "up" in out.getvalue())
        grandchild = int(out.getvalue().splitlines()[0].split()[-1])

    await until(lambda: is_gone(grandchild))


async def test_stopping_before_the_start_and_twice_is_safe(out: io.StringIO) -> None:
    supervisor = Supervisor(out=out)
    await supervisor.stop()
    await supervisor.start(Child("agent", python(WAIT)))
    pid = supervisor.pids["agent"]
    await asyncio.gather(supervisor.stop(), supervisor.stop())
    await supervisor.stop()

    assert is_gone(pid)


async def test_a_child_that_does_not_get_ready_fails_the_start_in_time(out: io.StringIO) -> None:
    async def never() -> bool:
        return False

    async with Supervisor(out=out) as supervisor:
        with pytest.raises(SetupError, match=r"api was not ready within 0.1 s"):
            await supervisor.start(Child("api", python(WAIT), ready=never, ready_within_s=0.1))


async def test_a_child_that_dies_before_it_is_ready_fails_the_start_at_once(out: io.StringIO) -> None:
    async def never() -> bool:
        return False

    async with Supervisor(out=out) as supervisor:
        with pytest.raises(SetupError, match="api ended with exit code 4 before it was ready"):
            await supervisor.start(Child("api", python("print('no port')\nraise SystemExit(4)"), ready=never))

    assert "api        | no port" in out.getvalue()


async def test_a_program_that_is_not_there_is_named(out: io.StringIO) -> None:
    async with Supervisor(out=out) as supervisor:
        with pytest.raises(SetupError, match=r"api cannot be started: .*/no/such/program"):
            await supervisor.start(Child("api", Command(["/no/such/program"])))


async def test_a_child_does_not_hear_the_terminal(out: io.StringIO) -> None:
    """It leads a session of its own, so Ctrl-C reaches the supervisor alone."""
    async with Supervisor(out=out) as supervisor:
        await supervisor.start(Child("agent", python(WAIT)))
        pid = supervisor.pids["agent"]

        assert os.getsid(pid) == pid != os.getsid(0)


SCRIPT = f"""
import asyncio, json, sys
from blackboard.supervisor import Child, Command, Supervisor

async def main():
    async with Supervisor() as supervisor:
        deaf = Command([sys.executable, "-c", {STUBBORN!r}])
        await supervisor.start(Child("one", deaf, stop_within_s=0.1), Child("two", deaf, stop_within_s=0.1))
        print(json.dumps(supervisor.pids), flush=True)
        await supervisor.wait()
    print("over", flush=True)

asyncio.run(main())
"""


def run_supervisor() -> tuple[subprocess.Popen[str], list[int]]:
    """A supervisor in a process of its own, and its children's processes: two that ignore SIGTERM by now."""
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=Path(module.__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    children = list(json.loads(process.stdout.readline()).values())
    for _ in children:
        assert "up" in process.stderr.readline()
    return process, children


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_block_and_leaves_no_process(number: signal.Signals) -> None:
    process, children = run_supervisor()
    process.send_signal(number)
    said, _ = process.communicate(timeout=10)

    assert (process.returncode, said) == (0, "over\n")
    assert all(map(is_gone, children))


def test_a_second_signal_does_not_break_the_stop() -> None:
    process, children = run_supervisor()
    process.send_signal(signal.SIGINT)
    assert process.stderr is not None
    while "stopping" not in process.stderr.readline():
        pass
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=10)

    assert process.returncode == 0
    assert all(map(is_gone, children))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
async def test_children_die_with_a_supervisor_that_is_killed() -> None:
    process, children = run_supervisor()
    process.kill()
    process.communicate(timeout=10)

    await until(lambda: all(map(is_gone, children)))
