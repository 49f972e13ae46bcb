"""Where events are sent to: what operators set, what senders note."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from blackboard.database import Statements
from blackboard.reports import DeadLetter, DueWebhook, Failed, Webhook
from blackboard.requests import NewWebhook
from blackboard.values import Principal


class WebhookVerbs(Statements):
    """Where events are sent to: what operators set, what senders note."""

    async def put_webhook(self, who: Principal, name: str, new: NewWebhook, secret: str) -> bool:
        """`board.put_webhook`: True when it is new."""
        query = "SELECT board.put_webhook($1, $2, $3, $4, $5, $6, $7, $8)"
        wanted = new.filter.model_dump(mode="json", exclude_defaults=True)
        args = (who.tenant_id, who.agent_id, name, new.url, wanted, new.state, secret, new.reason)
        return bool(await self._value(query, *args))

    async def drop_webhook(self, who: Principal, name: str, reason: str) -> bool:
        """`board.drop_webhook`: False when there was none."""
        query = "SELECT board.drop_webhook($1, $2, $3, $4)"
        return bool(await self._value(query, who.tenant_id, who.agent_id, name, reason))

    async def rotate_secret(self, who: Principal, name: str, secret: str, reason: str) -> bool:
        """`board.rotate_secret`: False when there is no such endpoint."""
        query = "SELECT board.rotate_secret($1, $2, $3, $4, $5)"
        return bool(await self._value(query, who.tenant_id, who.agent_id, name, secret, reason))

    async def replay_webhook(self, who: Principal, name: str, after: int | None, reason: str) -> int | None:
        """`board.replay_webhook`, of the dead letters when `after` is None; None when there is no such endpoint."""
        query = "SELECT board.replay_webhook($1, $2, $3, $4, $5)"
        count: int | None = await self._value(query, who.tenant_id, who.agent_id, name, after, reason)
        return count

    async def list_webhooks(self, who: Principal, name: str | None = None) -> list[Webhook]:
        """`board.list_webhooks`: all, or the one of that name."""
        rows = await self._value("SELECT board.list_webhooks($1, $2)", who.tenant_id, name)
        return [Webhook.model_validate(row) for row in rows]

    async def list_dead_letters(self, who: Principal, name: str, after: int, limit: int) -> list[DeadLetter]:
        """`board.list_dead_letters`, oldest first."""
        rows = await self._value("SELECT board.list_dead_letters($1, $2, $3, $4)", who.tenant_id, name, after, limit)
        return [DeadLetter.model_validate(row) for row in rows]

    async def due_webhooks(self, busy: Collection[UUID], limit: int) -> list[DueWebhook]:
        """`board.due_webhooks`, of all tenants."""
        rows = await self._rows("SELECT * FROM board.due_webhooks($1, $2)", list(busy), limit)
        return [DueWebhook.model_validate(dict(row)) for row in rows]

    async def advance_webhook(self, due: DueWebhook, to: int, prev: int, rest_s: float = 0) -> bool:
        """`board.advance_webhook`: False when the turn is over."""
        query = "SELECT board.advance_webhook($1, $2, $3, $4, $5, $6)"
        return bool(await self._value(query, due.tenant_id, due.id, due.position, to, prev, float(rest_s)))

    async def settle_dead_letter(self, due: DueWebhook, position: int) -> None:
        """`board.settle_dead_letter`."""
        await self._value("SELECT board.settle_dead_letter($1, $2, $3)", due.tenant_id, due.id, position)

    async def fail_webhook(self, due: DueWebhook, failed: Failed, attempts: int, backoff_s: float) -> bool:
        """`board.fail_webhook`: False when the endpoint had moved on."""
        query = "SELECT board.fail_webhook($1, $2, $3, $4, $5)"
        failure = {"from": due.position, "failures": due.failures, **failed.model_dump()}
        return bool(await self._value(query, due.tenant_id, due.id, failure, attempts, float(backoff_s)))

    async def disable_webhook(self, due: DueWebhook, error: str) -> None:
        """`board.disable_webhook`."""
        await self._value("SELECT board.disable_webhook($1, $2, $3, $4)", due.tenant_id, due.id, due.position, error)
