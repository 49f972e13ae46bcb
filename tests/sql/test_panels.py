"""A panel is asked, speaks under seal, and is counted once."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from blackboard.errors import BlackboardError, ClaimLost, Conflict, Invalid
from blackboard.replay import replay as play_again
from blackboard.requests import Failure, Opinion
from blackboard.states import TaskState
from blackboard.store import Verbs
from tests.factories import Clock, Scene
from tests.sql.flows import cancel, end, hire_boss, put, resume, shown, suspend
from tests.sql.panels import ask, count, decision, give, granted, question, sit, speak
from tests.sql.tasks import read_journal


async def refusal(told: Any) -> tuple[str, object]:
    """How a refused opinion is answered."""
    with pytest.raises(BlackboardError) as refused:
        await told
    return refused.value.code, refused.value.extra.get("reason")


async def test_two_of_three_grant_and_the_third_is_kept_as_dissent(scene: Scene) -> None:
    """The case goes where the tally sends it, with the reasons of those who were followed."""
    case = await granted(scene)
    [told] = case.decisions

    assert (case.outcome, told.outcome, told.kind) == ("granted", "approve", "tallied")
    assert (told.reasons, told.score) == (["approve_by_ann", "approve_by_ben"], 0.6667)
    assert [(d["by"], d["verdict"], d["reasons"]) for d in told.dissent] == [("cleo", "reject", ["reject_by_cleo"])]
    assert told.reads == ["sanctions.hit@1"]
    assert case.tasks[-1].decision is not None and case.tasks[-1].decision.outcome == "approve"


@pytest.mark.item("I37")
async def test_no_majority_outvotes_a_deny_rule(scene: Scene) -> None:
    """All agree, and the rules refuse."""
    case = await ask(scene, hit=True)
    await speak(scene, ann="approve", ben="approve", cleo="approve")
    await count(scene)

    assert (await end(scene, case), (await decision(scene, case)).reasons) == (("completed", "refused"), ["sanctions_hit"])


@pytest.mark.usefixtures("database")
async def test_nothing_that_was_said_is_seen_before_the_tally(scene: Scene) -> None:
    """Not in the case, not by another seat, not in the journal, refused or not; only who spoke, and a digest."""
    case = await ask(scene)
    words = "a_very_particular_word"
    ann, ben = await sit(scene, "ann"), await sit(scene, "ben")
    await give(scene, "ann", ann, "refer", reasons=[words], evidence=[words])
    for said in ({"reads": ["unknown@9"]}, {"verdict": "approve"}):
        with pytest.raises(BlackboardError):
            await give(scene, "ann" if "verdict" in said else "ben", ben, reasons=[words], **said)
    cleo = await sit(scene, "cleo")
    await scene.store.sequence_events()
    told = await scene.store.read_journal(0, 1000)
    seen = [(await shown(scene, case)).model_dump_json(), str(cleo.context), *(event.told for event in told)]
    seen.append((await scene.board.explain_case(await hire_boss(scene), case.id)).model_dump_json())

    assert [text for text in seen if words in text] == []
    assert [event.body["seat"] for event in told if event.type == "opinion.given"] == ["affordability"]


@pytest.mark.item("I37")
async def test_at_the_deadline_silence_is_no_approval(scene: Scene, clock: Clock) -> None:
    """One of three approved in time: the question lapses as the panel says, and says that it did."""
    case = await ask(scene)
    await speak(scene, ann="approve")
    ben = await sit(scene, "ben")
    await clock.pass_(599)
    await count(scene)
    before = (await question(scene, case)).state
    await clock.pass_(3001)
    late = await refusal(give(scene, "ben", ben))
    await count(scene)
    told = await decision(scene, case)

    assert (before, late[0], (await question(scene, case)).state) == ("open", "claim-lost", "lapsed")
    assert (await end(scene, case), told.kind, told.reasons) == (("completed", "refused"), "lapsed", ["no_quorum_in_time"])
    assert {task.state for task in (await shown(scene, case)).tasks} == {TaskState.DONE, TaskState.CANCELLED}


async def test_two_who_are_enough_decide_at_the_deadline(scene: Scene, clock: Clock) -> None:
    """The third need not come; what it then says is refused as counted."""
    case = await ask(scene)
    await speak(scene, ann="approve", ben="approve")
    cleo = await sit(scene, "cleo")
    await clock.pass_(3600)
    await count(scene)

    assert (await end(scene, case), (await decision(scene, case)).kind) == (("completed", "granted"), "tallied")
    assert await refusal(give(scene, "cleo", cleo)) == ("claim-lost", "tallied")
    assert [e.body["reason"] for e in await read_journal(scene, "write.refused")] == ["tallied"]


@pytest.mark.usefixtures("database")
async def test_a_seat_may_change_its_mind_until_it_is_counted(scene: Scene) -> None:
    """The last word counts, the first one is superseded; afterwards it is too late."""
    case = await ask(scene)
    ann, ben = await sit(scene, "ann"), await sit(scene, "ben")
    assert [await give(scene, "ann", ann), await give(scene, "ann", ann, "reject"), await give(scene, "ben", ben)] == [
        "given"
    ] * 3
    answered = (await question(scene, case)).answered
    await speak(scene, cleo="reject")
    await count(scene)
    told = await question(scene, case)

    assert (answered, {o.by: o.verdict for o in told.opinions}) == (2, {"ann": "reject", "ben": "approve", "cleo": "reject"})
    assert (await end(scene, case))[1] == "refused"
    assert await refusal(give(scene, "ann", ann)) == ("claim-lost", "tallied")
    assert [e.body["revision"] for e in await read_journal(scene, "opinion.given")] == [1, 2, 1, 1]


@pytest.mark.item("S11", "I35")
async def test_of_one_owner_one_opinion_counts(scene: Scene, connection: Any) -> None:
    """A second agent of the owner is not offered a seat; one that holds a seat already is told to give it back."""
    await ask(scene)
    await connection.execute("UPDATE board.agent SET owner = 'one' WHERE name IN ('ben', 'cleo')")
    ben, cleo = await sit(scene, "ben"), await sit(scene, "cleo")
    await give(scene, "ben", ben)
    refused = await refusal(give(scene, "cleo", cleo))
    await scene.store.release_unheard(scene.people["cleo"], {cleo.id: cleo.fence}, "not heard")

    assert refused == ("conflict", "owner_spoke")
    assert await scene.claim("cleo", "credit") == []


@pytest.mark.parametrize(
    ("said", "told"),
    [({"reads": ["income@1"]}, "outdated"), ({"reads": ["nothing@1"]}, "outdated")],
    ids=["a fact that changed", "a fact that never was"],
)
async def test_an_opinion_on_old_facts_is_refused(scene: Scene, said: dict[str, Any], told: str) -> None:
    """And the seat is still its holder's."""
    case = await ask(scene, income=1)
    ann = await sit(scene, "ann")
    await put(scene, case, income=2)

    assert await refusal(give(scene, "ann", ann, **said)) == ("conflict", told)
    assert await give(scene, "ann", ann, reads=["income@2"]) == "given"


@pytest.mark.item("I35")
async def test_an_opinion_whose_facts_changed_before_the_tally_is_not_counted(scene: Scene) -> None:
    """It stays beside the others, with what changed."""
    case = await ask(scene, income=1)
    ann, ben, cleo = [await sit(scene, name) for name in ("ann", "ben", "cleo")]
    await give(scene, "ann", ann, reads=["income@1"])
    await give(scene, "ben", ben)
    await put(scene, case, income=2)
    await give(scene, "cleo", cleo, "reject")
    await count(scene)
    told = await decision(scene, case)

    assert (told.outcome, told.reasons, told.basis is not None) == ("refer", ["no_quorum"], True)
    assert [o["outdated"] for o in (told.basis or {})["opinions"]] == [["income@1"], [], []]
    assert (await end(scene, case))[0] == "active"


async def test_a_tally_that_was_made_of_something_else_is_not_written(scene: Scene) -> None:
    """Of an older case, of other opinions, against the panel's word, too soon, without a reason, twice."""
    case = await ask(scene)
    seats = {name: await sit(scene, name) for name in ("ann", "ben", "cleo")}
    for name, verdict in {"ann": "approve", "ben": "reject", "cleo": "reject"}.items():
        await give(scene, name, seats[name], verdict)
    [due] = await scene.store.due_questions(10)
    right: dict[str, Any] = {
        "kind": "tallied",
        "outcome": "reject",
        "reasons": ["too_deep_in_debt"],
        "evidence": [],
        "reads": [],
    }
    right |= {"dissent": [], "basis": {}}

    async def write(
        version: int = due.version, opinions: Any = due.opinion_ids, verbs: Verbs = scene.store, **other: Any
    ) -> str:
        return await verbs.record_decision(due.model_copy(update={"version": version}), opinions, {**right, **other})

    assert await write(version=due.version - 1) == "moved"
    assert await write(opinions=due.opinion_ids[1:]) == "moved"
    assert await write(outcome="approve") == "unfounded"
    assert await write(kind="lapsed", outcome="refer") == "unfounded"
    assert await write(outcome="executed") == "unfounded"
    assert await write(reasons=["rejected"]) == "unreasoned"
    assert await write(reads=["sanctions.hit@7"]) == "outdated"
    assert await write(policy="none@1") == "moved"
    assert [await write(), await write()] == ["recorded", "tallied"]
    assert len((await shown(scene, case)).decisions) == 1


async def test_a_question_that_nobody_waits_for_is_never_counted(scene: Scene) -> None:
    """A withdrawn case keeps its opinions sealed; a suspended one is counted when it goes on."""
    gone, rests = await ask(scene), await ask(scene)
    await cancel(scene, gone)
    await speak(scene, ann="approve", ben="approve", cleo="approve")
    await suspend(scene, rests)
    await count(scene)
    before = (await question(scene, rests)).state
    await resume(scene, rests)
    await count(scene)

    assert ((await question(scene, gone)).state, before, (await question(scene, rests)).state) == (
        "withdrawn",
        "open",
        "tallied",
    )


async def test_a_seat_decides_nothing_by_itself(scene: Scene) -> None:
    """Not its holder, and not an operator who resolves it when it is stuck."""
    case = await ask(scene)
    ann = await sit(scene, "ann")
    with pytest.raises(Invalid):
        await scene.decide(ann, "approve", "ann")
    await scene.board.fail(scene.people["ann"], ann.id, Failure(fence=ann.fence, reason="no idea", retryable=False))
    with pytest.raises(Invalid):
        await scene.board.resolve_task(await hire_boss(scene), ann.id, "approve", "by hand")

    assert (await end(scene, case))[0] == "active"


async def test_an_opinion_is_for_a_seat_and_its_holder(scene: Scene) -> None:
    """A plain task takes none, another agent gives none, a lost claim gives none."""
    await scene.open()
    [plain] = await scene.claim()
    with pytest.raises(Conflict, match="no seat"):
        await give(scene, "worker", plain)
    await ask(scene)
    ben = await sit(scene, "ben")

    assert await refusal(give(scene, "cleo", ben)) == ("not-permitted", None)
    with pytest.raises(ClaimLost):
        await give(scene, "ben", replace(ben, fence=9))


@pytest.mark.usefixtures("database")
async def test_the_journal_alone_tells_how_it_came_about(scene: Scene) -> None:
    """The same again; and whoever changes a word of it is found out, even where the outcome stays the same."""
    await granted(scene)
    await scene.store.sequence_events()
    told = [(e.type, e.stage or "", e.body) for e in await scene.store.read_journal(0, 1000)]

    def changed(**other: Any) -> list[str]:
        at = next(n for n, (kind, _, _) in enumerate(told) if kind == "decision.made")
        body = {**told[at][2], **{key: value for key, value in other.items() if key != "opinion"}}
        if "opinion" in other:
            first, *rest = body["basis"]["opinions"]
            body["basis"] = {**body["basis"], "opinions": [{**first, **other["opinion"]}, *rest]}
        [again] = play_again([*told[:at], ("decision.made", "panel", body), *told[at + 1 :]])
        return again.differences

    [again] = play_again(told)
    assert (again.is_same, again.outcome, again.stage) == (True, "approve", "panel")
    assert changed(outcome="reject") == ["outcome was told as reject, and comes out as approve"]
    assert changed(opinion={"evidence": ["forged"]}) != []
    assert changed(opinion={"verdict": "reject", "salt": "00" * 32})[0].endswith("is not the one that was sealed")
    assert changed(basis={}) != []


async def test_the_story_tells_all_of_it(scene: Scene) -> None:
    """Who asked, what was known, who said what, who differed, what the rules and the quorum said, how it ended."""
    case = await granted(scene)
    story = await scene.board.explain_case(await hire_boss(scene), case.id)
    text = "\n".join(line for chapter in story.chapters for line in chapter.lines)

    assert story.answer.startswith("The case ended as granted, because: approve by ann")
    for sentence in (
        "requester asked at",
        "sanctions.hit is false",
        "cleo (credit) said reject: reject by cleo.",
        "Deny rule sanctions_hit",
        "Quorum: 2 of 3 seats approve (2 needed), 1 reject (2 needed).",
        "cleo differed: reject",
        "It rests on sanctions.hit@1.",
    ):
        assert sentence in text


def test_the_digest_is_of_bytes_that_everybody_writes_alike() -> None:
    """Members in order, no blanks, numbers in their shortest form (RFC 8785); what was not said is not there."""
    said = Opinion(verdict="approve", reasons=["ok"], confidence=0.50, score=1.0)

    assert said.canonical() == b'{"confidence":0.5,"evidence":[],"reads":[],"reasons":["ok"],"score":1,"verdict":"approve"}'


@pytest.mark.usefixtures("database")
async def test_two_who_count_at_once_write_one_decision(scene: Scene) -> None:
    """And an opinion, a withdrawal or a fact that comes at the same moment finds it counted, or is counted."""
    cases = [await ask(scene, income=1) for _ in range(4)]
    for _ in cases:
        await speak(scene, ann="approve", ben="approve")
    seats = [await sit(scene, "cleo") for _ in cases]

    async def last_word(seat: Any) -> object:
        return await give(scene, "cleo", seat, "reject")

    meet: list[Any] = [*(last_word(seat) for seat in seats), *(count(scene) for _ in range(3))]
    meet += [cancel(scene, cases[0]), put(scene, cases[1], income=2)]
    await asyncio.gather(*meet, return_exceptions=True)
    await count(scene)
    now = [await shown(scene, case) for case in cases]

    assert [len(case.decisions) for case in now[1:]] == [1, 1, 1]
    assert now[0].outcome in ("withdrawn", "granted")
    assert [case.questions[0].state for case in now[1:]] == ["tallied"] * 3
    assert len(await read_journal(scene, "decision.made")) == 3 + len(now[0].decisions)
