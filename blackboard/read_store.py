"""The read models as this process reads them: a pool of its own, under a role that can write nothing.

Whoever reads here takes no connection from those who write and no lock that they wait for, and sees one tenant: the one that
it says. The tables follow the journal a few milliseconds behind. A caller that must see its own write names the position that
must be in the answer; the answer waits for that, for a moment.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Self, TypeVar

from blackboard.database import LIMITS, leave_tenant, prepare, translated
from blackboard.errors import Unavailable
from blackboard.pool import Pool
from blackboard.records import (
    AdviceEvent,
    AgentSession,
    AgentTask,
    BankCall,
    BankingRequest,
    Client,
    LoanApplication,
    LoanDecision,
    Recommendation,
    RequestAudit,
)
from blackboard.turns import step_aside
from blackboard.values import Frozen

ROLE = "blackboard_reader"
COMMAND_TIMEOUT_S = 6.0
# A look-up takes milliseconds; what takes longer is not what this is for.
STATEMENT_LIMIT_S = 5
WAIT_S = 2.0
LOOK_AGAIN_S = 0.01
PAGE = 100

R = TypeVar("R", bound=Frozen)


class ReadStore:
    """A pool of connections that read. `after` is a position of the journal that the answer must have in it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @classmethod
    async def open(cls, url: str, *, max_connections: int = 5) -> Self:
        """Ready to connect. The login must be a member of `blackboard_reader`, as the API's is; it acts as that and no more."""
        pool = await Pool.open(
            url,
            min_size=0,
            max_size=max_connections,
            command_timeout_s=COMMAND_TIMEOUT_S,
            settings={
                **LIMITS,
                "role": ROLE,
                "statement_timeout": f"{STATEMENT_LIMIT_S}s",
                "default_transaction_read_only": "on",
                "application_name": "blackboard reader",
            },
            init=prepare,
            reset=leave_tenant,
        )
        return cls(pool)

    async def close(self) -> None:
        """Close every connection; those at work get a moment, then are cut."""
        await self._pool.close()

    # ---------------------------------------------------------------------------------------------------------- how far it is
    async def position(self) -> int:
        """The last position of the journal that is in the read models."""
        with translated():
            return int(await self._pool.fetchval("SELECT position FROM reading.progress"))

    async def reach(self, position: int, wait_s: float = WAIT_S) -> None:
        """Until the read models have come to a position; `Unavailable`, saying how far they are, where that takes longer."""
        ends_at = time.monotonic() + wait_s
        while (now_at := await self.position()) < position:
            step_aside()
            if time.monotonic() >= ends_at:
                raise Unavailable(
                    f"What is read here has come to position {now_at} of the journal and not yet to {position}."
                    " Nothing is lost: ask again in a moment."
                )
            await asyncio.sleep(LOOK_AGAIN_S)

    # --------------------------------------------------------------------------------------------------------------- payments
    async def agent_task(self, tenant_id: int, task_id: str, *, after: int = 0) -> AgentTask | None:
        """A payment by its caller's own name for it."""
        return await self._one(AgentTask, tenant_id, after, "banking.agent_tasks WHERE task_id = $1 ORDER BY id DESC", task_id)

    # --------------------------------------------------------------------------------------------------------- retail banking
    async def session(self, tenant_id: int, session_id: str, *, after: int = 0) -> AgentSession | None:
        """What a customer's session was about last."""
        return await self._one(AgentSession, tenant_id, after, "banking.agent_sessions WHERE session_id = $1", session_id)

    async def bank_calls(
        self,
        tenant_id: int,
        *,
        session_id: str | None = None,
        customer_id: str | None = None,
        limit: int = PAGE,
        after: int = 0,
    ) -> list[BankCall]:
        """What the bank was asked and answered, newest first."""
        asked = [("session_id", session_id), ("customer_id", customer_id)]
        named = [(column, value) for column, value in asked if value is not None]
        only = " AND ".join(f"{column} = ${n}" for n, (column, _) in enumerate(named, 2)) or "true"
        query = f"banking.banking_audit_log WHERE {only} ORDER BY id DESC LIMIT $1"
        return await self._many(BankCall, tenant_id, after, query, limit, *(value for _, value in named))

    # --------------------------------------------------------------------------------------------------------------- requests
    async def request(self, tenant_id: int, number: int, *, after: int = 0) -> BankingRequest | None:
        """A request and the last decision on it."""
        found = await self._one(BankingRequest, tenant_id, after, "banking.banking_requests WHERE id = $1", number)
        if found is None:
            return None
        query = "banking.agent_audit_log WHERE request_id = $1 ORDER BY id DESC"
        return found.model_copy(update={"latest_audit": await self._one(RequestAudit, tenant_id, 0, query, number)})

    async def request_audits(self, tenant_id: int, number: int, *, after: int = 0) -> list[RequestAudit]:
        """Every decision on a request, oldest first."""
        return await self._many(
            RequestAudit, tenant_id, after, "banking.agent_audit_log WHERE request_id = $1 ORDER BY id", number
        )

    # ---------------------------------------------------------------------------------------------------------------- lending
    async def loan(self, tenant_id: int, number: int, *, after: int = 0) -> LoanApplication | None:
        """An application and the decision on it that counts."""
        found = await self._one(LoanApplication, tenant_id, after, "banking.loan_applications WHERE id = $1", number)
        if found is None:
            return None
        query = "banking.loan_decisions WHERE application_id = $1 AND is_current"
        return found.model_copy(update={"decision": await self._one(LoanDecision, tenant_id, 0, query, number)})

    async def loan_decisions(self, tenant_id: int, number: int, *, after: int = 0) -> list[LoanDecision]:
        """Every decision on an application, oldest first; the last is the one that counts."""
        return await self._many(
            LoanDecision, tenant_id, after, "banking.loan_decisions WHERE application_id = $1 ORDER BY id", number
        )

    # ----------------------------------------------------------------------------------------------------------------- wealth
    async def client(self, tenant_id: int, client_id: str, *, after: int = 0) -> Client | None:
        """A client and what it holds, as last fetched from the system of record."""
        return await self._one(Client, tenant_id, after, _CLIENT, client_id)

    async def advice(self, tenant_id: int, client_id: str, *, limit: int = PAGE, after: int = 0) -> list[AdviceEvent]:
        """What agents said about a client's money, newest first."""
        query = "banking.audit_events WHERE client_id = $2 ORDER BY id DESC LIMIT $1"
        return await self._many(AdviceEvent, tenant_id, after, query, limit, client_id)

    async def recommendations(
        self, tenant_id: int, client_id: str, *, limit: int = PAGE, after: int = 0
    ) -> list[Recommendation]:
        """What a client was advised to do, newest first."""
        query = "banking.recommendations WHERE client_id = $2 ORDER BY id DESC LIMIT $1"
        return await self._many(Recommendation, tenant_id, after, query, limit, client_id)

    # ------------------------------------------------------------------------------------------------------------------------
    async def _one(self, kind: type[R], tenant_id: int, after: int, query: str, *args: Any) -> R | None:
        rows = await self._many(kind, tenant_id, after, f"{query} LIMIT 1", *args)
        return rows[0] if rows else None

    async def _many(self, kind: type[R], tenant_id: int, after: int, query: str, *args: Any) -> list[R]:
        if after:
            await self.reach(after)
        with translated():
            async with self._pool.acquire() as connection, connection.transaction():
                await connection.execute("SELECT set_config('board.tenant', $1, true)", str(tenant_id))
                rows = await connection.fetch(f"SELECT * FROM {query}", *args)
        return [kind.model_validate(dict(row)) for row in rows]


_CLIENT = """(
  SELECT c.*, k.instructions, (
    SELECT coalesce(jsonb_agg(
      jsonb_build_object('symbol', p.symbol, 'quantity', trim_scale(p.quantity)::text) ORDER BY p.symbol), '[]')
    FROM banking.portfolios p WHERE p.client_id = c.id) AS portfolio
  FROM banking.clients c JOIN reading.client k ON k.client_id = c.id JOIN reading.shown USING (tenant_id, edition)) c
WHERE id = $1
"""
