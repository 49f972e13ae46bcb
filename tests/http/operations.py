"""What is sent to run the board over HTTP, and the work that it is about."""

from uuid import UUID

import httpx

from blackboard.answers import ClaimedTask
from blackboard.requests import Failure
from tests.factories import Scene
from tests.http.conftest import fresh_key

WHY = {"reason": "a look is taken"}
HOLD = {"kind": "workflow", "name": "small", **WHY}


QUOTA = {"name": "one", "kind": "concurrency", "per": "tenant", "ceiling": "1"}
LIMIT = {"name": "wide", "per": "key", "route": "POST /v1/cases", "per_second": 100000, "burst": 200000}
SCHEDULE = {
    "cron": "0 7 * * mon-fri",
    "zone": "Europe/Berlin",
    "new_case": {"workflow": "small", "payload": {"customer": "C-1"}},
}

POLICY = {
    "name": "careful",
    "title": "Everybody is looked at",
    "inputs": {"amount": {"type": "decimal", "min": 0}},
    "tables": [
        {
            "name": "all",
            "hit": "first",
            "rows": [{"when": {"amount": "> 100"}, "outcome": "refer", "reason": "large"}, {"outcome": "refer"}],
        }
    ],
}

# An address of the open internet, given as a number: nothing is looked up. Paused: nothing is sent.
WEBHOOK = {"url": "https://1.1.1.1/hooks", "filter": {"type": ["case.*"], "workflow": ["small"]}, "state": "paused", **WHY}


async def write(http: httpx.AsyncClient, path: str, body: object = None, method: str = "POST") -> httpx.Response:
    """Send a write under a key of its own."""
    return await http.request(method, path, json=body, headers=fresh_key())


async def a_claim(scene: Scene) -> ClaimedTask:
    """A task in the hands of the worker."""
    await scene.open()
    [task] = await scene.claim()
    return task


async def an_incident(scene: Scene) -> ClaimedTask:
    """A task that was given up for good."""
    task = await a_claim(scene)
    await scene.board.fail(scene.people["worker"], task.id, Failure(fence=task.fence, reason="oops", retryable=False))
    return task


async def why(http: httpx.AsyncClient, task_id: UUID) -> str:
    """The sentence that says why a task is not done."""
    answer = await http.get(f"/v1/tasks/{task_id}/why")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["answer"])
