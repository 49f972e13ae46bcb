"""A transfer from end to end: three agents in three processes, a real bank, everyone sees each step."""

import asyncio
import signal
import sys
from contextlib import aclosing
from decimal import Decimal
from pathlib import Path

import pytest

from blackboard.errors import ClaimLost
from blackboard.requests import FencedDecision, ReviewDecision
from blackboard.subscription import StreamEvent, Subscription
from tests.acceptance.conftest import AGENTS, CHECKOUT, Town

STORY = [
    *("case.opened", "action.proposed", "task.ready", "task.claimed", "task.decided", "case.moved"),
    *("task.ready", "task.ready", "task.claimed", "task.claimed", "task.decided", "task.decided", "case.moved"),
    "action.authorized",
    *("task.ready", "task.claimed", "action.recorded", "action.executed", "task.decided", "case.closed"),
]


async def test_money_moves_and_everyone_sees_each_step_once(town: Town) -> None:
    """Both balances change by the amount; the stream tells the whole story, in order."""
    for agent in AGENTS:
        town.start_agent(agent)
    before = await town.balances("CHK-001", "SAV-002")
    case = await town.submit(wait_s=30)
    story = []
    async with town.client("auditor") as board:
        watching = Subscription(board, {"case": [str(case.id)]}, after="0")
        async with asyncio.timeout(10), aclosing(watching.__aiter__()) as items:
            async for item in items:
                assert isinstance(item, StreamEvent)
                story.append(item.type)
                if item.type == "case.closed":
                    break
    after = await town.balances("CHK-001", "SAV-002")

    assert (case.outcome, _side_by_side(story)) == ("executed", STORY)
    assert [a - b for a, b in zip(after, before, strict=True)] == [Decimal("-250.00"), Decimal("250.00")]


def _side_by_side(story: list[str]) -> list[str]:
    """Limits and risk are asked at once: what happens with one of the two tasks may come before or after the other's."""
    middle = slice(story.index("case.moved") + 1, story.index("case.moved", story.index("case.moved") + 1))
    order = ["task.ready", "task.claimed", "task.decided", *sorted(set(story))]
    return [*story[: middle.start], *sorted(story[middle], key=order.index), *story[middle.stop :]]


async def test_what_a_machine_may_not_decide_a_person_does(town: Town) -> None:
    """A large amount to a new payee rests at review; approved, it is executed."""
    for agent in AGENTS:
        town.start_agent(agent)
    case = await town.until(await town.submit(payer="CHK-003", amount="9000.00"), lambda case: case.rests)
    stage = case.stage
    async with town.client("reviewer") as person:
        [review] = (await person.list_reviews(case=str(case.id))).reviews
        fence = (await person.claim_review(review.task_id)).fence
        shown = (await person.show_review(review.task_id)).shown
        decision = ReviewDecision(fence=fence, outcome="approve", reasons=["customer_called"], shown=shown)
        await person.decide_review(review.task_id, decision)

    ended = await town.until(case, lambda case: case.outcome is not None)

    assert (stage, ended.outcome) == ("review", "executed")


async def test_a_killed_executor_is_replaced_and_the_money_moves_once(town: Town) -> None:
    """Killed with -9 after the order was recorded, while the bank was silent: its successor finishes under the same key."""
    for agent in ("identity", "risk"):
        town.start_agent(agent)
    before = await town.balances("CHK-001", "SAV-002")
    case = await town.until(await town.submit(), lambda case: case.stage == "execution")
    town.signal("bank", signal.SIGSTOP)
    town.start_agent("execution", instance="doomed")
    case = await town.until(case, lambda case: case.actions[0].state == "dispatching")
    lost = next(task for task in case.tasks if task.stage == "execution")
    town.signal("doomed", signal.SIGKILL)
    town.signal("bank", signal.SIGCONT)
    town.start_agent("execution", instance="successor")
    ended = await town.until(case, lambda case: case.outcome is not None)
    after = await town.balances("CHK-001", "SAV-002")

    assert (ended.outcome, len(ended.actions), ended.actions[0].attempts) == ("executed", 1, 2)
    assert [a - b for a, b in zip(after, before, strict=True)] == [Decimal("-250.00"), Decimal("250.00")]
    assert (lost.fence, ended.tasks[-1].fence, ended.tasks[-1].rescues) == (1, 2, 1)
    async with town.client("execution") as zombie:
        with pytest.raises(ClaimLost):
            await zombie.decide(lost.id, FencedDecision(fence=lost.fence, outcome="executed", reasons=["because"]))


async def test_a_paused_agent_that_wakes_late_changes_nothing(town: Town) -> None:
    """Stopped past its lease, then woken: its answer is refused, the rival's stands."""
    town.start_agent("identity", instance="sleeper")
    town.signal("bank", signal.SIGSTOP)
    async with town.client() as board:
        from blackboard.requests import NewCase

        payload = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "1.00"}
        case = await board.open_case(NewCase(workflow="transfer", payload=payload))
    case = await town.until(case, lambda case: case.tasks[0].fence == 1)
    town.signal("sleeper", signal.SIGSTOP)
    town.signal("bank", signal.SIGCONT)
    town.start_agent("identity", instance="rival")
    case = await town.until(case, lambda case: case.stage == "risk")
    town.signal("sleeper", signal.SIGCONT)
    async with asyncio.timeout(20), town.client("auditor") as board:
        refused = Subscription(board, {"case": [str(case.id)], "type": ["write.refused"]}, after="0")
        async with aclosing(refused.__aiter__()) as items:
            # On a slow machine the rival may have been late at first, too.
            while isinstance(first := await anext(items), StreamEvent) and first.data["fence"] != 1:
                pass

    shown = await town.until(case, lambda case: case.tasks[0].state == "done")
    assert isinstance(first, StreamEvent)
    assert first.data["fence"] == 1 < shown.tasks[0].fence


async def test_the_api_may_be_killed_while_agents_work(town: Town) -> None:
    """Cases submitted before and after; agents and sequencer come back by themselves."""
    for agent in AGENTS:
        town.start_agent(agent)
    first = await town.submit(amount="1.00")
    town.signal("api", signal.SIGKILL)
    town.start_api()
    await town.answers(f"{town.board_url}/readyz")
    second = await town.submit(amount="2.00")

    ended = [await town.until(case, lambda case: case.outcome is not None, 60) for case in (first, second)]

    assert [case.outcome for case in ended] == ["executed", "executed"]


async def test_an_unknown_account_is_refused_at_the_door(town: Town) -> None:
    """The bank is asked before a case is opened; nothing is stored."""
    from blackboard.errors import Invalid
    from blackboard.requests import NewCase

    payload = {"from_account": "CHK-001", "to_account": "NOPE-999", "amount": "1.00"}
    async with town.client() as board:
        before = (await board.list_cases()).cases
        with pytest.raises(Invalid, match=r"payload\.to_account: there is no such account"):
            await board.open_case(NewCase(workflow="transfer", payload=payload))

        assert (await board.list_cases()).cases == before


async def test_the_agent_of_the_readme_works(town: Town, tmp_path: Path) -> None:
    """Word for word, but for the address and the key of this town's board."""
    readme = (CHECKOUT / "README.md").read_text()
    code = readme.partition("```python\n")[2].partition("```")[0]
    key = tmp_path / "risk.key"
    key.write_text(town.scene.keys["risk"])
    code = code.replace("http://127.0.0.1:8080", town.board_url).replace(".blackboard/keys/risk", str(key))
    for name in ("identity", "limits"):
        town.start_agent(name)
    agent = await asyncio.create_subprocess_exec(sys.executable, "-W", "ignore", "-c", code, cwd=CHECKOUT)
    try:
        case = await town.until(await town.submit(amount="250.00"), lambda case: case.stage == "review")
    finally:
        agent.kill()
        await agent.wait()

    decision = next(task.decision for task in case.tasks if task.name == "risk")
    assert decision is not None
    assert (decision.outcome, decision.reasons, decision.by) == ("refer", ["amount_looked_at"], "risk")
