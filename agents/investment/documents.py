"""The kyc-documents agent: is every paper there that this kind of client needs, and valid? What lacks is waited for."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from agents.bank.client import Bank
from agents.investment.papers import Requirements, age, gathered
from blackboard.agent import Assignment, Handler, NeedFact
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.values import Json

AGE_LEAST = 18
# Who owns so much of a company, in percent, is looked at like the company itself (31 CFR 1010.230(d): 25 percent or more).
OWNER_LEAST = 25


def this_day() -> date:
    """By the clock of the machine, in UTC."""
    return datetime.now(UTC).date()


class Documents:
    """`handle` is the agent."""

    def __init__(self, requirements: Requirements, today: Callable[[], date] = this_day) -> None:
        self._requirements = requirements
        self._today = today

    async def handle(self, assignment: Assignment) -> Decision:
        """Papers first, then who the client is; where something lacks, the case waits for it."""
        payload, today = assignment.payload, self._today()
        later = {key: assignment.facts[key].value for key in assignment.facts if key.startswith("document_")}
        papers = gathered(payload["documents"], later)
        for lack in self._requirements.lacks(payload["kind"], payload["country"], papers, today):
            raise NeedFact(f"document_{lack.kind}", lack.why)
        await assignment.put("papers", papers, inputs=assignment.reads, tool="papers")
        risk = self._requirements.country_risk(payload["country"])
        if payload["kind"] == "company":
            return await self._company(assignment, risk)
        return await self._person(assignment, risk, today)

    async def _person(self, assignment: Assignment, risk: str, today: date) -> Decision:
        years = age(_birth(assignment, today), today)
        await assignment.put("risk", {"countries": [risk], "age_years": years, "owners": 0, "undisclosed_percent": 0})
        if years < AGE_LEAST:
            return Decision(outcome="reject", reasons=["under_age"], confidence=1.0, reads=assignment.reads)
        return Decision(outcome="approve", reasons=["papers_complete"], confidence=0.9, reads=assignment.reads)

    async def _company(self, assignment: Assignment, risk: str) -> Decision:
        """Whoever owns enough of it is named, or the company says that nobody does, with an empty list."""
        named = _told(assignment, "beneficial_owners")
        if named is None:
            raise NeedFact("beneficial_owners", f"Who owns {OWNER_LEAST} percent or more? An empty list says that nobody does.")
        percents = [Decimal(owner["percent"]) for owner in named]
        if sum(percents) > 100:
            raise NeedFact("beneficial_owners", f"The owners named have {sum(percents)} percent together.")
        owners = [owner for owner, percent in zip(named, percents, strict=True) if percent >= OWNER_LEAST]
        await assignment.put("owners", owners, inputs=assignment.reads)
        countries = [risk, *(self._requirements.country_risk(owner["country"]) for owner in owners if "country" in owner)]
        about: Json = {"countries": countries, "age_years": 0, "owners": len(owners)}
        await assignment.put("risk", about | {"undisclosed_percent": int(100 - sum(percents))})
        return Decision(outcome="approve", reasons=["papers_complete"], confidence=0.9, reads=assignment.reads)


def _told(assignment: Assignment, key: str) -> Any:
    """What was said last: as a fact, else with the request."""
    return assignment.facts[key].value if key in assignment.facts else assignment.payload.get(key)


def _birth(assignment: Assignment, today: date) -> date:
    told = _told(assignment, "birth_date")
    if told is None:
        raise NeedFact("birth_date", "When was the client born?")
    try:
        born = date.fromisoformat(str(told))
    except ValueError:
        raise NeedFact("birth_date", f"{told} is not a day of any calendar.") from None
    if not 0 <= age(born, today) <= 150:
        raise NeedFact("birth_date", f"Nobody was born on {told} who could ask now.")
    return born


def make(_bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Documents(Requirements.load()).handle
