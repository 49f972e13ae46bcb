"""Quotas that are dropped or raised while work waits for them."""

import pytest

from blackboard.values import Principal
from blackboard.verbs.work import Wish
from tests.factories import Scene
from tests.sql.quotas import EXCLUSIVE, EXPOSURE, RATE, claim_amounts, put_quota
from tests.sql.transfers import transfer


@pytest.mark.parametrize("quota", [EXCLUSIVE, EXPOSURE])
async def test_dropping_a_quota_lets_what_waited_go(scene: Scene, boss: Principal, quota: dict[str, str]) -> None:
    """All of it, at its old place."""
    await put_quota(scene, quota)
    cases = [await transfer(scene, amount="800") for _ in range(3)]
    first = await scene.claim(limit=10)

    await scene.board.drop_quota(boss, quota["name"])
    await scene.store.wake_waiting(10)

    claimed = [task.case_id for task in [*first, *await scene.claim(limit=10)]]
    assert (len(first), claimed) == (1, [case.id for case in cases])


async def test_dropping_a_rate_lets_what_waited_go(scene: Scene, boss: Principal) -> None:
    """Without waiting for the moment at which it would have begun."""
    await put_quota(scene, RATE, per_second="0.0001")
    for _ in range(3):
        await transfer(scene)
    first = await scene.claim(limit=10)

    await scene.board.drop_quota(boss, "pace")
    await scene.store.wake_waiting(10)
    await scene.store.wake_waiting(10)

    assert (len(first), len(await scene.claim(limit=10))) == (2, 1)


async def test_a_claim_outlives_the_quota_that_it_was_counted_in(scene: Scene, boss: Principal) -> None:
    """It ends as any other, and a new quota of that name begins at nothing."""
    await put_quota(scene, EXCLUSIVE)
    await transfer(scene)
    [task] = await scene.claim()
    await scene.board.drop_quota(boss, "one-per-account")
    await put_quota(scene, EXCLUSIVE)

    told = await scene.decide(task, "done")

    [quota] = await scene.board.list_quotas(boss)
    assert (told, quota.in_use) == ("decided", {})


async def test_a_task_met_while_its_quota_was_dropped_is_not_left_waiting(scene: Scene, boss: Principal) -> None:
    """The claim that set it aside was not over when the quota went."""
    await put_quota(scene, EXPOSURE)
    case = await transfer(scene, amount="5000")
    async with scene.store.transaction() as verbs:
        await verbs.claim_tasks(scene.tenant_id, ["first"], [Wish(scene.people["worker"].agent_id)])
        await scene.board.drop_quota(boss, "in-flight")
    await scene.store.enforce_holds()
    await scene.store.wake_waiting(10)

    assert [task.case_id for task in await scene.claim()] == [case.id]


@pytest.mark.usefixtures("boss")
async def test_raising_a_ceiling_lets_what_fits_now_go(scene: Scene) -> None:
    """It does not wait for a claim to end, since there may be none."""
    await put_quota(scene, EXPOSURE)
    await transfer(scene, amount="5000")
    too_much = await claim_amounts(scene)

    await put_quota(scene, EXPOSURE, ceiling="10000")
    await scene.store.wake_waiting(10)

    assert (too_much, await claim_amounts(scene)) == ([], ["5000"])
