"""Why a task waits, and who may not take it, over HTTP."""

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from blackboard import workflow
from blackboard.answers import CaseSummary
from tests.factories import Scene
from tests.http.conftest import Api
from tests.http.operations import HOLD, WHY, a_claim, why, write


async def task_of(scene: Scene, case: CaseSummary) -> UUID:
    return (await scene.board.show_case(scene.people["auditor"], case.id)).tasks[-1].id


async def test_a_rejected_task_goes_to_others_alone(own: Api) -> None:
    """Whoever said that it is not theirs is offered it no more, and `why` says so."""
    task = await a_claim(own.scene)
    async with own.http("worker") as http:
        rejected = await write(http, f"/v1/tasks/{task.id}/reject", {"fence": task.fence, "reason": "my own account"})
        told = (await http.get(f"/v1/tasks/{task.id}/why")).json()
    excluded = {agent["agent"]: agent["excluded_by"] for agent in told["agents"]}

    assert (rejected.json()["verdict"], await own.scene.claim("worker")) == ("rejected", [])
    assert ("my own account" in excluded["worker"], excluded["rival"]) == (True, None)
    assert len(await own.scene.claim("rival")) == 1


async def test_why_answers_in_a_sentence(own: Api, own_boss: httpx.AsyncClient) -> None:
    """Ready, on hold, suspended, held and done."""
    case = await own.scene.open()
    task_id = await task_of(own.scene, case)
    told = [await why(own_boss, task_id)]
    await write(own_boss, "/v1/holds", HOLD)
    told.append(await why(own_boss, task_id))
    await write(own_boss, "/v1/holds/lift", HOLD)
    await write(own_boss, f"/v1/cases/{case.id}/suspend", WHY)
    told.append(await why(own_boss, task_id))
    await write(own_boss, f"/v1/cases/{case.id}/resume", WHY)
    [task] = await own.scene.claim()
    told.append(await why(own_boss, task_id))
    await own.scene.decide(task, "approve")
    told.append(await why(own_boss, task_id))

    expected = [
        "rival, worker",
        "workflow small by boss (a look is taken)",
        "its case to be resumed",
        "worker holds it",
        "done",
    ]
    assert [word in answer for word, answer in zip(expected, told, strict=True)] == [True] * 5, told
    assert all(answer.endswith(".") for answer in told)


WAITS = {
    "signal": "{signal: letter, outcomes: {received: {end: done}}}",
    "timer": "{timer_s: 3600, outcomes: {elapsed: {end: done}}}",
    "case": "{case: small, outcomes: {executed: {end: done}}}",
    "when": '{capability: first, when: "facts.income == 1", outcomes: {done: {end: done}}}',
}


@pytest.mark.parametrize("kind", [*WAITS, "start_at", "after"])
async def test_every_way_to_wait_has_its_sentence(own: Api, kind: str) -> None:
    """Whatever a task waits for, somebody may ask why."""
    first = await own.scene.open()
    stage = WAITS.get(kind, "{capability: first, outcomes: {done: {end: done}}}")
    text = f"name: waiting\ntitle: w\npayload: {{type: object}}\nstages: {{wait: {stage}}}"
    await own.scene.load(workflow.parse(text))
    gates: dict[str, Any] = {"start_at": "2099-01-01T00:00:00Z", "after": [str(first.id)]}
    case = await own.scene.open("waiting", **{name: gate for name, gate in gates.items() if name == kind})
    async with own.http("auditor") as http:
        told = await why(http, await task_of(own.scene, case))

    assert told.startswith(("It waits:", "It is scheduled")) and told.endswith("."), told


async def test_why_nobody_has_an_unknown_task_is_404(own: Api) -> None:
    """In the usual shape."""
    async with own.http("auditor") as http:
        answer = await http.get(f"/v1/tasks/{uuid4()}/why")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
