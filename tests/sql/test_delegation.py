"""Who acts for somebody is that person in every duty, until the end and for what was done meanwhile."""

from typing import Any

import pytest

from blackboard.answers import CaseSummary
from blackboard.errors import BlackboardError, Conflict, DutyClash, Invalid, NotFound, NotPermitted
from tests.factories import NOON, Clock, Scene
from tests.sql import panels
from tests.sql.duties import decide, delegate, hire, hire_all, open_by, put
from tests.sql.flows import shown
from tests.sql.tasks import read_journal, task_of

HOUR = 3600


@pytest.fixture(autouse=True)
async def people(scene: Scene, clock: Clock) -> None:
    """Alice with two keys, Bob, Carol and Dora, and work for them, at noon."""
    assert clock.now.hour == 12
    await hire_all(scene)


async def to_check(scene: Scene, maker: str = "alice") -> CaseSummary:
    """A case that waits for its check; Dora has given her opinion."""
    case = await open_by(scene, maker)
    await decide(scene, "dora", "look")
    return case


@pytest.mark.item("S20", "I36")
async def test_a_delegate_is_who_he_acts_for(scene: Scene) -> None:
    """What Alice opened neither Bob checks, who acts for her, nor Carol, who acts for him; nor the other way round."""
    await delegate(scene, "alice", "bob")
    await delegate(scene, "bob", "carol")
    await hire(scene, "erin")
    await to_check(scene, "alice")
    await to_check(scene, "carol")

    assert [len(await scene.claim(who, "check", limit=9)) for who in ("alice", "bob", "carol", "erin")] == [0, 0, 0, 2]


async def test_what_was_done_meanwhile_stays_one_persons(scene: Scene, clock: Clock) -> None:
    """A case that was opened under a delegation; one that nobody touched under it is free again when it ends."""
    before = await to_check(scene)
    await clock.pass_(1)
    made = await delegate(scene, "alice", "bob")
    meanwhile = await to_check(scene)
    assert await scene.claim("bob", "check", limit=9) == []
    await clock.pass_(1)
    await scene.board.end_delegation(scene.people["bob"], made.id, "she is back")

    assert [task.case_id for task in await scene.claim("bob", "check", limit=9)] == [before.id]
    assert [task.case_id for task in await scene.claim("carol", "check", limit=9)] == [meanwhile.id]


async def test_a_delegation_ends_by_the_clock(scene: Scene, clock: Clock) -> None:
    """At its moment, with nobody doing anything."""
    await to_check(scene)
    await clock.pass_(1)
    await delegate(scene, "alice", "bob", hours=1)
    await clock.pass_(HOUR - 2)
    assert await scene.claim("bob", "check") == []
    await clock.pass_(1)

    assert len(await scene.claim("bob", "check")) == 1
    assert await scene.board.list_delegations(scene.people["auditor"]) == []


async def test_who_has_something_made_for_him_has_delegated_there(scene: Scene) -> None:
    """Bob edits for Alice: both are kept from the check, and it is noted why."""
    await delegate(scene, "alice", "bob")
    case = await to_check(scene, "carol")
    await put(scene, "bob", case, "income")

    told = (await shown(scene, case)).duties
    assert {(d.duty, d.agent) for d in told} == {
        ("maker", "carol"),
        ("opinion", "dora"),
        ("maker", "bob"),
        ("delegator", "alice"),
    }
    assert [len(await scene.claim(who, "check")) for who in ("alice", "alices-agent", "bob")] == [0, 0, 0]


async def test_a_delegate_does_what_the_delegator_may(scene: Scene, clock: Clock) -> None:
    """Of the capability named and no other, while it lasts; and it is told to nobody else."""
    await scene.hire("helper", owner="helper", kind="human", role="reviewer")
    case = await to_check(scene)
    with pytest.raises(NotPermitted):
        await scene.claim("helper", "check")
    await delegate(scene, "carol", "helper", capability="check")
    with pytest.raises(NotPermitted):
        await scene.claim("helper", "act")
    [task] = await scene.claim("helper", "check")
    await scene.decide(task, "again", "helper")

    why = await scene.board.explain_task(scene.people["auditor"], await task_of(scene, case))
    assert {each.agent: each.may_claim for each in why.agents}["helper"]
    await scene.board.set_agent_state(scene.people["alice"], "carol", "suspended", "a leak")
    with pytest.raises(NotPermitted):
        await scene.claim("helper", "check")
    await scene.board.set_agent_state(scene.people["alice"], "carol", "active", "it was none")
    await clock.pass_(HOUR)
    with pytest.raises(NotPermitted):
        await scene.claim("helper", "check")


NO_DELEGATION: list[tuple[str, str, dict[str, Any], type[BlackboardError]]] = [
    ("bob", "nobody", {}, NotFound),
    ("bob", "carol", {"from": "nobody"}, NotFound),
    ("bob", "bob", {}, Invalid),
    ("bob", "carol", {"capability": "fly"}, Invalid),
    ("bob", "carol", {"until": NOON}, Invalid),
    ("bob", "worker", {"capability": "check"}, Invalid),
    ("worker", "bob", {"from": "carol"}, NotPermitted),
    ("auditor", "bob", {}, NotPermitted),
]


async def test_what_cannot_be_delegated(scene: Scene) -> None:
    """Unknown people, oneself, what one has not, into the past, a person's work to a machine, another's work."""
    for who, to, more, refused in NO_DELEGATION:
        with pytest.raises(refused):
            await delegate(scene, who, to, **more)

    assert await scene.board.list_delegations(scene.people["auditor"]) == []


async def test_only_those_concerned_end_a_delegation(scene: Scene) -> None:
    """Once; the journal has beginning and end with who and why."""
    made = await delegate(scene, "worker", "bob")
    for who, refused in (("rival", NotPermitted), ("worker", None), ("bob", Conflict)):
        if refused is None:
            await scene.board.end_delegation(scene.people[who], made.id, "back")
        else:
            with pytest.raises(refused):
                await scene.board.end_delegation(scene.people[who], made.id, "back")

    told = await read_journal(scene, "delegation.made") + await read_journal(scene, "delegation.ended")
    assert [(event.type, event.actor, event.body["reason"]) for event in told] == [
        ("delegation.made", "worker", "holidays"),
        ("delegation.ended", "worker", "back"),
    ]


async def test_a_delegate_cannot_decide_what_came_to_be_his_own(scene: Scene) -> None:
    """The delegation began after the claim."""
    await to_check(scene)
    [task] = await scene.claim("carol", "check")
    await delegate(scene, "carol", "alice")

    with pytest.raises(DutyClash, match="alice opened this case"):
        await scene.decide(task, "approve", "carol")


async def test_a_delegate_and_who_he_acts_for_have_one_opinion(scene: Scene) -> None:
    """On a panel they are one voice: the second is not offered a seat."""
    await panels.ask(scene)
    await delegate(scene, "cleo", "ben")
    await panels.speak(scene, ben="approve")

    assert await scene.claim("cleo", "credit") == []
