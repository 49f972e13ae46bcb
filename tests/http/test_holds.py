"""Holds over HTTP."""

import httpx

from blackboard import workflow
from tests.http.conftest import Api
from tests.http.operations import HOLD, WHY, write

ON_ACCOUNTS = """
name: accounts
title: Something about an account
payload: {type: object, properties: {account: {type: string, x-entity: account}}}
stages:
  move: {capability: first, outcomes: {done: {end: executed}}}
"""


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
        answer = await write(
            http, f"/v1/tasks/{task.id}/decision", {"fence": task.fence, "outcome": "done", "reasons": ["because"]}
        )

    assert (answer.status_code, answer.json()["reason"]) == (409, "frozen")
