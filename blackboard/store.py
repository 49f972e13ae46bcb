"""The database, one method per SQL function: rows to models, SQLSTATE to errors, and nothing else.

`Store` runs each verb in a transaction of its own; `Store.transaction()` gives the same verbs inside one transaction, and
`Seat` the same verbs on a connection that holds an election lock.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Self, TypeVar
from uuid import UUID

import asyncpg
import orjson

from blackboard.errors import (
    BlackboardError,
    Conflict,
    DatabaseMismatch,
    Invalid,
    NotPermitted,
    Unavailable,
)
from blackboard.models import (
    ActionVerdict,
    AgentEntry,
    Case,
    CasePage,
    CaseSummary,
    ClaimedTask,
    Context,
    Event,
    Failure,
    Fenced,
    FencedDecision,
    Head,
    Heartbeat,
    Json,
    FactValue,
    NeedInput,
    PastDecision,
    Principal,
    Rejection,
    Release,
    TaskView,
    Verdict,
    Workflow,
)

COMMAND_TIMEOUT_S = 10.0
CONNECT_TIMEOUT_S = 5.0
ACQUIRE_TIMEOUT_S = 5.0

B = TypeVar("B", bound=Fenced, covariant=True)

_RETRY = "Nothing is known to be lost: repeat the request with the same Idempotency-Key."
# What each SQLSTATE means to a caller. Codes, never classes: asyncpg files codes it does not know under a fatal class.
_BY_STATE: dict[str, tuple[type[BlackboardError], str]] = {
    "BB403": (NotPermitted, "{message}. Ask an operator for the capability."),
    "BB500": (Conflict, "{message}."),
    "22P05": (Invalid, "Text must not contain the NUL character."),
    "22021": (Invalid, "Text must be valid UTF-8."),
    "40001": (Unavailable, f"The database was too contended. {_RETRY}"),
    "40P01": (Unavailable, f"The database was too contended. {_RETRY}"),
    "55P03": (Unavailable, f"The database was too contended. {_RETRY}"),
    "23505": (Unavailable, f"The same request was committed a moment ago. {_RETRY}"),
    "42501": (DatabaseMismatch, "The database login lacks a right: {message}. Run `blackboard doctor`."),
    "3F000": (DatabaseMismatch, "The database has no schema `board`. Run `blackboard migrate`."),
    "42883": (DatabaseMismatch, "The database is older than this code: {message}. Run `blackboard migrate`."),
}
# Whole classes that mean "not now": connection, resources, operator intervention, system.
_UNAVAILABLE_CLASSES = ("08", "53", "57", "58")


class StoredAnswer(NamedTuple):
    """What became of an idempotency key: fresh, replayed (with the answer), mismatch or running."""

    verdict: str
    status: int | None
    answer: Any


class Wish(NamedTuple):
    """One agent's wish for work: how much, for how long, and for which running instance."""

    agent_id: int
    session_id: UUID | None = None
    claim_id: str | None = None
    limit: int = 1
    lease_s: int | None = None


class Write(NamedTuple, Generic[B]):
    """What one holder says about one task."""

    agent_id: int
    task_id: UUID
    body: B


class FoundKey(NamedTuple):
    """The row behind an API key's id."""

    secret_hash: bytes
    usable: bool
    principal: Principal


if TYPE_CHECKING:
    # The driver's classes are generic in its stubs alone.
    Row = asyncpg.Record
    Connection = asyncpg.Connection[Row]
    Executor = asyncpg.Pool[Row] | asyncpg.pool.PoolConnectionProxy[Row] | Connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the driver raises into the board's own errors."""
    try:
        yield
    except asyncpg.PostgresError as error:
        raise _from_state(error) from error
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        raise Unavailable(f"The database cannot be reached. {_RETRY}") from error


def _from_state(error: asyncpg.PostgresError) -> BlackboardError | asyncpg.PostgresError:
    state = error.sqlstate or ""
    if state in _BY_STATE:
        kind, detail = _BY_STATE[state]
        return kind(detail.format(message=str(error).rstrip(".")))
    if state.startswith(_UNAVAILABLE_CLASSES):
        return Unavailable(f"The database cannot serve right now. {_RETRY}")
    return error


class Verbs:
    """One method per SQL function. Tenant and agent come from a principal that was authenticated."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    async def _rows(self, query: str, *args: object) -> list[Row]:
        with _translated():
            return await self._executor.fetch(query, *args)

    async def _value(self, query: str, *args: object) -> Any:
        with _translated():
            return await self._executor.fetchval(query, *args)

    # ------------------------------------------------------------------------------------------------------------- cases
    async def open_cases(self, who: Principal, items: Sequence[Json]) -> list[tuple[str, UUID | None]]:
        """`board.open_cases`: (verdict, case id) per item."""
        rows = await self._rows("SELECT * FROM board.open_cases($1, $2, $3)", who.tenant_id, who.agent_id, list(items))
        return [(row["verdict"], row["case_id"]) for row in rows]

    async def cancel_cases(self, who: Principal, cases: Sequence[UUID], reason: str) -> list[str]:
        """`board.cancel_cases`: a verdict per case."""
        query = "SELECT board.cancel_cases($1, $2, $3, $4)"
        return list(await self._value(query, who.tenant_id, who.agent_id, list(cases), reason))

    # -------------------------------------------------------------------------------------------------------------- work
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

    async def decide_tasks(self, tenant_id: int, writes: Sequence[Write[FencedDecision]]) -> list[Verdict]:
        """`board.decide_tasks`: decided, or why not."""
        told = [write.body.told() for write in writes]
        return await self._verdicts("decide_tasks", tenant_id, writes, [w.body.outcome for w in writes], told)

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

    # ----------------------------------------------------------------------------------------------------------- actions
    async def record_action(
        self, who: Principal, task_id: UUID, fence: int, kind: str, payload: Json, digest: bytes
    ) -> ActionVerdict:
        """`board.record_action`: the effect key and whether the bytes may be sent."""
        rows = await self._rows(
            "SELECT * FROM board.record_action($1, $2, $3, $4, $5, $6, $7)",
            *(who.tenant_id, who.agent_id, task_id, fence, kind, payload, digest),
        )
        return ActionVerdict.model_validate(dict(rows[0]))

    async def settle_action(
        self, who: Principal, task_id: UUID, fence: int, action_id: UUID, state: str, receipt: Json | None
    ) -> ActionVerdict:
        """`board.settle_action`: the state that the action is in now."""
        rows = await self._rows(
            "SELECT $5::uuid AS action_id, verdict, state FROM board.settle_action($1, $2, $3, $4, $5, $6, $7)",
            *(who.tenant_id, who.agent_id, task_id, fence, action_id, state, receipt),
        )
        return ActionVerdict.model_validate(dict(rows[0]))

    # ---------------------------------------------------------------------------------------------------- idempotency keys
    async def recall_answers(self, who: Principal, requests: Sequence[Json]) -> list[StoredAnswer]:
        """`board.recall_answers`: what became of each key; the fresh ones are ours until the transaction ends."""
        signed = [{**request, "agent_id": who.agent_id} for request in requests]
        rows = await self._rows("SELECT * FROM board.recall_answers($1, $2)", who.tenant_id, signed)
        return [StoredAnswer(row["verdict"], row["status"], row["answer"]) for row in rows]

    async def keep_answers(self, who: Principal, answers: Sequence[Json]) -> None:
        """`board.keep_answers`."""
        signed = [{**answer, "agent_id": who.agent_id} for answer in answers]
        await self._value("SELECT board.keep_answers($1, $2)", who.tenant_id, signed)

    async def forget_answer(self, who: Principal, route: str, key: str) -> None:
        """`board.forget_answer`."""
        await self._value("SELECT board.forget_answer($1, $2, $3, $4)", who.tenant_id, who.agent_id, route, key)

    # ---------------------------------------------------------------------------------------------------------- sessions
    async def start_session(self, who: Principal, session_id: UUID, about: Json) -> None:
        """`board.start_session`."""
        await self._value("SELECT board.start_session($1, $2, $3, $4)", who.tenant_id, who.agent_id, session_id, about)

    async def heartbeat_sessions(self, who: Principal, sessions: Sequence[UUID]) -> set[UUID]:
        """`board.heartbeat_sessions`: those that are known and not ended."""
        query = "SELECT * FROM board.heartbeat_sessions($1, $2, $3) AS session_id"
        return {row["session_id"] for row in await self._rows(query, who.tenant_id, who.agent_id, list(sessions))}

    async def end_session(self, who: Principal, session_id: UUID) -> bool:
        """`board.end_session`: False when it was over or never known."""
        return bool(await self._value("SELECT board.end_session($1, $2, $3)", who.tenant_id, who.agent_id, session_id))

    # ----------------------------------------------------------------------------------------------------------- reading
    async def show_case(self, who: Principal, case_id: UUID) -> Case | None:
        """`board.show_case`."""
        row = await self._value("SELECT board.show_case($1, $2)", who.tenant_id, case_id)
        return None if row is None else Case.model_validate(row)

    async def list_cases(
        self,
        who: Principal,
        *,
        workflow: str | None = None,
        state: str | None = None,
        stage: str | None = None,
        subject: str | None = None,
        before: UUID | None = None,
        limit: int = 50,
    ) -> CasePage:
        """`board.list_cases`: a page, newest first."""
        row = await self._value(
            "SELECT board.list_cases($1, $2, $3, $4, $5, $6, $7)",
            *(who.tenant_id, workflow, state, stage, subject, before, limit),
        )
        cases = [CaseSummary.model_validate(case) for case in row["cases"]]
        following = str(cases[-1].id) if len(cases) == limit else None
        return CasePage(cases=cases, next=following, epoch=row["epoch"], position=row["position"])

    async def show_task(self, who: Principal, task_id: UUID) -> TaskView | None:
        """`board.show_task`."""
        row = await self._value("SELECT board.show_task($1, $2)", who.tenant_id, task_id)
        return None if row is None else TaskView.model_validate(row)

    async def list_agents(self, who: Principal, alive_s: int) -> list[AgentEntry]:
        """`board.list_agents`: the directory, with sessions heard of within `alive_s` seconds."""
        rows = await self._value("SELECT board.list_agents($1, $2)", who.tenant_id, alive_s)
        return [AgentEntry.model_validate(row) for row in rows]

    async def list_workflows(self, tenant_id: int, name: str | None = None) -> list[Workflow]:
        """`board.list_workflows`: the newest version of each, or of one."""
        rows = await self._value("SELECT board.list_workflows($1, $2)", tenant_id, name)
        return [Workflow.model_validate(row) for row in rows]

    # ----------------------------------------------------------------------------------------------------------- journal
    async def sequence_events(self) -> int:
        """`board.sequence_events`: how many events got a position."""
        return int(await self._value("SELECT board.sequence_events()"))

    async def read_head(self) -> Head:
        """`board.read_head`."""
        return Head.model_validate(dict((await self._rows("SELECT * FROM board.read_head()"))[0]))

    async def read_journal(
        self, after: int, limit: int, *, tenant_id: int | None = None, since: date = date.min
    ) -> list[Event]:
        """`board.read_journal`: events after a position; of all tenants when none is given."""
        rows = await self._rows(
            "SELECT position, tenant_id, type, case_id, task_id, workflow, stage, capability, actor, body, at, recorded_on"
            " FROM board.read_journal($1, $2, $3, $4)",
            *(tenant_id, after, limit, since),
        )
        return [Event.model_construct(**row) for row in rows]

    # ---------------------------------------------------------------------------------------------------------- upkeep
    async def expire_leases(self, limit: int) -> int:
        """`board.expire_leases`: how many claims were taken back."""
        return int(await self._value("SELECT board.expire_leases($1)", limit))

    async def promote_scheduled(self, limit: int) -> int:
        """`board.promote_scheduled`: how many tasks came due."""
        return int(await self._value("SELECT board.promote_scheduled($1)", limit))

    async def keep_partitions(self) -> list[str]:
        """`board.keep_partitions`: what was made or dropped."""
        return list(await self._value("SELECT board.keep_partitions()"))

    # ------------------------------------------------------------------------------------------------------------ access
    async def find_key(self, key_id: str) -> FoundKey | None:
        """`board.find_key`."""
        rows = await self._rows("SELECT * FROM board.find_key($1)", key_id)
        if not rows:
            return None
        row = dict(rows[0])
        return FoundKey(row.pop("secret_hash"), row.pop("usable"), Principal.model_validate(row))

    async def add_tenant(self, name: str) -> int:
        """`board.add_tenant`; for operators."""
        return int(await self._value("SELECT board.add_tenant($1)", name))

    async def add_agent(
        self, tenant_id: int, name: str, *, owner: str, kind: str, role: str, capabilities: Sequence[str]
    ) -> int:
        """`board.add_agent`; for operators."""
        query = "SELECT board.add_agent($1, $2, $3, $4, $5, $6)"
        return int(await self._value(query, tenant_id, name, owner, kind, role, list(capabilities)))

    async def add_key(self, tenant_id: int, agent_id: int, key_id: str, secret_hash: bytes) -> None:
        """`board.add_key`; for operators."""
        await self._value("SELECT board.add_key($1, $2, $3, $4)", tenant_id, agent_id, key_id, secret_hash)

    async def load_workflow(
        self,
        tenant_id: int,
        name: str,
        first_stage: str,
        definition: Json,
        digest: bytes,
        stages: Sequence[Json],
        routes: Sequence[Json],
    ) -> int:
        """`board.load_workflow`: its version; for operators."""
        query = "SELECT board.load_workflow($1, $2, $3, $4, $5, $6, $7)"
        return int(await self._value(query, tenant_id, name, first_stage, definition, digest, list(stages), list(routes)))


class Store(Verbs):
    """A pool of connections; each verb is a transaction of its own."""

    def __init__(self, pool: asyncpg.Pool[Row], url: str) -> None:
        super().__init__(pool)
        self._pool = pool
        self._url = url

    @classmethod
    async def open(cls, url: str, *, max_connections: int = 10) -> Self:
        """Connect; raises `Unavailable` when the server cannot be reached."""
        with _translated():
            pool = await asyncpg.create_pool(
                url,
                min_size=1,
                max_size=max_connections,
                timeout=CONNECT_TIMEOUT_S,
                command_timeout=COMMAND_TIMEOUT_S,
                init=_use_json,
            )
        return cls(pool, url)

    async def close(self) -> None:
        """Close every connection; those at work get a moment, then are cut."""
        try:
            async with asyncio.timeout(3):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Verbs]:
        """The verbs inside one transaction: all of it is kept or nothing."""
        with _translated():
            async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
                yield Verbs(connection)

    def seat(self, name: str) -> Seat:
        """A chair for one among all processes: whoever holds it leads what `name` says."""
        return Seat(self._url, name)


class Seat:
    """An election lock on a connection of its own: never a pooled one, whose reset would give the lock away.

    The lock is for economy only. What the leader does must be right under two leaders, because a paused process may wake up
    after its connection was given up for dead.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._connection: Connection | None = None
        self._held = False

    async def take(self) -> Verbs | None:
        """The verbs on the leader's connection, or None while somebody else leads."""
        with _translated():
            if self._connection is None or self._connection.is_closed():
                self._held = False
                self._connection = await asyncpg.connect(
                    self._url,
                    timeout=CONNECT_TIMEOUT_S,
                    command_timeout=COMMAND_TIMEOUT_S,
                    server_settings={
                        "application_name": f"blackboard {self._name}",
                        # A leader whose host hangs must not keep the lock: the server drops a silent peer after 9 s.
                        "tcp_keepalives_idle": "3",
                        "tcp_keepalives_interval": "2",
                        "tcp_keepalives_count": "3",
                    },
                )
                await _use_json(self._connection)
            if not self._held:
                query = "SELECT pg_try_advisory_lock(hashtextextended('board.' || $1, 0))"
                self._held = bool(await self._connection.fetchval(query, self._name))
            return Verbs(self._connection) if self._held else None

    async def leave(self) -> None:
        """Give the lock back; safe twice."""
        connection, self._connection, self._held = self._connection, None, False
        if connection is not None:
            try:
                await connection.close(timeout=2)
            except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                connection.terminate()


def _holders(writes: Sequence[Write[Any]]) -> tuple[list[int], list[UUID], list[int]]:
    """Agents, tasks and fences as the arrays that every verb of a holder begins with."""
    return [w.agent_id for w in writes], [w.task_id for w in writes], [w.body.fence for w in writes]


def _claimed(row: Row) -> ClaimedTask:
    """A claimed task from its row, by place and not by name: there are a hundred of them in a batch."""
    (_, task_id, case_id, workflow, stage, name, capability, fence, attempt, lease_s, deadline_at, *rest) = row
    (payload, subject, business_key, priority, opened_at, history, progress, memory) = rest
    decisions, facts = _NO_HISTORY if history is None else _history(history)
    context = Context(payload, subject, business_key, priority, opened_at, decisions, facts, memory or {}, progress)
    return ClaimedTask(
        task_id, case_id, workflow, stage, name, capability, fence, attempt, lease_s, deadline_at, context
    )


_NO_HISTORY: tuple[list[PastDecision], dict[str, FactValue]] = ([], {})


def _history(told: Json) -> tuple[list[PastDecision], dict[str, FactValue]]:
    return (
        [PastDecision.model_validate(decision) for decision in told["decisions"]],
        {key: FactValue.model_validate(fact) for key, fact in told["facts"].items()},
    )


async def _use_json(connection: Connection) -> None:
    """Let json columns arrive as Python values, through orjson."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=_dump, decoder=orjson.loads, schema="pg_catalog", format="text")


def _dump(value: object) -> str:
    return orjson.dumps(value).decode()
