"""Read models: the tables that single-purpose services had, as views on what a projector makes of the journal."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import asyncpg
import pytest

from blackboard.errors import Unavailable
from blackboard.read_store import ReadStore
from tests.conftest import Database
from tests.factories import Scene
from tests.sql.books import Desk

# Columns and types as agents and reports know them. `is_current` and `decided_by` are the board's own.
COLUMNS = {
    "agent_sessions": "session_id text, customer_id text, last_intent text, updated_at timestamptz",
    "banking_audit_log": "id int8, session_id text, customer_id text, action text, request_payload jsonb,"
    " response_payload jsonb, created_at timestamptz",
    "agent_tasks": "id int8, task_id text, agent_name text, status text, payload jsonb, created_at timestamptz",
    "banking_requests": "id int8, client_id text, request_type text, payload jsonb, status text, created_at timestamptz",
    "agent_audit_log": "id int8, request_id int8, action text, result jsonb, created_at timestamptz",
    "loan_applications": "id int8, applicant_name text, amount numeric(12,2), status text, created_at timestamptz",
    "loan_decisions": "id int8, application_id int8, approved bool, reason text, is_current bool, decided_by text,"
    " created_at timestamptz",
    "clients": "id text, name text, risk_profile text",
    "portfolios": "client_id text, symbol text, quantity numeric(18,6)",
    "recommendations": "id int8, client_id text, recommendation jsonb, status text, created_at timestamptz",
    "audit_events": "id int8, client_id text, event_type text, payload jsonb, created_at timestamptz",
}


@pytest.fixture
async def desk(scene: Scene) -> Desk:
    """The workflows are there."""
    desk = Desk(scene)
    await desk.load()
    return desk


@pytest.fixture
async def reads(database: Database) -> AsyncIterator[ReadStore]:
    """The read models, with the API's own login acting as the reader."""
    reads = await ReadStore.open(database.app_url, max_connections=2)
    yield reads
    await reads.close()


async def test_every_old_table_is_there_with_each_of_its_columns(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Sessions, tasks, requests, applications, their logs and decisions, clients, portfolios, recommendations, events."""
    rows = await connection.fetch(
        "SELECT c.relname, string_agg(a.attname || ' ' || replace(replace(replace(replace(format_type(a.atttypid, a.atttypmod),"
        " 'bigint', 'int8'), 'boolean', 'bool'), 'timestamp with time zone', 'timestamptz'), ' ', ''), ', ' ORDER BY a.attnum)"
        " AS columns, c.reloptions FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0"
        " WHERE c.relnamespace = 'banking'::regnamespace GROUP BY c.oid"
    )

    assert {row["relname"]: row["columns"] for row in rows} == COLUMNS
    assert {tuple(row["reloptions"]) for row in rows} == {("security_invoker=true",)}


async def test_a_transfer_leaves_a_session_and_every_answer_of_the_bank(desk: Desk, reads: ReadStore) -> None:
    """agent_sessions is upserted with the last intent; banking_audit_log has request and response, the unknown one too."""
    tenant = desk.scene.tenant_id
    asked = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "250.00"}
    case = await desk.open("transfer", {**asked, "customer_id": "C-1", "session_id": "s-1"})
    await desk.move(case, "transfer", asked, {"transaction_id": "t-1", "status": "booked"})
    question = await desk.open("support", {"customer_id": "C-1", "request": "balance", "session_id": "s-1"})
    await desk.decide(question, "executed", result={"balance": "10.00"})
    await desk.project()
    session = await reads.session(tenant, "s-1")
    calls = await reads.bank_calls(tenant, session_id="s-1")

    assert session is not None
    assert (session.customer_id, session.last_intent) == ("C-1", "balance")
    assert [(call.action, call.response_payload) for call in calls] == [
        ("balance", {"balance": "10.00"}),
        ("transfer_funds", {"transaction_id": "t-1", "status": "booked", "state": "executed"}),
        ("transfer_funds", {"state": "unknown"}),
    ]
    assert calls[1].request_payload == asked
    assert await reads.bank_calls(tenant, customer_id="C-1", limit=1) == calls[:1]
    assert await reads.bank_calls(tenant, session_id="s-2") == []


async def test_a_payment_is_a_task_that_is_started_and_completed(desk: Desk, reads: ReadStore) -> None:
    """agent_tasks: under the caller's own name, else the case's id; its payload ends as {request, banking_result}."""
    tenant = desk.scene.tenant_id
    asked = {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "5.00"}
    case = await desk.open("payment", {**asked, "task_id": "T-7", "agent_name": "copilot"})
    nameless = await desk.open("payment", asked)
    await desk.project()
    before = await reads.agent_task(tenant, "T-7")
    await desk.move(case, "transfer", asked, {"transfer_id": "b-1", "status": "submitted"})
    await desk.decide(nameless, "refer")
    await desk.project()
    after, other = await reads.agent_task(tenant, "T-7"), await reads.agent_task(tenant, str(nameless.id))

    assert before is not None
    assert after is not None
    assert other is not None
    assert (before.id, before.agent_name, before.status) == (case.number, "copilot", "started")
    assert before.payload == {"request": asked, "banking_result": None}
    assert (after.status, after.payload["banking_result"]) == ("completed", {"transfer_id": "b-1", "status": "submitted"})
    assert (other.agent_name, other.status) == ("requester", "manual_review")
    assert await reads.agent_task(tenant, "T-8") is None


async def test_a_request_is_received_then_processed_with_its_audit_row(desk: Desk, reads: ReadStore) -> None:
    """banking_requests and agent_audit_log change together: no one sees `processed` without the row that says why."""
    tenant = desk.scene.tenant_id
    asked = {"client_id": "C-9", "symbol": "ACME", "notional": "12000.00"}
    case = await desk.open("trade_review", asked)
    assert case.number
    seen = []
    await desk.process(case)
    for outcome, said in (
        ("approve", {}),
        ("recorded", {"result": {"decision": "approved", "confidence": 0.9, "summary": "within limits"}}),
    ):
        await desk.decide(case, outcome, **said)
    while await desk.scene.store.sequence_events():
        pass
    while await desk.scene.store.project_events(1):
        found = await reads.request(tenant, case.number)
        seen.append((found.status, found.latest_audit and found.latest_audit.action) if found else None)
    found = await reads.request(tenant, case.number)

    assert found is not None
    assert found.latest_audit is not None
    assert (found.client_id, found.request_type, found.payload) == (
        "C-9",
        "trade_review",
        {"symbol": "ACME", "notional": "12000.00"},
    )
    assert found.latest_audit.result == {
        "client_id": "C-9",
        "request_type": "trade_review",
        "decision": "approved",
        "confidence": 0.9,
        "summary": "within limits",
        "decided_by": "worker",
    }
    assert ("received", None) in seen
    assert found.status == "processed"
    assert [audit.action for audit in await reads.request_audits(tenant, case.number)] == ["weighing", "processed"]
    other = await desk.open("general_request", {"client_id": "C-9", "request_type": "limit", "details": {"a": [1]}})
    await desk.project()
    general = await reads.request(tenant, other.number or 0)
    assert general is not None
    assert (general.request_type, general.payload, general.status) == ("limit", {"a": [1]}, "received")


async def test_a_loan_has_one_current_decision_and_keeps_those_before(desk: Desk, reads: ReadStore) -> None:
    """loan_applications: pending, manual_review, approved, rejected; loan_decisions: superseded ones stay."""
    tenant, seen = desk.scene.tenant_id, []
    case = await desk.open("loan", {"applicant_name": "Ada", "amount": "6000.00"})
    assert case.number
    for outcome in (None, "refer", "approve", "void", "reject"):
        if outcome:
            await desk.decide(case, outcome, reasons=[f"{outcome}_it"])
        found = await reads.loan(tenant, case.number, after=await desk.project())
        assert found is not None
        seen.append((found.status, found.decision and found.decision.approved))
    decisions = await reads.loan_decisions(tenant, case.number)

    assert found is not None
    assert (found.applicant_name, found.amount) == ("Ada", Decimal("6000.00"))
    assert [status for status, _ in seen] == ["pending", "manual_review", "approved", "approved", "rejected"]
    assert [approved for _, approved in seen] == [None, None, True, True, False]
    assert [(each.approved, each.reason, each.is_current) for each in decisions] == [
        (True, "approve_it", False),
        (False, "reject_it", True),
    ]


async def test_a_client_and_its_portfolio_are_as_last_fetched(desk: Desk, reads: ReadStore) -> None:
    """Clients and portfolios; one odd quantity is left out, and an unknown client is not there."""
    tenant = desk.scene.tenant_id
    for holdings in ([["ACME", "10"], ["OLD", "1"]], [["ACME", "12.5"], ["ODD", "1e99"], ["BIG", "9" * 30]]):
        case = await desk.open("client_context", {"client_id": "C-5"})
        portfolio = [{"symbol": symbol, "quantity": quantity} for symbol, quantity in holdings]
        client = {"client_id": "C-5", "name": "Ada", "risk_profile": "balanced"}
        await desk.decide(case, "found", result={"client": client, "portfolio": portfolio, "instructions": ["look"]})
    nobody = await desk.open("client_context", {"client_id": "C-6"})
    await desk.decide(nobody, "unknown")
    await desk.project()
    found = await reads.client(tenant, "C-5")

    assert found is not None
    assert (found.name, found.risk_profile, found.instructions) == ("Ada", "balanced", ["look"])
    assert [(holding.symbol, holding.quantity) for holding in found.portfolio] == [("ACME", Decimal("12.5"))]
    assert await reads.client(tenant, "C-6") is None


async def test_advice_is_an_audit_event_and_a_recommendation_has_a_status(desk: Desk, reads: ReadStore) -> None:
    """audit_events keeps what was said as it was said; recommendations how far it came."""
    tenant = desk.scene.tenant_id
    said = {"client_id": "C-5", "event_type": "portfolio_recommendation", "payload": {"symbol": "ACME", "action": "buy"}}
    first = await desk.open("advice", said)
    await desk.project()
    [pending] = await reads.recommendations(tenant, "C-5")
    await desk.decide(first, "approve")
    await desk.open("advice", {**said, "event_type": "allocation_question"})
    await desk.project()
    [approved] = await reads.recommendations(tenant, "C-5")
    events = await reads.advice(tenant, "C-5")

    assert (pending.status, approved.status, approved.id) == ("pending", "approved", first.number)
    assert [(event.event_type, event.payload) for event in events] == [
        ("allocation_question", said["payload"]),
        ("portfolio_recommendation", said["payload"]),
    ]


async def test_what_has_no_number_is_in_no_read_model(scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Workflows that are not numbered pay nothing for it."""
    await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "reject")
    await Desk(scene).project()

    assert await connection.fetchval("SELECT count(*) FROM reading.case") == 0
    assert (await scene.store.measure_reading()).behind == 0


async def test_who_wants_to_see_more_than_is_there_is_told_how_far_it_is(desk: Desk, reads: ReadStore) -> None:
    """After a short wait, not for ever."""
    await desk.open("loan", {"applicant_name": "Ada", "amount": "1.00"})
    reached = await desk.project()
    await reads.reach(reached, 0)

    with pytest.raises(Unavailable, match=rf"has come to position {reached} of the journal and not yet to {reached + 1}"):
        await reads.reach(reached + 1, 0.02)


async def test_a_position_counts_for_how_long_it_waits(desk: Desk) -> None:
    """The lag is in positions and in seconds of the first event that is not read yet."""
    await desk.project()
    await desk.open("loan", {"applicant_name": "Ada", "amount": "1.00"})
    await desk.scene.store.sequence_events()
    lag = await desk.scene.store.measure_reading()

    assert (lag.behind, lag.behind_s > 0, lag.behind_s < timedelta(minutes=2).total_seconds()) == (2, True, True)
