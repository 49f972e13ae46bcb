"""The payee scorer: whether the money goes to people, and into countries, that it never went to before."""

from collections.abc import Iterator
from decimal import Decimal

from agents.bank.client import Bank
from agents.fraud.activity import Activity, observe, percent
from agents.fraud.scorer import Measures, Scorer, Sign
from blackboard.agent import Handler
from blackboard.client import BoardClient
from blackboard.values import Json

_PAYEES_MAX = 50


class Payee(Scorer):
    """Where to, against where it used to go."""

    async def observe(self, bank: Bank, payload: Json) -> Activity:
        """With the countries of the payees; the last of them where there are very many."""
        activity = await observe(bank, payload)
        paid = dict.fromkeys(receipt.to_account for receipt in (*activity.recent, *activity.earlier))
        asked = [activity.account, *list(paid)[:_PAYEES_MAX]]
        return activity._replace(countries={each: (await bank.account(each)).iban[:2] for each in asked})

    def measure(self, activity: Activity) -> Measures:
        """How many payees of the day are new, how much of the day's money they got, and how many new countries they are in."""
        known = {receipt.to_account for receipt in activity.earlier}
        fresh = [receipt for receipt in activity.recent if receipt.to_account not in known]
        home = {activity.countries.get(account) for account in (activity.account, *known)}
        return {
            "new_payees": len({receipt.to_account for receipt in fresh}),
            "new_payee_percent": percent(sum((receipt.amount for receipt in fresh), Decimal(0)), activity.outflow),
            "new_countries": len({activity.countries.get(receipt.to_account) for receipt in fresh} - home),
        }

    def weigh(self, seen: Measures) -> Iterator[Sign]:
        """One new payee is everybody's life; several on one day, who get nearly all of it, are not."""
        if seen["new_payees"] >= 3:
            yield Sign(40, "several_new_payees")
        elif seen["new_payees"] >= 1:
            yield Sign(15, "new_payee")
        if seen["new_payee_percent"] >= 80:
            yield Sign(20, "mostly_to_new_payees")
        if seen["new_countries"] >= 1:
            yield Sign(20, "new_country")


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Payee(bank).handle
