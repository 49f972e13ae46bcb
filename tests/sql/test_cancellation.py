"""Cases that are withdrawn, and what is undone for them."""

import pytest

from blackboard.errors import Conflict
from tests.factories import Scene
from tests.sql.flows import COMPENSATING, begin, cancel, end


async def test_a_cancelled_case_undoes_what_was_done(scene: Scene) -> None:
    """It goes to the stage `compensate` and ends with that stage's outcome."""
    case = await begin(scene, COMPENSATING)
    [task] = await scene.claim()
    await scene.decide(task, "done")
    cancelled = await cancel(scene, case)
    [task] = await scene.claim(limit=10)
    await scene.decide(task, "undone")

    assert (cancelled.state, cancelled.stage, await end(scene, case)) == ("active", "compensate", ("completed", "undone"))


async def test_a_case_of_which_nothing_was_done_has_nothing_to_undo(scene: Scene) -> None:
    """Cancelled in its first stage, it ends."""
    case = await begin(scene, COMPENSATING)
    await cancel(scene, case)

    assert await end(scene, case) == ("terminated", "withdrawn")


async def test_a_case_without_compensation_ends_as_withdrawn(scene: Scene) -> None:
    """However far it had come; cancelling it again is told so."""
    case = await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    await cancel(scene, case)

    assert await end(scene, case) == ("terminated", "withdrawn")
    with pytest.raises(Conflict):
        await cancel(scene, case)
