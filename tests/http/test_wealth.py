"""The wealth desk: its agents on a real board, at a real bank whose clock and holdings change between two looks."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from agents.bank.client import Bank
from agents.wealth import concentration, suitability
from agents.wealth.concentration import Concentration
from agents.wealth.context import Context
from agents.wealth.recording import Recording
from agents.wealth.suitability import Suitability
from blackboard import invariants, policy, workflow
from blackboard.agent import Agent, Assignment, Handler, TryLater
from blackboard.answers import Case
from blackboard.errors import Invalid
from blackboard.local import LocalBoard
from blackboard.requests import Decision, ReviewDecision
from blackboard.rulebook import Rulebook
from tests.conftest import Databases
from tests.factories import POLICIES, Scene, make_scene
from tests.http.vault import Vault, open_vault

WORKFLOWS = Path(__file__).parents[2] / "agents" / "workflows"
SERVICES = ("context", "recording")
RECOMMENDATION = "portfolio_recommendation"
BUY = {"symbol": "GILTEX", "action": "buy", "quantity": "5", "rationale": "Bonds are short in this portfolio."}


@dataclass
class Desk:
    """A board, a bank, the agents between them, and an adviser."""

    scene: Scene
    vault: Vault
    bank: Bank

    async def ask(self, client: str, event: str | None = None, **payload: Any) -> Case:
        """What becomes of a case when the agents have done what they can; without an event the context is asked for."""
        said = {"client_id": client} if event is None else {"client_id": client, "event_type": event, "payload": payload}
        opened = await self.scene.open("advice" if event else "client_context", said)
        return await self.work(opened.id)

    async def work(self, case_id: UUID, *names: str) -> Case:
        """Let the agents (or those named) work until nothing is left."""
        wanted = [agent for agent in self.agents() if agent.name in names or not names]
        while sum([await agent.work_once(LocalBoard(self.scene.board, self.scene.people[agent.name])) for agent in wanted]):
            pass
        return await self.case(case_id)

    def agents(self) -> list[Agent]:
        """One of each."""
        board = LocalBoard(self.scene.board, self.scene.people["suitability"])
        handlers: dict[str, Handler] = {
            "context": Context(self.bank).handle,
            "concentration": Concentration(Rulebook(board, concentration.POLICY)).handle,
            "suitability": Suitability(Rulebook(board, suitability.POLICY)).handle,
            "recording": Recording(self.bank).handle,
        }
        return [Agent(name, [name], handler) for name, handler in handlers.items()]

    async def case(self, case_id: UUID) -> Case:
        """A case as it stands."""
        return await self.scene.board.show_case(self.scene.people["requester"], case_id)

    async def advise(self, case: Case, outcome: str = "approve") -> None:
        """The adviser decides."""
        board, adviser = self.scene.board, self.scene.people["adviser"]
        task = next(task.id for task in case.tasks if task.stage == "approval" and task.decision is None)
        claim = (await board.claim_review(adviser, task)).value
        shown = (await board.show_review(adviser, task)).shown
        decision = ReviewDecision(fence=claim.fence, outcome=outcome, reasons=["client_agrees"], shown=shown)
        await board.decide_review(adviser, task, decision)

    async def hold(self, client: str, symbol: str, quantity: str) -> None:
        """A trade settles at the bank."""
        async with self.vault.back_office() as office:
            assert (await office.put(f"/v1/clients/{client}/holdings/{symbol}", json={"quantity": quantity})).is_success


@pytest.fixture(scope="module")
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    """One for all: each test has a client of its own."""
    async with databases() as database, AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        vault = await stack.enter_async_context(open_vault(database, faults_allowed=True))
        for name in ("context", "concentration", "suitability", "recording"):
            await scene.hire(name, name, kind="service" if name in SERVICES else "agent")
        await scene.hire("adviser", "review", role="reviewer", kind="human")
        for name in ("client_context", "advice"):
            await scene.load(workflow.load(WORKFLOWS / f"{name}.yaml"))
        for name in (concentration.POLICY, suitability.POLICY):
            await scene.rule(policy.load(POLICIES / f"{name}.yaml"))
        yield Desk(scene, vault, await stack.enter_async_context(vault.client()))


def ended(case: Case) -> tuple[str | None, list[str]]:
    """How a case ended, and why."""
    last = next(task.decision for task in reversed(case.tasks) if task.decision)
    return case.outcome, last.reasons


def result(case: Case) -> Any:
    """What the decision brought that ended a case."""
    return next(task.decision.result for task in reversed(case.tasks) if task.decision)


async def test_context_comes_first_and_the_decision_after(desk: Desk) -> None:
    """Client, portfolio, instructions; then a recommendation that is weighed on them, approved by a person, and recorded."""
    asked = await desk.ask("C-1001")
    context = result(asked)
    waiting = await desk.ask("C-1001", RECOMMENDATION, **BUY)
    await desk.advise(waiting)
    done = await desk.work(waiting.id)

    assert (asked.outcome, asked.number is not None, waiting.stage, done.outcome) == ("found", True, "approval", "recommended")
    assert context["client"] == {"client_id": "C-1001", "name": "Ada Brightwell", "risk_profile": "balanced"}
    assert {"symbol": "GILTEX", "quantity": "40.000000"} in context["portfolio"]
    assert [("risk profile" in context["instructions"][0]), ("audit_events" in context["instructions"][1])] == [True, True]
    assert result(done)["status"] == "stored"
    assert {name: result(done)["recommendation"][name] for name in ("symbol", "action", "quantity")} == {
        "symbol": "GILTEX", "action": "buy", "quantity": "5.000000",
    }  # fmt: skip
    assert [task.stage for task in done.tasks] == ["context", "concentration", "suitability", "approval", "record"]


async def test_concentration_is_reviewed_with_a_trail(desk: Desk) -> None:
    """One position is half of it: the report says so by which rows of which version; a purchase of more is refused."""
    report = await desk.ask("C-1003", "portfolio_review")
    more = await desk.ask("C-1003", RECOMMENDATION, symbol="AURA", action="buy", amount="50000.00")
    less = await desk.ask("C-1003", RECOMMENDATION, symbol="AURA", action="sell", quantity="600")
    [kept] = [decision for decision in report.decisions if decision.stage == "concentration"]

    assert ended(report)[0] == "reviewed"
    assert {"large_position", "highly_concentrated"} <= set(ended(report)[1])
    assert (kept.policy, "points/large_position" in result(report)["judged"]["rows"]) == ("concentration_limits@1", True)
    assert Decimal(result(report)["concentration"]["now"]["position_share"]) > 50
    assert {read.partition("@")[0] for read in kept.reads} == {"client", "portfolio", "securities", "prices", "concentration"}
    assert ended(more) == ("unsuitable", ["position_too_large", "asset_class_too_large"])
    assert less.stage == "approval"


async def test_allocation_is_answered_live_and_never_from_memory(desk: Desk) -> None:
    """A trade settles between two questions: the second answer has it; weights add up to 100.00, values to the total."""
    first = result(await desk.ask("C-1004", "allocation_question", question="How much is in bonds?"))["allocation"]
    before = result(await desk.ask("C-1004"))["portfolio"]
    await desk.hold("C-1004", "HARBOR", "333.333333")
    second = result(await desk.ask("C-1004", "allocation_question"))["allocation"]
    after = result(await desk.ask("C-1004"))["portfolio"]
    nothing = result(await desk.ask("C-1005", "allocation_question"))["allocation"]

    assert [line for line in after if line not in before] == [{"symbol": "HARBOR", "quantity": "333.333333"}]
    assert ([line["asset_class"] for line in first["by_class"]], [line["asset_class"] for line in second["by_class"]]) == (
        ["bond", "equity"],
        ["bond", "cash", "equity"],
    )
    for told in (first, second):
        for lines in (told["by_class"], told["by_position"]):
            assert sum(Decimal(line["weight"]) for line in lines) == Decimal("100.00")
            assert sum(Decimal(line["value"]) for line in lines) == Decimal(told["total"])
    assert (nothing["total"], nothing["by_class"]) == ("0.00", [])


@pytest.mark.parametrize(
    ("client", "said", "reasons"),
    [
        ("C-1002", {"symbol": "DELTAX", "action": "buy", "quantity": "1"}, ["risk_above_profile", "horizon_too_short"]),
        ("C-1008", {"symbol": "LUMENN", "action": "buy", "quantity": "1"}, ["complex_product_not_understood"]),
        ("C-1009", {"symbol": "NOTHING", "action": "buy", "quantity": "1"}, ["unknown_instrument"]),
        ("C-1009", {"symbol": "AURA", "action": "sell", "quantity": "1"}, ["not_held"]),
        ("C-1009", {"symbol": "DELTAX", "action": "sell", "quantity": "15.000001"}, ["more_than_held"]),
        ("C-1009", {"symbol": "DELTAX", "action": "hold"}, ["horizon"]),
    ],
)
async def test_suitability_and_product_rules_come_before_a_suggestion(
    desk: Desk, client: str, said: dict[str, str], reasons: list[str]
) -> None:
    """What does not suit is refused with its reasons, and no adviser is asked; whoever holds it may keep it."""
    case = await desk.ask(client, RECOMMENDATION, **said)

    if said["action"] == "hold":
        assert case.stage == "approval"
        return
    assert ended(case) == ("unsuitable", reasons)
    assert ([action.kind for action in case.actions], "approval" in {task.stage for task in case.tasks}) == ([], False)


async def test_enough_is_stored_to_reconstruct_why(desk: Desk) -> None:
    """From the case alone: inputs by version, whose word each is, judgements by policy, rows and version, the bytes approved.

    Made again from what is kept, the judgements come out the same.
    """
    waiting = await desk.ask("C-1011", RECOMMENDATION, symbol="IRONGC", action="buy", amount="500.00", rationale="Calmer.")
    await desk.advise(waiting)
    case = await desk.work(waiting.id)
    told = "\n".join(
        line
        for chapter in (await desk.scene.board.explain_case(desk.scene.people["auditor"], case.id)).chapters
        for line in chapter.lines
    )
    [action] = case.actions
    decided = {task.stage: task.decision for task in case.tasks if task.decision}

    assert {key: case.facts[key].trust for key in ("client", "portfolio", "securities", "prices")} == dict.fromkeys(
        ("client", "portfolio", "securities", "prices"), 3
    )
    for stage, name in (("concentration", concentration.POLICY), ("suitability", suitability.POLICY)):
        decision = next(kept for kept in case.decisions if kept.stage == stage)
        again = policy.parse(policy.load(POLICIES / f"{name}.yaml")).judge((decided[stage].result or {})["facts"])
        assert (decision.policy, decided[stage].outcome, decided[stage].reasons) == (f"{name}@1", again.outcome, again.reasons)
    assert (action.state, action.payload) == ("executed", case.facts["recommendation"].value)
    assert {f"{key}@1" for key in ("client", "portfolio", "prices", "concentration")} <= set(action.payload["evidence"])
    for line in ("adviser", "advice_suitability", "concentration_limits", "prices", "Calmer."):
        assert line in told, told


async def test_what_changed_after_approval_is_weighed_anew(desk: Desk) -> None:
    """A holding changes, or a price moves by more than a percent, before it is recorded: the approval is void.

    Nothing is recorded under it; the case is weighed on what is so now, and asks for another.
    """
    case = await desk.ask("C-1009", RECOMMENDATION, symbol="EVERGB", action="sell", quantity="1")
    await desk.advise(case)
    await desk.hold("C-1009", "HARBOR", "7")
    again = await desk.work(case.id)
    await desk.advise(again)
    async with desk.vault.back_office() as office:
        now = (await desk.bank.terms()).now
        await office.put("/clock", json={"at": (now + timedelta(days=45)).isoformat()})
    third = await desk.work(case.id)
    await desk.advise(third)
    done = await desk.work(case.id)
    voids = [task.decision.reasons for task in done.tasks if task.decision and task.decision.outcome == "void"]

    assert ([again.stage, third.stage], done.outcome) == (["approval", "approval"], "recommended")
    assert voids == [
        ["authorization_voided", "portfolio_changed", "securities_changed", "prices_changed"],
        ["authorization_voided", "prices_changed"],
    ]
    assert [action.state for action in done.actions] == ["voided", "voided", "executed"]
    assert done.facts["portfolio"].version == 2


async def test_a_recorder_that_dies_leaves_one_record(desk: Desk) -> None:
    """It is lost after the board knew and before it said so: whoever comes next finds it recorded, once, whatever changed."""
    case = await desk.ask("C-1002", RECOMMENDATION, symbol="GILTEX", action="hold")
    await desk.advise(case)
    recorder = LocalBoard(desk.scene.board, desk.scene.people["recording"])
    await Agent("recording", ["recording"], _stumbles(Recording(desk.bank))).work_once(recorder)
    halfway = await desk.case(case.id)
    await desk.hold("C-1002", "HARBOR", "81")
    await desk.scene.admin.promote_scheduled(1)
    done = await desk.work(case.id)

    assert ([action.state for action in halfway.actions], halfway.outcome) == (["executed"], None)
    assert ([action.state for action in done.actions], done.outcome) == (["executed"], "recommended")


def _stumbles(recording: Recording) -> Handler:
    async def handle(assignment: Assignment) -> Decision:
        await recording.handle(assignment)
        raise TryLater("gone before it could say so", delay_s=0)

    return handle


async def test_a_bank_that_contradicts_itself_is_asked_again(desk: Desk) -> None:
    """A price in another currency than its security: nothing is put on the board, and the task waits for another try."""
    opened = await desk.scene.open("advice", {"client_id": "C-1004", "event_type": "portfolio_review", "payload": {}})
    context = LocalBoard(desk.scene.board, desk.scene.people["context"])
    async with desk.vault.client("wrong_currency") as liar:
        await Agent("context", ["context"], Context(liar).handle).work_once(context)
    waits = await desk.case(opened.id)

    assert (waits.stage, waits.outcome, dict(waits.facts), waits.tasks[0].attempt) == ("context", None, {}, 2)


async def test_everything_else_is_kept_as_it_stands(desk: Desk) -> None:
    """An event that nobody weighs, and a recommendation in words; of somebody whom the bank does not advise nothing is said."""
    note = await desk.ask("C-1005", "meeting_note", text="Wants to wait.", amount="12.50")
    words = await desk.ask("C-1005", RECOMMENDATION, text="Stay in cash for now.")
    declined = await desk.ask("C-1005", RECOMMENDATION, symbol="HARBOR", action="buy", amount="100.00")
    await desk.advise(declined, "reject")
    strangers = [await desk.ask("C-1010"), await desk.ask("NOBODY", "meeting_note")]

    assert [(case.outcome, result(case)) for case in (note, words)] == [("stored", {"status": "stored"})] * 2
    assert note.payload["payload"] == {"text": "Wants to wait.", "amount": "12.50"}
    assert (await desk.case(declined.id)).outcome == "declined"
    assert [ended(case) for case in strangers] == [("unknown", ["unknown_client"])] * 2


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ({"symbol": "AURA", "action": "buy"}, "must say either quantity or amount"),
        ({"symbol": "AURA", "action": "buy", "quantity": "1", "amount": "2.00"}, "must say either quantity or amount"),
        ({"symbol": "AURA", "action": "buy", "quantity": 1.5}, "decimal string with at most six places"),
        ({"symbol": "AURA", "action": "sell", "quantity": "0.000000"}, "positive decimal string"),
        ({"symbol": "AURA", "action": "buy", "amount": "NaN"}, "positive decimal string"),
        ({"symbol": "AURA", "action": "hold", "quantity": "1"}, "neither quantity nor amount"),
        ({"symbol": "AURA", "action": "short", "quantity": "1"}, "must be buy, sell or hold"),
        ({"symbol": "aura ", "action": "hold"}, "at most 16 capitals"),
        ({"symbol": "AURA", "quantity": "1"}, "payload.payload.action: is missing"),
    ],
)
async def test_a_recommendation_that_cannot_be_weighed_is_refused_and_opens_nothing(
    desk: Desk, said: dict[str, Any], hint: str
) -> None:
    """Each in words that say what it must be."""
    with pytest.raises(Invalid, match=hint):
        await desk.ask("C-1001", RECOMMENDATION, **said)


async def test_what_the_desk_leaves_behind_keeps_every_promise(desk: Desk) -> None:
    """A recommendation that was recorded is in no book of the bank, and is not missed there."""
    case = await desk.ask("C-1005", RECOMMENDATION, symbol="HARBOR", action="buy", amount="100.00")
    await desk.advise(case)
    done = await desk.work(case.id)
    found = await invariants.examine(desk.vault.database_url, desk.vault.database_url)

    assert (done.outcome, [finding for finding in found if not finding.ok]) == ("recommended", [])
