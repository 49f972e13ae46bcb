"""Requests to an investment bank from end to end: trades, new clients, research, and what a person decides."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from blackboard.agent import Agent, Assignment
from blackboard.errors import BlackboardError, Invalid, NotPermitted
from blackboard.local import LocalBoard
from blackboard.requests import Opinion
from blackboard.tallier import Tallier
from blackboard.values import Json
from tests.conftest import Databases
from tests.integration.desk import Desk, days, moved_clock, open_desk, open_task, result

TRADE = {"client_id": "C-1001", "symbol": "DELTAX", "notional": "9000.00"}
PERSON = {
    "client_id": "N-1",
    "name": "Greta Lindholm",
    "country": "SE",
    "kind": "person",
    "birth_date": "1980-05-17",
    "documents": [
        {"kind": "passport", "number": "P-1", "expires_on": days(400), "digest": "sha256:" + "0a" * 32},
        {"kind": "proof_of_address", "issued_on": days(-20)},
    ],
}
COMPANY = {
    "client_id": "N-2",
    "name": "Lindholm Rope Works",
    "country": "SE",
    "kind": "company",
    "documents": [{"kind": "registration", "number": "5566"}, {"kind": "articles"}],
}


@pytest.fixture(scope="module")
async def desk(databases: Databases) -> AsyncIterator[Desk]:
    """One for all tests here; each has cases of its own."""
    async with open_desk(databases) as desk:
        yield desk


async def order(desk: Desk, quantity: str, **changes: str) -> Json:
    """A purchase of a fund at the price of today."""
    price = (await desk.bank.price("DELTAX")).price
    notional = f"{price * Decimal(quantity):.2f}"
    return {**TRADE, "side": "buy", "quantity": quantity, "price": f"{price:.2f}", "notional": notional, **changes}


async def test_a_request_is_kept_first_and_worked_on_once_when_asked(desk: Desk) -> None:
    """Asked twice it is processed once; whoever asks after the end is told that it has ended."""
    kept = await desk.keep("trade_review", TRADE)
    still = await desk.work(kept)
    told = [await desk.process(kept), await desk.process(kept)]
    done = await desk.work(kept)

    assert (kept.number is not None, still.stage, still.outcome) == (True, "received", None)
    assert (done.outcome, told[0], [t.stage for t in done.tasks].count("validation")) == ("approved", "sent", 1)
    with pytest.raises(BlackboardError):
        await desk.process(kept)


async def test_a_trade_within_limits_keeps_portfolio_snapshot_and_tool_call_log(desk: Desk) -> None:
    """With the answer {decision, confidence, summary}, and each decision with its reasons, its reads and its policy."""
    case = await desk.ask("trade_review", await order(desk, "10"))
    limits = next(task.decision for task in case.tasks if task.stage == "limits")
    snapshot = case.facts["portfolio"].value

    assert case.outcome == "approved"
    assert result(case) == {
        "decision": "approved",
        "confidence": 1.0,
        "summary": f"Trade of DELTAX for {case.payload['notional']}: approved by team, because: within limits.",
        "reasons": ["within_limits"],
    }
    assert limits is not None
    assert limits.policy == "trade_limits@1"
    assert {read.partition("@")[0] for read in limits.reads} >= {"instrument", "portfolio"}
    assert {one["symbol"] for one in snapshot["positions"]} == {"DELTAX", "EVERGB", "HARBOR", "IRONGC", "GILTEX"}
    assert [entry["tool"] for entry in case.facts["tool_log"].value] == ["market", "holdings"]


async def test_a_trade_above_limits_waits_in_the_approval_queue(desk: Desk) -> None:
    """With a due time, for people who may approve trades; what may never be traded waits for nobody."""
    large = await desk.ask("trade_review", {**TRADE, "notional": "250000.00"})
    queue = await desk.scene.board.list_reviews(desk.scene.people["vera"], whose="queue")
    [waiting] = [entry for entry in queue.reviews if entry.case_id == large.id]
    elsewhere = await desk.scene.board.list_reviews(desk.scene.people["rita"], whose="queue")
    refused = await desk.review(large, "vera", "reject", "mandate_exceeded")
    restricted = await desk.ask("trade_review", {**TRADE, "symbol": "KITEX3"})

    assert (large.stage, waiting.due_at is not None) == ("approval", True)
    assert large.id not in {entry.case_id for entry in elsewhere.reviews}
    assert (refused.outcome, result(refused)["reasons"], result(refused)["confidence"]) == ("rejected", ["mandate_exceeded"], 1)
    assert (restricted.outcome, result(restricted)["reasons"]) == ("rejected", ["restricted_symbol"])


async def test_trade_exceptions_are_mended_by_those_who_reconcile(desk: Desk) -> None:
    """A symbol in another spelling by an agent, two numbers that differ by a person; never by whoever asked for the trade."""
    spelt = await desk.ask("trade_review", {**TRADE, "symbol": "dltx"})
    differs = await desk.ask("trade_review", await order(desk, "10", notional="1.00"))
    right = (await order(desk, "10"))["notional"]
    tried = await desk.put(differs, "requester", notional=right)
    with pytest.raises(NotPermitted):
        await desk.review(tried, "requester", "mended")
    tried = await desk.review(tried, "rita", "mended")
    mended = await desk.review(await desk.put(tried, "rita", notional=right), "rita", "mended")
    unknown = await desk.ask("trade_review", {**TRADE, "symbol": "NOPE"})
    rejected = await desk.review(unknown, "rita", "reject", "no_such_instrument")

    assert (spelt.outcome, spelt.facts["symbol"].value) == ("approved", "DELTAX")
    assert (differs.stage, [one["code"] for one in differs.facts["exceptions"].value]) == ("repair", ["notional_mismatch"])
    assert (tried.stage, mended.outcome) == ("repair", "approved")
    assert (rejected.outcome, result(rejected)["decision"]) == ("rejected", "rejected")


async def test_what_agents_found_nobody_else_can_replace(desk: Desk) -> None:
    """Whoever asks for a trade may tell about it; where that stands in the place of a finding, a person looks."""
    trade = await desk.keep("trade_review", {**TRADE, "symbol": "KITEX3"})
    client = await desk.keep("onboarding", {**PERSON, "name": "Viktor Malkov"})
    for case, stage, facts in (
        (trade, "limits", {"instrument": {"asset_class": "cash", "restricted": False, "price": "1.00", "usd_rate": "1.0000"}}),
        (client, "rating", {"sanctions": "none"}),
    ):
        await desk.process(case)
        await desk.work_until(case, stage)
        await desk.put(case, **facts)
    seen = [await desk.scene.board.show_case(desk.scene.people["requester"], case.id) for case in (trade, client)]

    assert [case.stage for case in seen] == ["approval", "first_review"]


@pytest.mark.parametrize(
    "changes",
    [{"notional": 9000.0}, {"notional": "NaN"}, {"notional": "-1.00"}, {"side": "hold"}, {"symbol": "../x"}, {"extra": 1}],
)
async def test_a_trade_that_is_none_is_refused_before_it_is_kept(desk: Desk, changes: Json) -> None:
    """With the field that is wrong."""
    with pytest.raises(Invalid, match=next(iter(changes))):
        await desk.keep("trade_review", {**TRADE, **changes})


async def test_a_client_of_low_risk_is_taken_without_a_person(desk: Desk) -> None:
    """The papers' metadata, the search and the rating are facts."""
    case = await desk.ask("onboarding", PERSON)

    assert (case.outcome, result(case)["decision"]) == ("onboarded", "onboarded")
    assert (case.facts["sanctions"].value, case.facts["country_risk"].value) == ("none", "low")
    assert set(case.facts["papers"].value) == {"passport", "proof_of_address"}


async def test_a_paper_that_lacks_is_waited_for(desk: Desk) -> None:
    """Whatever is wrong with it is said, and the case goes on when a better one is put; a bad one is not taken."""
    old = [{"kind": "passport", "number": "P-1", "expires_on": days(-1)}]
    case = await desk.ask("onboarding", {**PERSON, "documents": old})
    asked = open_task(case).waits_for
    case = await desk.put(case, document_passport={"number": "P-2", "expires_on": "tomorrow"})
    again = open_task(case).waits_for
    with pytest.raises(Invalid, match="nationality"):
        await desk.put(case, document_passport={"nationality": "SE"})
    case = await desk.put(case, document_passport={"number": "P-2", "expires_on": days(900)})
    address = open_task(case).waits_for
    case = await desk.put(case, document_proof_of_address={"issued_on": days(-3)})

    assert [wait.key for wait in (*asked, *again, *address)] == [*["document_passport"] * 2, "document_proof_of_address"]
    assert "expired" in asked[0].about["reason"]
    assert case.outcome == "onboarded"


async def test_a_company_names_who_owns_it_and_one_person_decides(desk: Desk) -> None:
    """Its owners are looked for on the lists too; a client may still withdraw."""
    case = await desk.ask("onboarding", COMPANY)
    waits = open_task(case).waits_for
    case = await desk.put(case, beneficial_owners=[{"name": "Greta Lindholm", "percent": "60", "country": "SE"}])
    withdrawn = await desk.review(case, "paul", "withdraw", "client_withdrew")
    listed = await desk.ask("onboarding", {**COMPANY, "beneficial_owners": [{"name": "Viktor Malkov", "percent": "30"}]})

    assert ([wait.key for wait in waits], case.stage) == (["beneficial_owners"], "compliance")
    assert (withdrawn.outcome, result(withdrawn)["decision"]) == ("withdrawn", "withdrawn")
    assert (listed.outcome, result(listed)["reasons"]) == ("rejected", ["sanctions_hit"])
    assert [hit["sourceID"] for hit in listed.facts["hits"].value] == ["NB-1001"]


async def test_the_bank_refuses_a_search_that_it_cannot_read(desk: Desk) -> None:
    """A name is needed, a type is one of five, a share is from 0 to 1; and nobody searches without a key."""
    asked: tuple[dict[str, str], ...] = (
        {},
        {"name": ""},
        {"name": "x", "type": "cat"},
        {"name": "x", "minMatch": "nan"},
        {"name": "x", "limit": "0"},
    )
    told = [await desk.bank._http.get("/v2/search", params=params) for params in asked]
    stranger = await desk.bank._http.get("/v2/search", params={"name": "x"}, headers={"Authorization": "Bearer nobody"})
    everybody = await desk.bank._http.get("/v2/search", params={"name": "Malkov"})

    assert [answer.status_code for answer in (*told, stranger)] == [422] * 5 + [401]
    assert [len(everybody.json()["entities"]), everybody.json()["entities"][0]["sourceID"]] == [6, "NB-1001"]


async def test_a_client_of_high_risk_needs_four_eyes(desk: Desk) -> None:
    """Two persons, and never the same one twice."""
    case = await desk.ask("onboarding", {**PERSON, "country": "MM"})
    case = await desk.review(case, "vera", "approve")
    with pytest.raises(BlackboardError):
        await desk.review(case, "vera", "approve")
    done = await desk.review(case, "paul", "approve", "source_of_wealth_shown")
    reviews = [(task.stage, task.decision.by) for task in done.tasks if task.is_review and task.decision]

    assert (case.stage, done.outcome) == ("second_review", "onboarded")
    assert reviews == [("first_review", "vera"), ("second_review", "paul")]


async def test_document_retrieval_can_be_traced_from_the_answer_to_the_question(desk: Desk) -> None:
    """Each fact names the versions that it was made of; the answer is quotation; the approval is kept beside it."""
    asked = {"client_id": "C-1001", "question": "How did the dividend of Boreal develop?"}
    case = await desk.ask("research", asked)
    facts = {fact.key: fact for fact in (await desk.scene.board.show_facts(desk.scene.people["auditor"], case.id)).facts}
    done = await desk.review(case, "vera", "approve", "quotes_bear_it")
    nothing = await desk.ask("research", {**asked, "question": "Who wins the football league?", "documents": ["gold", "nope"]})

    assert (case.stage, done.outcome, result(done)["decision"]) == ("approval", "approved", "approved")
    assert facts["answer"].inputs == ["question@1", "documents@1"]
    assert facts["documents"].inputs == ["question@1"]
    assert result(done)["answer"]["quotes"][0]["document"] == "boreal-energy"
    found = next(task.decision for task in nothing.tasks if task.stage == "retrieval")
    assert found is not None
    assert (nothing.stage, found.reasons) == ("approval", ["document_unknown", "nothing_found"])


async def test_prompt_history_is_kept_where_a_model_took_part(desk: Desk) -> None:
    """Its opinion names model and prompt; it lets nothing out by itself."""

    async def think(_: Assignment) -> Opinion:
        said = ["model:small-1", "prompt:opinion@1:0123456789abcdef"]
        return Opinion(verdict="approve", reasons=["consistent_request"], confidence=0.9, evidence=said)

    seat = LocalBoard(desk.scene.board, await desk.scene.hire("thinking", "thinking"))
    asked = {"client_id": "C-1001", "question": "What does gold do in a portfolio?", "second_opinion": True}
    waiting = await desk.ask("research", asked)
    await Agent("thinking", ["thinking"], think).work_once(seat)
    await Tallier(desk.scene.store).run_once()
    case = await desk.work(waiting)
    [opinion] = case.questions[0].opinions

    assert (waiting.stage, case.stage) == ("consultation", "approval")
    assert opinion.evidence == ["model:small-1", "prompt:opinion@1:0123456789abcdef"]


async def test_the_audit_trail_tells_the_whole_way_of_a_request_that_a_person_decides(desk: Desk) -> None:
    """What has no workflow of its own: each step is in the journal, in order, with who did it."""
    case = await desk.ask("general_request", {"client_id": "C-1001", "request_type": "fee_waiver", "details": {"fee": "12.00"}})
    done = await desk.review(case, "vera", "approve", "long_relation")
    await desk.scene.store.sequence_events()
    journal = await desk.scene.store.read_journal(0, 10_000)
    told = [event for event in journal if event.case_id == case.id and event.type.startswith("case.")]

    assert result(done)["summary"] == "Request fee_waiver: approved by vera, because: long relation."
    assert [(event.type, event.actor) for event in told] == [
        ("case.opened", "requester"),
        ("case.moved", "requester"),
        ("case.moved", "vera"),
        ("case.closed", "team"),
    ]


async def test_what_nobody_answers_in_time_ends_and_says_so(desk: Desk) -> None:
    """A review that is not decided is a no; a client whose paper never comes has withdrawn."""
    large = await desk.ask("trade_review", {**TRADE, "notional": "250000.00"})
    paperless = await desk.ask("onboarding", {**PERSON, "documents": []})
    async with moved_clock(desk.database_url, timedelta(days=91)):
        await desk.scene.admin.time_out_reviews(1000)
        await desk.scene.admin.fire_timers(1000)
        trade, client = await desk.work(large), await desk.work(paperless)

    assert (trade.outcome, client.outcome) == ("rejected", "withdrawn")
    assert result(trade)["summary"].endswith("rejected by board, because: timed out.")
    assert result(client)["summary"].endswith("withdrawn by board, because: not in time.")
