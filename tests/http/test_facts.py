"""What is told to a case over HTTP: facts, signals, and what a task needs."""

import asyncio
import json
from uuid import uuid4

import httpx
import pytest
from typer.testing import CliRunner

from blackboard import workflow
from blackboard.cli import app
from blackboard.errors import Stale
from blackboard.requests import ClaimRequest, Provenance, Release
from blackboard.workplace import Assignment
from tests.http.conftest import Api, fresh_key
from tests.http.operations import a_claim, why, write


async def test_facts_are_kept_under_versions_or_stale(own: Api) -> None:
    """One verdict each; what is stale changes nothing."""
    case = await own.scene.open()
    async with own.http("requester") as http:
        path = f"/v1/cases/{case.id}/facts"
        first = await write(http, path, {"items": [{"key": "income", "value": "1.00", "expect": 0}]})
        items = [{"key": "income", "value": "9.00", "expect": 0}, {"key": "age", "value": 30}]
        second = await write(http, path, {"items": items})
    async with own.http("auditor") as http:
        facts = (await http.get(f"/v1/cases/{case.id}")).json()["facts"]

    assert first.json()["items"] == [{"key": "income", "verdict": "kept", "version": 1}]
    assert [(item["verdict"], item["version"]) for item in second.json()["items"]] == [("stale", 1), ("kept", 1)]
    assert (facts["income"]["value"], facts["income"]["by"], facts["age"]["value"]) == ("1.00", "requester", 30)


async def test_a_holder_puts_facts_until_its_claim_is_over(own: Api) -> None:
    """409 for the stale fence, and nothing of it is kept."""
    task = await a_claim(own.scene)
    holder = {"task_id": str(task.id), "fence": task.fence}
    async with own.http("worker") as http:
        path = f"/v1/cases/{task.case_id}/facts"
        held = await write(http, path, {"items": [{"key": "a", "value": 1}], **holder})
        await own.scene.decide(task, "approve")
        late = await write(http, path, {"items": [{"key": "b", "value": 1}], **holder})
        facts = (await http.get(f"/v1/cases/{task.case_id}")).json()["facts"]

    assert (held.status_code, late.status_code, late.json()["reason"], list(facts)) == (200, 409, "done", ["a"])


async def test_a_claim_speaks_for_its_own_case_alone(own: Api) -> None:
    """Facts about another case under it are refused."""
    other = await own.scene.open(payload={"customer": "C-9"})
    await own.scene.claim("rival")
    task = await a_claim(own.scene)
    body = {"items": [{"key": "a", "value": 1}], "task_id": str(task.id), "fence": task.fence}
    async with own.http("worker") as http:
        answer = await write(http, f"/v1/cases/{other.id}/facts", body)
        facts = (await http.get(f"/v1/cases/{other.id}")).json()["facts"]

    assert (answer.is_client_error, facts) == (True, {})


async def test_a_task_without_its_fence_is_asked_for_it(own: Api) -> None:
    """422, and not that there is no such case."""
    task = await a_claim(own.scene)
    async with own.http("worker") as http:
        body = {"items": [{"key": "a", "value": 1}], "task_id": str(task.id)}
        answer = await write(http, f"/v1/cases/{task.case_id}/facts", body)

    assert (answer.status_code, "fence" in answer.json()["detail"]) == (422, True)


async def test_a_signal_lets_a_waiting_stage_go_on(own: Api) -> None:
    """Sent once; its case ends as the workflow says."""
    text = "name: mail\ntitle: m\npayload: {type: object}\nstages: {wait: {signal: letter, outcomes: {received: {end: done}}}}"
    await own.scene.load(workflow.parse(text))
    case = await own.scene.open("mail")
    async with own.http("requester") as http:
        told = await write(http, f"/v1/cases/{case.id}/signals/letter", {"body": {"pages": 2}})
        late = await write(http, f"/v1/cases/{case.id}/signals/letter", {"body": {}})
        outcome = (await http.get(f"/v1/cases/{case.id}")).json()["outcome"]

    assert (told.json(), late.status_code, outcome) == ({"verdict": "sent"}, 409, "done")


async def test_a_need_waits_for_its_fact(own: Api) -> None:
    """Whoever claims it next finds the fact on the board."""
    task = await a_claim(own.scene)
    async with own.http("worker") as http:
        body = {"fence": task.fence, "fact": "income", "reason": "no payslip"}
        needed = await write(http, f"/v1/tasks/{task.id}/need", body)
        waiting = await own.scene.claim()
        told = await why(http, task.id)
        await write(http, f"/v1/cases/{task.case_id}/facts", {"items": [{"key": "income", "value": "1.00"}]})
    [again] = await own.scene.claim("rival")

    assert (needed.json()["verdict"], waiting, "the fact income" in told) == ("waiting", [], True)
    assert (again.id, again.context.facts["income"].value) == (task.id, "1.00")


# ------------------------------------------------------------------------------------------------------------- one at a time
async def put(http: httpx.AsyncClient, path: str, value: object, **headers: str) -> httpx.Response:
    """Put one fact under a key of its own."""
    return await http.put(path, json={"value": value}, headers={**fresh_key(), **headers})


async def test_a_fact_is_put_in_place_of_the_version_named(shared: Api) -> None:
    """ETag and If-Match; 412 with the version that is there, which is left alone."""
    case = await shared.scene.open()
    async with shared.http("worker") as http:
        path = f"/v1/cases/{case.id}/facts/income"
        first = await put(http, path, 1, **{"If-None-Match": "*"})
        taken = await put(http, path, 2, **{"If-None-Match": "*"})
        second = await put(http, path, 2, **{"If-Match": first.headers["ETag"]})
        late = await put(http, path, 9, **{"If-Match": '"1"'})
        third = await put(http, path, 3)
        told = await http.get(path)

    assert [answer.headers.get("ETag") for answer in (first, second, third, told)] == ['"1"', '"2"', '"3"', '"3"']
    assert [(answer.status_code, answer.json()["version"]) for answer in (taken, late)] == [(412, 1), (412, 2)]
    assert late.json()["type"] == "urn:blackboard:problem:stale"
    assert [(fact["value"], fact["state"]) for fact in told.json()["facts"]] == [
        (1, "superseded"),
        (2, "superseded"),
        (3, "asserted"),
    ]


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({"If-Match": '"1"', "If-None-Match": "*"}, "not both"),
        ({"If-None-Match": '"1"'}, "* alone"),
        *(({"If-Match": value}, "ETag") for value in ("1", 'W/"1"', '"1", "2"', "*", '"0"', '"x"', "", '"1' + "0" * 30 + '"')),
    ],
    ids=repr,
)
async def test_a_precondition_that_cannot_be_is_refused(shared: Api, headers: dict[str, str], says: str) -> None:
    """422, and nothing is put."""
    case = await shared.scene.open()
    async with shared.http("worker") as http:
        answer = await put(http, f"/v1/cases/{case.id}/facts/income", 1, **headers)
        facts = (await http.get(f"/v1/cases/{case.id}/facts")).json()["facts"]

    assert (answer.status_code, says in answer.json()["detail"], facts) == (422, True, [])


async def test_another_precondition_is_another_request(shared: Api) -> None:
    """The same key under it is refused; under the same one it is answered as before."""
    case = await shared.scene.open()
    async with shared.http("worker") as http:
        path, key = f"/v1/cases/{case.id}/facts/income", fresh_key()
        answers = [await http.put(path, json={"value": 1}, headers={**key, **more}) for more in ({}, {}, {"If-Match": '"1"'})]

    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert (answers[1].json(), answers[1].headers["Idempotency-Replayed"]) == (answers[0].json(), "true")


@pytest.mark.item("S34")
async def test_a_value_that_is_too_large_is_a_document(shared: Api) -> None:
    """413 that says where to leave it."""
    case = await shared.scene.open()
    async with shared.http("worker") as http:
        one = await put(http, f"/v1/cases/{case.id}/facts/scan", "x" * 70_000)
        many = await write(http, f"/v1/cases/{case.id}/facts", {"items": [{"key": "scan", "value": "x" * 70_000}]})

    assert [(answer.status_code, "digest" in answer.json()["detail"]) for answer in (one, many)] == [(413, True)] * 2


async def test_facts_are_read_as_they_were_at_a_cursor(shared: Api) -> None:
    """The cursor of a write shows what was true then; one that is yet to come is refused."""
    case = await shared.scene.open()
    async with shared.http("worker") as http:
        path = f"/v1/cases/{case.id}/facts"
        first = await put(http, f"{path}/income", 1, Prefer="wait=5")
        await put(http, f"{path}/income", 2, Prefer="wait=5")
        then = (await http.get(path, params={"position": first.headers["Board-Position"]})).json()
        every = (await http.get(path, params={"history": True})).json()
        told = {
            position: (await http.get(path, params={"position": position})).status_code
            for position in ("99999999", "9.1", "x", "1.x", "0", "\0", "9" * 40)
        }

    assert [(fact["version"], fact["value"], fact["state"]) for fact in then["facts"]] == [(1, 1, "asserted")]
    assert [fact["value"] for fact in every["facts"]] == [1, 2]
    assert told == {"99999999": 409, "9.1": 410, "x": 422, "1.x": 422, "0": 200, "\0": 422, "9" * 40: 422}


async def test_what_nobody_told_is_not_found(shared: Api) -> None:
    """No such case, no such fact of it."""
    case = await shared.scene.open()
    async with shared.http("auditor") as http:
        paths = (f"/v1/cases/{uuid4()}/facts", f"/v1/cases/{case.id}/facts/income", f"/v1/cases/{case.id}/facts/UPPER")
        told = [(await http.get(path)).status_code for path in paths]

    assert told == [404, 404, 422]


async def test_the_client_puts_and_doubts_facts(shared: Api) -> None:
    """Each of its verbs reaches its route."""
    case = await shared.scene.open()
    await shared.scene.hire("checker", role="reviewer")
    async with shared.client("worker") as client, shared.client("checker") as checker:
        fact = await client.put_fact(case.id, "income", 1, if_match=0, provenance=Provenance(tool="pay slip"))
        with pytest.raises(Stale):
            await client.put_fact(case.id, "income", 2, if_match=7)
        told = [
            await client.dispute_fact(case.id, "income", 1, "is it so?"),
            await checker.uphold_fact(case.id, "income", 1, "it is"),
            await client.retract_fact(case.id, "income", 1, "no"),
        ]
        page = await client.facts(case.id, history=True)
        then = await client.facts(case.id, position=0)

    assert ((fact.tool, fact.trust), [answer.verdict for answer in told]) == (
        ("pay slip", 2),
        ["disputed", "upheld", "retracted"],
    )
    assert ([fact.state for fact in page.facts], then.facts) == (["retracted"], [])


async def test_the_command_line_shows_what_is_known(shared: Api) -> None:
    """How it stands, whose word it is; and how it was."""
    case = await shared.scene.open()
    async with shared.client("worker") as client:
        await client.put_fact(case.id, "payslip", {"net": "x" * 100}, provenance=Provenance(source_class="customer"))
        await client.put_fact(case.id, "income", 2500, provenance=Provenance(inputs=["payslip@1"], model="m-1"))
        await client.dispute_fact(case.id, "payslip", 1, "not his name")
    env = {"BLACKBOARD_URL": shared.url, "BLACKBOARD_KEY": shared.scene.keys["auditor"]}
    told, as_json, then, wrong = [
        await asyncio.to_thread(CliRunner().invoke, app, ["facts", str(case.id), *more], env=env)
        for more in ([], ["--json", "--history"], ["--position", "0"], ["--position", "99999999"])
    ]

    assert (told.exit_code, then.exit_code, wrong.exit_code) == (0, 0, 1)
    assert all(word in told.stdout for word in ("income@1", "doubtful", "agent m-1", "disputed: not his name", "xx…"))
    assert [fact["key"] for fact in json.loads(as_json.stdout)["facts"]] == ["income", "payslip"]


async def test_an_agent_names_what_it_has_read(shared: Api) -> None:
    """What it looked at and what it put, in the version that it knows."""
    async with shared.client("rival") as client:
        case = await shared.scene.open(priority=0)
        for key in ("income", "age", "mood"):
            await client.put_fact(case.id, key, 1)
        [task] = (await client.claim(ClaimRequest(capabilities=["first"], limit=1))).tasks
        at_hand = Assignment(client, task)
        looked = [at_hand.facts["income"].value, at_hand.facts.get("nothing"), len(at_hand.facts), "age" in at_hand.facts]
        before = at_hand.reads
        made = await at_hand.put("income", 2, if_match=1, inputs=before, model="m-1")
        await at_hand.learn(seen=True)
        await client.release(task.id, Release(fence=task.fence))

    assert (looked, before) == ([1, None, 3, True], ["age@1", "income@1"])
    assert (made.fence, made.trust, made.inputs) == (task.fence, 1, ["age@1", "income@1"])
    assert at_hand.reads == ["age@1", "income@2", "seen@1"]
