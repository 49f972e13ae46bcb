"""Opening cases from a file, and running the board, from the command line against real processes."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from itertools import chain
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from blackboard.requests import Failure
from tests import terminal
from tests.acceptance.conftest import CHECKOUT, Town

pytestmark = pytest.mark.timeout(120)

PAYLOAD = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "1.00"}


async def start(town: Town, *arguments: str, who: str = "requester") -> Process:
    """A `blackboard` command with somebody's key."""
    env = {"PATH": os.environ["PATH"], "BLACKBOARD_URL": town.board_url, "BLACKBOARD_KEY": town.scene.keys[who]}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "blackboard", *arguments), cwd=CHECKOUT, env=env, stdout=PIPE, stderr=PIPE
    )


async def command(town: Town, *arguments: str, who: str = "requester") -> tuple[int, str, str]:
    """Exit code, output, errors of one that runs here."""
    return await terminal.command(*arguments, BLACKBOARD_URL=town.board_url, BLACKBOARD_KEY=town.scene.keys[who])


async def opened(town: Town, field: str) -> Counter[str]:
    """How many cases there are by a field of their payload."""
    connection = await asyncpg.connect(town.database_url)
    rows = await connection.fetch("SELECT c.payload ->> $1 AS field FROM board.case c WHERE c.payload ? $1", field)
    await connection.close()
    return Counter(row["field"] for row in rows)


def lines(path: Path, *documents: Any) -> Path:
    """A file with a line each."""
    path.write_text("".join(f"{d if isinstance(d, str) else json.dumps(d, ensure_ascii=False)}\n" for d in documents))
    return path


async def test_each_line_is_opened_once_and_refused_lines_are_told(town: Town, tmp_path: Path) -> None:
    """With their numbers and what is wrong, on standard error; run again, nothing is opened twice."""
    file = lines(
        tmp_path / "cases.jsonl",
        {**PAYLOAD, "memo": "1"},
        {**PAYLOAD, "memo": "2", "amount": "-1.00"},
        "not json",
        "",
        {"payload": {**PAYLOAD, "memo": "5"}, "business_key": "B-5", "priority": 1},
        {**PAYLOAD, "memo": "6", "to_account": "NOBODY-1"},
        {"payload": {**PAYLOAD, "memo": "7"}, "priority": 11},
        {"payload": {**PAYLOAD, "memo": "8"}, "business_key": "B-5"},
        {**PAYLOAD, "memo": "1"},
    )
    code, out, errors = await command(town, "submit", "transfer", "--file", str(file))
    again, out_again, _ = await command(town, "submit", "transfer", "--file", str(file), "--json")

    told = {line.split(":")[0]: line for line in errors.splitlines() if line.startswith("line ")}
    assert (code, list(told), out.strip()) == (1, [f"line {n}" for n in (2, 3, 6, 7, 8)], "3 opened, 0 replayed, 5 refused")
    words = {"line 2": "payload.amount", "line 6": "payload.to_account", "line 7": "priority", "line 8": "business_key"}
    assert [line for line, word in words.items() if word not in told[line]] == [], errors
    assert (again, json.loads(out_again)) == (1, {"opened": 0, "replayed": 3, "refused": 5})
    assert await opened(town, "memo") == {"1": 2, "5": 1}


BAD_LINES = (
    '{"memo": "a\\u0000b"}',
    '{"memo": NaN}',
    '{"memo": "\\ud800"}',
    '{"memo": ' + "[" * 40 + "]" * 40 + "}",
)


async def test_a_bad_line_harms_no_other(town: Town, tmp_path: Path) -> None:
    """What the board cannot read is refused by its number, and the lines around it are opened."""
    file = lines(
        tmp_path / "cases.jsonl", {"client": "0"}, *chain(*((bad, {"client": f"{n}"}) for n, bad in enumerate(BAD_LINES, 1)))
    )
    code, out, errors = await command(town, "submit", "small", "--file", str(file))

    assert (code, out.strip()) == (1, f"{len(BAD_LINES) + 1} opened, 0 replayed, {len(BAD_LINES)} refused")
    assert [f"line {2 * n}:" in errors for n in range(1, len(BAD_LINES) + 1)] == [True] * len(BAD_LINES), errors
    assert await opened(town, "client") == {str(n): 1 for n in range(len(BAD_LINES) + 1)}


async def test_a_line_ends_where_json_lines_end(town: Town, tmp_path: Path) -> None:
    """Other separators of Unicode may stand inside a text."""
    memos = ["a\u2028b", "a\u0085b", "a\u2029b"]
    file = lines(tmp_path / "cases.jsonl", *({"note": memo} for memo in memos))
    code, out, errors = await command(town, "submit", "small", "--file", str(file))

    assert (code, out.strip()) == (0, "3 opened, 0 replayed, 0 refused"), errors
    assert await opened(town, "note") == dict.fromkeys(memos, 1)


async def test_long_lines_are_sent_in_smaller_portions(town: Town, tmp_path: Path) -> None:
    """However much 500 of them weigh."""
    file = lines(tmp_path / "cases.jsonl", *({"n": str(n), "text": "x" * 4000} for n in range(500)))
    code, out, errors = await command(town, "submit", "small", "--file", str(file))

    assert (code, out.strip()) == (0, "500 opened, 0 replayed, 0 refused"), errors
    assert len(await opened(town, "n")) == 500


async def test_a_file_that_cannot_be_read_is_named(town: Town, tmp_path: Path) -> None:
    """In a sentence, whether it is missing or not UTF-8."""
    (tmp_path / "latin.jsonl").write_bytes(b'{"customer": "M\xfcller"}\n')
    told = {}
    for name in ("missing.jsonl", "latin.jsonl"):
        code, _, errors = await command(town, "submit", "small", "--file", str(tmp_path / name))
        told[name] = (code in (1, 2), name in errors, "Traceback" in errors)

    assert told == dict.fromkeys(told, (True, True, False))


async def test_killed_in_the_middle_and_started_again_it_opens_every_line_once(town: Town, tmp_path: Path) -> None:
    """Whatever was committed when it died."""
    count = 2000
    file = lines(tmp_path / "cases.jsonl", *({"customer": f"C-{n}"} for n in range(count)))
    process = await start(town, "submit", "small", "--file", str(file))
    async with asyncio.timeout(30):
        while not (before := sum((await opened(town, "customer")).values())):
            await asyncio.sleep(0.01)
    process.kill()
    await process.wait()
    code, out, errors = await command(town, "submit", "small", "--file", str(file), "--json")

    assert (code, 0 < before < count) == (0, True), errors
    assert json.loads(out)["refused"] == 0
    assert await opened(town, "customer") == {f"C-{n}": 1 for n in range(count)}


async def test_another_file_of_the_same_name_is_read_from_its_first_line(town: Town, tmp_path: Path) -> None:
    """The one before was left in the middle."""
    file = lines(tmp_path / "cases.jsonl", *({"party": f"old {n}"} for n in range(2000)))
    process = await start(town, "submit", "small", "--file", str(file))
    async with asyncio.timeout(30):
        while not await opened(town, "party") or len(list(tmp_path.glob("cases.jsonl*"))) < 2:
            await asyncio.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    lines(file, *({"party": f"new {n}"} for n in range(3)))
    code, _, errors = await command(town, "submit", "small", "--file", str(file))

    found = await opened(town, "party")
    assert (code, [found[f"new {n}"] for n in range(3)]) == (0, [1, 1, 1]), errors


async def test_operators_see_and_steer_from_the_command_line(town: Town) -> None:
    """Why, hold, lift, incidents, redrive, backlog: something sensible each, and exit code 0."""
    await town.scene.hire("chief", role="admin")
    stuck, waits = [await town.scene.open(priority=0) for _ in range(2)]
    [task] = await town.scene.claim()
    await town.scene.board.fail(
        town.scene.people["worker"], task.id, Failure(fence=task.fence, reason="no such street", retryable=False)
    )
    reader = town.scene.people["auditor"]
    ready = (await town.scene.board.show_case(reader, waits.id)).tasks[0].id

    told = {
        "incidents": await command(town, "incidents", who="auditor"),
        "why stuck": await command(town, "why", str(task.id), who="auditor"),
        "backlog": await command(town, "backlog", who="auditor"),
        "hold": await command(town, "hold", "workflow", "small", "--reason", "audit", who="chief"),
        "why held": await command(town, "why", str(ready), who="auditor"),
        "lift": await command(town, "lift", "workflow", "small", "--reason", "all is well", who="chief"),
        "why": await command(town, "why", str(ready), "--json", who="auditor"),
        "redrive": await command(town, "redrive", str(task.id), "--reason", "street was built", who="chief"),
        "nothing stuck": await command(town, "incidents", "--json", who="auditor"),
    }

    assert {name: code for name, (code, _, _) in told.items()} == dict.fromkeys(told, 0), told
    words = {
        "incidents": str(stuck.id),
        "why stuck": "for an operator, being out of attempts",
        "backlog": "first",
        "hold": "placed",
        "why held": "workflow small by chief (audit)",
        "lift": "lifted",
        "why": "Nobody who may take it is alive",
        "redrive": "redriven",
        "nothing stuck": "[]",
    }
    assert {name: out for name, (_, out, _) in told.items() if words[name] not in out} == {}
    assert "no such street" in told["incidents"][1]


@pytest.mark.item("S4", "S5", "I45")
async def test_a_limited_key_is_issued_into_a_file_stays_within_its_limit_and_stands_in_no_log(
    town: Town, tmp_path: Path
) -> None:
    """Not in the log of the board's process either, whatever way the key was sent, and in no process's arguments."""
    await town.scene.hire("warden", role="admin")
    file = tmp_path / "key"
    issue = ("keys", "issue", "requester", "--amount-max", "100.00", "--currency", "USD", "--out", str(file))
    issued = await command(town, *issue, who="warden")
    key = file.read_text().strip()
    town.scene.keys["limited"] = key
    submit = ("submit", "transfer", "--from", "CHK-001", "--to", "SAV-002", "--currency", "USD", "--key", "limited")
    over = await command(town, *submit, "--amount", "100.01", who="limited")
    within = await command(town, *submit, "--amount", "100.00", who="limited")
    async with httpx.AsyncClient(base_url=town.board_url, trust_env=False) as http:
        sent = [
            await http.get("/v1/me", params={"key": key}),
            await http.get(f"/v1/agents/{key}"),
            await http.get("/v1/me", headers={"Authorization": f"Bearer {key}x", "Referer": f"http://x/{key}"}),
            await http.post("/v1/login", json={"key": key}),
        ]
    arguments = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]

    assert (issued[0], issued[1], file.stat().st_mode & 0o777) == (0, "", 0o600), issued
    assert (over[0], over[2].startswith("out-of-scope: This key moves at most 100.00 USD"), over[1]) == (1, True, "")
    assert within[0] == 0, within
    assert [answer.status_code for answer in sent if answer.is_success] == []
    assert [text for text in (issued[2], over[2], within[1], town.log("api"), town.log("bank")) if key[16:59] in text] == []
    assert [line for line in arguments if key[16:59].encode() in line] == []


async def test_the_command_line_says_no_in_a_sentence(town: Town) -> None:
    """Exit code 1 and the reason, without a traceback."""
    await town.scene.hire("boss", role="admin")
    forbidden = await command(town, "hold", "workflow", "small", "--reason", "x")
    unknown = await command(town, "lift", "entity", "account:x", "--reason", "x", who="boss")

    assert [(code, errors.partition(":")[0]) for code, _, errors in (forbidden, unknown)] == [
        (1, "not-permitted"),
        (1, "not-found"),
    ]
