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
from blackboard.requests import NewCase, ReviewDecision
from blackboard.up import DESKS
from tests.acceptance.conftest import CHECKOUT, Town
from tests.factories import POLICIES

LOAN = CHECKOUT / "agents" / "workflows" / "loan.yaml"
# What `blackboard watch` shows: what happened, where to, and by whom.
STORY = [
    ["case.opened", "intake", "requester"],
    ["case.moved", "applicant", "loan-intake", "complete"],
    ["case.moved", "terms", "applicant", "approve"],
    ["case.moved", "panel", "loan-terms", "offered"],
    ["case.moved", "underwriting", "board", "refer"],
    ["case.moved", "disbursement", "officer", "approve"],
    ["case.closed", "disbursement", "execution", "executed"],
]
# What anybody should find in the explanation: the question, both opinions, the rules, the person's reason, the bank's answer.
TOLD = [
    "Should this loan be granted?",
    "affordability) said approve (90% sure): affordable",
    "credit) said refer (90% sure): past delinquencies",
    "Policy loan_credit version 1 says refer",
    "officer decided approve, because: arrears explained",
    "executed; tried once",
]


@pytest.fixture
async def lending(town: Town) -> Town:
    """A town whose agents lend money."""
    for name in DESKS:
        await town.scene.hire(name, name)
    await town.scene.hire("officer", "review", role="reviewer", kind="human")
    await town.scene.load(workflow.load(LOAN))
    for name in ("loan_credit", "loan_pricing"):
        await town.scene.rule(policy.load(POLICIES / f"{name}.yaml"))
    town.start_desks()
    town.start_agent("execution")
    return town


async def apply(town: Town, name: str, account: str, **changes: Any) -> Case:
    """Somebody, whom the bank knows by his name alone, asks for 6,000 over two years."""
    payload = {
        "applicant_name": name,
        "to_account": account,
        "amount": "6000.00",
        "currency": "USD",
        "term_months": 24,
        "income_monthly": "2900.00",
        "debts_monthly": "400.00",
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
    case = await lending.until(await apply(lending, "Tomas Lindqvist", "CHK-002"), lambda case: case.stage == "underwriting")
    async with lending.client("officer") as person:
        [waiting] = (await person.list_reviews()).reviews
        claim = await person.claim_review(waiting.task_id)
        screen = await person.show_review(waiting.task_id)
        decision = ReviewDecision(fence=claim.fence, outcome="approve", reasons=["arrears_explained"], shown=screen.shown)
        await person.decide_review(waiting.task_id, decision)
    ended = await lending.until(case, lambda case: case.outcome is not None)
    after = await lending.balances("BANK-USD", "CHK-002")
    watched = await command(
        lending, "auditor", "watch", "--after", "0", "--case", str(case.id), "--type", "case.*", "--count", str(len(STORY))
    )
    told = await command(lending, "auditor", "explain", str(case.id))

    assert ended.outcome == "executed"
    assert [a - b for a, b in zip(after, before, strict=True)] == [Decimal("-6000.00"), Decimal("6000.00")]
    assert [[word for word in line.split()[2:] if word != str(case.id)[-8:]] for line in watched.splitlines()] == STORY
    assert [line for line in TOLD if line not in told] == []


async def test_rules_grant_and_refuse_without_a_person(lending: Town) -> None:
    """Two who agree grant; a deny rule refuses whatever they say, with at most four reasons, each of them specific."""
    cases = [
        await apply(lending, customer, account, income_monthly=income)
        for customer, account, income in (("Ada Brightwell", "CHK-001", "4200.00"), ("Priya Raman", "CHK-005", "1650.00"))
    ]
    granted, refused = [await lending.until(case, lambda case: case.outcome is not None) for case in cases]
    reasons = next(task.decision for task in refused.tasks if task.stage == "panel" and task.name == "tally")

    assert (granted.outcome, refused.outcome) == ("executed", "rejected")
    assert [action.state for action in refused.actions] == ["refused"]
    assert reasons is not None
    assert reasons.reasons == ["serious_delinquencies"]
