"""`blackboard up` as a newcomer and as an operator meet it."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from tests import terminal
from tests.acceptance.conftest import CHECKOUT, data_folder
from tests.conftest import thoroughly

pytestmark = pytest.mark.timeout(180)
# Enough for faults, and for the two agents that are killed at least.
CASES = 10
TRANSFER = ("submit", "transfer", "--from", "CHK-001", "--to", "SAV-002")


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
    """What a `blackboard` command says to whoever sits beside the board; exit code, output, errors."""
    return await terminal.command(*arguments, BLACKBOARD_DATA=str(data))


async def run(data: Path, *arguments: str, limit_s: float = 60) -> tuple[int, str, str]:
    """The same in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "blackboard", *arguments), cwd=CHECKOUT, env=_environment(data), stdout=PIPE, stderr=PIPE
    )
    async with asyncio.timeout(limit_s):
        out, errors = await process.communicate()
    return process.returncode or 0, out.decode(), errors.decode()


@dataclass
class Up:
    """A board that runs from a data folder, and may be started again."""

    data: Path
    process: Process

    async def stop(self, number: signal.Signals = signal.SIGINT) -> tuple[int, list[int]]:
        """End it; its exit code, and the processes that it had."""
        children = _children(self.process.pid)
        self.process.send_signal(number)
        async with asyncio.timeout(15):
            return await self.process.wait(), children

    async def start(self) -> None:
        """Again."""
        self.process = await start_up(self.data)


@pytest.fixture(scope="module")
async def standing_up() -> AsyncIterator[Up]:
    """A board that runs for several tests: a start takes ten seconds of two cores."""
    with data_folder() as folder:
        up = Up(folder, await start_up(folder))
        yield up
        if up.process.returncode is None:
            await up.stop()


async def test_a_first_transfer_and_every_command(standing_up: Up) -> None:
    """The same key moves the money once; every command answers in JSON; the folder cannot be taken twice."""
    data = standing_up.data
    before = await _balances(data)
    submitted = (*TRANSFER, "--amount", "250.00", "--wait", "--key", "first", "--json")
    code, out, errors = await run(data, *submitted)
    again, out_again, _ = await command(data, *submitted)
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

    code, _, errors = await run(data, "up", "--data", str(data))
    assert (code, "is taken" in errors) == (6, True)


@pytest.mark.item("S5")
async def test_no_secret_is_in_a_command_line_a_log_or_a_file_of_others(standing_up: Up) -> None:
    """Everybody on the machine can read the first; keys that come where they do not belong are not written down either."""
    data, up = standing_up.data, standing_up.process
    key = (data / "keys" / "auditor").read_text().strip()
    async with httpx.AsyncClient(base_url=json.loads((data / "urls.json").read_text())["board"], trust_env=False) as http:
        sent = [await http.get("/v1/me", params={"key": key}), await http.get(f"/v1/agents/{key}")]
        sent.append(await http.get("/v1/me", headers={"Authorization": f"Bearer {key}x", "Referer": f"http://x/{key}"}))
    folders = (data / "keys", data / "secrets")
    files = [path for folder in folders for path in folder.iterdir()]
    secrets = [path.read_text().strip() for path in files]
    told = " ".join([*map(_command_line, [up.pid, *_children(up.pid)]), (data.parent / "up.log").read_text()])
    modes = {oct(path.stat().st_mode & 0o777) for path in (*files, data / "urls.json")}

    assert [answer.status_code for answer in sent if answer.is_success] == []
    assert [path.name for path, secret in zip(files, secrets, strict=True) if secret in told] == []
    assert (modes, {oct(folder.stat().st_mode & 0o777) for folder in folders}) == ({"0o600"}, {"0o700"})


async def test_an_agent_that_dies_is_started_again_and_it_is_said(standing_up: Up) -> None:
    """The board goes on; the log names who died and of what."""
    data, up = standing_up.data, standing_up.process
    victim = next(pid for pid in _children(up.pid) if "agents identity" in _command_line(pid))
    os.kill(victim, signal.SIGKILL)
    async with asyncio.timeout(20):
        while sum("agents identity" in _command_line(pid) for pid in _children(up.pid)) != 1 or _alive(victim):
            await asyncio.sleep(0.05)
    code, out, errors = await command(data, *TRANSFER, "--amount", "1.00", "--wait")

    assert (code, "executed" in out) == (0, True), errors
    assert "identity was ended by signal 9" in (data.parent / "up.log").read_text()


async def test_a_story_ends_as_it_is_told(standing_up: Up) -> None:
    """Each step is shown as it happens; the last line names the cases."""
    code, out, errors = await run(standing_up.data, "demo", "transfer", "--fast")

    assert code == 0, out + errors
    assert out.index("case.opened") < out.index("✓ small: executed") < out.index("blackboard explain ")


@thoroughly
async def test_a_story_ends_as_it_is_told_again_on_the_same_board(standing_up: Up) -> None:
    """And says so to a program."""
    code, lines, errors = await command(standing_up.data, "demo", "transfer", "--json")
    told = [json.loads(line) for line in lines.splitlines()]

    assert code == 0, errors + lines
    assert (told[-1]["as_told"], {"small", "large", "listed"} <= told[-1]["cases"].keys()) == (True, True)
    assert {"case.closed", "action.executed"} <= {line["event"]["type"] for line in told if "event" in line}


async def test_a_story_that_takes_another_turn_says_where_and_exits_with_4(standing_up: Up, tmp_path: Path) -> None:
    """The sanctioned are not paid, whatever a story expects; a place that the bank does not have is no success either."""
    data = standing_up.data
    opening = {"workflow": "transfer", "payload": {"from_account": "CHK-008", "to_account": "SAV-002", "amount": "5.00"}}
    expect = {"expect": {"outcome": "executed"}}
    stories = {
        "hopeful": [{"open": opening}, expect],
        "lost": [{"bank": {"path": "/nowhere"}}, {"open": opening}, expect],
    }
    for name, steps in stories.items():
        story = {"name": name, "title": name, "about": name, "steps": steps}
        (tmp_path / f"{name}.yaml").write_text(json.dumps(story))
    code, out, _ = await command(data, "demo", "all", "--json", "--scenarios", str(tmp_path))
    problems = [told["problem"] for told in map(json.loads, out.splitlines()) if "problem" in told]

    assert (code, len(problems)) == (4, 2)
    assert "step 2 (expect): case ended as rejected" in problems[0]
    assert "step 1 (bank): GET /nowhere was answered with 404" in problems[1]


# Half a minute of what the drill does in every run of CI.
@thoroughly
async def test_under_load_with_faults_and_kills_every_case_comes_to_its_end(standing_up: Up, *, thorough: bool) -> None:
    """Mixed cases; the books balance, every promise was kept, and the last line says so."""
    cases = 30 if thorough else CASES
    asked = ("load", "--cases", str(cases), "--rate", "30", "--faults", "0.3", "--kill-agents")
    code, out, errors = await run(standing_up.data, *asked, limit_s=160)
    told = json.loads(out.splitlines()[-1])

    assert (code, told["ok"], told["stuck"], told["violations"]) == (0, True, 0, []), out + errors
    assert (told["cases"], sum(told["states"].values()), sum(told["faults"].values()) > 0) == (cases, cases, True)
    assert sum(told["kills"].values()) >= 1


async def test_it_recovers_from_kill_9_of_everything_and_stops_clean(standing_up: Up) -> None:
    """There is nothing to clean up by hand: the supervisor's death takes its children along, as a gentle end does.

    The next start finds the same board.
    """
    submitted = (*TRANSFER, "--amount", "1.00", "--key", "before-all-was-killed", "--json")
    code, out, errors = await command(standing_up.data, *submitted)
    assert code == 0, errors
    case = json.loads(out)
    _, children = await standing_up.stop(signal.SIGKILL)
    async with asyncio.timeout(15):
        while any(map(_alive, children)):
            await asyncio.sleep(0.05)

    await standing_up.start()
    code, out, errors = await command(standing_up.data, *submitted, "--wait")
    assert (code, json.loads(out)["id"], json.loads(out)["outcome"]) == (0, case["id"], "executed"), errors
    code, children = await standing_up.stop()
    assert (code, len(children), [pid for pid in children if _alive(pid)]) == (0, 8, [])


@thoroughly
async def test_a_board_that_was_stopped_is_found_again(standing_up: Up) -> None:
    """With its cases; a supervisor that is told to end instead of interrupted ends as well."""
    await standing_up.start()
    code, out, errors = await command(standing_up.data, "cases", "--json")
    assert (code, json.loads(out) != []) == (0, True), errors
    assert (await standing_up.stop(signal.SIGTERM))[0] == 0


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
    """A bank that may misbehave and soon knows what became of an order, and agents that believe it."""
    bank = {"BANK_FAULTS_ALLOWED": "true", "BANK_IN_FLIGHT_S": "1", "BANK_IN_FLIGHT_MAX_S": "2", "BANK_FAULT_SLOW_S": "0.2"}
    limits = {"BANK_LIMIT_S": "2", "BANK_FAULT_HANG_S": "3"}
    home = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return {**home, **bank, **limits, "BLACKBOARD_DATA": str(data)}


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
