"""A case that was written to deceive, through every command that prints it."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from blackboard.cli import app
from blackboard.requests import NewFact
from tests.http.conftest import Api
from tests.security.table import Tried
from tests.sql.reviews import begin
from tests.unit.test_console import HOSTILE, harmful

COMMANDS = (
    ("cases",),
    ("case", "CASE"),
    ("explain", "CASE"),
    ("facts", "CASE"),
    ("facts", "CASE", "--history"),
    ("replay", "CASE"),
    ("why", "CASE"),
    ("watch", "--after", "0", "--case", "CASE", "--count", "3"),
    ("reviews", "--whose", "all"),
    ("review", "CASE"),
    ("review", "CASE", "--whole"),
    ("review", "CASE", "escalate", "--reason", "HOSTILE"),
    ("top", "--once"),
    ("agents",),
    ("incidents",),
    ("backlog",),
    ("hold", "entity", "customer:HOSTILE", "--reason", "HOSTILE"),
    ("lift", "entity", "customer:HOSTILE", "--reason", "HOSTILE"),
    ("submit", "HOSTILE"),
    ("case", "HOSTILE"),
    ("why", "HOSTILE"),
    ("policy", "show", "HOSTILE"),
    ("audit", "evidence", "CASE"),
    ("audit", "export"),
)
ALWAYS_JSON = ("audit", "replay")


@pytest.mark.item("S25")
async def test_no_command_prints_what_drives_a_terminal(shared: Api, tried: Tried) -> None:
    """Neither its escapes nor its direction of writing come through, in text or in JSON, and JSON has what was there."""
    whole = " ".join(text for text in HOSTILE if len(text) < 100 and "\x00" not in text)
    case, _ = await begin(shared.scene)
    client = shared.scene.people["requester"]
    opened = await shared.scene.open("reviews", {"customer": whole[:80], whole[:40]: [whole], "memo": whole})
    await shared.scene.board.put_facts(client, opened.id, [NewFact(key="said", value={"text": whole})])
    for key in (opened.id, case.id):
        assert await shared.scene.board.show_case(client, key)
    found: dict[tuple[str, ...], object] = {}
    asked = [words if words[0] in ALWAYS_JSON else (*words, *more) for words in COMMANDS for more in ((), ("--json",))]
    for words in dict.fromkeys(asked):
        said = [word.replace("CASE", str(opened.id)).replace("HOSTILE", whole) for word in words]
        env = {"BLACKBOARD_URL": shared.url, "BLACKBOARD_KEY": shared.scene.keys["dina" if words[0] == "review" else "auditor"]}
        done = await asyncio.to_thread(CliRunner(env=env).invoke, app, said)
        if harmful(done.output) or isinstance(done.exception, Exception) or done.exit_code not in (0, 1, 2):
            found[words] = (done.exit_code, done.exception, harmful(done.output))
        if words == ("case", "CASE", "--json"):
            assert json.loads(done.stdout)["payload"]["memo"] == whole
    tried(len(set(asked)))

    assert found == {}


async def test_a_review_is_told_as_one_reads_and_whole_where_that_is_asked(shared: Api) -> None:
    """Of the same digest: first who asks for what, then what is known; everything else with `--whole`."""
    case, _ = await begin(shared.scene)
    requester = shared.scene.people["requester"]
    await shared.scene.board.put_facts(requester, case.id, [NewFact(key="seen_before", value=True)])
    env = {"BLACKBOARD_URL": shared.url, "BLACKBOARD_KEY": shared.scene.keys["dina"]}
    short, whole = [
        (await asyncio.to_thread(CliRunner(env=env).invoke, app, ["review", str(case.id), *more])).stdout.splitlines()
        for more in ([], ["--whole"])
    ]

    def told(lines: list[str], *words: str) -> list[bool]:
        return [any(word in line for line in lines) for word in words]

    assert short[1].startswith("asked by requester at 20")
    assert told(short, "seen_before@1 = true", '"source_class"') == [True, False]
    assert told(whole, '"source_class"') == [True]
    digests = [[line for line in lines if line.startswith("shown: ")] for lines in (short, whole)]
    assert digests[0] == digests[1] != []
