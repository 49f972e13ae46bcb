"""The old services, box by box: paths, fields and answers, on a board and a bank at work; and the examples on their pages."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from blackboard.errors import Declined, Unfunded
from tests.conftest import Databases
from tests.http.conftest import fresh_key
from tests.http.desks import Desks, open_desks
from tests.http.operations import write
from tests.process import program

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("transfers", "payments", "review", "lending", "wealth")
# What is another one each time; of a sentence that is cut short on the page (…) any is right.
VARIES = re.compile(r"(.*_)?id|created_at")
IDS = ("request_id", "application_id", "audit_event_id", "id")
# Until it has ended or rests with a person, however busy the machine is.
PATIENT = "?wait_s=55"

ORDER = {"from_account_id": "CHK-001", "to_account_id": "SAV-002", "amount": 100.1}
PAYMENT = {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "12.30"}


@pytest.fixture(scope="module")
async def desks(databases: Databases) -> AsyncIterator[Desks]:
    """A board whose agents are at work, and its bank."""
    async with open_desks(databases) as desks:
        yield desks


@pytest.fixture
async def old(desks: Desks) -> AsyncIterator[httpx.AsyncClient]:
    """An old client."""
    async with desks.api.http() as http:
        yield http


async def balance(desks: Desks, account: str) -> Decimal:
    """What is in an account."""
    async with desks.vault.client() as bank:
        return (await bank.balance(account)).balance


async def test_transfers_answer_as_the_bank_did(desks: Desks, old: httpx.AsyncClient) -> None:
    """`POST /v1/transfers`: `transaction_id`, `status` pending, both accounts, `amount`, `currency`, USD unless said."""
    before = await balance(desks, "CHK-001")
    answer = await write(old, f"/v1/transfers{PATIENT}", ORDER)
    moved = before - await balance(desks, "CHK-001")

    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told == {"transaction_id": told["transaction_id"], "status": "pending", **ORDER, "currency": "USD"}
    assert (moved, '"amount":100.10,' in answer.text) == (Decimal("100.10"), True)


async def test_a_transfer_that_is_repeated_is_one(desks: Desks, old: httpx.AsyncClient) -> None:
    """One key moves money once; another amount under it is 422."""
    key, before = fresh_key(), await balance(desks, "CHK-001")
    first, second, other = [
        await old.post(f"/v1/transfers{PATIENT}", json={**ORDER, "amount": amount}, headers=key) for amount in (5.5, 5.5, 6)
    ]

    assert (first.status_code, first.json(), other.status_code) == (200, second.json(), 422)
    assert before - await balance(desks, "CHK-001") == Decimal("5.50")


async def test_the_library_transfers_for_an_agent_in_a_session(desks: Desks) -> None:
    """`transfer_funds_for_agent` reads, calls and keeps in one go; session and customer stand in the case."""
    async with desks.api.client("requester") as board:
        told = await board.transfer_funds_for_agent(
            session_id="S-1",
            customer_id="C-1001",
            from_account_id="CHK-001",
            to_account_id="SAV-002",
            amount=Decimal("25.50"),
            memo="rent",
        )
        [case, *_] = (await board.list_cases(workflow="transfer")).cases

    assert (told["status"], told["amount"]) == ("pending", 25.5)
    assert case.payload == {
        "from_account": "CHK-001",
        "to_account": "SAV-002",
        "amount": "25.50",
        "currency": "USD",
        "memo": "rent",
        "session_id": "S-1",
        "customer_id": "C-1001",
    }


@pytest.mark.parametrize(
    ("payer", "customer", "status", "kind", "error", "reason"),
    [
        ("CHK-005", "C-1005", 402, "insufficient-funds", Unfunded, "insufficient_funds"),
        ("CHK-008", "C-1007", 422, "declined", Declined, "sanctions_hit"),
    ],
)
async def test_a_transfer_that_is_declined_says_why(
    desks: Desks, old: httpx.AsyncClient, payer: str, customer: str, status: int, kind: str, error: type[Declined], reason: str
) -> None:
    """402 for lack of money, 422 otherwise, with the reasons; the library raises them. Nothing has moved."""
    order: dict[str, Any] = {"from_account_id": payer, "to_account_id": "SAV-002", "amount": "100.00"}
    before = await balance(desks, payer)
    answer = await write(old, f"/v1/transfers{PATIENT}", order)
    async with desks.api.client("requester") as board:
        with pytest.raises(error) as raised:
            await board.transfer_funds_for_agent(session_id="S-2", customer_id=customer, **order)

    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:blackboard:problem:{kind}")
    assert (answer.json()["outcome"], reason in answer.json()["reasons"]) == ("rejected", True)
    assert reason in raised.value.extra["reasons"]  # type: ignore[operator]  # a list, as it came over the wire
    assert await balance(desks, payer) == before


async def test_a_transfer_that_rests_says_where_to_look(old: httpx.AsyncClient) -> None:
    """202 with `Location`: at once where a person must decide, and after `wait_s` where it takes longer."""
    large = {"from_account_id": "CHK-003", "to_account_id": "SAV-002", "amount": "9000.00"}
    resting = await write(old, f"/v1/transfers{PATIENT}", large)
    found = (await old.get(resting.headers["Location"])).json()
    hurried = await write(old, "/v1/transfers?wait_s=0", ORDER)

    assert (resting.status_code, resting.json()["status"], found["outcome"]) == (202, "manual_review", None)
    assert (hurried.status_code, hurried.json()["status"]) == (202, "pending")


async def test_payments_answer_with_their_task_and_its_result(desks: Desks, old: httpx.AsyncClient) -> None:
    """`POST /agent/transfers` and `GET /agent/tasks/{task_id}`: started, then completed, with `{request, banking_result}`."""
    paid = await old.post(f"/agent/transfers{PATIENT}", json={**PAYMENT, "task_id": "T-1", "agent_name": "payer"})
    shown = (await old.get("/agent/tasks/T-1")).json()
    result = paid.json()["result"]

    assert paid.json() == {
        "task_id": "T-1",
        "result": {**result, **PAYMENT, "amount": 12.3, "status": "submitted", "currency": "USD"},
    }
    assert await desks.vault.books("SELECT count(*) FROM bank.transfer WHERE transfer_id = $1", result["transfer_id"]) == 1
    assert shown == {
        "task_id": "T-1",
        "agent_name": "payer",
        "status": "completed",
        "payload": {"request": {**PAYMENT, "amount": 12.3}, "banking_result": result},
    }
    assert (await old.get("/agent/tasks/T-unknown")).status_code == 404


async def test_a_task_id_moves_money_once(desks: Desks, old: httpx.AsyncClient) -> None:
    """Repeated, or sent five times at once, it is answered as before; another body under it is 409; a key makes an id."""
    before = await balance(desks, "CHK-001")
    body = {**PAYMENT, "task_id": "T/2", "amount": 1.1}
    told = await asyncio.gather(*(old.post(f"/agent/transfers{PATIENT}", json=body) for _ in range(5)))
    other = await old.post("/agent/transfers", json={**body, "amount": 1.2})
    key = fresh_key()
    keyed = [await old.post(f"/agent/transfers{PATIENT}", json={**PAYMENT, "amount": 2}, headers=key) for _ in range(2)]
    neither = await old.post("/agent/transfers", json=PAYMENT)
    found = await old.get("/agent/tasks/T%2F2")

    assert [answer.json() for answer in told] == [told[0].json()] * 5
    assert (other.status_code, neither.status_code, found.json()["task_id"]) == (409, 400, "T/2")
    assert keyed[0].json() == keyed[1].json()
    assert before - await balance(desks, "CHK-001") == Decimal("3.10")


async def test_a_request_is_persisted_first_and_processed_second(old: httpx.AsyncClient) -> None:
    """`POST /requests` answers received; nothing is done about it before `POST /requests/{request_id}/process`."""
    trade = {"client_id": "C-1001", "request_type": "trade_review", "payload": {"symbol": "DELTAX", "notional": 1200.5}}
    request = (await write(old, "/requests", trade)).json()
    kept = (await old.get(f"/requests/{request['request_id']}")).json()
    told = await asyncio.gather(*(old.post(f"/requests/{request['request_id']}/process{PATIENT}") for _ in range(3)))
    told.append(await old.post(f"/requests/{request['request_id']}/process"))
    after = (await old.get(f"/requests/{request['request_id']}")).json()

    assert request == {"request_id": kept["request"]["id"], "status": "received"}
    assert kept == {
        "request": {
            **trade,
            "id": request["request_id"],
            "payload": {"symbol": "DELTAX", "notional": "1200.5"},
            "status": "received",
            "created_at": kept["request"]["created_at"],
        },
        "latest_audit": None,
    }
    assert [answer.json() for answer in told] == [told[0].json()] * 4
    assert set(told[0].json()) == {"client_id", "request_type", "decision", "confidence", "summary"}
    assert (after["request"]["status"], after["latest_audit"]["action"]) == ("processed", "processed")
    assert after["latest_audit"]["result"].items() >= told[0].json().items()


async def test_a_request_that_waits_for_people_says_where_to_look(old: httpx.AsyncClient) -> None:
    """A type without a workflow of its own is for people: 202, `Location`, and the status says so."""
    asked = {"client_id": "C-1", "request_type": "fee_waiver", "payload": {"share": 0.25, "amount": 12}}
    request = (await write(old, "/requests", asked)).json()["request_id"]
    answer = await old.post(f"/requests/{request}/process{PATIENT}")
    shown = (await old.get(answer.headers["Location"])).json()["request"]

    assert (answer.status_code, answer.headers["Location"], answer.json()["status"]) == (
        202,
        f"/requests/{request}",
        "manual_review",
    )
    assert (shown["request_type"], shown["payload"], shown["status"]) == (
        "fee_waiver",
        {"share": 0.25, "amount": "12"},
        "manual_review",
    )


async def resting(old: httpx.AsyncClient) -> int:
    """An application that a person must decide."""
    applied = await write(old, "/loans/apply", {"applicant_name": "Nora Unheard", "amount": 6000.1})
    assert applied.json() == {"application_id": applied.json()["application_id"], "status": "pending", "amount": "6000.10"}
    application = int(applied.json()["application_id"])
    async with asyncio.timeout(60):
        while (await old.get(f"/loans/{application}")).json()["status"] != "manual_review":
            await asyncio.sleep(0.05)
    return application


@pytest.mark.parametrize(("approved", "place"), [(True, "params"), (False, "json")])
async def test_a_person_decides_a_loan_once(desks: Desks, old: httpx.AsyncClient, approved: bool, place: str) -> None:
    """By query parameters or by JSON; repeated it is answered as before, another decision is 409; the loan shows it."""
    application = await resting(old)
    said: dict[str, Any] = {"approved": approved, "reason": "Papers were seen, 3 of 3"}
    async with desks.api.http("reviewer") as person:
        sent = (said, None) if place == "params" else (None, said)
        told = [await person.post(f"/loans/{application}/decision", params=sent[0], json=sent[1]) for _ in range(2)]
        other = await person.post(f"/loans/{application}/decision", json={**said, "approved": not approved})
    loan = (await old.get(f"/loans/{application}")).json()

    assert [answer.json() for answer in told] == [{"application_id": application, "approved": approved}] * 2
    assert (other.status_code, other.json()["state"]) == (409, "approved" if approved else "rejected")
    assert loan == {
        "application_id": application,
        "applicant_name": "Nora Unheard",
        "amount": "6000.10",
        "status": "approved" if approved else "rejected",
        "created_at": loan["created_at"],
        "decision": said,
    }


async def test_who_applied_does_not_decide(desks: Desks, old: httpx.AsyncClient) -> None:
    """Neither with a requester's key nor, whatever the key, as the same person; an unknown loan is 404; a vague no is 422."""
    application = await resting(old)
    said = {"approved": True, "reason": "a friend"}
    await desks.api.scene.hire("twin", "review", role="reviewer", kind="human", owner="requester-owner")
    async with desks.api.http("twin") as twin, desks.api.http("reviewer") as person:
        told = [
            await old.post(f"/loans/{application}/decision", json=said),
            await twin.post(f"/loans/{application}/decision", json=said),
            await person.post("/loans/999999999/decision", json=said),
            await person.post(f"/loans/{application}/decision", json={"approved": False, "reason": "Rejected"}),
            await person.post(f"/loans/{application}/decision"),
        ]
    loan = (await old.get(f"/loans/{application}")).json()

    assert [answer.status_code for answer in told] == [403, 403, 404, 422, 422]
    assert (loan["status"], loan["decision"]) == ("manual_review", None)


async def test_a_client_is_read_with_portfolio_and_instructions(old: httpx.AsyncClient) -> None:
    """`GET /clients/{client_id}/context`; a client without a portfolio has an empty one; an unknown one is 404."""
    found, bare, unknown = [await old.get(f"/clients/{client}/context{PATIENT}") for client in ("C-1001", "C-1005", "C-9999")]

    assert set(found.json()) == {"client", "portfolio", "instructions"}
    assert set(found.json()["client"]) >= {"client_id", "name", "risk_profile"}
    assert {"symbol", "quantity"} <= set(found.json()["portfolio"][0])
    assert any("risk profile" in line for line in found.json()["instructions"])
    assert any("audit_events" in line for line in found.json()["instructions"])
    assert (bare.status_code, bare.json()["portfolio"], unknown.status_code) == (200, [], 404)


async def test_a_recommendation_is_stored_with_its_number(desks: Desks, old: httpx.AsyncClient) -> None:
    """`POST /audit/recommendation`: stored, and found by the number; of an unknown client it is 404."""
    event = {"client_id": "C-1001", "event_type": "client_called", "payload": {"about": "retirement", "amount": 12.5}}
    stored = await write(old, f"/audit/recommendation{PATIENT}", event)
    case = await desks.api.scene.board.find_number(desks.api.scene.people["requester"], stored.json()["audit_event_id"])
    unknown = await write(old, f"/audit/recommendation{PATIENT}", {**event, "client_id": "C-9999"})

    assert stored.json() == {"status": "stored", "audit_event_id": case.number}
    assert case.payload == {**event, "payload": {"about": "retirement", "amount": "12.5"}}
    assert unknown.status_code == 404


def examples(page: str) -> list[tuple[str, Any]]:
    """What is typed, and the JSON that answers it."""
    text = (DOCS / f"{page}.md").read_text().partition("## The old endpoints")[2].partition("\n## ")[0]
    blocks = re.findall(r"```(sh|json)\n(.*?)```", text, re.DOTALL)
    settings, rest = blocks[0][1], blocks[1:]
    assert [kind for kind, _ in rest] == ["sh", "json"] * (len(rest) // 2), "each command is followed by its answer"
    typed = [f"{settings}\n{command}" for kind, command in rest if kind == "sh"]
    return list(zip(typed, [json.loads(answer) for kind, answer in rest if kind == "json"], strict=True))


def alike(shown: Any, told: Any, name: str = "") -> Any:
    """What was told, with what varies as it is shown: it equals the example when nothing else differs."""
    match shown, told:
        case dict(), dict():
            return {key: alike(shown.get(key), value, key) for key, value in told.items()}
        case [*first, "…"], list():
            return [*(alike(example, value) for example, value in zip(first, told, strict=False)), "…"]
        case list(), list():
            return [alike(example, value) for example, value in zip(shown, told, strict=False)] + told[len(shown) :]
        case str(), str() if (VARIES.fullmatch(name) and not shown.startswith(("T-", "C-"))) or shown == "…":
            return shown
        case int(), int() if name in IDS:
            return shown
    return told


async def typed(command: str, folder: Path) -> str:
    """What a shell prints for it."""
    process = await asyncio.create_subprocess_exec(
        *(program("sh"), "-ec", command), cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return out.decode()


@pytest.mark.parametrize("page", PAGES)
async def test_the_examples_of_a_page_are_true(desks: Desks, tmp_path: Path, page: str) -> None:
    """Each command in turn prints what stands below it; numbers of cases are those of this board."""
    keys = tmp_path / ".blackboard" / "keys"
    keys.mkdir(parents=True)
    for name in ("requester", "reviewer"):
        (keys / name).write_text(desks.api.scene.keys[name])
    numbers: dict[str, str] = {}
    for command, shown in examples(page):
        here = command
        for example, number in numbers.items():
            here = re.sub(rf"/(requests|loans)/{example}\b", rf"/\1/{number}", here)
        told = json.loads(await typed(here.replace("http://127.0.0.1:8080", desks.api.url), tmp_path))
        while "location" in told and told["status"] == "pending":
            # A busy machine takes longer than old clients wait. What is on the pages may be typed again.
            told = json.loads(await typed(here.replace("http://127.0.0.1:8080", desks.api.url), tmp_path))
        numbers |= {str(shown[name]): str(told[name]) for name in IDS if isinstance(shown.get(name), int)}

        assert alike(shown, told) == shown
