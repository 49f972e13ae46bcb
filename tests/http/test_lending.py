"""Loans from the application to the last reminder, on a real board and at a real bank."""

import secrets
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from agents.bank.models import TransferOrder
from agents.lending import schedule
from agents.lending.intake import Application
from agents.lending.terms import order
from agents.roster import make
from blackboard import invariants
from blackboard.agent import Assignment
from blackboard.answers import Action, Case, DecisionRecord
from blackboard.requests import ClaimRequest, Decision, NewCase, NewSchedule, Release
from tests.conftest import Databases
from tests.http.lending import APPLICATION, LENDERS, Lender, open_lender


@pytest.fixture(scope="module")
async def lender(databases: Databases) -> AsyncIterator[Lender]:
    """One for the module; afterwards no promise of the board is found broken."""
    async with open_lender(databases) as lender:
        yield lender
        assert [finding for finding in await invariants.examine(lender.vault.database_url) if not finding.ok] == []


def decided(case: Case, stage: str) -> DecisionRecord:
    """How a stage ended last."""
    found = [task.decision for task in case.tasks if task.stage == stage and task.decision and task.name != "credit"]
    return found[-1]


def newest(case: Case, kind: str) -> Action:
    """The last action of a kind."""
    return [action for action in case.actions if action.kind == kind][-1]


async def lent(lender: Lender) -> str:
    """A loan that the bank paid out, as the board would have ordered it; its number."""
    rows = schedule.plan(Decimal("6000.00"), Decimal("6.90"), 24)
    asked = Application.model_validate({**APPLICATION, "from_account": "BANK-USD", "debts_monthly": "0.00"})
    done = await lender.bank.operate("loan", order(asked, Decimal("6.90"), rows), secrets.token_hex(8))
    return str(done.answer["loan_id"])


async def pay(lender: Lender, loan_id: str, amount: str, payer: str = "CHK-003") -> None:
    """Somebody pays the bank for a loan."""
    told = {"from_account": payer, "to_account": "BANK-USD", "amount": amount, "memo": f"For {loan_id}, thanks"}
    await lender.bank.transfer(TransferOrder.model_validate(told), f"pay-{loan_id}-{amount}-{payer}")


async def test_repayment_plans_are_authorized_to_the_cent_and_kept(lender: Lender) -> None:
    """Score, terms and every instalment stay on the board; the bank pays once and has the same plan."""
    case = await lender.apply()
    sent, facts = newest(case, "loan").payload, {key: fact.value for key, fact in case.facts.items()}
    receipt = newest(case, "loan").receipt
    assert receipt is not None
    rows = await lender.bank.loan_schedule(receipt["answer"]["loan_id"])
    loans = await lender.bank.loans("C-1001")

    assert (case.outcome, decided(case, "disbursement").result) == ("executed", receipt)
    assert [f"{row.principal:.2f} {row.interest:.2f}" for row in rows] == [
        f"{row['principal']} {row['interest']}" for row in facts["schedule"]
    ]
    assert (sent["amount"], sent["term_months"], sent["rate"]) == ("6000.00", 24, "6.90")
    assert sent["schedule_digest"] == facts["terms"]["schedule_digest"]
    assert sum(row.principal for row in rows) == Decimal("6000.00")
    assert [str(loan.amount) for loan in loans if loan.loan_id == receipt["answer"]["loan_id"]] == ["6000.00"]


async def test_the_score_is_kept_with_the_rows_that_made_it(lender: Lender) -> None:
    """Beside the decision, whoever reads the case."""
    told = decided(await lender.apply(customer_id="C-1009", applicant_name="Kwame Adjei", to_account="CHK-010"), "panel")

    assert (told.outcome, told.policy) == ("approve", "loan_credit@1")
    assert told.result["score"] == 75 + 10
    assert "income_points/middle" in told.result["rows"]


async def test_a_refusal_has_at_most_four_reasons_each_tied_to_facts_that_were_used(lender: Lender) -> None:
    """The costliest first; what each rests on is told with it, and the versions of these facts are what the decision read."""
    poor = {"applicant_name": "Oskar Fennimore", "customer_id": "C-1006", "to_account": "CHK-007", "income_monthly": "1500.00"}
    case = await lender.apply(**poor, amount="30000.00", term_months=24)
    told = decided(case, "panel")

    assert (case.outcome, told.reasons) == (
        "rejected",
        ["debt_ratio_too_high", "income_low_for_amount", "several_delinquencies", "amount_high_for_income"],
    )
    assert list(told.result["grounds"]) != [] and set(told.result["grounds"]) == set(told.reasons)
    read = {read.split("@")[0] for read in told.reads} | set(case.payload)
    assert all(set(inputs) <= read and inputs for inputs in told.result["grounds"].values())
    assert [action.state for action in case.actions] == ["refused"]


async def test_manual_review_is_flagged_with_what_is_in_doubt(lender: Lender) -> None:
    """A name and an amount are an application; what machines cannot make of one rests with a person, who is told why."""
    only_name = dict.fromkeys(APPLICATION.keys() - {"applicant_name", "amount"})
    known = {"applicant_name": "Ada Brightwell"}
    cases: list[tuple[dict[str, Any], str, list[str]]] = [
        ({**only_name, **known}, "review", ["term_missing", "income_missing"]),
        ({"customer_id": None, "applicant_name": "Nobody Atall"}, "review", ["applicant_unknown"]),
        ({"applicant_name": "Tomas Lindqvist"}, "review", ["name_differs"]),
        ({"customer_id": "../accounts/CHK-001"}, "review", ["customer_unknown"]),
        ({"to_account": None}, "review", ["account_ambiguous"]),
        ({"to_account": "NOPE-1"}, "review", ["account_unknown"]),
    ]
    for changes, stage, reasons in cases:
        case = await lender.apply(**changes)
        assert (case.stage, decided(case, "intake").reasons) == (stage, reasons)
    refused = await lender.apply(to_account="CHK-002")
    assert (refused.outcome, decided(refused, "applicant").reasons) == ("rejected", ["account_of_another_customer"])


async def test_a_person_approves_or_rejects_what_lacks_a_plan(lender: Lender) -> None:
    """What is approved so is a promise: nothing is paid out of an application that says neither term nor income."""
    for outcome, end in (("approve", "approved"), ("reject", "rejected")):
        case = await lender.apply(**dict.fromkeys(APPLICATION.keys() - {"applicant_name", "amount"}))
        ended = await lender.review(case, outcome, "known_for_years" if outcome == "approve" else "purpose_unclear")
        assert (ended.outcome, ended.actions) == (end, [])


async def test_an_application_goes_on_when_what_it_lacked_was_put_on_the_board(lender: Lender) -> None:
    """By whoever knows it; another one sends it back. The account is found where there is only one."""
    case = await lender.apply(
        applicant_name="kwame  ADJEI", customer_id=None, to_account=None, term_months=None, income_monthly=None
    )
    await lender.put(case, term_months=24, income_monthly="3900.00")
    ended = await lender.review(case, "completed", "customer_told_the_rest")

    assert (ended.outcome, newest(ended, "loan").payload["to_account"]) == ("executed", "CHK-010")
    assert ended.facts["application"].inputs == ["income_monthly@1", "term_months@1"]


async def test_of_several_decisions_the_last_is_current_and_the_older_are_kept(lender: Lender) -> None:
    """A fact changes before the money has moved: the permission is void, it is decided anew, and one loan is paid out."""
    opened = await lender.open(**APPLICATION)
    case = await lender.worked(opened, *LENDERS)
    assert case.stage == "disbursement"
    await lender.put(case, delinquencies=0)
    ended = await lender.worked(case)
    panels = [decision for decision in ended.decisions if decision.stage == "panel"]

    assert (ended.outcome, [panel.outcome for panel in panels]) == ("executed", ["approve", "approve"])
    assert [action.state for action in ended.actions] == ["voided", "executed"]
    assert newest(ended, "loan").authorization is not None


async def test_who_puts_facts_in_the_place_of_what_agents_found_sends_the_loan_to_a_person(lender: Lender) -> None:
    """Who says that his instalment is a dollar is not granted the loan for it, nor one as somebody else, nor off the list."""
    case = await lender.worked(await lender.open(**APPLICATION), "loan-intake", "applicant", "loan-terms")
    await lender.put(case, terms={**case.facts["terms"].value, "instalment": "1.00"})
    cheap = await lender.worked(case)
    other = await lender.worked(await lender.open(**APPLICATION), "loan-intake")
    await lender.put(other, application={**other.facts["application"].value, "customer_id": "C-1002", "to_account": "CHK-002"})
    masked = await lender.worked(other)
    clean = await lender.worked(await lender.open(**APPLICATION), "loan-intake", "applicant", "loan-terms")
    await lender.put(clean, on_sanctions_list=False)
    cleared = await lender.worked(clean)

    assert (cheap.stage, masked.stage, cleared.stage) == ("underwriting", "clearance", "underwriting")
    assert cleared.decisions[-1].reasons == ["policy_cannot_judge"]


async def test_agents_keep_no_critical_state_in_memory(lender: Lender) -> None:
    """Each dies after its work and before it said so; the next one of its kind goes on from the board, and one loan is paid."""
    before = len(await lender.bank.loans("C-1009"))
    told = {"applicant_name": "Kwame Adjei", "customer_id": "C-1009", "to_account": "CHK-010"}
    case = await lender.open(**{**APPLICATION, **told})
    for name in ("loan-intake", "applicant", "loan-terms"):
        await die_after_work(lender, name)
        await lender.worked(case, name)
    await lender.worked(case, "affordability", "credit")
    await die_after_sending(lender)
    ended = await lender.worked(case)

    assert (ended.outcome, [action.state for action in ended.actions]) == ("executed", ["executed"])
    assert len(await lender.bank.loans("C-1009")) == before + 1


async def claimed(lender: Lender, name: str) -> Assignment:
    """The one task that there is for an agent."""
    [task] = (await lender.seat(name).claim(ClaimRequest(capabilities=[name]))).tasks
    return Assignment(lender.seat(name), task)


async def die_after_work(lender: Lender, name: str) -> None:
    """An agent does all that it does and is gone before its decision arrives."""
    assignment = await claimed(lender, name)
    handler: Any = make(name, lender.bank, lender.seat(name))  # type: ignore[arg-type]  # as good as a board over HTTP
    assert isinstance(await handler(assignment), Decision)
    await lender.seat(name).release(assignment.task.id, Release(fence=assignment.task.fence))


async def die_after_sending(lender: Lender) -> None:
    """The executor is gone between the bank's yes and the board's."""
    assignment = await claimed(lender, "execution")
    action = newest(await assignment.case(), "loan")
    ticket = await assignment.record(action.kind, action.payload)
    assert ticket.effect_key is not None
    await lender.bank.operate(action.kind, action.payload, ticket.effect_key)
    await lender.seat("execution").release(assignment.task.id, Release(fence=assignment.task.fence))


async def test_repayment_status_is_read_before_a_reminder_and_one_is_sent_once(lender: Lender) -> None:
    """Nothing is late: nothing is done. Late: one reminder. Late and reminded: nothing again. Paid: nothing."""
    loan_id = await lent(lender)
    first = await lender.service(loan_id)
    await lender.pass_days(31 + 9)
    second, third = await lender.service(loan_id), await lender.service(loan_id)
    reminded = (await lender.bank.loan(loan_id)).reminded
    await pay(lender, loan_id, "268.36")
    fourth = await lender.service(loan_id)

    assert [case.outcome for case in (first, second, third, fourth)] == ["up_to_date", "reminded", "up_to_date", "up_to_date"]
    assert (decided(second, "delinquency").reasons, decided(third, "delinquency").result["score"]) == (["instalment_late"], 30)
    assert "reminded_recently" in decided(third, "delinquency").reasons
    assert (reminded, second.facts["overdue"].value, second.facts["loan"].source_class) == (1, "268.36", "system_of_record")
    assert (await lender.bank.loan(loan_id)).late == 0


async def test_a_new_plan_needs_the_customers_yes(lender: Lender) -> None:
    """Yes is a plain true. No, silence and anything else change nothing at the bank."""
    yes, no, silent = [await lent(lender) for _ in range(3)]
    await lender.pass_days(31 * 3 + 5)
    owed = (await lender.bank.loan(yes)).owed
    offered = [await lender.service(loan) for loan in (yes, no, silent)]
    assert [case.stage for case in offered] == ["answer"] * 3
    unclear = await lender.answer(offered[0], accept="yes")
    accepted, declined = await lender.answer(unclear, accept=True), await lender.answer(offered[1], accept=False)
    await lender.vault.books(
        "WITH due AS (UPDATE board.timer SET fires_at = board.clock() WHERE case_id = $1 RETURNING 1) SELECT count(*) FROM due",
        offered[2].id,
    )
    await lender.scene.admin.fire_timers(100)
    lapsed = await lender.worked(offered[2])
    loans = [await lender.bank.loan(loan) for loan in (yes, no, silent)]

    assert (unclear.stage, [case.outcome for case in (accepted, declined, lapsed)]) == (
        "answer",
        ["restructured", "declined", "lapsed"],
    )
    assert [(loan.plan, loan.late) for loan in loans] == [(2, 0), (1, 3), (1, 3)]
    assert (loans[0].owed, loans[0].months) == (owed, 36)


async def test_who_pays_while_an_offer_stands_is_looked_at_anew(lender: Lender) -> None:
    """The offer was for what is not owed any more: the yes to it enters no plan."""
    loan_id = await lent(lender)
    await lender.pass_days(31 * 3 + 5)
    offered = await lender.service(loan_id)
    await pay(lender, loan_id, "805.08")
    ended = await lender.answer(offered, accept=True)

    assert (decided(ended, "consent").reasons, ended.outcome) == (["loan_changed_since_the_offer"], "up_to_date")
    assert (await lender.bank.loan(loan_id)).plan == 1


async def test_loans_that_are_none_of_the_customers_are_not_serviced(lender: Lender) -> None:
    """Nor are those that do not exist; a loan that is paid back is settled."""
    loan_id = await lent(lender)
    other, unknown = await lender.service(loan_id, "C-1002"), await lender.service("LN-999999")
    await pay(lender, loan_id, "7000.00")
    settled = await lender.service(loan_id)

    assert [case.outcome for case in (other, unknown, settled)] == ["rejected", "rejected", "settled"]
    assert ((await lender.bank.loan(loan_id)).state, (await lender.bank.loan(loan_id)).repaid) == ("paid", Decimal("6440.71"))


async def test_a_schedule_opens_a_look_at_a_loan_every_month(lender: Lender) -> None:
    """Once for each moment, whoever runs the schedules."""
    admin = await lender.scene.hire("operator", role="admin")
    new = NewCase(workflow="servicing", payload={"loan_id": "LN-000001", "customer_id": "C-1001"})
    await lender.scene.board.put_schedule(admin, "service-ln-000001", NewSchedule(cron="0 7 2 * *", new_case=new))
    await lender.vault.books(
        "WITH due AS (UPDATE board.schedule SET next_at = board.clock() RETURNING 1) SELECT count(*) FROM due"
    )
    due = await lender.scene.admin.due_schedules(10)
    opened = [await lender.scene.admin.run_schedule(due[0], due[0].at.replace(year=2099)) for _ in range(2)]

    assert opened == [True, False]
