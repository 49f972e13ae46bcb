"""Everybody at once: agents, operators, requesters and sweepers on a few cases, each saying whatever comes to mind."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from blackboard.database import use_json
from blackboard.errors import NotPermitted
from blackboard.requests import Failure, Fenced, FencedDecision, Heartbeat, NeedInput, NewFact, NewQuota, Rejection, Release
from blackboard.store import Store, Verbs
from blackboard.verbs.work import Wish, Write
from tests.conftest import Database, thoroughly
from tests.factories import Clock
from tests.invariants import Connection, broken
from tests.meeting import PLACES, QUOTAS, Meeting, arrange

CONNECTIONS = 8
CALLS = 250
AGENTS = ("worker", "rival", "racer")
HOLDS = [("entity", "account:a"), ("entity", "account:b"), ("workflow", "many"), ("capability", "held")]


# What a holder may say, and whether its claim is over then.
WRITES: list[tuple[Callable[[Verbs, int, Sequence[Write[Any]]], Awaitable[object]], Callable[[int], Fenced], bool]] = [
    (Verbs.heartbeat_tasks, lambda fence: Heartbeat(fence=fence), False),
    (Verbs.heartbeat_tasks, lambda fence: Heartbeat(fence=fence, progress={"page": 1}), False),
    (Verbs.decide_tasks, lambda fence: FencedDecision(fence=fence, outcome="done", reasons=["because"]), True),
    (Verbs.decide_tasks, lambda fence: FencedDecision(fence=fence, outcome="over", reasons=["because"]), True),
    (Verbs.fail_tasks, lambda fence: Failure(fence=fence, reason="oops", delay_s=5), True),
    (Verbs.fail_tasks, lambda fence: Failure(fence=fence, reason="no use", retryable=False), True),
    (Verbs.release_tasks, lambda fence: Release(fence=fence), True),
    (Verbs.reject_tasks, lambda fence: Rejection(fence=fence, reason="not mine"), True),
    (Verbs.need_input, lambda fence: NeedInput(fence=fence, fact="income", reason="how much?"), True),
]


@dataclass
class Storm:
    """What those in it know of the board, and what became of their calls."""

    meeting: Meeting
    clock: Clock
    cases: list[UUID]
    claims: list[tuple[str, UUID, int]] = field(default_factory=list)
    said: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    one_by_one: asyncio.Lock = field(default_factory=asyncio.Lock)


class Voice:
    """One connection, and what it may say next."""

    def __init__(self, storm: Storm, connection: Connection, rng: Random) -> None:
        self.storm, self.rng, self.verbs = storm, rng, Verbs(connection)
        self.tenant, self.who = storm.meeting.tenant_id, storm.meeting.who

    async def speak(self) -> None:
        """So many calls; a call that fails is noted, whatever it was."""
        says: list[Callable[[], Awaitable[object]]] = [
            *(self.open, self.write, self.write, self.write, self.claim, self.claim, self.claim, self.change, self.tell),
            *(self.hold, self.quota, self.suspend, self.repair, self.sweep, self.sweep, self.sweep, self.pass_time),
        ]
        for _ in range(CALLS):
            say = self.rng.choice(says)
            try:
                await say()
            except NotPermitted:
                self.storm.said["not permitted"] += 1
            except Exception as error:  # noqa: BLE001  # the test shows them all
                cause = error.__cause__ or error
                self.storm.wrong.append(f"{say.__name__}: {cause!r} {getattr(cause, 'context', '')}")
            self.storm.said[say.__name__] += 1

    def some(self, of: list[Any], most: int = 4) -> list[Any]:
        """A few, in any order."""
        return self.rng.sample(of, min(len(of), self.rng.randint(1, most)))

    async def open(self) -> object:
        """A few cases, some of which somebody else may be opening under the same business key."""
        keys = self.some([None, None, *(f"key-{n}" for n in range(60))])
        items = [
            {
                "workflow": "many",
                "payload": {},
                "business_key": key,
                "subject": self.rng.choice(["C-1", "C-2"]),
                "entities": [self.rng.choice(["account:a", "account:b"])],
                "after": [str(case) for case in self.some(self.storm.cases)] if self.rng.random() < 0.2 else [],
            }
            for key in keys
        ]
        opened = await self.verbs.open_cases(self.who("requester"), items)
        self.storm.cases += [case for _, case in opened if case]
        del self.storm.cases[:-30]
        return opened

    async def claim(self) -> None:
        """Some tasks, for two agents at once."""
        names = self.some(list(AGENTS), 2)
        wishes = [
            Wish(self.who(name).agent_id, limit=self.rng.randint(1, 4), lease_s=self.rng.choice([5, 60])) for name in names
        ]
        told = await self.verbs.claim_tasks(self.tenant, self.some(list(PLACES), 3), wishes)
        for name, tasks in zip(names, told, strict=True):
            self.storm.claims += [(name, task.id, task.fence) for task in tasks or []]

    async def write(self) -> object:
        """What holders say of a few of their tasks, in any order; some hold them no more."""
        if not self.storm.claims:
            return None
        claims = self.some(self.storm.claims, 6)
        verb, body, is_last = self.rng.choice(WRITES)
        if is_last:
            self.storm.claims = [claim for claim in self.storm.claims if claim not in claims or self.rng.random() < 0.2]
        writes = [Write(self.who(name).agent_id, task, body(fence)) for name, task, fence in claims]
        return await verb(self.verbs, self.tenant, writes)

    async def change(self) -> object:
        """Cases are withdrawn, suspended and resumed."""
        cases = self.some(self.storm.cases)
        verb = self.rng.choice(
            [self.verbs.suspend_cases, self.verbs.resume_cases, self.verbs.resume_cases, self.verbs.cancel_cases]
        )
        return await verb(self.who("boss"), cases, "because")

    async def tell(self) -> object:
        """Facts and signals come in, and conditions are found to hold."""
        case = self.rng.choice(self.storm.cases)
        match self.rng.randrange(3):
            case 0:
                facts = [NewFact(key=key, value=1) for key in ("income", "level")]
                return await self.verbs.put_facts(self.who("requester"), case, facts)
            case 1:
                return await self.verbs.send_signal(self.who("requester"), case, self.rng.choice(["letter", "call"]), {})
        met = await self.verbs.read_conditions(None, UUID(int=0), 10)
        return await self.verbs.meet_conditions(self.tenant, met)

    async def hold(self) -> object:
        """Operators hold back and let go."""
        kind, name = self.rng.choice(HOLDS)
        verb = self.rng.choice([self.verbs.place_hold, self.verbs.lift_hold, self.verbs.lift_hold])
        return await verb(self.who("boss"), kind, name, "audit")

    async def quota(self) -> None:
        """Operators change their minds about how much may be at work."""
        quota, boss = self.rng.choice(QUOTAS), self.who("boss")
        if self.rng.random() < 0.5:
            await self.verbs.drop_quota(boss, quota["name"])
        else:
            await self.verbs.put_quota(boss, NewQuota.model_validate(quota))

    async def suspend(self) -> object:
        """Agents are suspended and let work again."""
        state = self.rng.choice(["active", "active", "suspended"])
        return await self.verbs.set_agent_state(self.who("boss"), self.rng.choice(AGENTS), state, "because")

    async def repair(self) -> object:
        """Incidents are looked at."""
        stuck = await self.verbs.list_incidents(self.who("boss"), 20)
        if not stuck:
            return None
        tasks = [incident.task_id for incident in self.some(stuck)]
        if self.rng.random() < 0.5:
            return await self.verbs.redrive_tasks(self.who("boss"), tasks, "again")
        return await self.verbs.resolve_task(self.who("boss"), tasks[0], self.rng.choice(["done", "over"]), "enough")

    async def sweep(self) -> object:
        """What time brings about, by one of several sweepers."""
        if self.rng.random() < 0.2:
            await self.verbs.enforce_holds()
        passes = (Verbs.expire_leases, Verbs.promote_scheduled, Verbs.fire_timers, Verbs.age_ready, Verbs.wake_waiting)
        return await self.rng.choice(passes)(self.verbs, 20)

    async def pass_time(self) -> None:
        """Seconds, and now and then many of them."""
        async with self.storm.one_by_one:
            await self.storm.clock.pass_(self.rng.choice([1, 5, 5, 35]))
        await self.verbs.start_session(self.who("worker"), uuid4(), {})


@pytest.mark.timeout(60)
@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=thoroughly)])
async def test_nothing_locks_up_or_breaks_in_a_storm(database: Database, seed: int) -> None:
    """Eight connections, two thousand calls: no deadlock, no error, and every rule holds in the end."""
    meeting = await arrange(database.url, database.app_url)
    async with AsyncExitStack() as stack:
        see = await asyncpg.connect(database.url)
        stack.callback(see.terminate)
        storm = Storm(meeting, Clock(await asyncpg.connect(database.url)), list(meeting.cases))
        stack.callback(storm.clock._connection.terminate)
        await storm.clock.pass_(60)
        voices = []
        for n in range(CONNECTIONS):
            connection = await asyncpg.connect(database.app_url)
            stack.push_async_callback(connection.close)
            await use_json(connection)
            voices.append(Voice(storm, connection, Random(f"{seed} {n}")))
        async with asyncio.timeout(50):
            await asyncio.gather(*(voice.speak() for voice in voices))
        found = await broken(see)
    print(f"\nsaid: {dict(storm.said)}")

    assert (storm.wrong, found) == ([], [])
    assert await _deadlocks(database) == 0


async def _deadlocks(database: Database) -> int:
    """What the server counted in this database; those who met one have hung up, so their counts are in."""
    store = await Store.open(database.url, max_connections=1)
    count = await store._value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
    await store.close()
    return int(count)
