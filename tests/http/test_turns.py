"""A tenant that asks for much at once is made to wait for its own requests, and its neighbours are not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from api import toll
from blackboard.turns import Turns
from tests.http.conftest import Api, fresh_key

# A process has turns for all its tenants.
pytestmark = [pytest.mark.usefixtures("alone"), pytest.mark.item("S43")]
NEIGHBOUR = -1


@pytest.fixture
def turns(api: Api) -> Turns:
    """Room for one request at a time."""
    api.service.turns = Turns(1, 1)
    return api.service.turns


@asynccontextmanager
async def occupied(turns: Turns) -> AsyncIterator[None]:
    """A neighbour has the place."""
    place = await turns.begin(NEIGHBOUR)
    yield
    place.leave()


async def test_a_request_waits_for_its_turn(api: Api, turns: Turns) -> None:
    """And is answered when it has come."""
    async with api.http("worker") as http:
        async with occupied(turns):
            asked = asyncio.create_task(http.get("/v1/cases"))
            while not turns.waiting:
                await asyncio.sleep(0.001)
        answer = await asked

    assert (answer.status_code, turns.free) == (200, 1)


async def test_who_waits_too_long_for_a_turn_is_told_to_come_again(
    api: Api, turns: Turns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was done, and nothing is left of it."""
    monkeypatch.setattr(toll, "TURN_LIMIT_S", 0.05)
    async with api.http("requester") as http:
        async with occupied(turns):
            refused = await http.post("/v1/cases", json={"workflow": "small", "payload": {}}, headers=fresh_key())
        cases = (await http.get("/v1/cases")).json()["cases"]

    assert (refused.status_code, refused.headers["Retry-After"], cases) == (503, "1", [])
    assert (turns.free, turns.waiting, api.service.crowd.inside) == (1, 0, 0)


async def test_who_waits_for_work_or_for_an_end_takes_up_no_room(api: Api, turns: Turns) -> None:
    """However many do: others are answered meanwhile."""
    case = await api.scene.open()
    await api.scene.claim()
    async with api.http("worker") as worker, api.http("requester") as requester, asyncio.TaskGroup() as group:
        waiting = [
            *(group.create_task(_claim(worker, wait_s=1)) for _ in range(3)),
            group.create_task(requester.get(f"/v1/cases/{case.id}", params={"wait_s": 1})),
        ]
        while api.service.board.waiting_claims < 3:
            await asyncio.sleep(0.001)
        looked = await requester.get("/v1/cases")
        done = [task.done() for task in waiting]

    assert (looked.status_code, done, turns.free) == (200, [False] * 4, 1)


async def _claim(http: httpx.AsyncClient, wait_s: int) -> httpx.Response:
    return await http.post("/v1/claims", json={"capabilities": ["first"], "wait_s": wait_s}, headers=fresh_key())


@pytest.mark.parametrize("path", ["/v1/cases/00000000-0000-0000-0000-000000000000", "/v1/cases?limit=x"])
async def test_a_request_that_ends_badly_gives_its_turn_back(api: Api, turns: Turns, path: str) -> None:
    """Whatever became of it."""
    async with api.http("worker") as http:
        answer = await http.get(path)

    assert (answer.is_client_error, turns.free) == (True, 1)
