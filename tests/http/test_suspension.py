"""Cases and agents that are suspended and resumed over HTTP."""

import httpx

from tests.http.conftest import Api
from tests.http.operations import WHY, a_claim, write


async def test_a_suspended_case_hands_out_nothing_until_it_is_resumed(own: Api, own_boss: httpx.AsyncClient) -> None:
    """Its state says so, and its version rises."""
    case = await own.scene.open()
    suspended = await write(own_boss, f"/v1/cases/{case.id}/suspend", WHY)
    held = await own.scene.claim()
    resumed = await write(own_boss, f"/v1/cases/{case.id}/resume", WHY)

    assert [suspended.json()["state"], resumed.json()["state"], held] == ["suspended", "active", []]
    assert [suspended.headers["ETag"], resumed.headers["ETag"], len(await own.scene.claim())] == ['"2"', '"3"', 1]


async def test_a_case_that_has_ended_cannot_be_suspended(own: Api, own_boss: httpx.AsyncClient) -> None:
    """409 with how it ended."""
    task = await a_claim(own.scene)
    await own.scene.decide(task, "reject")
    answer = await write(own_boss, f"/v1/cases/{task.case_id}/suspend", WHY)

    assert (answer.status_code, "rejected" in answer.json()["detail"]) == (409, True)


async def test_the_key_of_a_suspended_agent_opens_nothing_until_it_is_resumed(own: Api, own_boss: httpx.AsyncClient) -> None:
    """401 meanwhile."""
    suspended = await write(own_boss, "/v1/agents/worker/suspend", WHY)
    async with own.http("worker") as http:
        shut = await http.get("/v1/cases")
        resumed = await write(own_boss, "/v1/agents/worker/resume", WHY)
        let_in = await http.get("/v1/cases")

    assert [suspended.json()["verdict"], resumed.json()["verdict"]] == ["changed", "changed"]
    assert [shut.status_code, let_in.status_code] == [401, 200]


async def test_a_suspended_agent_loses_its_claims_and_gets_no_new_ones(own: Api, own_boss: httpx.AsyncClient) -> None:
    """Even while the board still trusts its key."""
    task = await a_claim(own.scene)
    async with own.http("worker") as http:
        await http.get("/v1/cases")
        await write(own_boss, "/v1/agents/worker/suspend", WHY)
        decided = await write(
            http, f"/v1/tasks/{task.id}/decision", {"fence": task.fence, "outcome": "approve", "reasons": ["because"]}
        )
        claimed = await write(http, "/v1/claims", {"capabilities": ["first"]})

    assert (decided.status_code in (401, 409), claimed.status_code in (401, 403)) == (True, True)
    assert [other.id for other in await own.scene.claim("rival")] == [task.id]


async def test_an_unknown_agent_cannot_be_suspended(own_boss: httpx.AsyncClient) -> None:
    """404 naming it."""
    answer = await write(own_boss, "/v1/agents/nobody/suspend", WHY)

    assert (answer.status_code, "nobody" in answer.json()["detail"]) == (404, True)
