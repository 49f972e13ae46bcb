"""Running the board: what is held back, what is stuck, how much may be at work, what opens by itself."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from api.deps import Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.answers import Told
from blackboard.masks import shown_to
from blackboard.reports import Hold, Incident, Load, Quota, Schedule
from blackboard.requests import NewQuota, NewSchedule
from blackboard.values import Frozen, Json, Name, Text

router = APIRouter(prefix="/v1", tags=["control"], route_class=BoardRoute)


class Because(Frozen):
    """Why."""

    reason: Text


class HoldOn(Because):
    """What to hold back: a workflow, a capability, the whole tenant (any name), or an entity such as `account:CHK-001`."""

    kind: Literal["tenant", "workflow", "capability", "entity"]
    name: Text


class Resolution(Because):
    """How a stuck task ends: an outcome of its stage."""

    outcome: Name


class Memory(Frozen):
    """Values by key; null forgets one."""

    values: Annotated[dict[Name, Json | list[Json] | str | int | float | bool | None], Field(min_length=1, max_length=50)]


@router.get("/holds")
async def list_holds(board: TheBoard, who: Caller) -> list[Hold]:
    """What is held back at present, by whom and why."""
    return [shown_to(who, each) for each in await board.list_holds(who)]


@router.post("/holds")
async def place_hold(hold: HoldOn, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Give out no more claims of it. On an entity, claims that run are taken back too."""
    return reply(response, await board.place_hold(who, hold.kind, hold.name, hold.reason, once))


@router.post("/holds/lift")
async def lift_hold(hold: HoldOn, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Offer it again."""
    return reply(response, await board.lift_hold(who, hold.kind, hold.name, hold.reason, once))


@router.post("/agents/{name}/suspend")
async def suspend_agent(name: Name, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Stop an agent: its claims are taken back, and whatever it writes from now on is refused."""
    return reply(response, await board.set_agent_state(who, name, "suspended", why.reason, once))


@router.post("/agents/{name}/resume")
async def resume_agent(name: Name, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Let it work again."""
    return reply(response, await board.set_agent_state(who, name, "active", why.reason, once))


@router.get("/incidents")
async def list_incidents(board: TheBoard, who: Caller) -> list[Incident]:
    """Tasks that rest until somebody looks at them, oldest first."""
    return [shown_to(who, each) for each in await board.list_incidents(who)]


@router.post("/tasks/{task_id}/redrive")
async def redrive_task(task_id: UUID, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Try a stuck task again, its attempts counted anew."""
    return reply(response, await board.redrive_task(who, task_id, why.reason, once))


@router.post("/tasks/{task_id}/resolve")
async def resolve_task(task_id: UUID, how: Resolution, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """End a stuck task with an outcome of its stage."""
    return reply(response, await board.resolve_task(who, task_id, how.outcome, how.reason, once))


@router.get("/load")
async def show_load(board: TheBoard, who: Caller) -> list[Load]:
    """How much work of each capability lies ready and is held, and how old the oldest is."""
    return await board.show_load(who)


@router.get("/quotas")
async def list_quotas(board: TheBoard, who: Caller) -> list[Quota]:
    """The quotas and what is in use of each."""
    return await board.list_quotas(who)


@router.post("/quotas", status_code=201)
async def put_quota(quota: NewQuota, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> NewQuota:
    """Set a quota, or replace the one of that name."""
    return reply(response, await board.put_quota(who, quota, once))


@router.delete("/quotas/{name}")
async def drop_quota(name: Name, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Lift a quota; what waited for it goes on."""
    return reply(response, await board.drop_quota(who, name, once))


@router.get("/schedules")
async def list_schedules(board: TheBoard, who: Caller) -> list[Schedule]:
    """What opens by itself, and when next."""
    return await board.list_schedules(who)


@router.put("/schedules/{name}")
async def put_schedule(
    name: Name, schedule: NewSchedule, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Schedule:
    """Let a case open by itself at the moments of a cron expression in a time zone."""
    return reply(response, await board.put_schedule(who, name, schedule, once))


@router.delete("/schedules/{name}")
async def drop_schedule(name: Name, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Let it open no more."""
    return reply(response, await board.drop_schedule(who, name, once))


@router.put("/memory/{subject:path}")
async def keep_memory(subject: Text, memory: Memory, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Told:
    """Keep values for this agent's later tasks about the same customer."""
    return reply(response, await board.keep_memory(who, subject, dict(memory.values), once))
