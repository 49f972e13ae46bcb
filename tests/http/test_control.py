"""Running the board over HTTP: what is held back, what got stuck, what was learnt, and no 5xx whatever is sent."""

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from blackboard import workflow
from blackboard.answers import CaseSummary, ClaimedTask
from blackboard.requests import ClaimRequest, Failure, NewQuota, NewSchedule
from tests.factories import Scene
from tests.http.conftest import Api, fresh_key

WHY = {"reason": "a look is taken"}
HOLD = {"kind": "workflow", "name": "small", **WHY}
QUOTA = {"name": "one", "kind": "concurrency", "per": "tenant", "ceiling": "1"}
SCHEDULE = {
    "cron": "0 7 * * mon-fri",
    "zone": "Europe/Berlin",
    "new_case": {"workflow": "small", "payload": {"customer": "C-1"}},
}
ON_ACCOUNTS = """
name: accounts
title: Something about an account
payload: {type: object, properties: {account: {type: string, x-entity: account}}}
stages:
  move: {capability: first, outcomes: {done: {end: executed}}}
"""


@pytest.fixture
async def boss(api: Api) -> AsyncIterator[httpx.AsyncClient]:
    """An operator's HTTP client."""
    await api.scene.hire("boss", "first", "second", role="admin")
    async with api.http("boss") as http:
        yield http


async def write(http: httpx.AsyncClient, path: str, body: object = None, method: str = "POST") -> httpx.Response:
    return await http.request(method, path, json=body, headers=fresh_key())


async def a_claim(scene: Scene) -> ClaimedTask:
    await scene.open()
    [task] = await scene.claim()
    return task


async def an_incident(scene: Scene) -> ClaimedTask:
    task = await a_claim(scene)
    await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops", retryable=False))
    return task


async def task_of(scene: Scene, case: CaseSummary) -> UUID:
    return (await scene.board.show_case(scene.people["auditor"], case.id)).tasks[-1].id


async def why(http: httpx.AsyncClient, task_id: UUID) -> str:
    answer = await http.get(f"/v1/tasks/{task_id}/why")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["answer"])


# ------------------------------------------------------------------------------------------------------------------ holds
async def test_a_hold_is_placed_listed_and_lifted(api: Api, boss: httpx.AsyncClient) -> None:
    """With who and why, and work stops and goes on with it."""
    await api.scene.open()
    placed = await write(boss, "/v1/holds", HOLD)
    [hold] = (await boss.get("/v1/holds")).json()
    held = await api.scene.claim()
    lifted = await write(boss, "/v1/holds/lift", HOLD)

    assert [placed.json(), lifted.json()] == [{"verdict": "placed"}, {"verdict": "lifted"}]
    assert (hold["by"], hold["reason"], held) == ("boss", WHY["reason"], [])
    assert ((await boss.get("/v1/holds")).json(), len(await api.scene.claim())) == ([], 1)


async def test_a_hold_that_nobody_placed_cannot_be_lifted(boss: httpx.AsyncClient) -> None:
    """404 naming it."""
    answer = await write(boss, "/v1/holds/lift", HOLD)

    assert (answer.status_code, "workflow small" in answer.json()["detail"]) == (404, True)


async def test_a_hold_on_an_account_freezes_its_holder(api: Api, boss: httpx.AsyncClient) -> None:
    """409 with the reason in one word."""
    await api.scene.load(workflow.parse(ON_ACCOUNTS))
    await api.scene.open("accounts", {"account": "CHK-001"})
    [task] = await api.scene.claim()
    await write(boss, "/v1/holds", {"kind": "entity", "name": "account:CHK-001", "reason": "police"})
    async with api.http("worker") as http:
        answer = await write(http, f"/v1/tasks/{task.id}/decision", {"fence": task.fence, "outcome": "done"})

    assert (answer.status_code, answer.json()["reason"]) == (409, "frozen")


# ------------------------------------------------------------------------------------------------------------------ cases
async def test_a_suspended_case_hands_out_nothing_until_it_is_resumed(api: Api, boss: httpx.AsyncClient) -> None:
    """Its state says so, and its version rises."""
    case = await api.scene.open()
    suspended = await write(boss, f"/v1/cases/{case.id}/suspend", WHY)
    held = await api.scene.claim()
    resumed = await write(boss, f"/v1/cases/{case.id}/resume", WHY)

    assert [suspended.json()["state"], resumed.json()["state"], held] == ["suspended", "active", []]
    assert [suspended.headers["ETag"], resumed.headers["ETag"], len(await api.scene.claim())] == ['"2"', '"3"', 1]


async def test_a_case_that_has_ended_cannot_be_suspended(api: Api, boss: httpx.AsyncClient) -> None:
    """409 with how it ended."""
    task = await a_claim(api.scene)
    await api.scene.decide(task, "reject")
    answer = await write(boss, f"/v1/cases/{task.case_id}/suspend", WHY)

    assert (answer.status_code, "rejected" in answer.json()["detail"]) == (409, True)


async def test_facts_are_kept_under_versions_or_stale(api: Api) -> None:
    """One verdict each; what is stale changes nothing."""
    case = await api.scene.open()
    async with api.http("requester") as http:
        path = f"/v1/cases/{case.id}/facts"
        first = await write(http, path, {"items": [{"key": "income", "value": "1.00", "expect": 0}]})
        items = [{"key": "income", "value": "9.00", "expect": 0}, {"key": "age", "value": 30}]
        second = await write(http, path, {"items": items})
        facts = (await http.get(f"/v1/cases/{case.id}")).json()["facts"]

    assert first.json()["items"] == [{"key": "income", "verdict": "kept", "version": 1}]
    assert [(item["verdict"], item["version"]) for item in second.json()["items"]] == [("stale", 1), ("kept", 1)]
    assert (facts["income"]["value"], facts["income"]["by"], facts["age"]["value"]) == ("1.00", "requester", 30)


async def test_a_holder_puts_facts_until_its_claim_is_over(api: Api) -> None:
    """409 for the stale fence, and nothing of it is kept."""
    task = await a_claim(api.scene)
    holder = {"task_id": str(task.id), "fence": task.fence}
    async with api.http("worker") as http:
        path = f"/v1/cases/{task.case_id}/facts"
        held = await write(http, path, {"items": [{"key": "a", "value": 1}], **holder})
        await api.scene.decide(task, "approve")
        late = await write(http, path, {"items": [{"key": "b", "value": 1}], **holder})
        facts = (await http.get(f"/v1/cases/{task.case_id}")).json()["facts"]

    assert (held.status_code, late.status_code, late.json()["reason"], list(facts)) == (200, 409, "done", ["a"])


async def test_a_claim_speaks_for_its_own_case_alone(api: Api) -> None:
    """Facts about another case under it are refused."""
    other = await api.scene.open(payload={"customer": "C-9"})
    await api.scene.claim("rival")
    task = await a_claim(api.scene)
    body = {"items": [{"key": "a", "value": 1}], "task_id": str(task.id), "fence": task.fence}
    async with api.http("worker") as http:
        answer = await write(http, f"/v1/cases/{other.id}/facts", body)
        facts = (await http.get(f"/v1/cases/{other.id}")).json()["facts"]

    assert (answer.is_client_error, facts) == (True, {})


async def test_a_task_without_its_fence_is_asked_for_it(api: Api) -> None:
    """422, and not that there is no such case."""
    task = await a_claim(api.scene)
    async with api.http("worker") as http:
        body = {"items": [{"key": "a", "value": 1}], "task_id": str(task.id)}
        answer = await write(http, f"/v1/cases/{task.case_id}/facts", body)

    assert (answer.status_code, "fence" in answer.json()["detail"]) == (422, True)


async def test_a_signal_lets_a_waiting_stage_go_on(api: Api) -> None:
    """Sent once; its case ends as the workflow says."""
    text = "name: mail\ntitle: m\npayload: {type: object}\nstages: {wait: {signal: letter, outcomes: {received: {end: done}}}}"
    await api.scene.load(workflow.parse(text))
    case = await api.scene.open("mail")
    async with api.http("requester") as http:
        told = await write(http, f"/v1/cases/{case.id}/signals/letter", {"body": {"pages": 2}})
        late = await write(http, f"/v1/cases/{case.id}/signals/letter", {"body": {}})
        outcome = (await http.get(f"/v1/cases/{case.id}")).json()["outcome"]

    assert (told.json(), late.status_code, outcome) == ({"verdict": "sent"}, 409, "done")


# ------------------------------------------------------------------------------------------------------------------- work
async def test_a_need_waits_for_its_fact(api: Api) -> None:
    """Whoever claims it next finds the fact on the board."""
    task = await a_claim(api.scene)
    async with api.http("worker") as http:
        body = {"fence": task.fence, "fact": "income", "reason": "no payslip"}
        needed = await write(http, f"/v1/tasks/{task.id}/need", body)
        waiting = await api.scene.claim()
        told = await why(http, task.id)
        await write(http, f"/v1/cases/{task.case_id}/facts", {"items": [{"key": "income", "value": "1.00"}]})
    [again] = await api.scene.claim("rival")

    assert (needed.json()["verdict"], waiting, "the fact income" in told) == ("waiting", [], True)
    assert (again.id, again.context.facts["income"].value) == (task.id, "1.00")


async def test_a_rejected_task_goes_to_others_alone(api: Api) -> None:
    """Whoever said that it is not theirs is offered it no more, and `why` says so."""
    task = await a_claim(api.scene)
    async with api.http("worker") as http:
        rejected = await write(http, f"/v1/tasks/{task.id}/reject", {"fence": task.fence, "reason": "my own account"})
        told = (await http.get(f"/v1/tasks/{task.id}/why")).json()
    excluded = {agent["agent"]: agent["excluded_by"] for agent in told["agents"]}

    assert (rejected.json()["verdict"], await api.scene.claim("worker")) == ("rejected", [])
    assert ("my own account" in excluded["worker"], excluded["rival"]) == (True, None)
    assert len(await api.scene.claim("rival")) == 1


# -------------------------------------------------------------------------------------------------------------------- why
async def test_why_answers_in_a_sentence(api: Api, boss: httpx.AsyncClient) -> None:
    """Ready, on hold, suspended, held and done."""
    case = await api.scene.open()
    task_id = await task_of(api.scene, case)
    told = [await why(boss, task_id)]
    await write(boss, "/v1/holds", HOLD)
    told.append(await why(boss, task_id))
    await write(boss, "/v1/holds/lift", HOLD)
    await write(boss, f"/v1/cases/{case.id}/suspend", WHY)
    told.append(await why(boss, task_id))
    await write(boss, f"/v1/cases/{case.id}/resume", WHY)
    [task] = await api.scene.claim()
    told.append(await why(boss, task_id))
    await api.scene.decide(task, "approve")
    told.append(await why(boss, task_id))

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
async def test_every_way_to_wait_has_its_sentence(api: Api, kind: str) -> None:
    """Whatever a task waits for, somebody may ask why."""
    first = await api.scene.open()
    stage = WAITS.get(kind, "{capability: first, outcomes: {done: {end: done}}}")
    text = f"name: waiting\ntitle: w\npayload: {{type: object}}\nstages: {{wait: {stage}}}"
    await api.scene.load(workflow.parse(text))
    gates: dict[str, Any] = {"start_at": "2099-01-01T00:00:00Z", "after": [str(first.id)]}
    case = await api.scene.open("waiting", **{name: gate for name, gate in gates.items() if name == kind})
    async with api.http("auditor") as http:
        told = await why(http, await task_of(api.scene, case))

    assert told.startswith(("It waits:", "It is scheduled")) and told.endswith("."), told


async def test_why_nobody_has_an_unknown_task_is_404(api: Api) -> None:
    """In the usual shape."""
    async with api.http("auditor") as http:
        answer = await http.get(f"/v1/tasks/{uuid4()}/why")

    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")


# -------------------------------------------------------------------------------------------------------------- incidents
async def test_an_incident_is_listed_and_redriven(api: Api, boss: httpx.AsyncClient) -> None:
    """Its attempts are counted anew."""
    task = await an_incident(api.scene)
    [incident] = (await boss.get("/v1/incidents")).json()
    told = await write(boss, f"/v1/tasks/{task.id}/redrive", WHY)
    again = await write(boss, f"/v1/tasks/{task.id}/redrive", WHY)

    assert (incident["task_id"], incident["kind"], incident["stage"]) == (str(task.id), "incident", "first")
    assert (told.json(), again.status_code, (await boss.get("/v1/incidents")).json()) == ({"verdict": "redriven"}, 409, [])
    assert [claimed.id for claimed in await api.scene.claim()] == [task.id]


async def test_an_incident_is_resolved_with_an_outcome_of_its_stage(api: Api, boss: httpx.AsyncClient) -> None:
    """Another outcome is 422 and changes nothing."""
    task = await an_incident(api.scene)
    wrong = await write(boss, f"/v1/tasks/{task.id}/resolve", {"outcome": "nonsense", **WHY})
    right = await write(boss, f"/v1/tasks/{task.id}/resolve", {"outcome": "reject", **WHY})
    case = (await boss.get(f"/v1/cases/{task.case_id}")).json()

    assert (wrong.status_code, right.json(), case["outcome"]) == (422, {"verdict": "resolved"}, "rejected")
    assert case["tasks"][0]["decision"]["by"] == "boss"


@pytest.mark.parametrize("verb", ["redrive", "resolve"])
async def test_a_task_that_does_not_exist_cannot_be_looked_after(boss: httpx.AsyncClient, verb: str) -> None:
    """404, and not that it is in good order."""
    body = {**WHY, **({"outcome": "approve"} if verb == "resolve" else {})}

    assert (await write(boss, f"/v1/tasks/{uuid4()}/{verb}", body)).status_code == 404


# ----------------------------------------------------------------------------------------------------------------- agents
async def test_the_key_of_a_suspended_agent_opens_nothing_until_it_is_resumed(api: Api, boss: httpx.AsyncClient) -> None:
    """401 meanwhile."""
    suspended = await write(boss, "/v1/agents/worker/suspend", WHY)
    async with api.http("worker") as http:
        shut = await http.get("/v1/cases")
        resumed = await write(boss, "/v1/agents/worker/resume", WHY)
        let_in = await http.get("/v1/cases")

    assert [suspended.json()["verdict"], resumed.json()["verdict"]] == ["changed", "changed"]
    assert [shut.status_code, let_in.status_code] == [401, 200]


async def test_a_suspended_agent_loses_its_claims_and_gets_no_new_ones(api: Api, boss: httpx.AsyncClient) -> None:
    """Even while the board still trusts its key."""
    task = await a_claim(api.scene)
    async with api.http("worker") as http:
        await http.get("/v1/cases")
        await write(boss, "/v1/agents/worker/suspend", WHY)
        decided = await write(http, f"/v1/tasks/{task.id}/decision", {"fence": task.fence, "outcome": "approve"})
        claimed = await write(http, "/v1/claims", {"capabilities": ["first"]})

    assert (decided.status_code in (401, 409), claimed.status_code in (401, 403)) == (True, True)
    assert [other.id for other in await api.scene.claim("rival")] == [task.id]


async def test_an_unknown_agent_cannot_be_suspended(boss: httpx.AsyncClient) -> None:
    """404 naming it."""
    answer = await write(boss, "/v1/agents/nobody/suspend", WHY)

    assert (answer.status_code, "nobody" in answer.json()["detail"]) == (404, True)


# ----------------------------------------------------------------------------------------------------- quotas, schedules
async def test_a_quota_holds_work_back_until_it_is_dropped(api: Api, boss: httpx.AsyncClient) -> None:
    """Listed with what is in use of it."""
    for _ in range(2):
        await api.scene.open()
    put = await write(boss, "/v1/quotas", QUOTA)
    claimed = await api.scene.claim(limit=2)
    [quota] = (await boss.get("/v1/quotas")).json()
    dropped = await write(boss, "/v1/quotas/one", method="DELETE")

    assert (put.status_code, len(claimed), quota["name"]) == (201, 1, "one")
    assert [float(used) for used in quota["in_use"].values()] == [1.0]
    async with api.client("rival") as rival:
        freed = await rival.claim(ClaimRequest(capabilities=["first"], wait_s=20))
    assert (dropped.json(), (await boss.get("/v1/quotas")).json()) == ({"verdict": "dropped"}, [])
    assert len(freed.tasks) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"ceiling": "0"},
        {"ceiling": "NaN"},
        {"ceiling": "1e400"},
        {"per": "entity:"},
        {"kind": "rate"},
        {"kind": "exposure"},
        {"kind": "money"},
        {"name": "One"},
    ],
)
async def test_a_quota_that_makes_no_sense_is_refused(boss: httpx.AsyncClient, change: dict[str, str]) -> None:
    """422 with the place, and none is set."""
    answer = await write(boss, "/v1/quotas", {**QUOTA, **change})

    assert (answer.status_code, bool(answer.json()["detail"]), (await boss.get("/v1/quotas")).json()) == (422, True, [])


async def test_a_schedule_is_set_listed_and_dropped(boss: httpx.AsyncClient) -> None:
    """With the next moment, in UTC."""
    put = await write(boss, "/v1/schedules/daily", SCHEDULE, "PUT")
    [listed] = (await boss.get("/v1/schedules")).json()
    dropped = await write(boss, "/v1/schedules/daily", method="DELETE")

    assert (put.status_code, listed) == (200, put.json())
    assert (listed["name"], listed["next_at"].endswith(("Z", "+00:00"))) == ("daily", True)
    assert (dropped.json(), (await boss.get("/v1/schedules")).json()) == ({"verdict": "dropped"}, [])


@pytest.mark.parametrize(
    "cron",
    [
        "* * * *",
        "61 * * * *",
        "0 0 30 2 *",
        "nonsense at all",
        "* * * * * *",
        "9" * 40 + " * * * *",
        "0 7 * * mon-xyz",
        "￼ * * * * ",
    ],
)
async def test_a_bad_cron_is_told_what_is_wrong(boss: httpx.AsyncClient, cron: str) -> None:
    """422 that speaks of the expression, and nothing is set."""
    answer = await write(boss, "/v1/schedules/daily", {**SCHEDULE, "cron": cron}, "PUT")

    assert (answer.status_code, "cron" in answer.text) == (422, True), answer.text
    assert (await boss.get("/v1/schedules")).json() == []


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "Europe", "../../etc/passwd", "/etc/passwd", "", "x" * 60, "é", "Europe/Berlin "]
)
async def test_a_bad_zone_is_told_what_would_do(boss: httpx.AsyncClient, zone: str) -> None:
    """422 that speaks of the zone, and nothing is set."""
    answer = await write(boss, "/v1/schedules/daily", {**SCHEDULE, "zone": zone}, "PUT")

    assert (answer.status_code, "zone" in answer.text) == (422, True), answer.text
    assert (await boss.get("/v1/schedules")).json() == []


async def test_a_schedule_of_an_unknown_workflow_is_404(boss: httpx.AsyncClient) -> None:
    """It says which there are."""
    answer = await write(boss, "/v1/schedules/daily", {**SCHEDULE, "new_case": {"workflow": "nope", "payload": {}}}, "PUT")

    assert (answer.status_code, "small" in answer.json()["detail"]) == (404, True)


# ------------------------------------------------------------------------------------------------------- memory and load
async def test_memory_is_there_at_the_next_task_about_the_same_subject(api: Api) -> None:
    """For the agent that kept it alone; null forgets."""
    await api.scene.load(workflow.parse(WITH_SUBJECT))
    async with api.http("worker") as http:
        kept = await write(http, "/v1/memory/C-1", {"values": {"mood": "calm", "calls": 2}}, "PUT")
        await write(http, "/v1/memory/C-1", {"values": {"calls": None}}, "PUT")
    for _ in range(2):
        await api.scene.open("about", {"customer": "C-1"})
    [mine], [theirs] = await api.scene.claim("worker"), await api.scene.claim("rival")

    assert (kept.json(), mine.context.memory, theirs.context.memory) == ({"verdict": "kept"}, {"mood": "calm"}, {})


WITH_SUBJECT = (
    "name: about\ntitle: a\nsubject: customer\npayload: {type: object}\n"
    "stages: {look: {capability: first, outcomes: {done: {end: done}}}}"
)


async def test_memory_is_kept_about_a_subject_with_a_slash(api: Api) -> None:
    """A subject is any text of a payload."""
    await api.scene.load(workflow.parse(WITH_SUBJECT))
    async with api.client("worker") as worker:
        await worker.keep_memory("C/1 ü", {"mood": "calm"})
    await api.scene.open("about", {"customer": "C/1 ü"})
    [task] = await api.scene.claim("worker")

    assert task.context.memory == {"mood": "calm"}


async def test_load_says_how_much_lies_where(api: Api) -> None:
    """Ready and held, per capability."""
    for _ in range(3):
        await api.scene.open()
    await api.scene.claim()
    async with api.http("auditor") as http:
        load = {entry["capability"]: entry for entry in (await http.get("/v1/load")).json()}

    assert (load["first"]["ready"], load["first"]["claimed"]) == (2, 1)
    assert load["first"]["oldest_ready_s"] >= 0


# -------------------------------------------------------------------------------------------------------- every new write
@dataclass
class Ids:
    """What the routes below speak of."""

    case: str
    task: str
    stuck: str

    def fill(self, text: str) -> str:
        """The text with ids in it."""
        return text.replace("$case", self.case).replace("$task", self.task).replace("$stuck", self.stuck)


ITEM = {"task_id": "$task", "fence": 1}
WRITES: dict[str, Any] = {
    "POST /v1/holds": HOLD,
    "POST /v1/holds/lift": {"kind": "entity", "name": "account:x", **WHY},
    "POST /v1/agents/rival/suspend": WHY,
    "POST /v1/agents/rival/resume": WHY,
    "POST /v1/tasks/$stuck/redrive": WHY,
    "POST /v1/tasks/$stuck/resolve": {"outcome": "approve", **WHY},
    "POST /v1/tasks/$task/reject": {"fence": 1, **WHY},
    "POST /v1/tasks/$task/need": {"fence": 1, "fact": "income", **WHY},
    "POST /v1/quotas": QUOTA,
    "DELETE /v1/quotas/wide": None,
    "PUT /v1/schedules/daily": SCHEDULE,
    "DELETE /v1/schedules/yearly": None,
    "PUT /v1/memory/C-1": {"values": {"mood": "calm"}},
    "POST /v1/cases/$case/suspend": WHY,
    "POST /v1/cases/$case/resume": WHY,
    "POST /v1/cases/$case/facts": {
        "items": [{"key": "a", "value": 1, "expect": 0, "confidence": 0.5, "source": "me"}],
        "task_id": "$task",
        "fence": 1,
    },
    "POST /v1/cases/$case/signals/letter": {"body": {"pages": 2}},
    "POST /v1/cases/batch": {
        "items": [{"workflow": "small", "payload": {"a": 1}, "priority": 1, "idempotency_key": "k", "business_key": "b"}]
    },
    "POST /v1/decisions": {"items": [{**ITEM, "outcome": "approve", "reasons": ["ok"], "confidence": 0.5, "result": {"a": 1}}]},
    "POST /v1/heartbeats": {"items": [{**ITEM, "lease_s": 60, "progress": {"a": 1}}]},
    "POST /v1/failures": {"items": [{**ITEM, **WHY, "retryable": True, "delay_s": 1}]},
    "POST /v1/releases": {"items": [{**ITEM, **WHY}]},
    "POST /v1/rejections": {"items": [{**ITEM, **WHY}]},
    "POST /v1/needs": {"items": [{**ITEM, **WHY, "fact": "income"}]},
}
BAD: list[Any] = [
    None,
    [],
    {},
    True,
    -1,
    0,
    2**31,
    2**63,
    10**30,
    1e308,
    1.5,
    "",
    "\0",
    "x\0",
    "x" * 10_000,
    "' --",
    "ü",
    [None],
    [[]],
]
NOWHERE = Ids(*(str(uuid4()) for _ in range(3)))


@pytest.fixture
async def ids(api: Api, boss: httpx.AsyncClient) -> Ids:
    """A board with something of everything: work in hand, an incident, a hold, a quota, a schedule."""
    stuck = await an_incident(api.scene)
    await api.scene.open()
    [task] = await api.scene.claim("boss")
    who = api.scene.people["boss"]
    await api.scene.board.place_hold(who, "entity", "account:x", "police")
    await api.scene.board.put_quota(who, NewQuota(name="wide", kind="concurrency", per="tenant", ceiling=1000))
    await api.scene.board.put_schedule(who, "yearly", NewSchedule.model_validate({**SCHEDULE, "cron": "0 0 1 1 *"}))
    del boss
    return Ids(str(task.case_id), str(task.id), str(stuck.id))


def split(route: str, ids: Ids) -> tuple[str, str, Any]:
    """Method, path and body of a write."""
    method, path = ids.fill(route).split()
    return method, path, json.loads(ids.fill(json.dumps(WRITES[route])))


def spoiled(body: Any) -> Iterator[Any]:
    """The body with each of its places spoiled in each way, one at a time."""
    yield from BAD
    members = list(body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else [])
    if isinstance(body, dict):
        yield {**body, "unknown": 1}
        yield from ({k: v for k, v in body.items() if k != name} for name in body)
        yield {**body, "\0": 1}
    for name, value in members:
        for worse in spoiled(value):
            copy = dict(body) if isinstance(body, dict) else list(body)
            copy[name] = worse
            yield copy


async def test_every_write_asks_for_an_idempotency_key(boss: httpx.AsyncClient) -> None:
    """400 without one."""
    told = {}
    for route in WRITES:
        method, path, body = split(route, NOWHERE)
        answer = await boss.request(method, path, json=body)
        told[route] = (answer.status_code, "Idempotency-Key" in answer.text)

    assert told == dict.fromkeys(WRITES, (400, True))


async def test_no_write_is_for_auditors(api: Api, ids: Ids) -> None:
    """They read, whatever they send."""
    async with api.http("auditor") as http:
        told = {}
        for route in WRITES:
            method, path, body = split(route, ids)
            told[route] = (await write(http, path, body, method)).status_code

    assert told == dict.fromkeys(WRITES, 403)


@pytest.mark.parametrize("who", ["requester", "worker", "auditor"])
async def test_only_operators_run_the_board(api: Api, ids: Ids, who: str) -> None:
    """403 that names who may."""
    ours = [route for route in WRITES if any(word in route for word in OPERATORS)]
    async with api.http(who) as http:
        told = {}
        for route in ours:
            method, path, body = split(route, ids)
            answer = await write(http, path, body, method)
            told[route] = (answer.status_code, "admin" in answer.text)

    assert told == dict.fromkeys(ours, (403, True))


OPERATORS = ("/holds", "/agents/", "/redrive", "/resolve", "/quotas", "/schedules", "$case/suspend", "$case/resume")


@pytest.mark.parametrize("route", WRITES)
async def test_a_write_that_is_repeated_is_answered_as_before(boss: httpx.AsyncClient, ids: Ids, route: str) -> None:
    """Its first answer was lost on the way."""
    method, path, body = split(route, ids)
    key = fresh_key()
    first, second = [await boss.request(method, path, json=body, headers=key) for _ in range(2)]

    assert first.is_success, first.text
    if path == "/v1/cases/batch":
        assert [item["id"] for item in second.json()["items"]] == [item["id"] for item in first.json()["items"]]
    else:
        assert (second.status_code, second.json()) == (first.status_code, first.json())


@pytest.mark.parametrize("part", range(4))
async def test_whatever_is_sent_the_board_does_not_fail(boss: httpx.AsyncClient, ids: Ids, part: int) -> None:
    """A defined answer to each, and nothing that says 5xx."""
    failed = []
    for route in list(WRITES)[part::4]:
        method, path, body = split(route, ids)
        for worse in spoiled(body):
            answer = await write(boss, path, worse, method)
            if answer.status_code >= 500:
                failed.append((route, answer.status_code, json.dumps(worse)[:150]))

    assert failed == []


async def test_a_write_that_is_no_json_is_refused(boss: httpx.AsyncClient, ids: Ids) -> None:
    """Broken, not UTF-8, bottomless or not finite: 400. Another type of content: 415."""
    broken = [
        b'{"items":',
        b'{"a":"\xff"}',
        b"[" * 100_000,
        b'{"a":NaN}',
        b'{"a":1e400}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u0000"}',
    ]
    told = {}
    for route in WRITES:
        method, path, _ = split(route, ids)
        kinds = [("application/json", content) for content in broken] + [("text/plain", b"a=1")]
        told[route] = [
            (await boss.request(method, path, content=content, headers={"Content-Type": kind, **fresh_key()})).status_code
            for kind, content in kinds
        ]

    assert told == dict.fromkeys(WRITES, [400] * len(broken) + [415])


async def test_whatever_the_address_the_board_does_not_fail(boss: httpx.AsyncClient) -> None:
    """A defined answer at each place of each path."""
    told = {}
    for route in WRITES:
        method, path, body = split(route, NOWHERE)
        parts = path.split("/")
        for place in range(3, len(parts)):
            for worse in ("%00", "x%00", "%ff", "..%2f..", "x" * 5000, "%20", "1", "%F0%9F%92%A9"):
                address = "/".join([*parts[:place], worse, *parts[place + 1 :]])
                told[f"{method} {address[:80]}"] = (await write(boss, address, body, method)).status_code

    assert {route: status for route, status in told.items() if status >= 500} == {}


UNKNOWN = [
    *("POST /v1/tasks/$task/reject", "POST /v1/tasks/$task/need", "DELETE /v1/quotas/wide", "DELETE /v1/schedules/yearly"),
    *(f"POST /v1/cases/$case/{verb}" for verb in ("suspend", "resume", "facts", "signals/letter")),
]


async def test_what_nobody_knows_is_not_found(boss: httpx.AsyncClient) -> None:
    """Cases, tasks, quotas and schedules that are not there."""
    told = {}
    for route in UNKNOWN:
        method, path, body = split(route, NOWHERE)
        told[route] = (await write(boss, path, body, method)).status_code

    assert told == dict.fromkeys(UNKNOWN, 404)


async def test_the_client_library_runs_the_board_too(api: Api, boss: httpx.AsyncClient) -> None:
    """Each of its verbs reaches its route."""
    task = await an_incident(api.scene)
    async with api.client("boss") as client:
        placed = await client.place_hold("capability", "first", "audit")
        holds = await client.list_holds()
        lifted = await client.lift_hold("capability", "first", "done")
        stuck = await client.list_incidents()
        redriven = await client.redrive_task(task.id, "again")
        load = await client.show_load()
        told = await client.explain_task(task.id)
        claimed = await client.claim(ClaimRequest(capabilities=["first"]))
    del boss

    assert [placed.verdict, lifted.verdict, redriven.verdict] == ["placed", "lifted", "redriven"]
    assert ([hold.name for hold in holds], [entry.task_id for entry in stuck]) == (["first"], [task.id])
    assert (load[0].ready, told.answer.endswith("."), len(claimed.tasks)) == (1, True, 1)
