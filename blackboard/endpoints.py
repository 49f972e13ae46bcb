"""The counter for webhooks: where events are sent to, and what could not be delivered."""

from collections.abc import Callable

from blackboard.addresses import Guard
from blackboard.answers import Told
from blackboard.courier import mint_secret
from blackboard.cursor import BEGINNING, Cursor
from blackboard.errors import Invalid, NotFound
from blackboard.once import Answered, Desk, Once
from blackboard.reports import SecretWebhook, Webhook, WebhookDetail
from blackboard.requests import NewWebhook, Replay
from blackboard.roles import demand
from blackboard.store import Store, Verbs
from blackboard.values import Principal, demand_name


class Endpoints(Desk):
    """Only for those who run the board, reading too: a url may hold a secret of the receiver's."""

    def __init__(self, store: Store, on_commit: Callable[[], None], guard: Guard) -> None:
        super().__init__(store, on_commit)
        self._guard = guard

    async def put_webhook(
        self, who: Principal, name: str, new: NewWebhook, once: Once | None = None
    ) -> Answered[SecretWebhook]:
        """Send events there, from now on. A name that is taken gets a new address, and keeps its place and its secret."""
        demand(who, "run the board")
        demand_name(name)
        if once is not None and (given := await self._recalled(who, once, SecretWebhook)):
            return given
        await self._guard.check(new.url)

        async def put_it(verbs: Verbs) -> SecretWebhook:
            secret = mint_secret()
            is_new = await verbs.put_webhook(who, name, new, secret)
            return SecretWebhook(**dict(await _found(verbs, who, name)), secret=secret if is_new else None)

        return await self._answer_once(who, once, SecretWebhook, put_it)

    async def drop_webhook(self, who: Principal, name: str, reason: str, once: Once | None = None) -> Answered[Told]:
        """Send nothing there any more."""
        demand(who, "run the board")

        async def drop_it(verbs: Verbs) -> Told:
            if not await verbs.drop_webhook(who, name, reason):
                raise _unknown(name)
            return Told(verdict="dropped")

        return await self._answer_once(who, once, Told, drop_it)

    async def rotate_secret(self, who: Principal, name: str, reason: str, once: Once | None = None) -> Answered[SecretWebhook]:
        """Sign with a new secret, and for a day with the old one too."""
        demand(who, "run the board")

        async def rotate_it(verbs: Verbs) -> SecretWebhook:
            secret = mint_secret()
            if not await verbs.rotate_secret(who, name, secret, reason):
                raise _unknown(name)
            return SecretWebhook(**dict(await _found(verbs, who, name)), secret=secret)

        return await self._answer_once(who, once, SecretWebhook, rotate_it)

    async def replay_webhook(self, who: Principal, name: str, replay: Replay, once: Once | None = None) -> Answered[Webhook]:
        """Send again what came after a cursor, or the dead letters."""
        demand(who, "run the board")

        async def replay_it(verbs: Verbs) -> Webhook:
            after = None if replay.after is None else await _position(verbs, replay.after)
            if await verbs.replay_webhook(who, name, after, replay.reason) is None:
                raise _unknown(name)
            return await _found(verbs, who, name)

        return await self._answer_once(who, once, Webhook, replay_it)

    async def list_webhooks(self, who: Principal) -> list[Webhook]:
        """Where events are sent to, and how far each has come."""
        demand(who, "run the board")
        return await self._store.list_webhooks(who)

    async def show_webhook(self, who: Principal, name: str, after: str | None, limit: int) -> WebhookDetail:
        """One of them, with the dead letters after a cursor."""
        demand(who, "run the board")
        start = Cursor.parse(after or "0").position
        found = await _found(self._store, who, name)
        letters = await self._store.list_dead_letters(who, name, start, limit)
        following = letters[-1].cursor if len(letters) == limit else None
        return WebhookDetail(**dict(found), dead_letters=letters, next=following)


async def _found(verbs: Verbs, who: Principal, name: str) -> Webhook:
    for webhook in await verbs.list_webhooks(who, name):
        return webhook
    raise _unknown(name)


def _unknown(name: str) -> NotFound:
    return NotFound(f"There is no webhook {name}. GET /v1/webhooks lists those that there are.")


async def _position(verbs: Verbs, text: str) -> int:
    """The position that a cursor of this journal names; that before the oldest event for `0`."""
    head = await verbs.read_head()
    cursor = Cursor.parse(text)
    if cursor == BEGINNING:
        return head.floor
    if cursor.epoch != head.epoch or cursor.position > head.head:
        raise Invalid(f"The cursor {cursor} is not of this journal, which ends at {head.epoch}.{head.head}.")
    return cursor.position
