"""Many at a time over HTTP: one verdict each, in order, and no item harms another."""

import asyncio
from typing import Any
from uuid import uuid4

import httpx
import pytest

from blackboard import workflow
from blackboard.answers import ClaimedTask
from blackboard.requests import FencedDecision
from tests.factories import PAYLOAD, TRANSFER, Scene
from tests.http.conftest import Api, fresh_key

WITH_RESULT = """
name: scored
title: A score, and who gave it
payload: {type: object}
stages:
  score:
    capability: first
    result:
      type: object
      required: [score]
      properties: {score: {type: integer, minimum: 0, x-hint: must be a whole number from 0}}
    outcomes: {approve: {end: approved}, reject: {end: rejected}}
"""
VERBS: dict[str, tuple[dict[str, Any], str]] = {
    "decisions": ({"outcome": "approve", "reasons": ["because"]}, "decided"),
    "heartbeats": ({}, "extended"),
    "failures": ({"reason": "oops"}, "retrying"),
    "releases": ({}, "released"),
    "rejections": ({"reason": "not mine"}, "rejected"),
    "needs": ({"fact": "income", "reason": "no payslip"}, "waiting"),
}


def bulk(customer: str = "C-1", **more: Any) -> dict[str, Any]:
    """A case under a key of its own."""
    return {"workflow": "small", "payload": {"customer": customer}, "idempotency_key": uuid4().hex, **more}


async def post(http: httpx.AsyncClient, path: str, *items: object, key: dict[str, str] | None = None) -> list[dict[str, Any]]:
    answer = await http.post(f"/v1/{path}", json={"items": items}, headers=key or fresh_key())
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def how_many(own: Api) -> int:
    async with own.http("auditor") as http:
        return len((await http.get("/v1/cases", params={"limit": 200})).json()["cases"])


async def claims(scene: Scene, count: int, who: str = "worker") -> list[ClaimedTask]:
    for _ in range(count):
        await scene.open()
    return await scene.claim(who, limit=count)


# ------------------------------------------------------------------------------------------------------------------ cases
async def test_bad_cases_do_not_harm_good_ones(own: Api) -> None:
    """One verdict each, in order, and each no says why."""
    await own.scene.load(workflow.load(TRANSFER))
    items = [
        bulk(),
        bulk(workflow="nope"),
        bulk(workflow="transfer", payload={**PAYLOAD, "amount": "-1.00"}),
        bulk(workflow="transfer", payload=PAYLOAD),
        bulk(business_key="B-1"),
        bulk(business_key="B-1"),
    ]
    async with own.http() as http:
        told = await post(http, "cases/batch", *items)

    verdicts = [item["verdict"] for item in told]
    assert verdicts == ["opened", "not-found", "invalid", "opened", "opened", "duplicate-business-key"]
    words = {1: "nope", 2: "payload.amount", 5: "business_key"}
    assert [n for n, word in words.items() if word not in told[n]["detail"]] == []
    assert ([bool(item["id"]) for item in told], await how_many(own)) == ([True, False, False, True, True, False], 3)


async def test_a_batch_sent_again_opens_nothing_twice(own: Api) -> None:
    """Under the same header, under another, and its cases in another batch."""
    items, key = [bulk(f"C-{n}") for n in range(5)], fresh_key()
    async with own.http() as http:
        first = await post(http, "cases/batch", *items, key=key)
        again = [
            await post(http, "cases/batch", *items, key=key),
            await post(http, "cases/batch", *items),
            (await post(http, "cases/batch", bulk(), *reversed(items)))[:0:-1],
        ]

    assert {item["verdict"] for told in again for item in told} == {"replayed"}
    assert [[item["id"] for item in told] for told in again] == [[item["id"] for item in first]] * 3
    assert await how_many(own) == 6


async def test_the_rest_of_a_batch_goes_on_where_it_was_cut_off(own: Api) -> None:
    """What was opened is replayed, what was not is opened."""
    items = [bulk(f"C-{n}") for n in range(4)]
    async with own.http() as http:
        await post(http, "cases/batch", *items[:2])
        told = await post(http, "cases/batch", *items)

    assert [item["verdict"] for item in told] == ["replayed", "replayed", "opened", "opened"]


async def test_one_key_opens_one_case(own: Api) -> None:
    """Two items of a batch with one key: the second is told so."""
    twice = bulk()
    async with own.http() as http:
        told = await post(http, "cases/batch", twice, twice, {**twice, "payload": {"customer": "C-2"}})

    assert [item["verdict"] for item in told] == ["opened", "key-repeated", "key-repeated"]
    assert ("Idempotency-Key" in told[1]["detail"], await how_many(own)) == (True, 1)


async def test_a_key_stands_for_one_body(own: Api) -> None:
    """Another one under it is a mismatch; what was opened stays as it was."""
    item = bulk()
    async with own.http() as http:
        await post(http, "cases/batch", item)
        told = await post(http, "cases/batch", {**item, "payload": {"customer": "C-2"}}, bulk())

    assert ([item["verdict"] for item in told], await how_many(own)) == (["key-mismatch", "opened"], 2)


async def test_layout_does_not_matter_to_an_items_key(own: Api) -> None:
    """Members in another order are the same case."""
    item = bulk(payload={"a": 1, "b": 2})
    async with own.http() as http:
        [first] = await post(http, "cases/batch", item)
        [same] = await post(http, "cases/batch", dict(reversed({**item, "payload": {"b": 2, "a": 1}}.items())))

    assert (same["verdict"], same["id"]) == ("replayed", first["id"])


async def test_a_case_that_was_refused_may_be_mended_under_its_key(own: Api) -> None:
    """A no is not remembered."""
    item = bulk(workflow="nope")
    async with own.http() as http:
        [refused] = await post(http, "cases/batch", item)
        [opened] = await post(http, "cases/batch", {**item, "workflow": "small"})

    assert (refused["verdict"], opened["verdict"]) == ("not-found", "opened")


async def test_what_was_opened_stays_opened_when_its_workflow_asks_for_more(own: Api) -> None:
    """A repeat is answered as before, whatever is asked of new cases meanwhile."""
    item = bulk()
    async with own.http() as http:
        [first] = await post(http, "cases/batch", item)
        text = "name: small\ntitle: s\npayload: {type: object, required: [age]}\n"
        await own.scene.load(workflow.parse(text + "stages: {first: {capability: first, outcomes: {done: {end: done}}}}"))
        [again] = await post(http, "cases/batch", item)

    assert (again["verdict"], again["id"]) == ("replayed", first["id"])


async def test_the_keys_of_two_requesters_are_their_own(own: Api) -> None:
    """The same key of somebody else opens another case."""
    await own.scene.hire("other", role="requester")
    item = bulk()
    async with own.http() as mine, own.http("other") as theirs:
        [first], [second] = await post(mine, "cases/batch", item), await post(theirs, "cases/batch", item)

    assert ([first["verdict"], second["verdict"]], first["id"] == second["id"]) == (["opened", "opened"], False)


async def test_a_thousand_cases_are_one_batch(own: Api) -> None:
    """All opened, each with an id of its own."""
    async with own.http() as http:
        told = await post(http, "cases/batch", *(bulk(f"C-{n}") for n in range(1000)))

    assert {item["verdict"] for item in told} == {"opened"}
    assert len({item["id"] for item in told}) == 1000


@pytest.mark.parametrize("path", ["cases/batch", *VERBS])
@pytest.mark.parametrize(("count", "status", "word"), [(0, 422, "items"), (1001, 400, "more than 1000 members")])
async def test_a_batch_has_from_1_to_1000_items(shared: Api, path: str, count: int, status: int, word: str) -> None:
    """None is refused by the field's name, more as any list that is too long; nothing is done."""
    item = {**VERBS[path][0], "task_id": str(uuid4()), "fence": 1} if path in VERBS else bulk()
    async with shared.http("requester" if path == "cases/batch" else "worker") as http:
        answer = await http.post(f"/v1/{path}", json={"items": [item] * count}, headers=fresh_key())

    assert (answer.status_code, word in answer.json()["detail"], await how_many(shared)) == (status, True, 0)


# ------------------------------------------------------------------------------------------------------------------ tasks
@pytest.mark.parametrize("verb", VERBS)
async def test_each_item_has_its_verdict_in_order(own: Api, verb: str) -> None:
    """Good ones are done, whatever stands between them."""
    body, yes = VERBS[verb]
    first, second, third = await claims(own.scene, 3)
    [foreign] = await claims(own.scene, 1, "rival")
    items = [
        {"task_id": str(first.id), "fence": first.fence},
        {"task_id": str(uuid4()), "fence": 1},
        {"task_id": str(foreign.id), "fence": foreign.fence},
        {"task_id": str(third.id), "fence": third.fence + 1},
        {"task_id": str(second.id), "fence": second.fence},
    ]
    async with own.http("worker") as http:
        told = await post(http, verb, *({**item, **body} for item in items))

    assert [item["task_id"] for item in told] == [item["task_id"] for item in items]
    assert [item["verdict"] for item in told] == [yes, "unknown", "not_holder", "reassigned", yes]
    assert [await own.scene.state(task.id) for task in (foreign, third)] == ["claimed", "claimed"]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "heartbeats"])
async def test_a_task_named_twice_is_ended_once(own: Api, verb: str) -> None:
    """The first counts; the second is refused."""
    body, yes = VERBS[verb]
    [task] = await claims(own.scene, 1)
    item = {"task_id": str(task.id), "fence": task.fence, **body}
    async with own.http("worker") as http:
        told = await post(http, verb, item, item)

    assert (told[0]["verdict"], told[1]["verdict"] == yes) == (yes, False)


async def test_a_claim_kept_twice_is_kept(own: Api) -> None:
    """Both heartbeats name a deadline, and the task is held."""
    [task] = await claims(own.scene, 1)
    item = {"task_id": str(task.id), "fence": task.fence}
    async with own.http("worker") as http:
        told = await post(http, "heartbeats", item, item)

    assert (told[0]["verdict"], await own.scene.state(task.id)) == ("extended", "claimed")


@pytest.mark.parametrize("verb", VERBS)
async def test_a_batch_of_verbs_sent_again_is_answered_as_before(own: Api, verb: str) -> None:
    """The second answer is the first, and says that it is one."""
    body, yes = VERBS[verb]
    items = [{"task_id": str(task.id), "fence": task.fence, **body} for task in await claims(own.scene, 3)]
    key = fresh_key()
    async with own.http("worker") as http:
        first, second = [await http.post(f"/v1/{verb}", json={"items": items}, headers=key) for _ in range(2)]

    assert [item["verdict"] for item in first.json()["items"]] == [yes] * 3
    assert (second.json(), second.headers["Idempotency-Replayed"]) == (first.json(), "true")


async def test_a_decision_with_an_unknown_outcome_stands_alone(own: Api) -> None:
    """Its task stays held; the others are decided."""
    one, two = await claims(own.scene, 2)
    items = [
        {"task_id": str(task.id), "fence": task.fence, "outcome": o, "reasons": ["because"]}
        for task, o in ((one, "nonsense"), (two, "approve"))
    ]
    async with own.http("worker") as http:
        told = await post(http, "decisions", *items)

    assert [item["verdict"] for item in told] == ["unknown_outcome", "decided"]
    assert [await own.scene.state(task.id) for task in (one, two)] == ["claimed", "done"]


# ---------------------------------------------------------------------------------------------------------------- results
UNFIT: dict[str, Any] = {
    "missing": {},
    "none": None,
    "text": {"score": "high"},
    "negative": {"score": -1},
    "null": {"score": None},
}


async def scored(own: Api, count: int = 1) -> list[ClaimedTask]:
    await own.scene.load(workflow.parse(WITH_RESULT))
    for _ in range(count):
        await own.scene.open("scored")
    return await own.scene.claim("worker", "first", limit=count)


@pytest.mark.parametrize("name", UNFIT)
async def test_a_result_that_does_not_fit_is_refused_with_its_field(own: Api, name: str) -> None:
    """422; the task stays held, and a fitting result is taken under the same fence."""
    [task] = await scored(own)
    async with own.http("worker") as http:
        path, body = f"/v1/tasks/{task.id}/decision", {"fence": task.fence, "outcome": "approve", "reasons": ["because"]}
        refused = await http.post(path, json={**body, "result": UNFIT[name]}, headers=fresh_key())
        state = await own.scene.state(task.id)
        taken = await http.post(path, json={**body, "result": {"score": 7}}, headers=fresh_key())

    assert (refused.status_code, "result.score" in refused.json()["detail"], state) == (422, True, "claimed")
    assert taken.json()["verdict"] == "decided"


async def test_an_unfit_result_in_a_batch_changes_nothing_for_the_others(own: Api) -> None:
    """Its verdict names the field; its task stays held."""
    tasks = await scored(own, 3)
    results = [{"score": 1}, {"score": "high"}, {"score": 3}]
    items = [
        {"task_id": str(task.id), "fence": task.fence, "outcome": "approve", "reasons": ["because"], "result": result}
        for task, result in zip(tasks, results, strict=True)
    ]
    async with own.http("worker") as http:
        told = await post(http, "decisions", *items)

    assert [item["verdict"] for item in told] == ["decided", "unfit_result", "decided"]
    assert ("result.score" in told[1]["detail"], [item["task_id"] for item in told]) == (True, [str(task.id) for task in tasks])
    assert [await own.scene.state(task.id) for task in tasks] == ["done", "claimed", "done"]


async def test_a_batch_of_nothing_but_unfit_results_changes_nothing(own: Api) -> None:
    """Every task stays held."""
    tasks = await scored(own, 2)
    items = [{"task_id": str(task.id), "fence": task.fence, "outcome": "approve", "reasons": ["because"]} for task in tasks]
    async with own.http("worker") as http:
        told = await post(http, "decisions", *items)

    assert [item["verdict"] for item in told] == ["unfit_result"] * 2
    assert {await own.scene.state(task.id) for task in tasks} == {"claimed"}


async def test_a_result_is_asked_of_the_stage_that_asks_for_one(own: Api) -> None:
    """Decisions of other workflows need none."""
    [asked] = await scored(own)
    [free] = await claims(own.scene, 1)
    items = [
        {"task_id": str(task.id), "fence": task.fence, "outcome": "approve", "reasons": ["because"]} for task in (asked, free)
    ]
    async with own.http("worker") as http:
        told = await post(http, "decisions", *items)

    assert [item["verdict"] for item in told] == ["unfit_result", "decided"]


async def test_a_result_is_asked_for_once_its_workflow_is_loaded(own: Api) -> None:
    """The board had taken decisions before, when no stage asked for one."""
    [before] = await claims(own.scene, 1)
    async with own.client("worker") as worker, own.http("worker") as http:
        await worker.decide(before.id, FencedDecision(fence=before.fence, outcome="approve", reasons=["because"]))
        [task] = await scored(own)
        async with asyncio.timeout(10):
            while own.scene.tenant_id in own.service.board._asks_results:
                await asyncio.sleep(0.01)
        [told] = await post(
            http, "decisions", {"task_id": str(task.id), "fence": task.fence, "outcome": "approve", "reasons": ["because"]}
        )

    assert told["verdict"] == "unfit_result"


async def test_a_stale_holder_is_told_so_whatever_its_result(own: Api) -> None:
    """409: mending the result would not help."""
    [task] = await scored(own)
    async with own.http("worker") as http:
        path, body = f"/v1/tasks/{task.id}/decision", {"fence": task.fence, "outcome": "approve", "reasons": ["because"]}
        await http.post(path, json={**body, "result": {"score": 7}}, headers=fresh_key())
        late = await http.post(path, json=body, headers=fresh_key())

    assert (late.status_code, late.json().get("reason")) == (409, "done")
