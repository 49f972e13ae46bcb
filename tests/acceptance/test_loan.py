"""A loan from end to end: two agents give opinions, rules and a person decide, money moves once, and everybody can read why."""

import asyncio
import sys
from asyncio.subprocess import PIPE
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from blackboard import policy, workflow
from blackboard.answers import Case
from blackboard.requests import ClaimRequest, FencedDecision, NewCase
from blackboard.up import LENDING
from tests.acceptance.conftest import CHECKOUT, Town
from tests.factories import POLICIES

LOAN = CHECKOUT / "agents" / "workflows" / "loan.yaml"
# The story as the stream tells it, but for what agents put on the board between.
STORY = [
    *("case.opened", "action.proposed", "task.ready", "task.claimed", "task.decided", "case.moved"),
    *("question.opened", "opinion.given", "opinion.given", "decision.made", "case.moved"),
    *("task.claimed", "task.decided", "action.authorized", "case.moved"),
    *("task.claimed", "action.recorded", "action.executed", "task.decided", "case.closed"),
]


@pytest.fixture
async def lending(town: Town) -> Town:
    """A town whose agents lend money."""
    for name in (*LENDING, "execution"):
        if name not in town.scene.people:
            await town.scene.hire(name, name)
    await town.scene.load(workflow.load(LOAN))
    await town.scene.rule(policy.load(POLICIES / "loan_credit.yaml"))
    town.start_lending()
    town.start_agent("execution")
    return town


async def apply(town: Town, customer: str, account: str, **changes: Any) -> Case:
    """Somebody asks for 6,000 over two years."""
    payload = {
        "customer_id": customer,
        "from_account": "BANK-USD",
        "to_account": account,
        "amount": "6000.00",
        "currency": "USD",
        "term_months": 24,
        "income_monthly": "2900.00",
        "debts_monthly": "300.00",
        **changes,
    }
    async with town.client() as board:
        return await board.open_case(NewCase(workflow="loan", payload=payload))


async def command(town: Town, who: str, *arguments: str) -> str:
    """What a `blackboard` command prints."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "blackboard", *arguments),
        cwd=CHECKOUT,
        env={
            "PATH": str(Path(sys.executable).parent),
            "BLACKBOARD_URL": town.board_url,
            "BLACKBOARD_KEY": town.scene.keys[who],
        },
        stdout=PIPE,
        stderr=PIPE,
    )
    async with asyncio.timeout(60):
        out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return out.decode()


async def test_two_agents_and_a_person_decide_a_loan(lending: Town) -> None:
    """The agents differ, so a person decides; each step is seen, and the explanation says who thought what, and why."""
    before = await lending.balances("BANK-USD", "CHK-002")
    case = await lending.until(await apply(lending, "C-1002", "CHK-002"), lambda case: case.stage == "review")
    async with lending.client("reviewer") as person:
        [task] = (await person.claim(ClaimRequest(capabilities=["review"]))).tasks
        await person.decide(task.id, FencedDecision(fence=task.fence, outcome="approve", reasons=["arrears_explained"]))
    ended = await lending.until(case, lambda case: case.outcome is not None)
    after = await lending.balances("BANK-USD", "CHK-002")
    watched = await command(
        lending, "auditor", "watch", "--after", "0", "--case", str(case.id), "--type", "case.*", "--count", "5"
    )
    told = await command(lending, "auditor", "case", str(case.id))

    assert ended.outcome == "executed"
    assert [a - b for a, b in zip(after, before, strict=True)] == [Decimal("-6000.00"), Decimal("6000.00")]
    assert "case.closed" in watched
    for word in ("arrears_explained", "executed"):
        assert word in told, told
