"""Wealth management as its service answered: a client's context, read live; an agent's decision, kept."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BeforeValidator, StringConstraints

from api.deps import Caller, OnceKey, TheBoard
from api.facade import errand
from api.facade.amount import Label, plain
from api.facade.route import USUAL_WAIT_S, WaitS, old_router
from blackboard.errors import NotFound
from blackboard.requests import NewCase
from blackboard.values import Frozen, Json

CONTEXT, ADVICE = "client_context", "advice"
UNKNOWN = "unknown"

router: APIRouter = old_router()


def _as_text(value: object) -> object:
    """Old clients know their clients by whole numbers."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


ClientId = Annotated[Label, BeforeValidator(_as_text), StringConstraints(max_length=64)]


class Context(Frozen):
    """Who a client is, what is held for them now, and what an agent is to do with that."""

    client: Json
    portfolio: list[Json]
    instructions: list[str]


class NewEvent(Frozen):
    """What an agent decided or found for a client. Money and quantities in `payload` become text."""

    client_id: ClientId
    event_type: Annotated[Label, StringConstraints(max_length=64)]
    payload: Json


class Stored(Frozen):
    """Where an event is kept."""

    status: Literal["stored"] = "stored"
    audit_event_id: int


@router.get("/clients/{client_id}/context", response_model=Context)
async def show_context(client_id: ClientId, board: TheBoard, who: Caller, wait_s: WaitS = USUAL_WAIT_S) -> Response:
    """A client with portfolio and instructions, read at the bank for this very call; that it was read is kept."""
    case = (await board.open_case(who, NewCase(workflow=CONTEXT, payload={"client_id": client_id}))).value
    case = await board.wait_for_case(who, case.id, wait_s)
    if not errand.has_ended(case):
        return errand.later(case, f"/v1/cases/{case.id}")
    if case.outcome == UNKNOWN:
        raise NotFound("There is no such client.")
    found = errand.result_of(case)
    if "client" not in found:
        errand.refuse(case)
    return errand.told({name: found.get(name, []) for name in ("client", "portfolio", "instructions")})


@router.post("/audit/recommendation", response_model=Stored)
async def store_recommendation(
    new: NewEvent, board: TheBoard, who: Caller, once: OnceKey, wait_s: WaitS = USUAL_WAIT_S
) -> Response:
    """Keep a decision about a client. A recommendation is weighed on the board afterwards: `Location` says where."""
    payload = {"client_id": new.client_id, "event_type": new.event_type, "payload": plain(new.payload)}
    case = await errand.open_case(board, who, NewCase(workflow=ADVICE, payload=payload), once)
    case = await board.wait_for_case(who, case.id, wait_s) if wait_s else case
    if case.outcome == UNKNOWN:
        raise NotFound("There is no such client.")
    return errand.told({"status": "stored", "audit_event_id": case.number}, location=f"/v1/cases/{case.id}")
