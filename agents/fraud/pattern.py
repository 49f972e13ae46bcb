"""The pattern scorer: whether the amounts look like this customer's, or like somebody who takes what he can get."""

from collections.abc import Iterator
from decimal import Decimal

from agents.bank.client import Bank
from agents.fraud.activity import Activity, percent
from agents.fraud.scorer import Measures, Scorer, Sign
from blackboard.agent import Handler
from blackboard.client import BoardClient

_ROUND = Decimal(100)


class Pattern(Scorer):
    """How much, against what was there and what is usual."""

    def measure(self, activity: Activity) -> Measures:
        """How much of the account left in a day, the largest amount in percent of a usual one, and how many are round."""
        # What is about to leave is still there.
        was_there = activity.available + activity.outflow - activity.pending
        return {
            "emptied_percent": min(100, percent(activity.outflow, was_there)),
            "largest_percent": percent(max(activity.amounts, default=Decimal(0)), activity.usual_amount),
            "round_amounts": sum(amount % _ROUND == 0 for amount in activity.amounts),
        }

    def weigh(self, seen: Measures) -> Iterator[Sign]:
        """An account that is emptied speaks loudest."""
        if seen["emptied_percent"] >= 80:
            yield Sign(60, "account_emptied")
        elif seen["emptied_percent"] >= 50:
            yield Sign(40, "half_the_account_gone")
        if seen["largest_percent"] >= 500:
            yield Sign(30, "amount_far_above_usual")
        if seen["round_amounts"] >= 3:
            yield Sign(20, "round_amounts")


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Pattern(bank).handle
