"""Agents of every capability, who decide what a script says: enough to carry any workflow to its end over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from blackboard import workflow
from blackboard.agent import Agent, Assignment
from blackboard.requests import Decision
from tests.factories import TRANSFER, Scene
from tests.http.conftest import Api

# What is decided at a stage: an outcome and a result.
Script = Mapping[str, tuple[str, Any]]


async def load(scene: Scene, *names: str) -> list[str]:
    """Load workflows as they are shipped; the capabilities of their machines."""
    capabilities: set[str] = set()
    for name in names:
        definition = workflow.load(TRANSFER.parent / f"{name}.yaml")
        await scene.load(definition)
        machines = [stage for stage in definition.stages.values() if stage.review is None]
        capabilities |= {work.capability for stage in machines for work in (stage.tasks or {}).values()}
    return sorted(capabilities - {"review"})


@asynccontextmanager
async def at_work(api: Api, capabilities: list[str], script: Script) -> AsyncIterator[None]:
    """One agent that has them all, over HTTP, until the block ends. What the script does not name is left lying."""

    async def decide(assignment: Assignment) -> Decision:
        outcome, result = script[assignment.task.stage]
        reasons = [str(result["reason"])] if isinstance(result, dict) and "reason" in result else ["as_the_script_says"]
        return Decision(outcome=outcome, reasons=reasons, result=result)

    if "robot" not in api.scene.people:
        await api.scene.hire("robot", *capabilities)
    agent = Agent("robot", capabilities, decide, concurrency=4)
    async with api.client("robot") as board:
        working = asyncio.create_task(agent.run(board))
        try:
            yield
        finally:
            agent.stop()
            await working
