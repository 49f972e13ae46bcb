"""The directory of agents, and who is alive."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from api.deps import Caller, OnceKey, TheBoard
from api.route import BoardRoute
from blackboard.reports import AgentEntry
from blackboard.values import Frozen, Json

router = APIRouter(prefix="/v1", tags=["agents"], route_class=BoardRoute)


class NewSession(Frozen):
    """An instance of an agent that has come up. The id is the caller's, so that asking twice starts one."""

    session_id: UUID
    about: Annotated[Json, Field(max_length=20)] = Field(default_factory=dict)


class SessionState(Frozen):
    """A session that is known."""

    session_id: UUID


class Nothing(Frozen):
    """An empty body."""


@router.get("/agents")
async def list_agents(board: TheBoard, who: Caller) -> list[AgentEntry]:
    """Every agent, its capabilities, what it holds, and its live sessions."""
    return await board.list_agents(who)


@router.post("/sessions", status_code=201)
async def start_session(new: NewSession, board: TheBoard, who: Caller, once: OnceKey) -> SessionState:
    """Count an instance alive. Repeats are harmless by nature; the key is asked for as everywhere."""
    del once
    await board.start_session(who, new.session_id, new.about)
    return SessionState(session_id=new.session_id)


@router.put("/sessions/{session_id}/heartbeat")
async def heartbeat_session(session_id: UUID, board: TheBoard, who: Caller, once: OnceKey) -> SessionState:
    """Still alive."""
    del once
    await board.heartbeat_session(who, session_id)
    return SessionState(session_id=session_id)


@router.delete("/sessions/{session_id}")
async def end_session(session_id: UUID, board: TheBoard, who: Caller, once: OnceKey) -> SessionState:
    """No longer alive."""
    del once
    await board.end_session(who, session_id)
    return SessionState(session_id=session_id)
