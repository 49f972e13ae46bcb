"""The bank takes the board's word and not the agent's: no order without a permit for exactly it."""

import base64
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import orjson
import pytest

from agents.bank.settings import BankServerSettings
from blackboard import permits
from blackboard.answers import ActionVerdict, ClaimedTask
from blackboard.errors import SetupError
from blackboard.requests import ClaimRequest, NewAction, NewCase
from tests.conftest import Databases
from tests.security.siege import Siege, besiege
from tests.security.table import Tried
from tests.unit.test_permits import PRIVATE

ORDER = {"from_account": "CHK-001", "to_account": "SAV-002", "amount": "3.00", "memo": "three"}
WORDS = {"from_account": "source_account", "to_account": "destination_account"}


@pytest.fixture(scope="module")
async def siege(databases: Databases) -> AsyncIterator[Siege]:
    """One for all tests: each has cases of its own."""
    async with databases() as database, besiege(database) as siege:
        yield siege


async def recorded(siege: Siege, **changes: str) -> tuple[ClaimedTask, ActionVerdict]:
    """A transfer that was decided on, and whose executor, whoever that is, has just written it down."""
    await siege.seat("requester").open_case(NewCase(workflow="transfer", payload={**ORDER, **changes}))
    await siege.work("identity", "limits", "risk")
    executor = siege.seat("execution")
    [task] = (await executor.claim(ClaimRequest(capabilities=["execution"]))).tasks
    ticket = await executor.record_action(task.id, NewAction(fence=task.fence, kind="transfer", payload={**ORDER, **changes}))
    return task, ticket


async def send(
    siege: Siege, body: dict[str, Any], key: str | None, permit: str | None, path: str = "/transfers"
) -> httpx.Response:
    """What whoever has the agents' key to the bank can send."""
    said = {"Idempotency-Key": key, "Board-Permit": permit}
    async with siege.vault.http() as http:
        return await http.post(path, json=body, headers={name: value for name, value in said.items() if value is not None})


def word(answer: httpx.Response) -> str:
    """The bank's word for a refusal."""
    return str(answer.json()["type"]).rpartition(":")[2]


def dialect(**changes: Any) -> dict[str, Any]:
    """The order as the agents' dialect has it."""
    return {WORDS.get(name, name): value for name, value in {**ORDER, **changes}.items()}


@pytest.mark.item("S21", "S23")
async def test_a_permit_books_its_own_order_once_and_no_other_field_amount_or_key(siege: Siege, tried: Tried) -> None:
    """Each member is changed in turn, left out, and one is added; then the order itself, twice."""
    _, ticket = await recorded(siege)
    before = await siege.booked()
    others: list[dict[str, Any]] = [
        dialect(from_account="CHK-007"),
        dialect(to_account="CHK-008"),
        *(dialect(amount=amount) for amount in ("3.01", "300.00", "3", "3.0", 3, "03.00")),
        *(dialect(memo=memo) for memo in ("three ", "Three", "", None)),
        dialect(currency="EUR"),
        dialect(currency="USD"),
        dialect(from_account="SAV-002", to_account="CHK-001"),
        {name: value for name, value in dialect().items() if name != "memo"},
        {**dialect(), "from_account": "CHK-007"},
    ]
    for body in others:
        answer = await send(siege, body, ticket.effect_key, ticket.permit)
        assert (answer.status_code, word(answer)) == (403, "permit-differs"), body
    for key in ("another", f"{ticket.effect_key}.2", str(ticket.effect_key).upper()):
        assert word(await send(siege, dialect(), key, ticket.permit)) == "permit-differs"
    assert word(await send(siege, {"kind": "transfer", **ORDER}, ticket.effect_key, ticket.permit, "/v1/operations"))
    assert await siege.booked() == before
    answers = [await send(siege, dialect(), ticket.effect_key, ticket.permit) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert await siege.booked() == before + 1
    tried(len(others) + 6)


def _resigned(token: str, **claims: Any) -> str:
    """The same with other claims, under the old signature."""
    header, body, signature = token.split(".")
    told = {**orjson.loads(base64.urlsafe_b64decode(body + "==")), **claims}
    return ".".join((header, base64.urlsafe_b64encode(orjson.dumps(told)).decode().rstrip("="), signature))


def _unsigned(token: str) -> str:
    header, body, _ = token.split(".")
    told = {**orjson.loads(base64.urlsafe_b64decode(header + "==")), "alg": "none"}
    return ".".join((base64.urlsafe_b64encode(orjson.dumps(told)).decode().rstrip("="), body, ""))


FORGED: dict[str, Callable[[ActionVerdict], str | None]] = {
    "none": lambda _: None,
    "empty": lambda _: "",
    "nonsense": lambda _: "permit",
    "by a key of the agent's own": lambda t: permits.Mint(PRIVATE).mint("transfer", str(t.effect_key), str(t.digest)),
    "longer than it was signed for": lambda t: _resigned(str(t.permit), exp=int(time.time()) + 3600),
    "of no signature": lambda t: _unsigned(str(t.permit)),
    "cut off": lambda t: str(t.permit)[:-2],
}


@pytest.mark.item("S23")
@pytest.mark.parametrize("what", FORGED)
async def test_an_order_with_no_permit_or_a_forged_one_books_nothing(siege: Siege, what: str) -> None:
    """With the agents' own key to the bank, right bytes and right effect key."""
    _, ticket = await recorded(siege, memo=what)
    before = await siege.booked()
    answer = await send(siege, dialect(memo=what), ticket.effect_key, FORGED[what](ticket))
    assert answer.status_code == 403
    assert await siege.booked() == before


@pytest.mark.item("S23")
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/transfers", {"from_account_id": "CHK-001", "to_account_id": "SAV-002", "amount": "1.00"}),
        ("/transfers", {"source_account": "CHK-001", "destination_account": "SAV-002", "amount": "1.00"}),
        ("/v1/holds", {**ORDER, "expires_in_s": 60}),
        ("/v1/holds/00000000-0000-0000-0000-000000000000/post", {}),
        ("/v1/holds/00000000-0000-0000-0000-000000000000/void", {}),
        ("/v1/operations", {"kind": "account_hold", "account": "CHK-001", "reference": "x", "reason": "because"}),
        ("/v1/operations", []),
        ("/v1/cards/CARD-001/block", {"reason": "because"}),
        ("/v1/cards/CARD-001/unblock", {}),
        ("/v1/accounts/CHK-001/freeze", {"reason": "because"}),
        ("/v1/accounts/CHK-001/unfreeze", {}),
    ],
)
async def test_an_agents_own_key_to_the_bank_changes_nothing_there(siege: Siege, path: str, body: Any) -> None:
    """Everything that changes something asks for a permit, or for the administrator."""
    answer = await send(siege, body, "a-key-of-its-own", None, path)
    assert (answer.status_code, word(answer)) == (403, "permit-missing")


@pytest.mark.item("S23")
async def test_what_nobody_had_to_authorize_gets_no_permit(siege: Siege) -> None:
    """An executor may write such a thing down, and the bank will not do it."""
    [task] = await _of_the_small_workflow(siege)
    ticket = await siege.seat("worker").record_action(task.id, NewAction(fence=task.fence, kind="transfer", payload=ORDER))
    assert (ticket.verdict, ticket.permit) == ("recorded", None)


async def _of_the_small_workflow(siege: Siege) -> list[ClaimedTask]:
    await siege.seat("requester").open_case(NewCase(workflow="small", payload={"customer": "C-1"}))
    return (await siege.seat("worker").claim(ClaimRequest(capabilities=["first"]))).tasks


@pytest.mark.item("S23")
async def test_an_honest_executor_is_given_a_permit_and_uses_it(siege: Siege) -> None:
    """Whatever way the amount is written: its bytes are what was authorized."""
    for amount in ("4", "4.5", "4.50"):
        case = await siege.seat("requester").open_case(NewCase(workflow="transfer", payload={**ORDER, "amount": amount}))
        await siege.work("identity", "limits", "risk", "execution")
        assert (await siege.show(case.id)).outcome == "executed"
    assert await siege.judge() == []


async def test_a_bank_that_asks_for_permits_does_not_start_without_a_key_to_check_them_by() -> None:
    """It says what is missing."""
    settings = BankServerSettings.model_validate({"database_url": "x", "BANK_KEY": "k" * 16, "permits": "required"})
    with pytest.raises(SetupError, match="BANK_PERMIT_KEYS"):
        settings.inspector()
