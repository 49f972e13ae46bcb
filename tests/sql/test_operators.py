"""What only those may do who run the board."""

import pytest

from blackboard.errors import NotPermitted
from tests.factories import Scene
from tests.sql.tasks import task_of


@pytest.mark.parametrize("name", ["requester", "worker", "auditor"])
async def test_only_an_operator_runs_the_board(scene: Scene, name: str) -> None:
    """Nobody else holds, suspends, redrives or resolves, whatever they may otherwise do."""
    who, case = scene.people[name], await scene.open()
    task_id = await task_of(scene, case)

    for attempt in (
        scene.board.place_hold(who, "workflow", "small", "because"),
        scene.board.lift_hold(who, "workflow", "small", "because"),
        scene.board.set_agent_state(who, "rival", "suspended", "because"),
        scene.board.redrive_task(who, task_id, "because"),
        scene.board.resolve_task(who, task_id, "approve", "because"),
        scene.board.suspend_case(who, case.id, "because"),
        scene.board.drop_quota(who, "any"),
    ):
        with pytest.raises(NotPermitted):
            await attempt

    assert len(await scene.claim("rival")) == 1
