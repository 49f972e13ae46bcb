"""Tasks that got stuck, looked after over HTTP."""

from uuid import uuid4

import httpx
import pytest

from tests.http.conftest import Api
from tests.http.operations import WHY, an_incident, write


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
