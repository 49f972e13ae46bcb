"""Duties over HTTP and through the client library."""

import pytest

from blackboard import workflow
from blackboard.errors import Conflict, DutyClash
from blackboard.requests import ClaimRequest, FencedDecision, NewDelegation, NewFact, NewLeave
from tests.factories import Scene
from tests.http.conftest import Api
from tests.http.operations import write
from tests.sql.duties import DUTIES, decide, hire, open_by


async def to_check(scene: Scene) -> str:
    """A case of Alice's that waits for its check, and people for it."""
    await scene.load(workflow.parse(DUTIES))
    for name in ("alice", "bob", "carol"):
        await hire(scene, name)
    case = await open_by(scene, "alice")
    await decide(scene, "bob", "look")
    return str(case.id)


async def test_a_refusal_names_the_duty_and_leave_takes_two(api: Api) -> None:
    """403 with a type and words; asked, approved, spent; the case shows who did what."""
    case_id = await to_check(api.scene)
    leave = {"agent": "alice", "duty": "checker", "reason": "nobody else is here"}
    async with api.client("alice") as alice, api.client("bob") as bob, api.client("carol") as carol, api.http("carol") as http:
        [task] = (await carol.claim(ClaimRequest(capabilities=["check"]))).tasks
        case = await carol.show_case(task.case_id)
        await carol.put_facts(case.id, [NewFact(key="income", value=1)])
        refused = await write(http, f"/v1/tasks/{task.id}/decision", {"fence": 1, "outcome": "approve", "reasons": ["ok"]})
        with pytest.raises(DutyClash):
            await carol.decide(task.id, FencedDecision(fence=1, outcome="approve", reasons=["ok"]))
        await write(http, f"/v1/tasks/{task.id}/release", {"fence": 1})

        asked = await bob.ask_leave(case.id, NewLeave.model_validate(leave))
        with pytest.raises(DutyClash):
            await bob.approve_leave(case.id, asked.id, "me too")
        await carol.approve_leave(case.id, asked.id, "seen")
        [task] = (await alice.claim(ClaimRequest(capabilities=["check"]))).tasks
        await alice.decide(task.id, FencedDecision(fence=task.fence, outcome="approve", reasons=["ok"]))
        with pytest.raises(Conflict, match="spent"):
            await carol.revoke_leave(case.id, asked.id, "too late")
        shown = await carol.show_case(case.id)

        assert (refused.status_code, refused.json()["type"]) == (403, "urn:blackboard:problem:duties")
        assert "carol added to this case (maker)" in refused.json()["detail"]
        assert [each.state for each in await bob.list_leaves()] == ["spent"]
        assert {(d.duty, d.agent) for d in shown.duties} >= {("maker", "alice"), ("opinion", "bob"), ("checker", "alice")}
        assert (await http.get(f"/v1/cases/{case_id}/break-glass")).json()[0]["despite"] == "maker"
        assert "blackboard_break_glass_total 1.0" in (await http.get("/metrics")).text


async def test_a_delegation_is_made_listed_and_ended(api: Api) -> None:
    """With `from` and `to`, as they are sent."""
    for name in ("alice", "bob"):
        await hire(api.scene, name)
    new = NewDelegation.model_validate(
        {"to": "bob", "until": "2999-01-01T00:00:00Z", "reason": "holidays", "capability": "check"}
    )
    async with api.client("alice") as alice, api.http("auditor") as http:
        made = await alice.delegate(new)
        [listed] = (await http.get("/v1/delegations")).json()
        ended = await alice.end_delegation(made.id, "back")

        assert (listed["from"], listed["to"], listed["capability"], listed["id"]) == ("alice", "bob", "check", str(made.id))
        assert (ended.verdict, await alice.list_delegations()) == ("ended", [])
