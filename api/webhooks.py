"""Webhooks: where events are sent to, for systems that cannot hold a stream."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.control import Because
from api.deps import Caller, OnceKey, TheBoard, reply
from api.route import BoardRoute
from blackboard.answers import Told
from blackboard.reports import SecretWebhook, Webhook, WebhookDetail
from blackboard.requests import NewWebhook, Replay
from blackboard.values import Name, Text

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=BoardRoute)


@router.get("")
async def list_webhooks(board: TheBoard, who: Caller) -> list[Webhook]:
    """Where events are sent to, how far each endpoint has come, and what is wrong with it."""
    return await board.list_webhooks(who)


@router.get("/{name}")
async def show_webhook(
    name: Name,
    board: TheBoard,
    who: Caller,
    after: Annotated[str | None, Query(description="The cursor of a dead letter.")] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Of dead letters.")] = 100,
) -> WebhookDetail:
    """One endpoint, with the events that were given up for it, oldest first."""
    return await board.show_webhook(who, name, after, limit)


@router.put("/{name}")
async def put_webhook(
    name: Name, new: NewWebhook, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> SecretWebhook:
    """Send events there from now on, or change where and which. The secret is told when the endpoint is made, once."""
    return reply(response, await board.put_webhook(who, name, new, once))


@router.delete("/{name}")
async def drop_webhook(
    name: Name, reason: Annotated[Text, Query()], board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Told:
    """Send nothing there any more, and forget its dead letters."""
    return reply(response, await board.drop_webhook(who, name, reason, once))


@router.post("/{name}/replay")
async def replay_webhook(
    name: Name, replay: Replay, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> Webhook:
    """Send again: all that came after a cursor, or the dead letters. What is sent again has the same `webhook-id`."""
    return reply(response, await board.replay_webhook(who, name, replay, once))


@router.post("/{name}/secret")
async def rotate_secret(
    name: Name, why: Because, board: TheBoard, who: Caller, once: OnceKey, response: Response
) -> SecretWebhook:
    """Sign with a new secret, told here once. For 24 hours deliveries carry a signature by the old one too."""
    return reply(response, await board.rotate_secret(who, name, why.reason, once))
