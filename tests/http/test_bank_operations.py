"""What the bank does besides moving money: once per key, findable by it, and refused in words."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from agents.bank.errors import BankDiffers, BankOutcomeUnknown, BankRefused, BankUnavailable
from agents.bank.faults import ORDER_FAULTS, Fault
from agents.bank.kinds import KINDS
from agents.bank.models import TransferOrder
from tests.conftest import Databases
from tests.http.vault import Vault, open_vault

HOLD = {"account": "CHK-001", "reference": "case-1", "reason": "suspected fraud"}
ORDER = TransferOrder.model_validate({"from_account": "CHK-003", "to_account": "SAV-002", "amount": "1.00"})
DONE = "SELECT count(*) FROM bank.operation WHERE effect_key = $1"
# What the client says of an operation that meets a fault (None: what was done), and whether it was done.
MET: dict[Fault, tuple[type[Exception] | None, int]] = {
    Fault.LOST_REQUEST: (BankOutcomeUnknown, 0),
    Fault.ERROR_BEFORE: (BankOutcomeUnknown, 0),
    Fault.TOO_MANY: (BankUnavailable, 0),
    Fault.SLOW: (None, 1),
    Fault.RESET_MID_BODY: (BankOutcomeUnknown, 1),
    Fault.COMMIT_THEN_TIMEOUT: (BankOutcomeUnknown, 1),
    Fault.COMMIT_THEN_RESET: (BankOutcomeUnknown, 1),
    Fault.ERROR_AFTER: (BankOutcomeUnknown, 1),
    Fault.DUPLICATE_ANSWER: (BankDiffers, 1),
    # There is no amount, currency or payee to lie about.
    Fault.WRONG_AMOUNT: (None, 1),
    Fault.WRONG_CURRENCY: (None, 1),
    Fault.WRONG_PAYEE: (None, 1),
}


@pytest.fixture(scope="module")
async def vault(databases: Databases) -> AsyncIterator[Vault]:
    """A bank that may be told to misbehave."""
    async with (
        databases() as database,
        open_vault(database, faults_allowed=True, fault_hang_s=5, fault_slow_s=0.05, in_flight_s=0.4) as vault,
    ):
        yield vault


async def test_an_operation_is_done_once_under_its_key_and_found_by_it(vault: Vault) -> None:
    """However many ask at once; something else under the key, or under a transfer's, is told as such and changes nothing."""

    async def hold(mine: str) -> object:
        try:
            return (await bank.operate("account_hold", HOLD, mine)).operation_id
        except BankUnavailable:
            return None

    async with vault.client() as bank:
        told = {each for each in await asyncio.gather(*(hold("once") for _ in range(20))) if each}
        found = await bank.find_operation("once")
        await bank.transfer(ORDER, "paid")
        for kind, fields, mine in (
            ("account_hold", {**HOLD, "reason": "other"}, "once"),
            ("account_release", {"account": "CHK-001", "reference": "case-1"}, "once"),
            ("account_hold", HOLD, "paid"),
        ):
            with pytest.raises(BankDiffers):
                await bank.operate(kind, fields, mine)
        with pytest.raises(BankDiffers):
            await bank.transfer(ORDER, "once")
        nothing = await bank.find_operation("never")

    assert found is not None
    assert (told, found.kind, found.fields, nothing) == ({found.operation_id}, "account_hold", HOLD, None)
    assert await vault.books(DONE, "once") == 1


async def test_an_account_is_held_as_long_as_anybody_holds_it(vault: Vault) -> None:
    """Each under a reference of its own, whoever froze it by hand too. To release what is not held is refused for now."""
    account = {"account": "CHK-009"}

    async def ask(kind: str, **more: str) -> Any:
        return (await bank.operate(kind, {**account, **more}, secrets.token_hex(8))).answer

    async with vault.client() as bank:
        first = await ask("account_hold", reference="a", reason="one")
        await bank.freeze("CHK-009", "by hand")
        second = await ask("account_hold", reference="b", reason="two")
        left = [await ask("account_release", reference=reference) for reference in ("a", "b")]
        with pytest.raises(BankRefused) as nobody:
            await bank.operate("account_release", {**account, "reference": "b"}, "later")
        free = await bank.unfreeze("CHK-009")
        await ask("account_hold", reference="b", reason="again")
        tried_again = await bank.operate("account_release", {**account, "reference": "b"}, "later")

    assert [first["holds"], second["holds"], *(each["holds"] for each in left)] == [1, 3, 2, 1]
    assert (first["state"], left[1]["state"], nobody.value.code, free.frozen_because) == ("held", "held", "not-held", None)
    assert tried_again.answer["state"] == "free"


async def test_cards_are_blocked_by_number_or_by_account(vault: Vault) -> None:
    """All of an account's at once; an account without cards is no mistake, a card that is not there is one."""
    async with vault.client() as bank:
        one = await bank.operate("card_status", {"card": "CARD-002", "state": "blocked", "reason": "lost"}, "one")
        blocked = await bank.card("CARD-002")
        await bank.operate("card_status", {"card": "CARD-002", "state": "active"}, "back")
        every = await bank.operate("card_status", {"account": "CHK-010", "state": "blocked", "reason": "fraud"}, "all")
        none = await bank.operate("card_status", {"account": "CHK-007", "state": "blocked", "reason": "fraud"}, "none")
        with pytest.raises(BankRefused) as unknown:
            await bank.operate("card_status", {"card": "CARD-999", "state": "active"}, "unknown")
        cards = [*await bank.cards("CHK-002"), *await bank.cards("CHK-010")]

    assert (one.answer["cards"], blocked.state, blocked.why) == (["CARD-002"], "blocked", "lost")
    assert (every.answer["cards"], none.answer["cards"], unknown.value.code) == (["CARD-010"], [], "unknown-card")
    assert [(card.card_id, card.state, card.why) for card in cards] == [
        ("CARD-002", "active", None),
        ("CARD-010", "blocked", "fraud"),
    ]


async def test_whatever_an_operation_meets_it_is_done_once(vault: Vault) -> None:
    """The client tells what it may not know; sent again under the same key, it is done once."""
    seen, told = {}, {}
    async with vault.client() as bank:
        for fault in MET:
            mine, fields = f"met-{fault}", {**HOLD, "reference": f"met-{fault}"}
            await bank.operate("account_hold", {**HOLD, "reference": secrets.token_hex(4)}, secrets.token_hex(8))
            async with vault.client(fault) as unlucky:
                try:
                    error = None
                    await unlucky.operate("account_hold", fields, mine)
                except Exception as raised:  # noqa: BLE001  # its class is what is looked at
                    error = type(raised)
            seen[fault] = (error, await vault.books(DONE, mine))
            done = await bank.operate("account_hold", fields, mine)
            told[fault] = (done.idempotency_key, await vault.books(DONE, mine))
        async with vault.client("not_found") as blind:
            hidden = await blind.find_operation("met-slow")

    assert set(MET) == set(ORDER_FAULTS)
    assert (seen, told) == (MET, {fault: (f"met-{fault}", 1) for fault in MET})
    assert hidden is None or hidden.idempotency_key == "met-slow"


BAD: list[Any] = [
    [],
    {},
    {"kind": None},
    {"kind": ["account_hold"]},
    {"kind": "refuse"},
    {"kind": "account_hold'); DROP"},
    {"kind": "account_hold"},
    {"kind": "account_hold", **HOLD, "more": 1},
    {"kind": "account_hold", **HOLD, "account": "nope"},
    {"kind": "account_hold", **HOLD, "account": "CHK-999"},
    {"kind": "account_hold", **HOLD, "reference": ""},
    {"kind": "account_hold", **HOLD, "reference": "x" * 65},
    {"kind": "account_hold", **HOLD, "reason": ""},
    {"kind": "card_status", "state": "active"},
    {"kind": "card_status", "card": "CARD-001", "account": "CHK-001", "state": "active"},
    {"kind": "card_status", "card": "CARD-001", "state": "blocked"},
    {"kind": "card_status", "card": "CARD-001", "state": "melted"},
    {"kind": "step_up", "account": "CHK-999", "reference": "x"},
]


async def test_a_bad_operation_is_refused_with_words_and_leaves_nothing(vault: Vault) -> None:
    """422 and a sentence, 400 without a key, 404 for a key under which nothing was done; never an error of ours."""
    before = await vault.books("SELECT count(*) FROM bank.operation")
    async with vault.http() as http:
        answers = [
            await http.post("/v1/operations", json=body, headers={"Idempotency-Key": secrets.token_hex(8)}) for body in BAD
        ]
        keyless = await http.post("/v1/operations", json={"kind": "account_hold", **HOLD})
        unknown = await http.get("/v1/operations", params={"idempotency_key": "never"})
        nul = await http.get("/v1/operations", params={"idempotency_key": "a\0b"})

    assert [(body, each.text) for body, each in zip(BAD, answers, strict=True) if each.status_code != 422] == []
    assert [body for body, each in zip(BAD, answers, strict=True) if not each.json()["detail"]] == []
    assert answers[4].json()["known"] == sorted(KINDS)
    assert [keyless.status_code, unknown.status_code, nul.status_code] == [400, 404, 404]
    assert await vault.books("SELECT count(*) FROM bank.operation") == before


async def test_a_forgotten_key_does_nothing_twice(databases: Databases) -> None:
    """It is not found by key any more, and sent again it is neither done nor refused for good, as with a transfer."""
    async with databases() as database, open_vault(database, keys_kept_s=60) as vault, vault.client() as bank:
        terms = await bank.terms()
        await bank.operate("account_hold", HOLD, "old")
        async with vault.back_office() as office:
            await office.put("/clock", json={"at": (terms.now + timedelta(seconds=120)).isoformat()})
        found = await bank.find_operation("old")
        with pytest.raises(BankOutcomeUnknown):
            await bank.operate("account_hold", HOLD, "old")

        assert (found, await vault.books(DONE, "old")) == (None, 1)


async def test_every_kind_has_its_function_at_the_bank(vault: Vault) -> None:
    """A kind that is told of and cannot be done would be an error of ours."""
    missing = [kind for kind in KINDS if not await vault.books("SELECT to_regproc($1) IS NOT NULL", f"bank.do_{kind}")]

    assert missing == []
