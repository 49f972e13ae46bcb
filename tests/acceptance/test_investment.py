"""A trade under review survives whatever dies while it is worked on."""

import signal

from blackboard import policy, workflow
from blackboard.requests import NewCase
from blackboard.up import DESKS
from tests.acceptance.conftest import CHECKOUT, Town
from tests.factories import POLICIES

TRADE = {"client_id": "C-1001", "symbol": "DELTAX", "notional": "9000.00"}


async def test_a_kept_request_survives_restarts_and_an_agent_killed_in_the_middle_of_it(town: Town) -> None:
    """It is found by its number, worked on again under the next fence, and ends once, with what it rests on."""
    for name in DESKS:
        await town.scene.hire(name, name)
    await town.scene.load(workflow.load(CHECKOUT / "agents" / "workflows" / "trade_review.yaml"))
    await town.scene.rule(policy.load(POLICIES / "trade_limits.yaml"))
    async with town.client() as board:
        kept = await board.open_case(NewCase(workflow="trade_review", payload=TRADE))
    town.signal("api", signal.SIGKILL)
    town.start_api()
    await town.answers(f"{town.board_url}/readyz")

    # The bank answers nothing, so the agent is in the middle of its task for sure when it dies.
    town.signal("bank", signal.SIGSTOP)
    town.start_agent("trade-validation")
    async with town.client() as board:
        assert kept.number is not None
        found = await board.find_number(kept.number)
        assert found is not None
        await board.send_signal(found.id, "process", {})
    await town.until(kept, lambda case: any(task.state == "claimed" for task in case.tasks))
    town.signal("trade-validation", signal.SIGKILL)
    town.signal("bank", signal.SIGCONT)
    town.start_desks()
    done = await town.until(kept, lambda case: case.outcome is not None)
    looked = next(task for task in done.tasks if task.stage == "validation")

    assert (done.outcome, looked.rescues, looked.fence > 1) == ("approved", 1, True)
    assert [task.stage for task in done.tasks] == ["received", "validation", "limits", "approved"]
    assert {"portfolio", "instrument", "tool_log"} <= done.facts.keys()
