"""The active version of a policy, as an agent has it."""

import pytest

from agents.risk import POLICY
from blackboard import policy
from blackboard.errors import NotFound, Unavailable
from blackboard.handler import TryLater
from blackboard.reports import PolicyText
from blackboard.rulebook import Rulebook
from tests.factories import NOON, POLICIES

DOCUMENT = policy.load(POLICIES / "transfer_risk.yaml")
CALM = {"amount": 25_000, "available": 500_000, "count_1h": 0, "known_payee": True}
TEXT = PolicyText.model_validate(
    {
        "name": POLICY,
        "version": 3,
        "state": "active",
        "title": "",
        "digest": policy.digest(DOCUMENT).hex(),
        "author": "a",
        "author_owner": "a",
        "activator": "b",
        "activator_owner": "b",
        "drafted_at": NOON,
        "activated_at": NOON,
        "retired_at": None,
        "body": DOCUMENT,
    }
)


class Shelf:
    """Where policies are; asked, it gives what lies there or fails as told."""

    def __init__(self, *given: PolicyText | Exception) -> None:
        self.given = list(given)
        self.asked = 0

    async def show_policy(self, name: str, version: int | None = None, *, known: PolicyText | None = None) -> PolicyText:
        """The next that was given, the last one from then on."""
        assert (name, version) == (POLICY, None)
        self.asked += 1
        found = self.given.pop(0) if len(self.given) > 1 else self.given[0]
        if isinstance(found, Exception):
            raise found
        return known if known == found else found


async def test_what_is_active_judges_and_is_named() -> None:
    """It is not asked for again within seconds."""
    shelf = Shelf(TEXT)
    rules = Rulebook(shelf, POLICY)
    said = [await rules.judge(CALM) for _ in range(3)]

    assert ({(each.outcome, each.policy) for each in said}, shelf.asked) == ({("approve", "transfer_risk@3")}, 1)


async def test_another_version_judges_when_it_is_seen() -> None:
    """The next time that the board is asked."""
    rules = Rulebook(Shelf(TEXT, TEXT, TEXT.model_copy(update={"version": 4})), POLICY, fresh_s=0)

    assert [(await rules.judge(CALM)).policy for _ in range(3)] == [f"transfer_risk@{n}" for n in (3, 3, 4)]


@pytest.mark.parametrize(
    "found", [NotFound("none is active"), Unavailable("the board is away"), TEXT.model_copy(update={"digest": "00"})]
)
async def test_without_an_active_version_nothing_is_judged(found: PolicyText | Exception) -> None:
    """The task is tried again later, whatever was active before."""
    rules = Rulebook(Shelf(TEXT, found), POLICY, fresh_s=0)
    await rules.judge(CALM)

    with pytest.raises(TryLater):
        await rules.judge(CALM)
