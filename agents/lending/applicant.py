"""The applicant agent: whether who asks for a loan is who they say, the account is theirs, and no sanctions list names them."""

from collections.abc import Iterator

from agents.bank.client import Bank
from agents.bank.errors import BankNotFound, BankUnavailable
from agents.bank.models import Account
from agents.identity import Finding, decide, is_valid_iban, screen
from agents.lending.intake import Application, read_application
from agents.names import SanctionsList
from blackboard.agent import Assignment, Handler, TryLater
from blackboard.client import BoardClient
from blackboard.requests import Decision


class Applicant:
    """`handle` is the agent; `examine` is what it knows, and needs no board."""

    def __init__(self, bank: Bank, sanctions: SanctionsList) -> None:
        self._bank = bank
        self._sanctions = sanctions

    async def handle(self, assignment: Assignment) -> Decision:
        """Look the account up, note what the list says, decide by the harshest finding."""
        application = read_application(assignment)
        try:
            account = await self._bank.account(application.to_account)
        except BankNotFound:
            return Decision(outcome="reject", reasons=["unknown_account"])
        except BankUnavailable as error:
            raise TryLater(f"bank not available: {error}", delay_s=error.wait_s) from error
        hits = [finding.reason for finding in screen(account.holder, self._sanctions)]
        source = f"account:{account.id}"
        await assignment.put("on_sanctions_list", "sanctions_hit" in hits, tool="sanctions list", source=source)
        decision = decide(list(examine(application, account, self._sanctions)), [account.id])
        return decision.model_copy(update={"reads": assignment.reads})


def examine(application: Application, account: Account, sanctions: SanctionsList) -> Iterator[Finding]:
    """Everything there is to say about who asks."""
    if application.customer_id != account.customer_id:
        yield Finding("account_of_another_customer", "reject")
    if account.state != "open":
        yield Finding("account_closed", "reject")
    if account.currency != application.currency:
        yield Finding("currency_mismatch", "reject")
    if not is_valid_iban(account.iban):
        yield Finding("account_number_invalid", "refer")
    yield from screen(account.holder, sanctions)
    yield Finding("customer_known", "approve")


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Applicant(bank, SanctionsList.load()).handle
