"""`blackboard up` as a newcomer and as an operator meet it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests.acceptance.conftest import CHECKOUT

pytestmark = pytest.mark.timeout(180)


async def start_up(data: Path, *more: str) -> Process:
    """Start it and wait for its one line on standard output."""
    with (data.parent / "up.log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "blackboard", "up", "--data", str(data), "--port", "0", "--bank-port", "0", *more),
            cwd=CHECKOUT,
            env=_environment(data),
            stdout=PIPE,
            stderr=log,
        )
    assert process.stdout is not None
    async with asyncio.timeout(60):
        line = await process.stdout.readline()
    assert line.startswith(b"ready http://127.0.0.1:"), (data.parent / "up.log").read_text()[-3000:]
    return process


async def command(data: Path, *arguments: str) -> tuple[int, str, str]:
    """Run a `blackboard` command; exit code, output, errors."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "blackboard", *arguments), cwd=CHECKOUT, env=_environment(data), stdout=PIPE, stderr=PIPE
    )
    async with asyncio.timeout(60):
        out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), errors.decode()


async def test_a_first_transfer_then_ctrl_c_then_again(data: Path) -> None:
    """Ready, a transfer, every command, a clean stop that leaves no process, and the same board after a restart."""
    up = await start_up(data)
    before = await _balances(data)
    submitted = ("submit", "transfer", "--from", "CHK-001", "--to", "SAV-002", "--amount", "250.00", "--wait")
    code, out, errors = await command(data, *submitted, "--key", "first", "--json")
    again, out_again, _ = await command(data, *submitted, "--key", "first", "--json")
    assert (code, again) == (0, 0), errors
    case = json.loads(out)
    assert (case["outcome"], json.loads(out_again)["id"]) == ("executed", case["id"])
    after = await _balances(data)
    assert [a - b for a, b in zip(after, before, strict=True)] == [Decimal("-250.00"), Decimal("250.00")]

    code, out, _ = await command(data, "watch", "--after", "0", "--case", case["id"], "--count", "15", "--json")
    positions = [json.loads(line)["position"] for line in out.splitlines()]
    assert (code, len(positions), positions) == (0, 15, sorted(set(positions)))
    backtest = ["policy", "backtest", "transfer_risk", "--version", "1"]
    shown = (["cases"], ["case", case["id"]], ["agents"], ["doctor"], ["doctor", "--invariants"], backtest)
    for arguments in ([*words, "--json"] for words in shown):
        code, out, errors = await command(data, *arguments)
        assert code == 0, (arguments, out, errors)
        told = json.loads(out)
    assert told == {"judged": 1, "different": 0, "differences": []}

    code, _, errors = await command(data, "up", "--data", str(data))
    assert (code, "is taken" in errors) == (6, True)

    children = _children(up.pid)
    up.send_signal(signal.SIGINT)
    async with asyncio.timeout(10):
        assert await up.wait() == 0
    assert (len(children), [pid for pid in children if _alive(pid)]) == (8, [])

    up = await start_up(data)
    code, out, _ = await command(data, "cases", "--json")
    assert [found["id"] for found in json.loads(out)["cases"]] == [case["id"]]
    up.send_signal(signal.SIGTERM)
    await up.wait()


async def test_after_kill_9_of_everything_the_next_start_recovers(data: Path) -> None:
    """Nothing to clean up by hand: the supervisor's death takes its children along, the database recovers."""
    up = await start_up(data)
    children = _children(up.pid)
    up.kill()
    await up.wait()
    async with asyncio.timeout(15):
        while any(map(_alive, children)):
            await asyncio.sleep(0.05)

    up = await start_up(data)
    code, out, errors = await command(
        data, "submit", "transfer", "--from", "CHK-001", "--to", "SAV-002", "--amount", "1.00", "--wait"
    )
    up.send_signal(signal.SIGINT)
    await up.wait()

    assert (code, "executed" in out) == (0, True), errors


async def test_an_agent_that_dies_is_started_again_and_it_is_said(data: Path) -> None:
    """The board goes on; the log names who died and of what."""
    up = await start_up(data)
    victim = next(pid for pid in _children(up.pid) if "agents identity" in _command_line(pid))
    os.kill(victim, signal.SIGKILL)
    async with asyncio.timeout(20):
        while sum("agents identity" in _command_line(pid) for pid in _children(up.pid)) != 1 or _alive(victim):
            await asyncio.sleep(0.05)
    code, out, errors = await command(
        data, "submit", "transfer", "--from", "CHK-001", "--to", "SAV-002", "--amount", "1.00", "--wait"
    )
    up.send_signal(signal.SIGINT)
    await up.wait()
    log = (data.parent / "up.log").read_text()

    assert (code, "executed" in out) == (0, True), errors
    assert "identity was ended by signal 9" in log


async def test_no_secret_is_in_a_command_line(data: Path) -> None:
    """Everybody on the machine can read those."""
    up = await start_up(data)
    lines = " ".join(map(_command_line, _children(up.pid)))
    secrets = [path.read_text().strip() for folder in ("keys", "secrets") for path in (data / folder).iterdir()]
    modes = {oct(path.stat().st_mode & 0o777) for folder in ("keys", "secrets") for path in (data / folder).iterdir()}
    up.send_signal(signal.SIGINT)
    await up.wait()

    assert ([secret for secret in secrets if secret in lines], modes) == ([], {"0o600"})


def test_a_taken_port_is_named() -> None:
    """And the way out of it."""
    import socket
    import tempfile

    with socket.create_server(("127.0.0.1", 0)) as taken, tempfile.TemporaryDirectory() as folder:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "blackboard", "up", "--data", f"{folder}/data", "--port", port],
            cwd=CHECKOUT,
            env=_environment(Path(folder)),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (done.returncode, f"Port {port} is taken" in done.stderr) == (6, True)


def _environment(data: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), "BLACKBOARD_DATA": str(data)}


async def _balances(data: Path) -> list[Decimal]:
    bank = json.loads((data / "urls.json").read_text())["bank"]
    headers = {"Authorization": f"Bearer {(data / 'keys' / 'bank').read_text().strip()}"}
    async with httpx.AsyncClient(base_url=bank, headers=headers, trust_env=False) as http:
        answers = [await http.get(f"/accounts/{account}/balance") for account in ("CHK-001", "SAV-002")]
    return [Decimal(answer.json()["balance"]) for answer in answers]


def _children(pid: int) -> list[int]:
    """Direct children."""
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
