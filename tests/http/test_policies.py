"""Policies over HTTP: drafted by one, activated by another owner, read by all, tried without consequence."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from blackboard.cli import app
from blackboard.client import BoardClient
from blackboard.errors import Conflict, Invalid, NotFound, NotPermitted
from blackboard.requests import FencedDecision, Trial
from tests.http.conftest import Api
from tests.http.operations import POLICY, WHY, write


def named(name: str, **changes: Any) -> dict[str, Any]:
    """A policy of that name."""
    return {**POLICY, "name": name, **changes}


@pytest.fixture(scope="module")
async def author(shared: Api, shared_boss: httpx.AsyncClient) -> AsyncIterator[BoardClient]:
    """Somebody who drafts."""
    del shared_boss
    await shared.scene.hire("author", role="admin")
    async with shared.client("author") as client:
        yield client


@pytest.fixture(scope="module")
async def activator(shared: Api, author: BoardClient) -> AsyncIterator[BoardClient]:
    """Somebody of another owner."""
    del author
    async with shared.client("boss") as client:
        yield client


async def test_the_client_library_leads_a_policy_through_its_life(author: BoardClient, activator: BoardClient) -> None:
    """Drafted, refused to its author, activated by somebody else, replaced, retired."""
    first = await author.draft_policy(named("life"), "a first try")
    with pytest.raises(NotFound, match="no active version"):
        await author.show_policy("life")
    with pytest.raises(NotPermitted, match="another owner"):
        await author.activate_policy("life", 1, "mine")
    active = await activator.activate_policy("life", 1, "checked")
    second = await author.draft_policy(named("life", limits={"more": 1}), "stricter")
    await activator.activate_policy("life", 2, "checked too")
    with pytest.raises(Conflict, match="retired"):
        await activator.activate_policy("life", 1, "back")
    gone = await activator.retire_policy("life", 2, "wrong after all")

    assert [(each.version, each.state) for each in (first, active, second, gone)] == [
        *((1, "draft"), (1, "active"), (2, "draft"), (2, "retired")),
    ]
    assert [(each.version, each.state) for each in await author.list_policies("life")] == [(2, "retired"), (1, "retired")]


async def test_the_active_version_is_sent_again_only_when_it_changed(author: BoardClient, activator: BoardClient) -> None:
    """By its ETag."""
    await author.draft_policy(named("tagged"), "new")
    known = await activator.activate_policy("tagged", 1, "checked")
    same = await author.show_policy("tagged", known=known)
    await author.draft_policy(named("tagged", title="Another"), "newer")
    await activator.activate_policy("tagged", 2, "checked")
    other = await author.show_policy("tagged", known=known)
    answer = await author.http.get("/v1/policies/tagged", headers={"If-None-Match": '"2.active"'})

    assert same is known
    assert (other.version, other.body["title"]) == (2, "Another")
    assert (answer.status_code, answer.headers["ETag"], answer.content) == (304, '"2.active"', b"")


async def test_inputs_are_judged_by_the_active_version_or_the_one_that_is_named(shared: Api, author: BoardClient) -> None:
    """By whoever may read the board, with the rows that counted."""
    await author.draft_policy(named("tried"), "new")
    async with shared.client("auditor") as auditor:
        said = await auditor.judge_policy("tried", Trial(inputs={"amount": "100.01"}, version=1))
        with pytest.raises(NotFound):
            await auditor.judge_policy("tried", Trial(inputs={"amount": "100.01"}))
        with pytest.raises(Invalid, match="amount is missing"):
            await auditor.judge_policy("tried", Trial(inputs={}, version=1))
        with pytest.raises(Invalid, match="no input ammount"):
            await auditor.judge_policy("tried", Trial(inputs={"ammount": "1"}, version=1))

    assert (said.policy, said.outcome, said.reasons, said.rows) == ("tried@1", "refer", ["large"], ["all/large"])
    assert said.trace[0].rows[0].when == ["amount > 100"]


async def test_who_is_judged_is_not_shown_the_rules(shared: Api, author: BoardClient) -> None:
    """They say what passes unseen."""
    await author.draft_policy(named("hidden"), "new")
    async with shared.http("requester") as http:
        told = [
            await http.get("/v1/policies"),
            await http.get("/v1/policies/hidden?version=1"),
            await write(http, "/v1/policies/hidden/judge", {"inputs": {"amount": "1.00"}, "version": 1}),
        ]

    assert [(answer.status_code, "auditor" in answer.json()["detail"]) for answer in told] == [(403, True)] * 3


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"tables": [{"name": "all", "hit": "first", "rows": [{"when": "amont > 1", "outcome": "refer"}]}]}, "amont"),
        ({"tables": [{"name": "all", "hit": "unique", "rows": [{"when": "amount > 1", "outcome": "refer"}]}]}, "amount = 0"),
        ({"examples": [{"inputs": {"amount": "1.00"}, "outcome": "approve"}]}, "gives refer"),
        ({"limits": {"large": 2**60}}, "limits.large"),
        ({"duties": {"most": 2**60}}, "canonical"),
        ({"quorum": {"kind": "n_of_m", "approve": 0}}, "quorum.approve"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_is_not_sound_is_not_kept(author: BoardClient, change: dict[str, Any], told: str) -> None:
    """422 that says where."""
    answer = await write(author.http, "/v1/policies", {"policy": named("unsound", **change), **WHY})

    assert (answer.status_code, told in answer.json()["detail"]) == (422, True), answer.text
    assert await author.list_policies("unsound") == []


async def test_whatever_inputs_are_sent_nothing_fails(author: BoardClient) -> None:
    """A defined answer to each."""
    await author.draft_policy(named("worse"), "new")
    bad: list[Any] = [None, 1, 1.5, True, "", "x", "1e5", "NaN", "٣", [], {}, "9" * 400, "-0.00", "0x1", " 1", "1.", 2**70]
    told = {}
    for value in bad:
        answer = await write(author.http, "/v1/policies/worse/judge", {"inputs": {"amount": value}, "version": 1})
        told[json.dumps(value)] = answer.status_code
    bodies: tuple[Any, ...] = (None, [], {"inputs": 1}, {"inputs": {}, "version": 0}, {"inputs": {}, "version": 2**31})
    for body in bodies:
        told[json.dumps(body)] = (await write(author.http, "/v1/policies/worse/judge", body)).status_code
    for query in ("version=0", "version=x", "version=99999999999", "version=-1"):
        told[query] = (await author.http.get(f"/v1/policies/worse?{query}")).status_code

    assert {what: status for what, status in told.items() if status != 422} == {'"-0.00"': 200}


@pytest.mark.usefixtures("author")
async def test_the_command_line_leads_a_policy_through_its_life(shared: Api, tmp_path: Path) -> None:
    """Checked without a board, drafted, refused to its author, activated, tried, and tried on what was decided by it."""
    file = tmp_path / "policy.json"
    file.write_text(json.dumps(named("spoken")))
    (tmp_path / "bad.json").write_text(json.dumps(named("spoken", tables=[])))

    async def command(who: str, *words: str) -> tuple[int, str]:
        env = {"BLACKBOARD_URL": shared.url, "BLACKBOARD_KEY": shared.scene.keys[who]}
        done = await asyncio.to_thread(CliRunner(env=env).invoke, app, words)
        return done.exit_code, done.output

    draft = ("policy", "draft", str(file), "--reason", "new")
    activate = ("policy", "activate", "spoken", "1", "--reason", "checked")
    told = [
        await command("author", "policy", "check", str(file)),
        await command("author", "policy", "check", str(tmp_path / "bad.json")),
        await command("author", *draft),
        await command("author", *activate),
        await command("boss", *activate),
        await command("auditor", "policies"),
        await command("auditor", "policy", "show", "spoken"),
        await command("auditor", "policy", "judge", "spoken", '{"amount": "200.00"}'),
        await command("auditor", "policy", "judge", "spoken", '{"amount": 200}'),
    ]

    assert [code for code, _ in told] == [0, 1, 0, 1, 0, 0, 0, 0, 1], told
    for (_, output), words in zip(
        told,
        (
            "note",
            "tables",
            "spoken@1 is draft",
            "another owner",
            "spoken@1 is active",
            "spoken",
            "Everybody",
            "refer (large)",
            "decimal",
        ),
        strict=True,
    ):
        assert words in output

    await shared.scene.open()
    [task] = await shared.scene.claim()
    result = {"facts": {"amount": "200.00"}, "rows": ["all/large"]}
    decision = FencedDecision(fence=task.fence, outcome="approve", reasons=["fine"], policy="spoken@1", result=result)
    await shared.scene.board.decide(shared.scene.people["worker"], task.id, decision)
    await shared.scene.store.sequence_events()
    code, output = await command("auditor", "policy", "backtest", "spoken", "--version", "1", "--json")
    found = json.loads(output)
    same = await command("auditor", "policy", "backtest", "spoken", "--version", "1", "--against", "1")
    later = await command("auditor", "policy", "backtest", "spoken", "--version", "1", "--since", "2100-01-01")

    assert (code, found["judged"], found["differences"][0]["case_id"]) == (0, 1, str(task.case_id))
    assert (found["differences"][0]["becomes"]["outcome"], same[0], later[0]) == ("refer", 0, 0)
    assert ("0 of 1" in same[1], "0 of 0" in later[1]) == (True, True)
