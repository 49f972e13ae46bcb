"""A panel over HTTP: asked, sealed, counted by the running board, told as a story, made again from the journal."""

import asyncio
import os
import sys
from uuid import UUID

import pytest

from blackboard import workflow
from blackboard.agent import Agent, Assignment
from blackboard.answers import Case
from blackboard.errors import Conflict
from blackboard.requests import ClaimRequest, FencedOpinion, NewFact, Opinion
from tests.http.conftest import Api, fresh_key
from tests.sql.flows import HEAD
from tests.sql.panels import PANEL, SEATS


async def panel(api: Api) -> Case:
    """A case before a panel whose members work here."""
    for name, capability in SEATS.items():
        if name not in api.scene.people:
            await api.scene.hire(name, capability)
    await api.scene.load(workflow.parse(HEAD + PANEL))
    case = await api.scene.open("flow", {"customer": "C-1"})
    async with api.client("requester") as requester:
        await requester.put_facts(case.id, [NewFact(key="sanctions.hit", value=False)])
        return await requester.show_case(case.id)


async def ended(api: Api, case_id: UUID) -> Case:
    """The case when it has ended."""
    async with api.client("auditor") as auditor, asyncio.timeout(20):
        while (case := await auditor.show_case(case_id, wait_s=5)).outcome is None:
            pass
        return case


def member(name: str, verdict: str) -> Agent:
    """An agent that has made up its mind."""

    async def handle(assignment: Assignment) -> Opinion:
        reads = [f"sanctions.hit@{assignment.facts['sanctions.hit'].version}"]
        return Opinion.model_validate({"verdict": verdict, "reasons": [f"{verdict}_by_{name}"], "reads": reads})

    return Agent(name, [SEATS[name]], handle)


async def command(api: Api, *args: str) -> str:
    """What the command line says."""
    env = {**os.environ, "BLACKBOARD_URL": api.url, "BLACKBOARD_KEY": api.scene.keys["auditor"]}
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "blackboard", *args), env=env, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await asked.communicate()
    assert asked.returncode == 0
    return told.decode()


async def test_agents_that_return_opinions_are_counted_by_the_board(shared: Api) -> None:
    """Nobody but the board decides; the story tells how, and the journal alone leads to the same."""
    case = await panel(shared)

    for name, verdict in {"ann": "approve", "ben": "reject", "cleo": "approve"}.items():
        async with shared.client(name) as client:
            assert await member(name, verdict).work_once(client) == 1
    now = await ended(shared, case.id)
    async with shared.client("auditor") as auditor:
        story = await auditor.explain_case(case.id)
        [again] = await auditor.replay_case(case.id)
    said = await asyncio.gather(*(command(shared, name, str(case.id)) for name in ("explain", "replay")))

    assert (now.outcome, [d["by"] for d in now.decisions[0].dissent]) == ("granted", ["ben"])
    assert "The panel: Should this loan be granted?" in {chapter.title for chapter in story.chapters}
    assert (again.is_same, again.outcome) == (True, "approve")
    assert story.answer in said[0]
    assert said[1] == "panel: approve: the same\n"


async def test_an_opinion_is_answered_once_and_kept_from_requesters(shared: Api) -> None:
    """The same key gives the same answer; a requester's stream tells that a decision was made and not of what."""
    case = await panel(shared)
    for name in SEATS:
        async with shared.client(name) as client:
            [task] = (await client.claim(ClaimRequest(capabilities=[SEATS[name]]))).tasks
        body = {"fence": task.fence, "verdict": "reject", "reasons": [f"rejected_by_{name}"]}
        async with shared.http(name) as http:
            key = fresh_key()
            told = [await http.post(f"/v1/tasks/{task.id}/opinion", json=body, headers=key) for _ in range(2)]
            generic = await http.post(
                f"/v1/tasks/{task.id}/opinion", json={**body, "reasons": ["rejected"]}, headers=fresh_key()
            )
        assert [(t.status_code, t.json()["verdict"]) for t in told] == [(200, "given")] * 2
        assert (told[1].headers["Idempotency-Replayed"], generic.status_code) == ("true", 422)
    assert (await ended(shared, case.id)).outcome == "refused"
    async with shared.http("requester") as http:
        params = {"case": str(case.id), "type": "decision.made", "after": "0"}
        page = (await http.get("/v1/events", params=params, headers={"Accept": "application/json"})).json()

    [made] = page["events"]
    assert {"basis", "dissent", "reasons"} <= set(made["data"]["masked"])
    assert "rejected_by" not in str(page)


async def test_a_conflict_tells_its_reason_to_a_client(shared: Api) -> None:
    """So that the runtime knows what to do about it."""
    case = await panel(shared)
    async with shared.client("ann") as client:
        [task] = (await client.claim(ClaimRequest(capabilities=["affordability"]))).tasks
        said = FencedOpinion(fence=task.fence, verdict="approve", reasons=["fine"], reads=["sanctions.hit@9"])
        with pytest.raises(Conflict) as refused:
            await client.give_opinion(task.id, said)
    async with shared.client("requester") as requester:
        await requester.cancel_case(case.id, "that was all")

    assert refused.value.extra == {"reason": "outdated"}
