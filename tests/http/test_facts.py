"""What is told to a case over HTTP: facts, signals, and what a task needs."""

from blackboard import workflow
from tests.http.conftest import Api
from tests.http.operations import a_claim, why, write


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
