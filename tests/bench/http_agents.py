"""Agents over HTTP, in a process of their own: `python http_agents.py drain|stream|pickup URL KEY AGENTS BATCH`, one JSON line.

Plain httpx and orjson, so that what is measured is the board and not the client library.
"""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx
import orjson
import uvloop


class Agent:
    """One connection, one request at a time."""

    def __init__(self, url: str, key: str, batch: int) -> None:
        self._http = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=70)
        self._batch = batch

    async def claim(self, wait_s: float) -> list[dict[str, Any]]:
        """Tasks, when there are any in time."""
        body = {"capabilities": ["first"], "limit": self._batch, "wait_s": wait_s}
        return list((await self._post("/v1/claims", body))["tasks"])

    async def decide(self, tasks: list[dict[str, Any]]) -> None:
        """End them, alone or together."""
        if self._batch == 1:
            [task] = tasks
            await self._post(
                f"/v1/tasks/{task['id']}/decision", {"fence": task["fence"], "outcome": "reject", "reasons": ["because"]}
            )
            return
        items = [{"task_id": task["id"], "fence": task["fence"], "outcome": "reject", "reasons": ["because"]} for task in tasks]
        await self._post("/v1/decisions", {"items": items})

    async def follow(self, decided: Callable[[], None]) -> None:
        """Decide what a stream brings, as many at once as there is credit for: on a stream a batch is a credit."""
        deciding: set[asyncio.Task[None]] = set()

        async def decide(task: dict[str, Any]) -> None:
            await self._post(
                f"/v1/tasks/{task['id']}/decision", {"fence": task["fence"], "outcome": "reject", "reasons": ["because"]}
            )
            decided()

        params: dict[str, str | int] = {"capability": "first", "credit": self._batch}
        async with self._http.stream("GET", "/v1/claims/stream", params=params) as response:
            async for line in response.aiter_lines():
                if line.startswith('data: {"id"'):
                    doing = asyncio.create_task(decide(orjson.loads(line[6:])))
                    deciding.add(doing)
                    doing.add_done_callback(deciding.discard)

    async def _post(self, path: str, body: object) -> dict[str, Any]:
        headers = {"Idempotency-Key": uuid.uuid4().hex, "Content-Type": "application/json"}
        response = await self._http.post(path, content=orjson.dumps(body), headers=headers)
        assert response.is_success, response.text[:300]
        found: dict[str, Any] = orjson.loads(response.content)
        return found


async def drain(agents: list[Agent]) -> dict[str, float]:
    """Work until nothing is left."""
    done = 0

    async def work(agent: Agent) -> None:
        nonlocal done
        while tasks := await agent.claim(0):
            await agent.decide(tasks)
            done += len(tasks)

    started = time.perf_counter()
    await asyncio.gather(*map(work, agents))
    return {"tasks": done, "seconds": time.perf_counter() - started}


async def stream(agents: list[Agent]) -> dict[str, float]:
    """Work until a second passes in which nothing was decided; the clock stops at the last decision."""
    moments: list[float] = []
    started = time.perf_counter()
    working = [asyncio.create_task(agent.follow(lambda: moments.append(time.perf_counter()))) for agent in agents]
    while not moments or time.perf_counter() - moments[-1] < 1:
        await asyncio.sleep(0.1)
    for task in working:
        task.cancel()
    return {"tasks": len(moments), "seconds": moments[-1] - started}


async def pickup(agents: list[Agent]) -> dict[str, Any]:
    """Wait with all agents; when each task was held, by the clock of this machine. Ends when standard input does."""
    held: dict[str, float] = {}

    async def work(agent: Agent) -> None:
        while True:
            for task in await agent.claim(20):
                held[task["case_id"]] = time.time()
                await agent.decide([task])

    working = [asyncio.create_task(work(agent)) for agent in agents]
    await asyncio.to_thread(sys.stdin.read)
    for task in working:
        task.cancel()
    return {"held": held}


if __name__ == "__main__":
    mode, address, api_key, count, size = sys.argv[1:]

    async def main() -> None:
        """Run the mode and print what came of it."""
        found = await {"drain": drain, "stream": stream, "pickup": pickup}[mode](
            [Agent(address, api_key, int(size)) for _ in range(int(count))]
        )
        print(json.dumps(found))

    uvloop.run(main())
