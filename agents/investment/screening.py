"""The kyc-screening agent: does a sanctions list name the client, or who owns it? What follows from that the policy says."""

from typing import NamedTuple

from agents.bank.client import Bank
from agents.bank.screening import Entity, EntityType
from agents.finding import found
from agents.investment.patience import patience
from agents.investment.tool_log import note
from blackboard.agent import Assignment, Handler
from blackboard.client import BoardClient
from blackboard.requests import Decision

# From here on a person looks, and from there on nobody needs to: the bands of the bank's own list.
POSSIBLE = 0.84
CERTAIN = 0.95


class Name(NamedTuple):
    """Somebody to be looked for."""

    name: str
    kind: EntityType


class Screening:
    """`handle` is the agent."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank

    async def handle(self, assignment: Assignment) -> Decision:
        """Search for every name, keep what was found and how sure it is."""
        hits = [hit for name in names(assignment) for hit in await self._search(assignment, name)]
        found = verdict(hits)
        told = [hit.model_dump(mode="json", by_alias=True, exclude_none=True) for hit in hits]
        await assignment.put("hits", told, source_class="external", source="sanctions search")
        await assignment.put("sanctions", found, inputs=[f"hits@{_version(assignment, 'hits')}"])
        reasons = {"none": "no_hit", "possible": "sanctions_possible", "certain": "sanctions_certain"}
        return Decision(outcome="screened", reasons=[reasons[found]], confidence=0.95, reads=assignment.reads)

    async def _search(self, assignment: Assignment, name: Name) -> list[Entity]:
        with patience():
            hits = await self._bank.search_sanctions(name.name, name.kind, least=POSSIBLE)
        await note(assignment, "sanctions search", name._asdict(), [[hit.source_id, hit.match] for hit in hits])
        return hits


def names(assignment: Assignment) -> list[Name]:
    """The client; of a company its owners too. An owner may be a company itself, so it is looked for as both."""
    payload = assignment.payload
    client = Name(payload["name"], "person" if payload["kind"] == "person" else "business")
    owners = found(assignment, "owners") if "owners" in assignment.facts else []
    kinds: tuple[EntityType, ...] = ("person", "business")
    return [client, *(Name(owner["name"], kind) for owner in owners for kind in kinds)]


def verdict(hits: list[Entity]) -> str:
    """By the most certain of them."""
    if not hits:
        return "none"
    return "certain" if max(hit.match for hit in hits) >= CERTAIN else "possible"


def _version(assignment: Assignment, key: str) -> str:
    return next(read.partition("@")[2] for read in assignment.reads if read.partition("@")[0] == key)


def make(bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return Screening(bank).handle
