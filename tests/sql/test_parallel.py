"""Stages of several tasks: which answer counts, and what becomes of the others."""

import pytest

from blackboard.answers import ClaimedTask
from blackboard.errors import ClaimLost
from blackboard.requests import DecisionItem, Failure
from tests.factories import Clock, Scene
from tests.sql.flows import begin, end, shown

# Two opinions: the outcome named first is the stronger.
PAIR = """
  check:
    tasks:
      left: {capability: first, max_attempts: 1}
      right: {capability: second, max_attempts: 1}
    outcomes:
      reject: {end: rejected}
      approve: {to: pay}
  pay: {capability: first, outcomes: {done: {end: paid}}}
"""

# The same, in a hurry: one yes is weaker than silence and failure, though it is named before them.
HURRIED_PAIR = """
  check:
    timeout_s: 60
    tasks:
      left: {capability: first, max_attempts: 1}
      right: {capability: second, max_attempts: 1}
    outcomes:
      approve: {end: paid}
      timeout: {end: late}
      exhausted: {end: broken}
"""

DECISIVE_PAIR = PAIR.replace("reject: {end: rejected}", "reject: {end: rejected, decisive: true}")


ANY_OF_TWO = PAIR.replace("tasks:", "join: any\n    tasks:")


async def both(scene: Scene) -> tuple[ClaimedTask, ClaimedTask]:
    """The left task with the worker, the right one with the rival."""
    [left], [right] = await scene.claim("worker", "first"), await scene.claim("rival", "second")
    return left, right


async def give_up(scene: Scene, task: ClaimedTask, who: str = "worker") -> str:
    """Fail a task for good; the verdict."""
    failure = Failure(fence=task.fence, reason="no use", retryable=False)
    return (await scene.board.fail(scene.people[who], task.id, failure)).value.verdict


async def test_a_stage_of_two_goes_on_when_both_have_answered(scene: Scene) -> None:
    """One answer alone moves nothing."""
    case = await begin(scene, PAIR)
    left, right = await both(scene)
    await scene.decide(left, "approve")
    between = (await shown(scene, case)).stage
    await scene.decide(right, "approve", "rival")

    assert (between, (await shown(scene, case)).stage) == ("check", "pay")


@pytest.mark.parametrize(("first", "second"), [("approve", "reject"), ("reject", "approve")])
async def test_of_two_outcomes_the_one_named_first_counts(scene: Scene, first: str, second: str) -> None:
    """Whoever gives it, and whenever."""
    case = await begin(scene, PAIR)
    left, right = await both(scene)
    await scene.decide(left, first)
    await scene.decide(right, second, "rival")

    assert await end(scene, case) == ("completed", "rejected")


async def test_a_decisive_outcome_ends_the_stage_at_once(scene: Scene) -> None:
    """The other task is cancelled and its holder is told so."""
    case = await begin(scene, DECISIVE_PAIR)
    left, right = await both(scene)
    await scene.decide(left, "reject")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(right, "approve", "rival")

    assert (lost.value.reason, await end(scene, case)) == ("cancelled", ("completed", "rejected"))


async def test_the_sibling_of_a_decisive_outcome_leaves_the_queue(scene: Scene) -> None:
    """Nobody is offered what is not needed any more."""
    await begin(scene, DECISIVE_PAIR)
    [left] = await scene.claim("worker", "first")
    await scene.decide(left, "reject")

    assert await scene.claim("rival", "second") == []


async def test_the_first_answer_of_any_is_enough(scene: Scene) -> None:
    """The case goes on with it, and the other holder is told."""
    case = await begin(scene, ANY_OF_TWO)
    left, right = await both(scene)
    await scene.decide(right, "approve", "rival")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(left, "reject")

    assert (lost.value.reason, (await shown(scene, case)).stage) == ("cancelled", "pay")


@pytest.mark.parametrize("stages", [PAIR, DECISIVE_PAIR, ANY_OF_TWO], ids=["all", "decisive", "any"])
async def test_both_answers_may_come_in_one_batch(scene: Scene, stages: str) -> None:
    """Both are kept, the one named first counts, and the stage is left once."""
    case = await begin(scene, stages)
    tasks = [*await scene.claim("worker", "first"), *await scene.claim("worker", "second")]
    items = [
        DecisionItem(task_id=t.id, fence=t.fence, outcome=o, reasons=["because"])
        for t, o in zip(tasks, ("approve", "reject"), strict=True)
    ]

    told = (await scene.board.decide_many(scene.people["worker"], items)).value

    assert [item.verdict for item in told.items] == ["decided", "decided"]
    assert (await end(scene, case), len((await shown(scene, case)).tasks)) == (("completed", "rejected"), 2)


async def test_a_single_yes_does_not_win_when_the_other_never_came(scene: Scene, clock: Clock) -> None:
    """A stage that took too long takes its route for that, whatever half of it has said."""
    case = await begin(scene, HURRIED_PAIR)
    left, _ = await both(scene)
    await scene.decide(left, "approve")
    await clock.pass_(60)
    await scene.store.fire_timers(100)

    assert await end(scene, case) == ("completed", "late")


async def test_a_single_yes_does_not_win_when_the_other_was_given_up(scene: Scene) -> None:
    """The case takes the route for exhausted attempts, as the holder was told."""
    case = await begin(scene, HURRIED_PAIR)
    left, right = await both(scene)
    await scene.decide(left, "approve")

    assert (await give_up(scene, right, "rival"), await end(scene, case)) == ("exhausted", ("completed", "broken"))


async def test_a_task_given_up_ends_the_stage_for_its_sibling(scene: Scene) -> None:
    """Nobody goes on with half a stage."""
    case = await begin(scene, HURRIED_PAIR)
    left, right = await both(scene)
    await give_up(scene, right, "rival")

    with pytest.raises(ClaimLost) as lost:
        await scene.decide(left, "approve")

    assert (lost.value.reason, await end(scene, case)) == ("cancelled", ("completed", "broken"))
