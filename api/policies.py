"""Rules as data: drafted, activated by somebody else, retired; read and tried."""

from typing import Annotated

from fastapi import APIRouter, Header, Path, Query, Response

from api.control import Because
from api.deps import Approver, Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.policy import Judged
from blackboard.reports import PolicyText, PolicyVersion
from blackboard.requests import NewPolicy, Trial
from blackboard.values import Name

router = APIRouter(prefix="/v1", tags=["policies"], route_class=BoardRoute)

MAX_VERSION = 2**31 - 1
Version = Annotated[int, Path(ge=1, le=MAX_VERSION)]


@router.get("/policies")
async def list_policies(board: TheBoard, who: Caller, name: Annotated[Name | None, Query()] = None) -> list[PolicyVersion]:
    """The versions of all policies, or of one, newest first; without what they say."""
    return await board.list_policies(who, name)


@router.get("/policies/{name}", response_model=PolicyText, responses={304: {"description": "It is as it was."}})
async def show_policy(
    name: Name,
    board: TheBoard,
    who: Caller,
    response: Response,
    version: Annotated[int | None, Query(ge=1, le=MAX_VERSION)] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> PolicyText | Response:
    """A version with what it says; the active one when none is named. With `If-None-Match`, 304 while it is as it was."""
    found = await board.show_policy(who, name, version)
    tag = f'"{found.version}.{found.state}"'
    if if_none_match == tag:
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return found


@router.post("/policies", status_code=201)
async def draft_policy(new: NewPolicy, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> PolicyText:
    """Keep a policy as a draft: the version that has these bytes already, or the next one. Refused where it is not sound."""
    return reply(response, await board.draft_policy(who, new, once))


@router.post("/policies/{name}/versions/{version}/activate")
async def activate_policy(
    name: Name, version: Version, why: Because, board: TheBoard, who: Approver, once: OnceKey, response: Response
) -> PolicyText:
    """Let it judge from now on, and the one before it no more. 403 for whoever shares its author's owner."""
    return reply(response, await board.activate_policy(who, name, version, why.reason, once))


@router.post("/policies/{name}/versions/{version}/retire")
async def retire_policy(
    name: Name, version: Version, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> PolicyText:
    """Let it judge no more."""
    return reply(response, await board.retire_policy(who, name, version, why.reason, once))


@router.post("/policies/{name}/judge")
async def judge_policy(name: Name, trial: Trial, board: TheBoard, who: Caller, once: OnceKey, response: Response) -> Judged:
    """What it says of some inputs, table by table and row by row. Nothing is decided by asking."""
    return reply(response, await board.judge_policy(who, name, trial, once))
