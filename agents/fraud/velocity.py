"""The velocity scorer: whether money leaves faster than it ever did."""

from collections.abc import Iterator
from datetime import timedelta

from agents.bank.client import Bank
from agents.fraud.activity import LATELY, Activity, percent
from agents.fraud.scorer import Measures, Scorer, Sign
from blackboard.agent import Handler
from blackboard.client import BoardClient


class Velocity(Scorer):
    """How often, and how much in a day against what is usual."""

    def measure(self, activity: Activity) -> Measures:
        """Counts of an hour and of a day, and the day's outflow in percent of a usual day's."""
        return {
            "sent_in_an_hour": activity.since(timedelta(hours=1)),
            "sent_in_a_day": activity.since(LATELY),
            "outflow_percent": percent(activity.outflow, activity.usual_outflow),
        }

    def weigh(self, seen: Measures) -> Iterator[Sign]:
        """Haste, and more than usual. An account without a past has no usual day."""
        if seen["sent_in_an_hour"] >= 5:
            yield Sign(50, "many_transfers_in_an_hour")
        elif seen["sent_in_an_hour"] >= 3:
            yield Sign(40, "several_transfers_in_an_hour")
        if seen["sent_in_a_day"] >= 10:
            yield Sign(30, "many_transfers_in_a_day")
        if seen["outflow_percent"] >= 1000:
            yield Sign(40, "outflow_far_above_usual")
        elif seen["outflow_percent"] >= 300:
            yield Sign(20, "outflow_above_usual")


def make(bank: Bank, _: BoardClient) -> Handler:
    """The agent at work."""
    return Velocity(bank).handle
