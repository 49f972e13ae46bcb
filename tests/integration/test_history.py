"""What many clients saw under faults, judged against the fenced-lease model; and whether the judge sees planted bugs."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from blackboard.requests import Heartbeat
from blackboard.verbs.work import Write
from tests.conftest import Database, thoroughly
from tests.factories import Clock, Scene, small
from tests.history import model
from tests.history.linearizable import Verdict, search
from tests.history.model import FOREVER, Entry, History, Op, Outcome, Row, State, check, situations, split, step
from tests.history.record import Recorder, play, read

OK, FAIL, INFO = Outcome.OK, Outcome.FAIL, Outcome.INFO

# Per bug: the functions with what is replaced by what in them, a statement to go with it, and the invariants it must break.
BUGS = {
    "no_fence_check": ({"find_claims": ("l.fence = i.fence AND ", "")}, "", {"I4"}),
    "granted_twice": (
        {"claim_tasks": ("DELETE FROM board.task_ready r WHERE r.ctid = ANY (v_rows)", "SELECT")},
        "ALTER TABLE board.task_lease DROP CONSTRAINT task_lease_pkey",
        {"I1", "I2"},
    ),
    "early_takeover": (
        {"expire_leases": ("l.deadline_at <= v_now", "l.deadline_at <= v_now + interval '400 ms'")},
        "",
        {"I7"},
    ),
    "no_deadline_check": ({"find_claims": (" AND l.deadline_at > p_now", "")}, "", {"I3"}),
    "fence_not_raised": ({"claim_tasks": ("d.fence + 1", "d.fence")}, "", {"I1", "I2"}),
}
# Time is not in the search's model, so it cannot see these.
UNTIMED = {"early_takeover", "no_deadline_check"}


@pytest.fixture
async def busy(scene: Scene) -> Scene:
    """A workflow whose tasks outlive many holders."""
    await scene.load(small(max_attempts=100, max_rescues=100))
    return scene


@pytest.fixture
async def connection(database: Database) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A superuser's connection."""
    connection = await asyncpg.connect(database.url)
    yield connection
    connection.terminate()


async def test_the_board_keeps_its_promises_under_faults(busy: Scene, database: Database, tmp_path: Path) -> None:
    """Lost answers, ended connections, late sweepers and holders who sleep past their leases."""
    history = await play(busy, database.url, tmp_path / "history.jsonl", seed=1, operations=1000)
    verdicts = {task: search(ops) for task, ops in split(history).items()}
    seen = situations(history)
    print(f"\nseen: {dict(seen)}; searched: {dict(Counter(verdicts.values()))}")

    assert check(history) == []
    assert {task: verdict for task, verdict in verdicts.items() if verdict != Verdict.LINEARIZABLE} == {}
    assert {what for what in ("infos", "takeovers", "stale", "late", "unheard", "decided") if not seen[what]} == set()
    assert seen["errors"] == 0


# Every planted bug takes six seconds: one of each kind, all of them when there is time.
@pytest.mark.parametrize("bug", [pytest.param(bug, marks=[] if n % 3 == 0 else thoroughly) for n, bug in enumerate(BUGS)])
async def test_a_planted_bug_is_found(
    busy: Scene, database: Database, connection: "asyncpg.Connection[asyncpg.Record]", tmp_path: Path, bug: str
) -> None:
    """By the checks that are there for it, and by the search unless it is a matter of time."""
    edits, statement, broken = BUGS[bug]
    for function, (old, new) in edits.items():
        await plant(connection, function, old, new)
    await connection.execute(statement or "SELECT")

    history = await play(busy, database.url, tmp_path / "history.jsonl", seed=2)
    found = Counter(wrong[: wrong.index(":")] for wrong in check(history))
    verdicts = Counter(search(ops, 20_000) for ops in split(history).values())
    print(f"\n{bug}: {dict(found)}; {dict(verdicts)}")

    assert broken - found.keys() == set(), "not found"
    assert bug in UNTIMED or verdicts[Verdict.NOT] > 0


async def plant(connection: "asyncpg.Connection[asyncpg.Record]", function: str, old: str, new: str) -> None:
    """Change a function's text in this database."""
    definition = await connection.fetchval("SELECT pg_get_functiondef($1::text::regproc)", f"board.{function}")
    assert old in definition, f"{function} no longer says {old!r}"
    await connection.execute(definition.replace(old, new))


async def test_a_heartbeat_that_meets_the_sweeper_is_believed(
    scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """It began before the deadline and was told a later one; a sweep that began meanwhile leaves the claim alone."""
    clock = Clock(connection)
    await clock.install()
    await scene.open()
    [task] = await scene.claim()
    await clock.pass_(29)
    async with scene.store.transaction() as holder:
        beat = Write(scene.people["worker"].agent_id, task.id, Heartbeat(fence=task.fence))
        [told] = await holder.heartbeat_tasks(scene.tenant_id, [beat])
        await clock.pass_(1)
        sweep = asyncio.create_task(scene.store.expire_leases(10))
        await waits_for_a_lock(connection, sweep)

    assert (told.verdict, told.deadline_at) > ("extended", clock.now)
    assert (await sweep, await scene.decide(task, "approve")) == (0, "decided")


async def waits_for_a_lock(connection: "asyncpg.Connection[asyncpg.Record]", asked: "asyncio.Task[int]") -> None:
    """Until what was asked is done or somebody in this database waits for a lock."""
    query = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(10):
        while not asked.done() and not await connection.fetch(query):
            await asyncio.sleep(0.01)


def ops(*told: tuple[Any, ...]) -> list[Op]:
    """Operations of one task: (process, kind, fence, t_inv, t_ret), then the outcome and the verdict unless it is ok."""
    found = []
    for n, (process, kind, fence, t_inv, t_ret, *more) in enumerate(told):
        outcome, verdict = (*more, "")[:2] if more else (OK, "")
        found.append(Op(n, process, kind, process, "task", fence, t_inv, t_ret, outcome, verdict))
    return found


GOOD = {
    "one after another": (("a", "claim", 1, 0, 1), ("a", "heartbeat", 1, 2, 3), ("a", "decide", 1, 4, 5)),
    "released and taken again": (("a", "claim", 1, 0, 1), ("a", "release", 1, 2, 5), ("b", "claim", 2, 3, 4)),
    "failed and decided by another": (
        *(("a", "claim", 1, 0, 1), ("a", "fail", 1, 2, 3), ("b", "claim", 2, 4, 5), ("b", "decide", 2, 6, 7)),
        ("a", "fail", 1, 8, 9, FAIL, "done"),
    ),
    "expired and taken over": (
        *(("a", "claim", 1, 0, 1), ("sweeper", "expire", 1, 2, 3), ("b", "claim", 2, 4, 5)),
        ("a", "decide", 1, 6, 7, FAIL, "reassigned"),
    ),
    "told that it ran out before the sweep": (("a", "claim", 1, 0, 1), ("a", "decide", 1, 2, 3, FAIL, "expired")),
    "a decision nobody heard of": (
        *(("a", "claim", 1, 0, 1), ("a", "decide", 1, 2, FOREVER, INFO)),
        ("a", "heartbeat", 1, 9, 10, FAIL, "done"),
    ),
    "a decision that never happened": (
        *(("a", "claim", 1, 0, 1), ("a", "decide", 1, 2, FOREVER, INFO)),
        *(("sweeper", "expire", 1, 3, 4), ("b", "claim", 2, 5, 6)),
    ),
    "a release that came late": (
        *(("a", "claim", 1, 0, 1), ("a", "release", 1, 2, FOREVER, INFO), ("a", "heartbeat", 1, 3, 4)),
        ("b", "claim", 2, 5, 6),
    ),
    "a grant nobody heard of": (
        *(("a", "claim", 1, 0, FOREVER, INFO), ("sweeper", "expire", 1, 1, 2), ("b", "claim", 2, 3, 4)),
    ),
}
BAD = {
    "one fence twice": (("a", "claim", 1, 0, 1), ("b", "claim", 1, 2, 3)),
    "two holders": (("a", "claim", 1, 0, 1), ("b", "claim", 2, 2, 3)),
    "fences fall": (("a", "claim", 2, 0, 1), ("a", "release", 2, 2, 3), ("b", "claim", 1, 4, 5)),
    "a stale decision": (
        *(("a", "claim", 1, 0, 1), ("sweeper", "expire", 1, 2, 3), ("b", "claim", 2, 4, 5), ("a", "decide", 1, 6, 7)),
    ),
    "kept after the end": (("a", "claim", 1, 0, 1), ("a", "decide", 1, 2, 3), ("a", "heartbeat", 1, 4, 5)),
    "decided twice": (("a", "claim", 1, 0, 1), ("a", "decide", 1, 2, 5), ("a", "decide", 1, 3, 4)),
    "taken again after the end": (("a", "claim", 1, 0, 1), ("a", "decide", 1, 2, 3), ("b", "claim", 2, 4, 5)),
    "said to be done, by nobody": (("a", "claim", 1, 0, 1), ("a", "decide", 1, 2, 3, FAIL, "done")),
    "a refused holder": (("a", "claim", 1, 0, 1), ("a", "decide", 1, 2, 3, FAIL, "reassigned")),
    "an effect before its cause": (*(("a", "claim", 1, 0, 1), ("b", "claim", 2, 2, 3), ("a", "release", 1, 4, FOREVER, INFO)),),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_history_is_linearizable(name: str) -> None:
    """And breaks no rule."""
    history = ops(*GOOD[name])

    assert search(history) == Verdict.LINEARIZABLE
    assert [*model.fences_rise(own := History(history, [], {})), *model.no_stale_write(own), *model.final(own)] == []


@pytest.mark.parametrize("name", BAD)
def test_a_bad_history_is_not_linearizable(name: str) -> None:
    """Whatever else is right about it."""
    assert search(ops(*BAD[name])) == Verdict.NOT


def test_a_search_that_takes_too_long_is_undecided() -> None:
    """Neither good nor bad."""
    assert search(ops(*BAD["a stale decision"]), steps=2) == Verdict.UNDECIDED


def test_what_is_pending_at_the_end_is_info(tmp_path: Path) -> None:
    """A reader who forgot the release that was still under way would reject what its effect allows."""
    recorder = Recorder(tmp_path / "history.jsonl")
    for process, kind, fence in (("a", "claim", 1), ("a", "release", 1), ("b", "claim", 2)):
        op = recorder.invoke(process, kind, process, "task", fence)
        if kind == "claim":
            recorder.complete(op, OK)
    recorder.close()
    lines = (tmp_path / "history.jsonl").read_text().splitlines()
    forgotten = [line for line in lines if json.loads(line)["kind"] != "release"]

    assert [op.outcome for op in read(lines)] == [OK, INFO, OK]
    assert (search(read(lines)), search(read(forgotten))) == (Verdict.LINEARIZABLE, Verdict.NOT)


def simulated(rng: Random) -> Iterator[Op]:
    """A legal history: the model's own steps in some order, each seen through an interval around it, some never answered."""
    state, fence = State(), 0
    for n in range(40):
        agent, kind = rng.choice("ab"), rng.choice(("claim", "heartbeat", "release", "fail", "expire", "heartbeat"))
        op = Op(n, agent, kind, agent, "task", fence + 1 if kind == "claim" else rng.randint(max(1, fence - 1), fence + 1))
        op = replace(op, t_inv=10 * n - rng.randint(0, 40), t_ret=10 * n + rng.randint(1, 40), outcome=OK)
        after = step(state, op)
        if rng.random() < 0.1:
            after, op = rng.choice((after, None)), replace(op, outcome=INFO, t_ret=FOREVER)
        if after or op.outcome is INFO:
            state = after or state
            fence = state.fence
            yield op


def test_no_legal_history_is_rejected() -> None:
    """Two hundred of them; and with a grant's fence given out twice, none is accepted."""
    histories = [list(simulated(Random(seed))) for seed in range(200)]
    grants = [[op for op in h if op.kind == "claim" and op.outcome is OK] for h in histories]
    doubled = [[*h, replace(g[0], id=99)] for h, g in zip(histories, grants, strict=True) if g]

    assert {search(history) for history in histories} == {Verdict.LINEARIZABLE}
    assert len(doubled) > 150 and {search(history) for history in doubled} == {Verdict.NOT}


CLAIM = Op(1, "a", "claim", "a", "task", 1, 0, 1, OK, at=0, told=5, deadline=100)
NEXT = Op(2, "b", "claim", "b", "task", 2, 2, 3, OK, at=99, told=99, deadline=200)
GRANTS = [Entry("task.claimed", "task", n, who, None, 0) for n, who in ((1, "a"), (2, "b"))]
WRITE = Op(3, "a", "decide", "a", "task", 1, 2, 3, OK, at=100)
BROKEN = {
    "I1": History([CLAIM, replace(NEXT, fence=1)], [], {}),
    "I2": History([replace(CLAIM, fence=3), NEXT], [], {}),
    "I3": History([CLAIM, WRITE], [], {}),
    "I4": History([CLAIM, NEXT, replace(WRITE, t_inv=4)], [], {}),
    "I6": History([CLAIM, WRITE, replace(NEXT, t_inv=4)], [], {}),
    "I7": History([CLAIM, NEXT], GRANTS, {}),
    "I9": History([CLAIM, WRITE], GRANTS[:1], {"task": Row("open", None, None)}),
    "I10": History([CLAIM, replace(WRITE, outcome=FAIL)], GRANTS[:1], {"task": Row("done", "op-3", None)}),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_each_rule_sees_what_it_is_there_for(rule: str) -> None:
    """The smallest history that breaks it."""
    history = replace(BROKEN[rule], rows=BROKEN[rule].rows or {"task": Row("done", "op-3", None)})

    assert rule in {wrong[: wrong.index(":")] for wrong in check(history)}


def test_a_takeover_at_the_deadline_is_right() -> None:
    """And one before it, of a lease that its holder ended."""
    ended = replace(WRITE, kind="release", at=50)

    assert list(model.no_early_takeover(History([CLAIM, replace(NEXT, told=100)], [], {}))) == []
    assert list(model.no_early_takeover(History([CLAIM, ended, NEXT], [], {}))) == []
