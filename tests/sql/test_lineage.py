"""Where facts come from, what is said of them, and what is made of what was said."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import asyncpg
import pytest

from blackboard import workflow
from blackboard.answers import CaseSummary, Fact
from blackboard.errors import Conflict, Expired, Invalid, NotFound, NotPermitted, Refused, Rewound, Stale, TooLarge
from blackboard.facts import MAX_FACT_BYTES
from blackboard.requests import Mark, NewFact
from blackboard.values import Principal
from tests.factories import Clock, Scene
from tests.sql.flows import HEAD, cancel, shown

DECLARED = """
facts:
  income: {type: number, schema: {minimum: 0}}
  age: {type: integer}
  sources: {kind: accumulating, type: string}
"""
PLAIN = "  work: {capability: first, outcomes: {done: {end: done}}}"


async def put(scene: Scene, case: CaseSummary, key: str, value: object, who: str = "worker", **more: Any) -> Fact:
    """Put one fact."""
    fact = NewFact(key=key, value=value, **more)
    return (await scene.board.put_fact(scene.people[who], case.id, fact)).value


async def mark(scene: Scene, case: CaseSummary, ref: str, what: Mark, who: str = "boss") -> str:
    """Say something of a version of a fact."""
    key, version = ref.split("@")
    return (await scene.board.mark_fact(scene.people[who], case.id, key, int(version), what, "it was looked at")).value.verdict


async def known(scene: Scene, case: CaseSummary, position: str | None = None) -> dict[str, Fact]:
    """What is known of the case."""
    page = await scene.board.show_facts(scene.people["auditor"], case.id, position=position)
    return {fact.key: fact for fact in page.facts}


async def states(scene: Scene, case: CaseSummary, position: str | None = None) -> dict[str, str]:
    """How each fact stands."""
    return {key: fact.state for key, fact in (await known(scene, case, position)).items()}


async def unfit(connection: "asyncpg.Connection[Any]", scene: Scene, case: CaseSummary, *reads: str) -> list[str]:
    """Of what was read, that which can bear no decision."""
    return list(await connection.fetchval("SELECT board.unfit_reads($1, $2, $3)", scene.tenant_id, case.id, list(reads)))


async def declare(scene: Scene, facts: str = DECLARED) -> CaseSummary:
    """A case of a workflow that declares facts."""
    await scene.load(workflow.parse(HEAD.replace("\nstages:", facts + "\nstages:") + PLAIN))
    return await scene.open("flow")


async def sequenced(scene: Scene) -> str:
    """The end of the journal, with everything in it."""
    await scene.store.sequence_events()
    return str((await scene.store.read_head()).head)


# ------------------------------------------------------------------------------------------------------------------- trust
SOURCES: list[tuple[str, dict[str, Any], int]] = [
    ("core", {"source_class": "system_of_record", "tool": "ledger"}, 3),
    ("teller", {}, 2),
    ("worker", {}, 2),
    ("worker", {"source_class": "external", "source": "a register"}, 1),
    ("worker", {"source_class": "agent", "model": "gpt", "prompt_digest": "0" * 64}, 1),
    ("core", {"source_class": "system_of_record", "model": "gpt"}, 1),
    ("requester", {}, 1),
]


async def test_a_fact_is_trusted_as_its_source(scene: Scene) -> None:
    """A model's hand in it makes it a model's word; a requester speaks for the customer."""
    await hire(scene)
    case = await scene.open()
    facts = [await put(scene, case, "income", 1, who, **source) for who, source, _ in SOURCES]

    assert [(fact.trust, fact.state) for fact in facts] == [(trust, "asserted") for _, _, trust in SOURCES]


async def test_a_fact_is_trusted_no_more_than_what_it_was_made_of(scene: Scene) -> None:
    """However far back, and whoever says so."""
    await hire(scene)
    case = await scene.open()
    await put(scene, case, "claimed", 2500, "requester")
    await put(scene, case, "booked", 2400, "core", source_class="system_of_record")
    await put(scene, case, "middle", 2450, "worker", inputs=["claimed@1", "booked@1"])
    last = await put(scene, case, "rounded", 2500, "core", source_class="system_of_record", inputs=["middle@1"])

    assert (last.trust, last.inputs) == (1, ["middle@1"])


async def test_nobody_speaks_for_whom_it_is_not(scene: Scene) -> None:
    """A model in an agent's clothes would be a system of record by its own word."""
    case = await scene.open()
    for who, source_class in (("worker", "system_of_record"), ("worker", "person"), ("requester", "agent")):
        with pytest.raises(NotPermitted, match="may not speak as"):
            await put(scene, case, "income", 1, who, source_class=source_class)

    assert (await shown(scene, case)).version == 1


async def test_a_fact_is_made_of_facts_that_are_there(scene: Scene) -> None:
    """Not of itself, nor of what comes later or belongs to another case."""
    case, other = await scene.open(), await scene.open()
    await put(scene, case, "b", 1)
    await put(scene, other, "c", 1)

    for inputs in (["a@1"], ["b@1", "a@7"], ["a@999999999"], ["c@1"], ["b@2"]):
        with pytest.raises(Invalid, match="no version of a fact"):
            await put(scene, case, "a", 1, inputs=inputs)


# ----------------------------------------------------------------------------------------------------- dispute and retraction
async def test_what_is_made_of_a_disputed_fact_is_doubtful_until_that_is_upheld(
    scene: Scene, connection: "asyncpg.Connection[Any]"
) -> None:
    """And bears no decision; nothing needs to be told of it."""
    await hire(scene)
    case = await scene.open()
    for key, inputs in (("a", []), ("b", ["a@1"]), ("c", ["b@1"]), ("d", [])):
        await put(scene, case, key, 1, inputs=inputs)
    refs = ["a@1", "b@1", "c@1", "d@1"]
    await mark(scene, case, "a@1", "disputed", "rival")
    doubted, blocked = await states(scene, case), await unfit(connection, scene, case, *refs)
    in_view = {key: (fact.state, fact.trust) for key, fact in (await shown(scene, case)).facts.items()}
    await mark(scene, case, "a@1", "upheld")

    assert doubted == {"a": "disputed", "b": "doubtful", "c": "doubtful", "d": "asserted"}
    assert blocked == ["a@1", "b@1", "c@1"]
    assert in_view == {"a": ("disputed", 0), "b": ("doubtful", 0), "c": ("doubtful", 0), "d": ("asserted", 2)}
    assert set((await states(scene, case)).values()) == {"asserted"}
    assert await unfit(connection, scene, case, *refs) == []


async def test_a_new_version_resolves_a_dispute_but_not_of_what_was_made_of_the_old(scene: Scene) -> None:
    """That is doubtful until it is made anew."""
    await hire(scene)
    case = await scene.open()
    await put(scene, case, "a", 1)
    await put(scene, case, "b", 1, inputs=["a@1"])
    await mark(scene, case, "a@1", "disputed")
    await put(scene, case, "a", 2)
    before = await states(scene, case)
    await put(scene, case, "b", 2, inputs=["a@2"])

    assert (before, await states(scene, case)) == ({"a": "asserted", "b": "doubtful"}, {"a": "asserted", "b": "asserted"})


async def test_what_was_retracted_is_not_known_and_nothing_is_made_of_it(
    scene: Scene, connection: "asyncpg.Connection[Any]"
) -> None:
    """It can still be read, with who took it back and why."""
    await hire(scene)
    case = await scene.open()
    await put(scene, case, "a", 1)
    told = [await mark(scene, case, "a@1", "retracted", "worker"), await mark(scene, case, "a@1", "retracted", "worker")]
    with pytest.raises(Invalid, match="was retracted"):
        await put(scene, case, "b", 1, inputs=["a@1"])
    with pytest.raises(Conflict, match="was retracted"):
        await mark(scene, case, "a@1", "upheld")
    fact = (await known(scene, case))["a"]

    assert (told, (await shown(scene, case)).facts) == (["retracted", "repeated"], {})
    assert (fact.state, fact.judged_by, fact.judgement, fact.trust) == ("retracted", "worker", "it was looked at", 0)
    assert await unfit(connection, scene, case, "a@1", "nothing@1") == ["a@1", "nothing@1"]


async def test_who_may_say_what_of_a_fact(scene: Scene) -> None:
    """Its author and those who review take it back; nobody upholds its own; a requester speaks of its own cases."""
    await hire(scene)
    case = await scene.open()
    await put(scene, case, "a", 1)
    await put(scene, case, "b", 1, "boss")
    for who, ref, what in [
        ("rival", "a@1", "retracted"),
        ("stranger", "a@1", "disputed"),
        ("worker", "a@1", "upheld"),
        ("auditor", "a@1", "disputed"),
        ("boss", "b@1", "upheld"),
    ]:
        with pytest.raises(NotPermitted):
            await mark(scene, case, ref, what, who)  # type: ignore[arg-type]  # a mark, as a plain word

    assert await mark(scene, case, "a@1", "disputed", "requester") == "disputed"
    assert await mark(scene, case, "a@1", "retracted", "teller") == "retracted"


async def test_nothing_is_said_of_what_is_not_there(scene: Scene) -> None:
    """No such version, no such case, a case that is over."""
    await hire(scene)
    case = await scene.open()
    await put(scene, case, "a", 1)
    with pytest.raises(NotFound, match="has no fact a@2"):
        await mark(scene, case, "a@2", "disputed")
    await cancel(scene, case)

    with pytest.raises(Conflict, match="has ended"):
        await mark(scene, case, "a@1", "disputed")


# ------------------------------------------------------------------------------------------------------------- what is declared
async def test_a_workflow_that_declares_facts_has_no_others(scene: Scene) -> None:
    """What is known is named; nothing of the request is kept."""
    case = await declare(scene)
    wrong = {"income": -1, "age": 1.5, "sources": 7, "mood": "calm"}
    for key, value in wrong.items():
        with pytest.raises(Invalid, match=rf"declares other facts: {key}"):
            await put(scene, case, key, value)

    assert (await put(scene, case, "income", 2500.5)).version == 1
    assert (await shown(scene, case)).version == 2


async def test_the_database_holds_to_what_is_declared(scene: Scene) -> None:
    """Whoever steps around the door: keys and types."""
    case = await declare(scene)
    facts = [NewFact(key="mood", value=1), NewFact(key="age", value=1.5), NewFact(key="age", value=30)]
    told = await scene.store.put_facts(scene.people["worker"], case.id, facts)

    assert [fact.verdict for fact in told] == ["unknown_key", "unfit_value", "kept"]


async def test_an_accumulating_fact_is_the_list_of_its_entries(scene: Scene, connection: "asyncpg.Connection[Any]") -> None:
    """Who read it before another one came, or was taken back, is outdated; it is trusted as the weakest."""
    await hire(scene)
    case = await declare(scene)
    await put(scene, case, "sources", "register", "core", source_class="system_of_record")
    await put(scene, case, "sources", "customer", "requester")
    both = (await known(scene, case))["sources"]
    await mark(scene, case, "sources@2", "retracted")
    left = (await known(scene, case))["sources"]

    assert (both.value, both.version, both.trust) == (["register", "customer"], 2, 1)
    assert (left.value, left.version, left.trust) == (["register"], 3, 3)
    assert await unfit(connection, scene, case, "sources@1", "sources@2", "sources@3") == ["sources@1", "sources@2"]
    assert (await shown(scene, case)).facts["sources"].value == ["register"]


async def test_a_large_value_is_refused_at_the_door_and_behind_it(scene: Scene) -> None:
    """A number of few characters may be one of many digits."""
    case = await scene.open()
    with pytest.raises(TooLarge, match="Keep it elsewhere"):
        await put(scene, case, "scan", "x" * MAX_FACT_BYTES)
    with pytest.raises(TooLarge):
        await put(scene, case, "scan", [1e300] * 1000)

    assert (await put(scene, case, "scan", "x" * (MAX_FACT_BYTES - 2))).version == 1


async def test_a_fact_put_for_another_version_is_stale(scene: Scene) -> None:
    """With the version that is there."""
    case = await scene.open()
    await put(scene, case, "a", 1, expect=0)
    with pytest.raises(Stale) as refused:
        await put(scene, case, "a", 2, expect=0)

    assert (refused.value.extra["version"], (await known(scene, case))["a"].value) == (1, 1)


# --------------------------------------------------------------------------------------------------------------- as it was then
async def test_facts_are_read_as_they_were_at_any_position(scene: Scene) -> None:
    """At each position as an observer would have written them down then, whatever was said since."""
    await hire(scene)
    case = await declare(scene, "")
    seen: dict[str, dict[str, tuple[object, str, int]]] = {}

    async def look(position: str | None = None) -> dict[str, tuple[object, str, int]]:
        return {key: (fact.value, fact.state, fact.trust) for key, fact in (await known(scene, case, position)).items()}

    steps: list[Callable[[], Awaitable[object]]] = [
        lambda: put(scene, case, "a", 1),
        lambda: put(scene, case, "b", 1, inputs=["a@1"]),
        lambda: mark(scene, case, "a@1", "disputed"),
        lambda: mark(scene, case, "a@1", "upheld"),
        lambda: put(scene, case, "a", 2),
        lambda: mark(scene, case, "a@1", "disputed"),
        lambda: mark(scene, case, "a@1", "retracted"),
    ]
    for step in steps:
        seen[await sequenced(scene)] = await look()
        await step()

    # The last step is not sequenced yet: it is later than any position.
    assert {position: await look(position) for position in seen} == seen
    assert await look(f"1.{await sequenced(scene)}") == await look()


async def test_lists_are_read_as_they_were_too(scene: Scene) -> None:
    """Before an entry was taken back it was there."""
    await hire(scene)
    case = await declare(scene)
    await put(scene, case, "sources", "register")
    then = await sequenced(scene)
    await mark(scene, case, "sources@1", "retracted")
    await put(scene, case, "sources", "customer")

    assert (await known(scene, case, then))["sources"].value == ["register"]
    assert (await known(scene, case))["sources"].value == ["customer"]


async def test_what_the_database_says_of_facts_and_what_is_said_of_them_afterwards_agree(scene: Scene) -> None:
    """Whatever was put and said: the view of a case and its facts by themselves are two ways to one answer."""
    await hire(scene)
    case = await declare(scene, "\nfacts: {a: {}, b: {}, c: {kind: accumulating}, d: {kind: accumulating}}")
    chance, refs = random.Random(7), list[str]()
    for _ in range(60):
        if refs and chance.random() < 0.4:
            with suppress(Refused):
                await mark(scene, case, chance.choice(refs), chance.choice(["disputed", "upheld", "retracted"]))
        else:
            with suppress(Refused):
                inputs = chance.sample(refs, min(len(refs), chance.randrange(3)))
                fact = await put(scene, case, chance.choice("abcd"), chance.randrange(9), inputs=inputs)
                refs.append(f"{fact.key}@{fact.version}")
    by_themselves = {key: fact for key, fact in (await known(scene, case)).items() if fact.state != "retracted"}
    in_view = (await shown(scene, case)).facts

    assert {key: fact.model_dump(exclude={"key", "withdraws"}) for key, fact in by_themselves.items()} == {
        key: fact.model_dump() for key, fact in in_view.items()
    }


async def test_a_position_that_cannot_be_is_refused(scene: Scene) -> None:
    """Later than the end, of another history, or no position."""
    case = await scene.open()
    await sequenced(scene)

    for position, error in (
        ("999", Conflict),
        ("1.999", Conflict),
        ("7.1", Rewound),
        ("x", Invalid),
        ("-1", Invalid),
        ("", Invalid),
    ):
        with pytest.raises(error):
            await known(scene, case, position)


async def test_a_position_that_is_no_longer_kept_is_refused(scene: Scene, connection: "asyncpg.Connection[Any]") -> None:
    """Nobody is told half of what was."""
    case = await scene.open()
    await sequenced(scene)
    await connection.execute("UPDATE board.journal_floor SET position = 1")

    with pytest.raises(Expired):
        await known(scene, case, "1.0")
    assert await known(scene, case, "1") == {}


async def test_a_fact_says_for_when_it_holds_beside_when_it_was_told(scene: Scene, clock: Clock) -> None:
    """Valid time and recorded time are two."""
    fact = await put(
        scene, await scene.open(), "rate", "3.1", valid_from="2020-01-01T00:00:00Z", valid_until="2020-02-01T00:00:00Z"
    )

    assert (fact.valid_from, fact.valid_until, fact.at) == (
        clock.now.replace(year=2020, hour=0),
        clock.now.replace(year=2020, month=2, hour=0),
        clock.now,
    )


async def hire(scene: Scene) -> Principal:
    """A system of record, people, and another requester."""
    for name, kind, role in (
        ("core", "service", "agent"),
        ("teller", "human", "reviewer"),
        ("stranger", "service", "requester"),
    ):
        await scene.hire(name, role=role)
        await set_kind(scene, name, kind)
    return scene.people.get("boss") or await scene.hire("boss", role="admin")


async def set_kind(scene: Scene, name: str, kind: str) -> None:
    """What kind of principal it is."""
    async with scene.admin.transaction() as verbs:
        await verbs._value(  # no verb changes an agent's kind
            "UPDATE board.agent SET kind = $2 WHERE agent_id = $1", scene.people[name].agent_id, kind
        )
