"""Quotas over HTTP."""

import httpx
import pytest

from blackboard.requests import ClaimRequest
from tests.http.conftest import Api
from tests.http.operations import QUOTA, write


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
async def test_a_quota_that_makes_no_sense_is_refused(shared_boss: httpx.AsyncClient, change: dict[str, str]) -> None:
    """422 with the place, and none is set."""
    answer = await write(shared_boss, "/v1/quotas", {**QUOTA, **change})

    assert (answer.status_code, bool(answer.json()["detail"]), (await shared_boss.get("/v1/quotas")).json()) == (422, True, [])
