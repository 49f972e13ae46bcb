"""What is known of a case: putting facts, saying what is wrong with them, reading them as they are or were."""

import hashlib
import re
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response
from pydantic import Field, model_validator

from api.deps import Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.answers import Fact, FactPage, FactVerdicts, Told
from blackboard.errors import Invalid
from blackboard.masks import shown_to
from blackboard.requests import NewFact, Provenance
from blackboard.values import Frozen, Name, Text

router = APIRouter(prefix="/v1", tags=["facts"], route_class=BoardRoute)

_TAG = re.compile(r'"([1-9][0-9]{0,18})"')
# No fact comes so far: whoever expects more expects something else than is there.
MAX_VERSION = 2**31 - 1

IfMatch = Annotated[str | None, Header(description='The version that is replaced, as its ETag: "3".')]
IfNoneMatch = Annotated[str | None, Header(description="* for the first version.")]
Position = Annotated[str | None, Query(description="A cursor or a position of the journal: how it was then.")]


class Holder(Frozen):
    """With task and fence it is the task's holder who speaks."""

    task_id: UUID | None = None
    fence: Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)] | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.task_id is None) != (self.fence is None):
            raise ValueError("task_id and fence go together: a holder sends both, others neither")
        return self


class FactBatch(Holder):
    """What was learnt about a case."""

    items: Annotated[list[NewFact], Field(min_length=1, max_length=100)]


class FactBody(Holder, Provenance):
    """What was learnt, and where it comes from."""

    value: Any


class Said(Frozen):
    """Which version of a fact is meant, and why."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1, strict=True)]
    reason: Text


@router.post("/cases/{case_id}/facts")
async def put_facts(
    case_id: UUID, facts: FactBatch, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> FactVerdicts:
    """Put facts on the board: each is kept under its next version, or stale when it expects another one."""
    answered = await board.put_facts(who, case_id, facts.items, once, task_id=facts.task_id, fence=facts.fence)
    return reply(response, answered)


@router.put("/cases/{case_id}/facts/{key}")
async def put_fact(
    case_id: UUID,
    key: Name,
    body: FactBody,
    board: TheBoard,
    who: Caller,
    once: OnceKey,
    response: Response,
    if_match: IfMatch = None,
    if_none_match: IfNoneMatch = None,
) -> Fact:
    """Put one fact on the board, in place of the version named or of whatever is there. 412 when another one is."""
    expect = expected(if_match, if_none_match)
    fact = NewFact(key=key, expect=expect, **body.model_dump(exclude={"task_id", "fence"}))
    # The version that is expected is part of what was asked for, though it is no part of the body.
    mine = once._replace(print=hashlib.sha256(once.print + repr(expect).encode()).digest())
    answered = await board.put_fact(who, case_id, fact, mine, task_id=body.task_id, fence=body.fence)
    return _tagged(response, reply(response, answered))


@router.get("/cases/{case_id}/facts")
async def list_facts(case_id: UUID, board: TheBoard, who: Caller, position: Position = None, history: bool = False) -> FactPage:
    """What is known of a case now or was at a position, with `history` in all its versions."""
    return shown_to(who, await board.show_facts(who, case_id, position=position, history=history))


@router.get("/cases/{case_id}/facts/{key}")
async def show_fact(
    case_id: UUID, key: Name, board: TheBoard, who: Caller, response: Response, position: Position = None
) -> FactPage:
    """All versions of one fact, oldest first."""
    page = await board.show_facts(who, case_id, position=position, history=True, key=key)
    _tagged(response, page.facts[-1])
    return shown_to(who, page)


@router.post("/cases/{case_id}/facts/{key}/dispute")
async def dispute_fact(
    case_id: UUID, key: Name, said: Said, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Told:
    """Say that a fact is not right. Nothing rests on it until a new version is put, or it is upheld."""
    return reply(response, await board.mark_fact(who, case_id, key, said.version, "disputed", said.reason, once))


@router.post("/cases/{case_id}/facts/{key}/uphold")
async def uphold_fact(
    case_id: UUID, key: Name, said: Said, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Told:
    """Say that a disputed fact is right: a reviewer's or an operator's word, and not of the owner who put it."""
    return reply(response, await board.mark_fact(who, case_id, key, said.version, "upheld", said.reason, once))


@router.post("/cases/{case_id}/facts/{key}/retract")
async def retract_fact(
    case_id: UUID, key: Name, said: Said, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Told:
    """Take a fact back: who put it may, and reviewers and operators. It can still be read; what was made of it is doubtful."""
    return reply(response, await board.mark_fact(who, case_id, key, said.version, "retracted", said.reason, once))


def expected(if_match: str | None, if_none_match: str | None) -> int | None:
    """The version that a write is made for: 0 for none, None for whatever is there."""
    if if_match is not None and if_none_match is not None:
        raise Invalid("Send If-Match or If-None-Match, not both.")
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise Invalid("If-None-Match can be * alone: put the fact where there is none yet.")
        return 0
    if if_match is None:
        return None
    if not (found := _TAG.fullmatch(if_match.strip())):
        raise Invalid('If-Match is the ETag of the version that you replace, like "3"; leave it out to replace any.')
    return min(int(found[1]), MAX_VERSION)


def _tagged(response: Response, fact: Fact) -> Fact:
    response.headers["ETag"] = f'"{fact.version}"'
    return fact
