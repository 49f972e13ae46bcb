"""What a stream has in hand, and what goes back when its connection breaks."""

from uuid import UUID, uuid4

import pytest

from blackboard.answers import ClaimedTask
from blackboard.requests import Heartbeat, NewAction, NewFact, NewQuota, Settlement
from blackboard.states import ActionState
from tests.factories import Clock, Scene
from tests.sql.tasks import read_journal


def claims(*tasks: ClaimedTask) -> dict[UUID, int]:
    """Tasks with their fences."""
    return {task.id: task.fence for task in tasks}


async def cut(scene: Scene, *tasks: ClaimedTask, who: str = "worker") -> list[UUID]:
    """The stream breaks; what went back."""
    return await scene.store.release_unheard(scene.people[who], claims(*tasks), "the stream broke")


async def test_what_nobody_wrote_about_goes_back_under_the_next_fence(scene: Scene) -> None:
    """With no attempt and no rescue counted, and the journal says why."""
    await scene.open()
    [task] = await scene.claim()

    assert await cut(scene, task) == [task.id]
    [again] = await scene.claim("rival")
    [told] = await read_journal(scene, "task.released")
    assert (again.id, again.fence, again.attempt) == (task.id, 2, 1)
    assert (told.actor, told.body["reason"]) == ("worker", "the stream broke")


@pytest.mark.parametrize("word", ["heartbeat", "fact", "action", "settlement"])
async def test_what_its_holder_wrote_about_stays(scene: Scene, word: str) -> None:
    """Whatever it wrote."""
    who = scene.people["worker"]
    await scene.open()
    [task] = await scene.claim()
    if word == "settlement":
        action = await scene.board.record_action(who, task.id, NewAction(fence=1, kind="pay", payload={}))
        assert action.value.action_id is not None
        await cut(scene, task)
        await scene.admin._value("WITH x AS (UPDATE board.task_lease SET heard = false RETURNING 1) SELECT count(*) FROM x")
        settlement = Settlement(fence=1, state=ActionState.EXECUTED)
        await scene.board.settle_action(who, task.id, action.value.action_id, settlement)
    elif word == "action":
        await scene.board.record_action(who, task.id, NewAction(fence=1, kind="pay", payload={}))
    elif word == "fact":
        await scene.store.put_facts(who, task.case_id, [NewFact(key="income", value=1)], task_id=task.id, fence=1)
    else:
        await scene.board.heartbeat(who, task.id, Heartbeat(fence=1))

    assert await cut(scene, task) == []
    assert await scene.state(task.id) == "claimed"


async def test_what_an_earlier_holder_wrote_does_not_keep_a_later_claim(scene: Scene, clock: Clock) -> None:
    """It is this holder who has to be heard."""
    await scene.open()
    [task] = await scene.claim()
    await scene.board.heartbeat(scene.people["worker"], task.id, Heartbeat(fence=1))
    await clock.pass_(31)
    await scene.store.expire_leases(10)
    [again] = await scene.claim()

    assert await cut(scene, again) == [task.id]


async def test_nobody_elses_claim_is_cut(scene: Scene) -> None:
    """Neither another agent's, nor a later one of the same task."""
    await scene.open()
    [task] = await scene.claim()
    assert await cut(scene, task, who="rival") == []
    await cut(scene, task)
    [again] = await scene.claim("worker")

    assert (again.id, await cut(scene, task)) == (task.id, [])
    assert await scene.state(task.id) == "claimed"


async def test_a_claim_that_ran_out_is_left_to_the_sweeper(scene: Scene, clock: Clock) -> None:
    """Which counts the rescue."""
    await scene.open()
    [task] = await scene.claim()
    await clock.pass_(31)

    assert (await cut(scene, task), await scene.store.expire_leases(10)) == ([], 1)


async def test_a_cut_claim_gives_its_quota_back(scene: Scene) -> None:
    """As a release does."""
    boss = await scene.hire("boss", role="admin")
    quota = {"name": "one", "kind": "concurrency", "per": "tenant", "ceiling": "1"}
    await scene.board.put_quota(boss, NewQuota.model_validate(quota))
    for _ in range(2):
        await scene.open()
    [task] = await scene.claim()
    assert await scene.claim("rival") == []
    await cut(scene, task)

    assert len(await scene.claim("rival", limit=5)) == 1


async def test_held_is_what_has_not_ended_and_not_run_out(scene: Scene, clock: Clock) -> None:
    """Under the fence that was asked for."""
    for _ in range(3):
        await scene.open()
    who = scene.people["worker"]
    decided, released, kept = await scene.claim(limit=3)
    await scene.decide(decided, "reject")
    await cut(scene, released)
    [again] = await scene.claim("worker")
    asked = claims(decided, released, kept)

    assert await scene.store.list_held(who, asked) == {kept.id}
    assert await scene.store.list_held(who, claims(again, kept)) == {again.id, kept.id}
    await clock.pass_(31)
    assert await scene.store.list_held(who, claims(again, kept)) == set()


async def test_a_session_finds_what_it_holds(scene: Scene) -> None:
    """And nothing of another session, or of another agent that uses its id."""
    session = uuid4()
    for _ in range(3):
        await scene.open()
    [mine] = await scene.claim(session_id=session)
    await scene.claim(session_id=uuid4())
    await scene.claim("rival", session_id=session)

    assert await scene.store.list_session_claims(scene.people["worker"], session) == claims(mine)


@pytest.mark.usefixtures("database")
async def test_who_asks_for_nothing_hears_whether_it_may_ask(scene: Scene) -> None:
    """And takes nothing."""
    await scene.open()
    boss = await scene.hire("boss", role="admin")
    for _ in range(2):
        await scene.board.admit(scene.people["worker"], ["first"])
        await scene.store.place_hold(boss, "workflow", "small", "audit")

    assert await scene.admin._value("SELECT count(*) FROM board.task_lease") == 0
    assert await scene.admin._value("SELECT count(*) FROM board.task_ready") == 1
