"""The identity agent: whether the customer is known, the account theirs, and nobody on a sanctions list."""

from collections.abc import Iterator
from typing import NamedTuple

from schwifty import IBAN
from schwifty.exceptions import SchwiftyException

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.models import Account
from agents.names import SanctionsList, similarity
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.values import Json

# Below this a beneficiary's name is another name; between the two a person looks (confirmation of payee uses such bands).
NAME_DIFFERS = 60.0
NAME_MATCHES = 85.0


class Finding(NamedTuple):
    """One thing seen, and where it points: approve, refer or reject."""

    reason: str
    outcome: str


class Identity:
    """`handle` is the agent; `examine` is what it knows, and needs no board."""

    def __init__(self, bank: Bank, sanctions: SanctionsList) -> None:
        self._bank = bank
        self._sanctions = sanctions

    async def handle(self, assignment: Assignment) -> Decision:
        """Look both accounts up and decide by the harshest finding."""
        payload = assignment.payload
        try:
            source = await self._bank.account(payload["from_account"])
            target = await self._bank.account(payload["to_account"])
        except BankNotFound:
            return Decision(outcome="reject", reasons=["unknown_account"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        return decide(list(examine(payload, source, target, self._sanctions)), [source.id, target.id])


def examine(payload: Json, source: Account, target: Account, sanctions: SanctionsList) -> Iterator[Finding]:
    """Everything there is to say about who pays whom."""
    claimed = payload.get("customer_id")
    if claimed is not None and claimed != source.customer_id:
        yield Finding("account_of_another_customer", "reject")
    if source.id == target.id:
        yield Finding("same_account", "reject")
    for account in (source, target):
        if account.state != "open":
            yield Finding("account_closed", "reject")
        if not is_valid_iban(account.iban):
            yield Finding("account_number_invalid", "refer")
        yield from screen(account.holder, sanctions)
    beneficiary = payload.get("beneficiary_name")
    if beneficiary is not None:
        yield from screen(beneficiary, sanctions)
        yield _compare(beneficiary, target.holder)
    yield Finding("customer_known", "approve")


def decide(findings: list[Finding], evidence: list[str]) -> Decision:
    """The harshest finding decides; its kind are the reasons."""
    outcome = next(word for word in ("reject", "refer", "approve") if any(f.outcome == word for f in findings))
    reasons = list(dict.fromkeys(f.reason for f in findings if f.outcome == outcome))
    return Decision(outcome=outcome, reasons=reasons, evidence=[f"account:{account}" for account in evidence])


def is_valid_iban(text: str) -> bool:
    """Country format and check digits. An unknown bank code is no fault: the library's bank list is a snapshot."""
    try:
        IBAN(text)
    except SchwiftyException:
        return False
    return True


def screen(name: str, sanctions: SanctionsList) -> Iterator[Finding]:
    """What the sanctions list says of a name."""
    hit = sanctions.find(name)
    if hit is not None:
        certain = hit.similarity >= sanctions.reject
        yield Finding("sanctions_hit", "reject") if certain else Finding("sanctions_possible", "refer")


def _compare(given: str, holder: str) -> Finding:
    alike = similarity(given, holder)
    if alike >= NAME_MATCHES:
        return Finding("beneficiary_name_matches", "approve")
    if alike >= NAME_DIFFERS:
        return Finding("beneficiary_name_similar", "refer")
    return Finding("beneficiary_name_differs", "reject")


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Identity(bank, SanctionsList.load()).handle
