"""Keys: who has which, for what, until when. What proves one is shown once, in the answer that issues it."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import Caller, OnceKey, TheBoard, TheGate, reply
from api.route import BoardRoute
from blackboard.answers import Told
from blackboard.credentials import IssuedKey, KeyEntry, KeyId, NewKey, Rotation
from blackboard.keys import Key
from blackboard.once import Answered
from blackboard.values import Name, Text

router = APIRouter(prefix="/v1", tags=["keys"], route_class=BoardRoute)


@router.get("/keys")
async def list_keys(
    board: TheBoard, who: Caller, agent: Annotated[Name | None, Query(description="Only of this agent.")] = None
) -> list[KeyEntry]:
    """The keys of your tenant, the newest first. For admins."""
    return await board.list_keys(who, agent)


@router.post("/keys", status_code=201)
async def issue_key(new: NewKey, board: TheBoard, gate: TheGate, who: Caller, once: OnceKey, response: Response) -> IssuedKey:
    """Give an agent a key. `key` is in this answer alone: a repeat under the same Idempotency-Key has null in its place."""
    key, minted = gate.mint()
    return _shown(response, await board.issue_key(who, new, minted, once), key)


@router.post("/keys/{key_id}/rotate", status_code=201)
async def rotate_key(
    key_id: KeyId, how: Rotation, board: TheBoard, gate: TheGate, who: Caller, once: OnceKey, response: Response
) -> IssuedKey:
    """A new key that may the same as the old one, which goes on for `overlap_s` and then opens nothing."""
    key, minted = gate.mint()
    return _shown(response, await board.rotate_key(who, key_id, how, minted, once), key)


@router.delete("/keys/{key_id}")
async def revoke_key(
    key_id: KeyId,
    board: TheBoard,
    who: Caller,
    once: OnceKey,
    response: Response,
    reason: Annotated[Text, Query(description="Why, for the journal.")],
) -> Told:
    """Let a key open nothing from now on: within five seconds on every process, on open streams and for claims that wait."""
    return reply(response, await board.revoke_key(who, key_id, reason, once))


def _shown(response: Response, answered: Answered[KeyEntry], key: Key) -> IssuedKey:
    """Nothing between here and the caller keeps a key: neither a cache nor the board, which remembers the answer without it."""
    response.headers["Cache-Control"] = "no-store"
    entry = reply(response, answered)
    return IssuedKey(**entry.model_dump(), key=None if answered.replayed or entry.subject else str(key))
