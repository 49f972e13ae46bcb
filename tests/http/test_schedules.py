"""Schedules over HTTP, and what is said of those that cannot be."""

import httpx
import pytest

from tests.http.operations import SCHEDULE, write


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
async def test_a_bad_cron_is_told_what_is_wrong(shared_boss: httpx.AsyncClient, cron: str) -> None:
    """422 that speaks of the expression, and nothing is set."""
    answer = await write(shared_boss, "/v1/schedules/daily", {**SCHEDULE, "cron": cron}, "PUT")

    assert (answer.status_code, "cron" in answer.text) == (422, True), answer.text
    assert (await shared_boss.get("/v1/schedules")).json() == []


@pytest.mark.parametrize(
    "zone", ["Mars/Olympus", "Europe", "../../etc/passwd", "/etc/passwd", "", "x" * 60, "é", "Europe/Berlin "]
)
async def test_a_bad_zone_is_told_what_would_do(shared_boss: httpx.AsyncClient, zone: str) -> None:
    """422 that speaks of the zone, and nothing is set."""
    answer = await write(shared_boss, "/v1/schedules/daily", {**SCHEDULE, "zone": zone}, "PUT")

    assert (answer.status_code, "zone" in answer.text) == (422, True), answer.text
    assert (await shared_boss.get("/v1/schedules")).json() == []


async def test_a_schedule_of_an_unknown_workflow_is_404(boss: httpx.AsyncClient) -> None:
    """It says which there are."""
    answer = await write(boss, "/v1/schedules/daily", {**SCHEDULE, "new_case": {"workflow": "nope", "payload": {}}}, "PUT")

    assert (answer.status_code, "small" in answer.json()["detail"]) == (404, True)
