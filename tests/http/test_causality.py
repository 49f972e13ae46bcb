"""Reading one's own write, on whatever process."""

import httpx
import pytest

from tests.factories import Scene
from tests.http.conftest import Api, fresh_key, serve

NEW = {"workflow": "small", "payload": {"customer": "C-1"}}


async def opened(http: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """A case, opened under a key of its own."""
    return await http.post("/v1/cases", json=NEW, headers={**fresh_key(), **headers})


async def test_a_write_that_waits_is_told_where_its_events_are(own: Api) -> None:
    """A reader who has come to that position has seen them."""
    async with own.http() as http:
        answer = await opened(http, Prefer="wait=5")
        page = await http.get("/v1/events", params={"case": answer.json()["id"]}, headers={"Accept": "application/json"})

    last = page.json()["events"][-1]
    epoch, _, position = answer.headers["Board-Position"].partition(".")
    assert (epoch, int(position) >= last["position"]) == ("1", True)
    assert answer.headers["Preference-Applied"] == "wait=5"


async def test_a_write_that_does_not_wait_is_not_held_up(own: Api) -> None:
    """And has no position yet."""
    async with own.http() as http:
        answer = await opened(http)

    assert (answer.status_code, "Board-Position" in answer.headers) == (201, False)


async def test_a_read_on_another_process_waits_for_the_write(api: Api, scene: Scene) -> None:
    """Its page has the events, however far behind that process was."""
    async with serve(scene) as other, api.http() as here, other.http() as there:
        answer = await opened(here, Prefer="wait=5")
        asked = {"case": answer.json()["id"], "min_position": answer.headers["Board-Position"]}
        page = await there.get("/v1/events", params=asked, headers={"Accept": "application/json"})

    assert [event["type"] for event in page.json()["events"]] == ["case.opened", "task.ready"]


async def test_a_position_that_is_not_there_in_time_is_said_so(own: Api) -> None:
    """Not now: with what to do."""
    async with own.http() as http:
        head = (await http.get("/v1/cases")).json()["position"]
        late = await http.get("/v1/cases", params={"min_position": f"1.{head + 1000}"}, headers={"Prefer": "wait=0"})

    assert (late.status_code, late.headers["Retry-After"].isdigit()) == (503, True)
    assert "Prefer: wait" in late.json()["detail"]


@pytest.mark.parametrize(
    ("position", "status"), [("x", 422), ("1.-1", 422), ("7.1", 410), ("0.5", 410), ("1." + "9" * 40, 422)]
)
async def test_a_position_that_cannot_be_is_refused(shared: Api, position: str, status: int) -> None:
    """Malformed, or of a history that there never was."""
    async with shared.http() as http:
        answer = await http.get("/v1/cases", params={"min_position": position})

    assert answer.status_code == status


@pytest.mark.parametrize("path", ["/v1/cases?", "/v1/events?", "/v1/events?ticket=nothing&"])
async def test_nobody_waits_unknown(shared: Api, path: str) -> None:
    """A connection is kept waiting for those who have a key."""
    async with shared.http(None) as http:
        answer = await http.get(f"{path}min_position=1.999999")

    assert answer.status_code == 401
