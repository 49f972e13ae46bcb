"""A scorer: measures one side of what an account did, puts the measures on the board, and says how strange that is.

Each sits alone: it looks at the bank's books and at nothing that others put, and its score is sealed until all have spoken.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from agents.bank.client import Bank
from agents.bank.errors import BankError, BankNotFound
from agents.fraud.activity import Activity, observe
from blackboard.agent import Assignment, TryLater
from blackboard.requests import Opinion
from blackboard.values import Json

# Of 100 points: from the first on it is for somebody to ask the customer, from the second on the account is held.
ODD_FROM = 40
STRANGE_FROM = 70
# Who knows fewer transfers of an account knows its habits badly.
HABITS_KNOWN_FROM = 5

Measures = Mapping[str, int]


class Sign(NamedTuple):
    """Something that speaks for fraud, and how strongly."""

    points: int
    reason: str


class Scorer(ABC):
    """`handle` is the agent; `measure` and `weigh` are what it knows, and need neither board nor bank."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    @abstractmethod
    def measure(self, activity: Activity) -> Measures:
        """What is to be seen, in whole numbers: the facts of this scorer."""

    @abstractmethod
    def weigh(self, seen: Measures) -> Iterator[Sign]:
        """What of it speaks for fraud."""

    async def observe(self, bank: Bank, payload: Json) -> Activity:
        """What there is to look at."""
        return await observe(bank, payload)

    async def handle(self, assignment: Assignment) -> Opinion:
        """Look, put the measures on the board, say what to make of them."""
        try:
            activity = await self.observe(self._bank, assignment.payload)
        except BankNotFound:
            return Opinion(verdict="refer", reasons=["unknown_account"])
        except BankError as error:
            raise TryLater(f"bank not available: {error}") from error
        seen = self.measure(activity)
        for key, value in seen.items():
            await assignment.put(key, value, source_class="external", source=f"account:{activity.account}")
        return opinion(list(self.weigh(seen)), assignment.reads, is_sure=len(activity.earlier) >= HABITS_KNOWN_FROM)


def opinion(signs: list[Sign], reads: list[str], *, is_sure: bool) -> Opinion:
    """The points are the score, the signs are the reasons, the strongest first."""
    score = min(100, sum(sign.points for sign in signs))
    verdict = "reject" if score >= STRANGE_FROM else "refer" if score >= ODD_FROM else "approve"
    reasons = [sign.reason for sign in sorted(signs, key=lambda sign: -sign.points)] or ["nothing_unusual"]
    return Opinion(
        verdict=verdict, reasons=reasons, score=score, confidence=0.9 if is_sure else 0.6, evidence=reads, reads=reads
    )
