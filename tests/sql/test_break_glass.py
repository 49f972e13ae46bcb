"""A rule on duties is broken by two persons, for one act, within minutes, and everybody hears of it."""

from uuid import uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from blackboard.answers import CaseSummary
from blackboard.duties import sound_alarm
from blackboard.errors import Conflict, DutyClash, NotFound, NotPermitted
from blackboard.requests import NewAction
from tests.factories import Clock, Scene
from tests.invariants import Connection
from tests.sql.duties import approve, ask, decide, delegate, hire, hire_all, kept_apart, open_by, put, revoke
from tests.sql.flows import cancel, shown
from tests.sql.tasks import read_journal


@pytest.fixture(autouse=True)
async def people(scene: Scene, clock: Clock) -> None:
    """Alice with two keys, Bob, Carol and Dora, and work for them, at noon."""
    assert clock.now.hour == 12
    await hire_all(scene)


@pytest.fixture
async def case(scene: Scene) -> CaseSummary:
    """A case of Alice's that waits for its check."""
    case = await open_by(scene, "alice")
    await decide(scene, "dora", "look")
    return case


async def test_with_leave_one_agent_acts_once(scene: Scene, case: CaseSummary) -> None:
    """Nobody else of the same person, and not again on the same case; the duty is noted all the same."""
    leave = await approve(scene, "carol", await ask(scene, "bob", case, "alice"))
    assert (leave.state, leave.despite, leave.asked_by, leave.approved_by) == ("approved", "maker", "bob", "carol")
    assert await scene.claim("alices-agent", "check") == []
    await decide(scene, "alice", "check", "again")

    assert [each.state for each in await scene.board.list_leaves(scene.people["auditor"], case.id)] == ["spent"]
    assert [d.agent for d in (await shown(scene, case)).duties if d.duty == "checker"] == ["alice"]
    assert await scene.claim("alice", "check") == []


async def test_leave_is_good_to_the_end_of_the_task_that_it_was_spent_on(scene: Scene, clock: Clock) -> None:
    """Once the bytes were sent the executor ends what it began, whatever the clock says."""
    await scene.load(kept_apart(("maker", "executor"), ("maker", "checker")))
    case = await open_by(scene, "alice")
    await decide(scene, "dora", "look")
    await decide(scene, "bob", "check")
    await approve(scene, "carol", await ask(scene, "bob", case, "alice", "executor"))
    [task] = await scene.claim("alice", "act", lease_s=3600)
    await scene.board.record_action(scene.people["alice"], task.id, NewAction(fence=task.fence, kind="pay", payload={}))
    await clock.pass_(20 * 60)
    await scene.decide(task, "executed", "alice")

    assert (await shown(scene, case)).outcome == "executed"


@pytest.mark.item("S22")
async def test_nothing_may_be_done_before_a_second_person_approves(scene: Scene, case: CaseSummary) -> None:
    """Nor by asking twice."""
    for _ in range(2):
        await ask(scene, "bob", case, "alice")

    assert await scene.claim("alice", "check") == []


@pytest.mark.item("S22")
async def test_leave_expires_by_the_databases_clock(scene: Scene, case: CaseSummary, clock: Clock) -> None:
    """After a claim too nothing is decided then. One that nobody approved within the hour is over as well."""
    late = await ask(scene, "bob", case, "alice", minutes=1)
    await approve(scene, "carol", late)
    [task] = await scene.claim("alice", "check", lease_s=600)
    await clock.pass_(60)
    with pytest.raises(DutyClash):
        await scene.decide(task, "approve", "alice")
    forgotten = await ask(scene, "bob", case, "alice")
    await clock.pass_(3600)

    with pytest.raises(Conflict, match="expired"):
        await approve(scene, "carol", forgotten)


NO_SECOND = {
    "bob": DutyClash,  # who asked
    "alice": DutyClash,  # who acts
    "alices-agent": DutyClash,  # of the same owner
    "friend": DutyClash,  # acts for who acts
    "robot": NotPermitted,  # no person
    "worker": NotPermitted,  # no right
}


@pytest.mark.item("S22")
async def test_who_may_not_approve(scene: Scene, case: CaseSummary) -> None:
    """Whoever is one person with those concerned, or none. The attempts are journalled."""
    await hire(scene, "friend")
    await hire(scene, "robot", kind="service")
    await delegate(scene, "alice", "friend")
    leave = await ask(scene, "bob", case, "alice")
    for who, refused in NO_SECOND.items():
        with pytest.raises(refused):
            await approve(scene, who, leave)

    assert await scene.claim("alice", "check") == []
    told = await read_journal(scene, "write.refused")
    assert [(event.actor, event.body["verb"]) for event in told] == [
        (who, "approve_leave") for who in NO_SECOND if who != "worker"
    ]


async def test_leave_can_be_taken_back(scene: Scene, case: CaseSummary) -> None:
    """By an operator, before it is spent, even while its task is held; never afterwards."""
    leave = await approve(scene, "carol", await ask(scene, "bob", case, "alice"))
    [task] = await scene.claim("alice", "check")
    await revoke(scene, "dora", leave)
    with pytest.raises(DutyClash):
        await scene.decide(task, "approve", "alice")
    second = await approve(scene, "carol", await ask(scene, "bob", case, "alice"))
    await scene.decide(task, "approve", "alice")

    for over in (leave, second):
        with pytest.raises(Conflict):
            await revoke(scene, "dora", over)


async def test_nobody_checks_and_executes_with_any_leave(scene: Scene, case: CaseSummary) -> None:
    """The request is refused, and the table holds no such leave."""
    await decide(scene, "bob", "check")

    with pytest.raises(DutyClash, match="Nobody checks and executes"):
        await ask(scene, "carol", case, "bob", "executor")


async def test_leave_is_for_one_rule(scene: Scene, case: CaseSummary) -> None:
    """Whoever has another duty besides is kept by that one."""
    await put(scene, "dora", case, "income")
    await approve(scene, "carol", await ask(scene, "bob", case, "dora"))

    assert await scene.claim("dora", "check") == []


async def test_asking_says_what_is_wrong(scene: Scene, case: CaseSummary) -> None:
    """Nothing to break, nobody to act, no such case, no such leave, a case that is over."""
    with pytest.raises(Conflict, match="no leave is needed"):
        await ask(scene, "bob", case, "carol")
    with pytest.raises(NotFound, match="no agent"):
        await ask(scene, "bob", case, "nobody")
    with pytest.raises(NotFound, match="no case"):
        await ask(scene, "bob", case.model_copy(update={"id": uuid4()}), "alice")
    leave = await ask(scene, "bob", case, "alice")
    with pytest.raises(NotFound, match="no leave"):
        await approve(scene, "carol", leave.model_copy(update={"id": case.id}))
    await cancel(scene, case)
    with pytest.raises(Conflict, match="has ended"):
        await ask(scene, "bob", case, "alice")


@pytest.mark.item("S22")
async def test_everybody_hears_of_it(scene: Scene, case: CaseSummary) -> None:
    """The journal with who, why and how bad; the log of each process; the metric."""
    await approve(scene, "carol", await ask(scene, "bob", case, "alice"))
    await decide(scene, "alice", "check")

    kinds = ("glass.asked", "glass.approved", "duty.broken")
    told = [event for kind in kinds for event in await read_journal(scene, kind)]
    assert [(event.type, event.actor, event.body["severity"]) for event in told] == [
        ("glass.asked", "bob", "high"),
        ("glass.approved", "carol", "high"),
        ("duty.broken", "alice", "high"),
    ]
    with capture_logs() as logs:
        for event in told:
            sound_alarm(event)
    assert {entry["event"]: entry["log_level"] for entry in logs} == {"glass.approved": "warning", "duty.broken": "warning"}
    assert (await scene.store.measure_board()).broken_duties == 1


@pytest.mark.item("S22")
async def test_two_persons_are_two_in_the_table_as_well(scene: Scene, case: CaseSummary, connection: Connection) -> None:
    """Whoever writes there."""
    leave = await ask(scene, "bob", case, "alice")
    for second, owner in (("bob", "bob"), ("carol", "alice"), ("carol", "bob")):
        with pytest.raises(asyncpg.CheckViolationError):
            await connection.execute(
                "UPDATE board.break_glass SET approved_by = $1, approved_owner = $2, approved_at = now() WHERE break_id = $3",
                scene.people[second].agent_id,
                owner,
                leave.id,
            )
