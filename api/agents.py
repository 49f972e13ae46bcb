"""The directory of agents, and who is alive."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from api.deps import Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.answers import Told
from blackboard.credentials import AgentChange, NewAgent
from blackboard.reports import AgentEntry
from blackboard.values import Frozen, Json, Name

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


@router.post("/agents", status_code=201)
async def register_agent(new: NewAgent, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> NewAgent:
    """Let there be an agent, a service or a person. It can do nothing until it is issued a key. For admins."""
    return reply(response, await board.register_agent(who, new, once))


@router.patch("/agents/{name}")
async def change_agent(
    name: Name, change: AgentChange, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Told:
    """Give an agent another owner, role or set of capabilities; its streams end, and come back with what it may now."""
    return reply(response, await board.change_agent(who, name, change, once))


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
