"""Tasks in hand: claiming them, what a holder says, side effects."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from blackboard.answers import (
    ActionVerdict,
    ClaimedTask,
    Context,
    FactValue,
    PastDecision,
    TaskView,
    Verdict,
)
from blackboard.database import Statements
from blackboard.requests import (
    Failure,
    Fenced,
    FencedDecision,
    Heartbeat,
    NeedInput,
    NewAction,
    Proposal,
    Rejection,
    Release,
    Settlement,
)
from blackboard.values import Json, Principal

B_co = TypeVar("B_co", bound=Fenced, covariant=True)

if TYPE_CHECKING:
    from blackboard.database import Row


class Wish(NamedTuple):
    """One agent's wish for work: how much, for how long, and for which running instance."""

    agent_id: int
    session_id: UUID | None = None
    claim_id: str | None = None
    limit: int = 1
    lease_s: int | None = None


class Write(NamedTuple, Generic[B_co]):
    """What one holder says about one task."""

    agent_id: int
    task_id: UUID
    body: B_co


class WorkVerbs(Statements):
    """Tasks in hand: claiming them, what a holder says, side effects."""

    async def claim_tasks(
        self, tenant_id: int, capabilities: Sequence[str], wishes: Sequence[Wish]
    ) -> list[list[ClaimedTask] | None]:
        """`board.claim_tasks`: per wish the tasks that are now its agent's alone; None where the agent may not ask."""
        rows = await self._rows(
            "SELECT * FROM board.claim_tasks($1, $2, $3, $4, $5, $6, $7)",
            *(tenant_id, list(capabilities), *map(list, zip(*wishes, strict=True))),
        )
        answers: list[list[ClaimedTask] | None] = [[] for _ in wishes]
        for row in rows:
            if row["task_id"] is None:
                answers[row["n"] - 1] = None
            elif (tasks := answers[row["n"] - 1]) is not None:
                tasks.append(_claimed(row))
        return answers

    async def show_claims(self, who: Principal, claims: Sequence[tuple[UUID, int]]) -> list[ClaimedTask]:
        """`board.show_claims`: those of these (task, fence) that this agent still holds."""
        tasks, fences = [task for task, _ in claims], [fence for _, fence in claims]
        query = "SELECT * FROM board.show_claims($1, $2, $3, $4)"
        return [_claimed(row) for row in await self._rows(query, who.tenant_id, who.agent_id, tasks, fences)]

    async def list_held(self, who: Principal, claims: Mapping[UUID, int]) -> set[UUID]:
        """`board.list_held`: those of these claims (task: fence) that this agent still holds."""
        query = "SELECT board.list_held($1, $2, $3, $4)"
        return set(await self._value(query, who.tenant_id, who.agent_id, list(claims), list(claims.values())))

    async def list_session_claims(self, who: Principal, session_id: UUID) -> dict[UUID, int]:
        """`board.list_session_claims`: what a session holds, task: fence."""
        query = "SELECT * FROM board.list_session_claims($1, $2, $3)"
        return {row["task_id"]: row["fence"] for row in await self._rows(query, who.tenant_id, who.agent_id, session_id)}

    async def release_unheard(self, who: Principal, claims: Mapping[UUID, int], reason: str) -> list[UUID]:
        """`board.release_unheard`: those of these claims (task: fence) that nobody wrote about, and that are over now."""
        query = "SELECT board.release_unheard($1, $2, $3, $4, $5)"
        held = (list(claims), list(claims.values()))
        return list(await self._value(query, who.tenant_id, who.agent_id, *held, reason))

    async def heartbeat_tasks(self, tenant_id: int, writes: Sequence[Write[Heartbeat]]) -> list[Verdict]:
        """`board.heartbeat_tasks`: extended, or why not."""
        rows = await self._rows(
            "SELECT * FROM board.heartbeat_tasks($1, $2, $3, $4, $5, $6)",
            *(tenant_id, *_holders(writes), [w.body.lease_s for w in writes], [w.body.progress for w in writes]),
        )
        return [
            Verdict(task_id=write.task_id, verdict=row["verdict"], deadline_at=row["deadline_at"])
            for write, row in zip(writes, rows, strict=True)
        ]

    async def decide_tasks(
        self, tenant_id: int, writes: Sequence[Write[FencedDecision]], unfit: Container[int] = ()
    ) -> list[Verdict]:
        """`board.decide_tasks`: decided, or why not. `unfit` are the places of results that do not fit."""
        told = [write.body.told() for write in writes]
        outcomes = [None if n in unfit else write.body.outcome for n, write in enumerate(writes)]
        return await self._verdicts("decide_tasks", tenant_id, writes, outcomes, told)

    async def result_schemas(self, tenant_id: int, tasks: Sequence[UUID] | None) -> dict[UUID | None, tuple[str, Json]]:
        """`board.result_schemas`: stage and JSON Schema of each task that has one; of anything when no tasks are named."""
        rows = await self._rows("SELECT * FROM board.result_schemas($1, $2)", tenant_id, None if tasks is None else list(tasks))
        return {row["task_id"]: (row["stage"], row["result_schema"]) for row in rows}

    async def explain_clash(self, tenant_id: int, agent_id: int, task_id: UUID) -> str | None:
        """`board.explain_clash`: what keeps the agent from deciding a task, in words; None where nothing does."""
        told = await self._value("SELECT board.explain_clash($1, $2, $3)", tenant_id, agent_id, task_id)
        return None if told is None else str(told)

    async def fail_tasks(self, tenant_id: int, writes: Sequence[Write[Failure]]) -> list[Verdict]:
        """`board.fail_tasks`: retrying, exhausted or incident, or why not."""
        bodies = [write.body for write in writes]
        rows = await self._rows(
            "SELECT * FROM board.fail_tasks($1, $2, $3, $4, $5, $6, $7)",
            *(tenant_id, *_holders(writes), [b.reason for b in bodies]),
            *([b.retryable for b in bodies], [b.delay_s for b in bodies]),
        )
        return [
            Verdict(task_id=write.task_id, verdict=row["verdict"], retry_at=row["retry_at"])
            for write, row in zip(writes, rows, strict=True)
        ]

    async def release_tasks(self, tenant_id: int, writes: Sequence[Write[Release]]) -> list[Verdict]:
        """`board.release_tasks`: released, or why not."""
        return await self._verdicts("release_tasks", tenant_id, writes, [w.body.reason for w in writes])

    async def reject_tasks(self, tenant_id: int, writes: Sequence[Write[Rejection]]) -> list[Verdict]:
        """`board.reject_tasks`: rejected, or why not."""
        return await self._verdicts("reject_tasks", tenant_id, writes, [w.body.reason for w in writes])

    async def need_input(self, tenant_id: int, writes: Sequence[Write[NeedInput]]) -> list[Verdict]:
        """`board.need_input`: waiting, or why not."""
        bodies = [write.body for write in writes]
        return await self._verdicts("need_input", tenant_id, writes, [b.reason for b in bodies], [b.fact for b in bodies])

    async def _verdicts(
        self, function: str, tenant_id: int, writes: Sequence[Write[Any]], *columns: Sequence[object]
    ) -> list[Verdict]:
        slots = ", ".join(f"${n}" for n in range(1, 5 + len(columns)))
        told = await self._value(f"SELECT board.{function}({slots})", tenant_id, *_holders(writes), *columns)
        return [Verdict(task_id=write.task_id, verdict=verdict) for write, verdict in zip(writes, told, strict=True)]

    async def propose_action(self, who: Principal, task_id: UUID, new: Proposal) -> ActionVerdict:
        """`board.propose_action`: the effect key under which these bytes will be sent when a decision authorized them."""
        rows = await self._rows(
            "SELECT * FROM board.propose_action($1, $2, $3, $4, $5, $6, $7, $8)",
            *(who.tenant_id, who.agent_id, task_id, new.fence, new.kind, new.payload, new.undoes, new.expires_in_s),
        )
        return ActionVerdict.model_validate(dict(rows[0]))

    async def record_action(self, who: Principal, task_id: UUID, new: NewAction) -> ActionVerdict:
        """`board.record_action`: the effect key and whether the bytes may be sent."""
        rows = await self._rows(
            "SELECT * FROM board.record_action($1, $2, $3, $4, $5, $6, $7)",
            *(who.tenant_id, who.agent_id, task_id, new.fence, new.kind, new.payload, new.undoes),
        )
        return ActionVerdict.model_validate(dict(rows[0]))

    async def was_authorized(self, who: Principal, action_id: UUID) -> bool:
        """`board.was_authorized`: whether an authorization was spent on what is on its way."""
        return bool(await self._value("SELECT board.was_authorized($1, $2)", who.tenant_id, action_id))

    async def settle_action(self, who: Principal, task_id: UUID, action_id: UUID, said: Settlement) -> ActionVerdict:
        """`board.settle_action`: the state that the action is in now."""
        rows = await self._rows(
            "SELECT $5::uuid AS action_id, verdict, state FROM board.settle_action($1, $2, $3, $4, $5, $6, $7, $8)",
            *(who.tenant_id, who.agent_id, task_id, said.fence, action_id, said.state, said.receipt, said.difference),
        )
        return ActionVerdict.model_validate(dict(rows[0]))

    async def show_task(self, who: Principal, task_id: UUID) -> TaskView | None:
        """`board.show_task`."""
        row = await self._value("SELECT board.show_task($1, $2)", who.tenant_id, task_id)
        return None if row is None else TaskView.model_validate(row)


def _holders(writes: Sequence[Write[Any]]) -> tuple[list[int], list[UUID], list[int]]:
    """Agents, tasks and fences as the arrays that every verb of a holder begins with."""
    return [w.agent_id for w in writes], [w.task_id for w in writes], [w.body.fence for w in writes]


def _claimed(row: Row) -> ClaimedTask:
    """A claimed task from its row, by place and not by name: there are a hundred of them in a batch."""
    (_, task_id, case_id, workflow, stage, name, capability, fence, attempt, lease_s, deadline_at, *rest) = row
    (payload, subject, business_key, priority, opened_at, history, progress, memory) = rest
    decisions, facts = _NO_HISTORY if history is None else _history(history)
    context = Context(payload, subject, business_key, priority, opened_at, decisions, facts, memory or {}, progress)
    return ClaimedTask(task_id, case_id, workflow, stage, name, capability, fence, attempt, lease_s, deadline_at, context)


_NO_HISTORY: tuple[list[PastDecision], dict[str, FactValue]] = ([], {})


def _history(told: Json) -> tuple[list[PastDecision], dict[str, FactValue]]:
    return (
        [PastDecision.model_validate(decision) for decision in told["decisions"]],
        {key: FactValue.model_validate(fact) for key, fact in told["facts"].items()},
    )
