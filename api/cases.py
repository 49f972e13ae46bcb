"""Opening, reading and withdrawing cases."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.deps import Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.answers import Case, CasePage, OpenedMany, Told
from blackboard.masks import shown_to
from blackboard.once import canonical
from blackboard.reports import Story, Workflow
from blackboard.requests import BulkCase, NewCase
from blackboard.states import CaseState
from blackboard.values import MAX_BATCH, MAX_NUMBER, Frozen, Json, Name, Principal, Text

router = APIRouter(prefix="/v1", tags=["cases"], route_class=BoardRoute)

WaitS = Annotated[float, Query(ge=0, le=55, description="Answer when the case has ended or rests, at most this long.")]


class Because(Frozen):
    """Why something is done to a case."""

    reason: Text


@router.post("/cases", status_code=201)
async def open_case(new: NewCase, board: TheBoard, who: Caller, once: OnceKey, response: Response, wait_s: WaitS = 0) -> Case:
    """Open a case of a workflow. The answer says from where to stream so that nothing after it is missed."""
    case = reply(response, await board.open_case(who, new, once))
    if wait_s:
        case = await board.wait_for_case(who, case.id, wait_s)
    response.headers["Location"] = f"/v1/cases/{case.id}"
    return _tagged(response, who, case)


class CaseBatch(Frozen):
    """Cases to open together. Each stands for itself."""

    items: Annotated[list[BulkCase], Field(min_length=1, max_length=MAX_BATCH)]


@router.post("/cases/batch")
async def open_cases(batch: CaseBatch, board: TheBoard, who: Caller, once: OnceKey, request: Request) -> OpenedMany:
    """Open up to 1,000 cases: one verdict each, in order. Their own keys make a repeat safe, of the whole or of a part."""
    raw = (await request.json())["items"]
    keys = [once._replace(key=new.idempotency_key, print=_print_of(item)) for new, item in zip(batch.items, raw, strict=True)]
    return await board.open_cases(who, [_plain(new) for new in batch.items], keys)


@router.get("/cases")
async def list_cases(
    board: TheBoard,
    who: Caller,
    workflow: Name | None = None,
    state: CaseState | None = None,
    stage: Name | None = None,
    subject: Text | None = None,
    number: Annotated[int | None, Query(ge=1, le=MAX_NUMBER, description="The case that has this number.")] = None,
    before: Annotated[UUID | None, Query(description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> CasePage:
    """Cases, newest first."""
    return await board.list_cases(
        who, workflow=workflow, state=state, stage=stage, subject=subject, number=number, before=before, limit=limit
    )


@router.get("/cases/{case_id}")
async def show_case(case_id: UUID, board: TheBoard, who: Caller, response: Response, wait_s: WaitS = 0) -> Case:
    """One case with its tasks, decisions and actions."""
    case = await (board.wait_for_case(who, case_id, wait_s) if wait_s else board.show_case(who, case_id))
    return _tagged(response, who, case)


@router.get("/cases/{case_id}/explain")
async def explain_case(case_id: UUID, board: TheBoard, who: Caller) -> Story:
    """What became of the case and why, in words: who did what, what was known, how a panel was counted, what is open."""
    return await board.explain_case(who, case_id)


@router.post("/cases/{case_id}/cancel")
async def cancel_case(case_id: UUID, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Case:
    """Withdraw a case: waiting tasks leave the queue, running claims are revoked."""
    return _tagged(response, who, reply(response, await board.cancel_case(who, case_id, why.reason, once)))


@router.post("/cases/{case_id}/suspend")
async def suspend_case(case_id: UUID, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Case:
    """Hand out no further task of this case until it is resumed."""
    return _tagged(response, who, reply(response, await board.suspend_case(who, case_id, why.reason, once)))


@router.post("/cases/{case_id}/resume")
async def resume_case(case_id: UUID, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Case:
    """Let a suspended case go on where it was."""
    return _tagged(response, who, reply(response, await board.resume_case(who, case_id, why.reason, once)))


class Signal(Frozen):
    """What happened outside."""

    body: Json = Field(default_factory=dict)


@router.post("/cases/{case_id}/signals/{name}")
async def send_signal(
    case_id: UUID, name: Name, signal: Signal, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Told:
    """Tell the case that something happened outside: a stage that waits for it goes on."""
    return reply(response, await board.send_signal(who, case_id, name, signal.body, once))


@router.get("/workflows")
async def list_workflows(board: TheBoard, who: Caller, name: Name | None = None) -> list[Workflow]:
    """The newest version of each workflow: stages, outcomes, and the JSON Schema of its payload."""
    return await board.list_workflows(who, name)


def _print_of(item: Json) -> bytes:
    """A case's fingerprint in a bulk: its own body, without its key."""
    return hashlib.sha256(canonical({name: value for name, value in item.items() if name != "idempotency_key"})).digest()


def _plain(new: BulkCase) -> NewCase:
    return NewCase.model_validate(new.model_dump(exclude={"idempotency_key"}))


def _tagged(response: Response, who: Principal, case: Case) -> Case:
    response.headers["ETag"] = f'"{case.version}"'
    return shown_to(who, case)
