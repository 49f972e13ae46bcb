"""The log of tools: what an agent asked of whom, and what it was told, as entries of one fact of the case."""

from typing import Any

from blackboard.agent import Assignment


async def note(assignment: Assignment, tool: str, asked: Any, answered: Any) -> None:
    """Add one entry. A task that is begun again asks again, and its log says so."""
    entry = {"by": assignment.task.capability, "tool": tool, "asked": asked, "answered": answered}
    await assignment.put("tool_log", entry, tool=tool)
