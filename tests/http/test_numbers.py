"""Numbers of cases over HTTP and on the command line, and how far what is read is behind."""

import asyncio
import os
import sys

import httpx
import orjson
import pytest

from blackboard import workflow
from blackboard.answers import Case
from blackboard.requests import NewCase
from tests.http.conftest import Api, fresh_key
from tests.sql.books import Desk
from tests.sql.flows import HEAD

COUNTED = (
    "numbered: true"
    + HEAD.replace("name: flow", "name: counted")
    + "  work: {capability: first, outcomes: {done: {end: done}}}"
)


async def opened(api: Api) -> Case:
    """A case that has a number."""
    await api.scene.load(workflow.parse(COUNTED))
    async with api.client("requester") as board:
        return await board.open_case(NewCase(workflow="counted", payload={"customer": "C-1"}))


async def test_a_case_is_found_by_its_number(shared: Api) -> None:
    """In the list, by the client, and by the command that shows a case; a number that nobody has finds nothing."""
    case = await opened(shared)
    assert case.number
    async with shared.client("auditor") as board:
        found, nobody = await board.find_number(case.number), await board.find_number(2**62)
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "blackboard", "case", str(case.number), "--json"),
        env={**os.environ, "BLACKBOARD_URL": shared.url, "BLACKBOARD_KEY": shared.scene.keys["auditor"]},
        stdout=asyncio.subprocess.PIPE,
    )
    shown, _ = await command.communicate()

    assert found is not None
    assert (found.id, nobody) == (case.id, None)
    assert orjson.loads(shown)["id"] == str(case.id)


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", str(2**63), "9" * 40, ""])
async def test_what_is_no_number_is_refused(shared: Api, number: str) -> None:
    """With a problem that names it, and never a failure of the server."""
    async with shared.http("auditor") as http:
        answer = await http.get("/v1/cases", params={"number": number})

    assert (answer.status_code, "number" in answer.text) == (422, True)


async def test_what_is_read_catches_up_with_what_is_written(shared: Api) -> None:
    """By the projector of the process; `/readyz` and `/metrics` say how far it is, and an own write is seen by its position."""
    desk = Desk(shared.scene)
    await desk.load()
    async with shared.http() as http:
        payload = {"applicant_name": "Ada", "amount": "6000.00"}
        answer = await http.post("/v1/cases", json={"workflow": "loan", "payload": payload}, headers=fresh_key())
        number = answer.json()["number"]
        bound = await shared.service.horizon.bound(5)
        assert bound is not None
        found = await shared.service.reads.loan(shared.scene.tenant_id, number, after=bound.position)
        ready, metrics = await _caught_up(http), (await http.get("/metrics")).text

    assert found is not None
    assert (found.applicant_name, found.status) == ("Ada", "pending")
    assert (ready["reading_behind"], ready["reading_behind_s"]) == (0, 0)
    assert "blackboard_projector_leading 1.0" in metrics
    assert "blackboard_reading_behind_seconds" in metrics


async def _caught_up(http: httpx.AsyncClient) -> dict[str, float]:
    async with asyncio.timeout(20):
        while (ready := (await http.get("/readyz")).json())["reading_behind"]:
            await asyncio.sleep(0.01)
    return dict(ready)
