"""What people decide: who may, on what, by when, and what becomes of it otherwise."""

import hashlib
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import rfc8785
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blackboard.business_calendar import DAY_S, Calendar, due
from blackboard.errors import ClaimLost, Conflict, Invalid, NotFound, NotPermitted
from blackboard.requests import (
    ClaimRequest,
    FencedDecision,
    Forwarding,
    NewAction,
    NewFact,
    Question,
    Raising,
    Release,
    ReviewDecision,
)
from tests.factories import NOON, Clock, Scene
from tests.sql.flows import end, put, shown
from tests.sql.reviews import TERMS, begin, decide, look, queue_of, take
from tests.sql.tasks import read_journal, reasons_of


@pytest.mark.item("S28")
async def test_a_person_decides_what_was_shown(scene: Scene) -> None:
    """The digest is that of the canonical bytes of the screen, and stays with the decision."""
    case, task = await begin(scene)
    await put(scene, case, income=2500)
    seen = await look(scene, task)
    warnings = await decide(scene, task)
    decision = (await shown(scene, case)).tasks[0].decision

    assert seen.shown == hashlib.sha256(rfc8785.dumps(seen.screen)).hexdigest()
    assert (seen.screen["payload"], seen.screen["facts"]["income"]["value"]) == ({"customer": "C-1"}, 2500)
    assert decision is not None
    assert (decision.outcome, decision.by, decision.shown, decision.reads) == ("approve", "vera", seen.shown, ["income@1"])
    assert (warnings, (await shown(scene, case)).stage) == ([], "act")


@pytest.mark.item("S28")
async def test_what_changed_since_it_was_shown_is_not_decided(scene: Scene) -> None:
    """A fact, or an action: 409, nothing is done, and after another look it can be."""
    case, task = await begin(scene)
    old = (await look(scene, task)).shown
    await put(scene, case, income=2500)

    with pytest.raises(Conflict, match="Look at the review again") as refused:
        await decide(scene, task, shown=old)
    assert refused.value.extra["reason"] == "changed"
    assert [event.body["reason"] for event in await read_journal(scene, "write.refused")] == ["changed"]
    assert (await shown(scene, case)).stage == "check"
    await decide(scene, task)
    assert (await shown(scene, case)).stage == "act"


@pytest.mark.item("S28")
async def test_nobody_decides_what_another_was_shown_or_nobody_was(scene: Scene) -> None:
    """Nor without naming anything."""
    _, task = await begin(scene)
    seen = await look(scene, task, "paul")
    for digest in (seen.shown, "0" * 64):
        with pytest.raises(Conflict, match="Look at the review first"):
            await decide(scene, task, shown=digest)
    claim = await take(scene, task)
    plain = FencedDecision(fence=claim.fence, outcome="approve", reasons=["ok"])
    with pytest.raises(Conflict, match="Look at the review first"):
        await scene.board.decide(scene.people["vera"], task, plain)


async def test_the_screen_has_the_text_of_the_rules(scene: Scene) -> None:
    """Of each policy by which something was decided, in the version that was in force."""
    author = await scene.hire("author", role="admin")
    case, task = await begin(scene)
    await scene.store.save_policy(author, "limits", {"name": "limits", "tables": []}, bytes(32), "for a test")
    claim = await take(scene, task)
    decision = FencedDecision(fence=claim.fence, outcome="again", reasons=["unsure"], shown=(await look(scene, task)).shown)
    await scene.board.decide(scene.people["vera"], task, decision)
    second = (await shown(scene, case)).tasks[-1].id
    assert (await look(scene, second)).screen["policies"] == {}
    await scene.admin._value('UPDATE board.task SET decision = decision || \'{"policy": "limits@1"}\' WHERE task_id = $1', task)

    assert (await look(scene, second)).screen["policies"]["limits@1"]["name"] == "limits"


@pytest.mark.item("S28")
async def test_an_action_that_is_written_down_changes_what_is_shown(scene: Scene) -> None:
    """Its bytes and digest are on the screen."""
    case, task = await begin(scene, TERMS + ", shows: [actions]")
    before = await look(scene, task)
    await put(scene, case, income=1)
    same = await look(scene, task)
    claim = await take(scene, task)
    await scene.board.record_action(
        scene.people["vera"], task, NewAction(fence=claim.fence, kind="pay", payload={"amount": "5.00"})
    )
    after = await look(scene, task)

    assert (same.shown == before.shown, after.shown == before.shown) == (True, False)
    assert after.screen["actions"][0]["payload"] == {"amount": "5.00"}


async def test_a_machine_neither_sees_nor_takes_nor_decides_a_review(
    scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Whatever its capabilities."""
    _, task = await begin(scene)
    claimed = await scene.board.claim(scene.people["robot"], ClaimRequest(capabilities=["desk"]))
    assert claimed.value.tasks == []
    with pytest.raises(NotPermitted, match="only people decide"):
        await take(scene, task, "robot")
    claim = await take(scene, task)
    await connection.execute("UPDATE board.agent SET kind = 'agent' WHERE name = 'vera'")
    decision = FencedDecision(fence=claim.fence, outcome="approve", reasons=["ok"], shown=(await look(scene, task)).shown)
    with pytest.raises(NotPermitted, match="Only people"):
        await scene.board.decide(scene.people["vera"], task, decision)


async def test_who_may_is_offered_it_and_who_is_excluded_never_sees_it(scene: Scene) -> None:
    """By list, by claim and by claim of the next one; `why` says so."""
    _, task = await begin(scene)
    assert [await queue_of(scene, name) for name in ("vera", "karl", "dina", "robot")] == [[task], [], [], []]
    for name, why in (("karl", "excluded"), ("dina", "for desk")):
        with pytest.raises(NotPermitted, match=why):
            await take(scene, task, name)
    assert (await scene.board.claim(scene.people["karl"], ClaimRequest(capabilities=["desk"]))).value.tasks == []
    told = await scene.board.explain_task(scene.people["auditor"], task)
    assert told.answer == "It waits for a person: paul, vera may take it."
    assert {c.agent: c.excluded_by for c in told.agents} == {
        "vera": None,
        "paul": None,
        "karl": "excluded from this review",
        "robot": "only people decide a review",
    }
    [next_one] = (await scene.board.claim(scene.people["paul"], ClaimRequest(capabilities=["desk"]))).value.tasks
    assert (next_one.id, await queue_of(scene, "paul", "mine"), await queue_of(scene, "vera")) == (task, [task], [])


async def test_owners_may_be_named_one_by_one(scene: Scene) -> None:
    """A person, or a group beside the stage's own."""
    _, task = await begin(scene, "owners: [paul, seniors]")

    assert [await queue_of(scene, name) for name in ("vera", "paul", "dina")] == [[], [task], [task]]


async def test_a_claim_of_a_review_is_one_for_a_working_day_and_is_repeated(scene: Scene, clock: Clock) -> None:
    """Eight hours, no heartbeats; another person is told who has it; given back it is offered again."""
    _, task = await begin(scene, "due_in_s: 90000")
    claim = await take(scene, task)
    await clock.pass_(7 * 3600)
    await scene.store.expire_leases(10)

    assert (claim.deadline_at - NOON, await take(scene, task)) == (timedelta(hours=8), claim)
    with pytest.raises(Conflict, match="vera has this review"):
        await take(scene, task, "paul")
    await scene.board.release(scene.people["vera"], task, Release(fence=claim.fence))
    assert (await take(scene, task, "paul")).fence == claim.fence + 1


@pytest.mark.item("I37")
async def test_a_review_that_nobody_decides_is_timed_out(scene: Scene, clock: Clock) -> None:
    """Also while somebody holds it: its case is closed as not approved, and a late decision is refused."""
    case, task = await begin(scene)
    claim = await take(scene, task)
    seen = await look(scene, task)
    await clock.pass_(601)

    assert [await scene.store.time_out_reviews(10) for _ in range(2)] == [1, 0]
    assert await end(scene, case) == ("completed", "timed_out")
    [event] = await read_journal(scene, "review.timed_out")
    assert (event.body["holder"], event.actor) == ("vera", "board")
    task_now = (await shown(scene, case)).tasks[0]
    assert task_now.decision is not None
    assert (task_now.state, task_now.decision.outcome, task_now.decision.by, task_now.fence) == (
        "done",
        "timed_out",
        "board",
        1,
    )
    late = ReviewDecision(fence=claim.fence, outcome="approve", reasons=["ok"], shown=seen.shown)
    with pytest.raises(ClaimLost):
        await scene.board.decide_review(scene.people["vera"], task, late)


async def test_the_time_of_a_review_does_not_run_out_for_a_suspended_case(scene: Scene, clock: Clock) -> None:
    """Nor twice; a withdrawn one has none."""
    case, _ = await begin(scene)
    other, _ = await begin(scene)
    boss = await scene.hire("boss", role="admin")
    await scene.board.suspend_case(boss, case.id, "a look")
    await scene.board.cancel_case(boss, other.id, "no longer")
    await clock.pass_(700)
    assert (await scene.store.time_out_reviews(10), (await end(scene, case))[0]) == (0, "suspended")
    await scene.board.resume_case(boss, case.id, "fine")

    assert (await scene.store.time_out_reviews(10), await end(scene, case)) == (1, ("completed", "timed_out"))


async def test_only_the_board_says_timed_out(scene: Scene) -> None:
    """A person who says so is told that there is no such outcome."""
    _, task = await begin(scene)
    with pytest.raises(Invalid, match="no such outcome"):
        await decide(scene, task, "timed_out")


async def test_forwarding_offers_it_to_the_one_named(scene: Scene) -> None:
    """To nobody else; not to a machine, to nobody, or to who is excluded."""
    _, task = await begin(scene)
    claim = await take(scene, task)
    vera = scene.people["vera"]
    for nobody in ("robot", "nobody", "karl", "vera", "first"):
        with pytest.raises(Invalid, match="nobody of that name"):
            await scene.board.forward_review(vera, task, Forwarding(fence=claim.fence, to=nobody, reason="my cousin"))
    told = await scene.board.forward_review(vera, task, Forwarding(fence=claim.fence, to="dina", reason="my cousin"))

    assert told.value.verdict == "forwarded"
    assert [await queue_of(scene, name) for name in ("vera", "paul", "dina")] == [[], [], [task]]
    with pytest.raises(ClaimLost):
        await scene.board.forward_review(vera, task, Forwarding(fence=claim.fence, to="dina", reason="again"))
    await decide(scene, task, who="dina")


async def test_escalating_raises_it_once(scene: Scene) -> None:
    """To those whom the stage names, more urgent; where it names nobody it is refused."""
    case, task = await begin(scene)
    claim = await take(scene, task)
    await scene.board.escalate_review(scene.people["vera"], task, Raising(fence=claim.fence, reason="large"))
    assert [await queue_of(scene, name) for name in ("vera", "dina")] == [[], [task]]
    assert (await shown(scene, case)).tasks[0].priority == 2
    claim = await take(scene, task, "dina")
    with pytest.raises(Conflict, match="nobody to escalate"):
        await scene.board.escalate_review(scene.people["dina"], task, Raising(fence=claim.fence, reason="large"))
    _, lone = await begin(scene, "owners: [vera]")
    claim = await take(scene, lone)
    with pytest.raises(Conflict, match="nobody to escalate"):
        await scene.board.escalate_review(scene.people["vera"], lone, Raising(fence=claim.fence, reason="large"))


async def test_an_answer_comes_back_to_who_asked(scene: Scene) -> None:
    """The review waits for the fact; it is then offered to that person alone, once, with the answer on its screen."""
    case, task = await begin(scene)
    claim = await take(scene, task)
    ask = Question(fence=claim.fence, fact="invoice", question="Which invoice is it?", to="first")
    await scene.board.ask_review(scene.people["vera"], task, ask)
    assert await reasons_of(scene, task) == [("input", "invoice")]
    assert ([await queue_of(scene, name) for name in ("vera", "paul")], await queue_of(scene, "paul", "all")) == (
        [[], []],
        [task],
    )
    waiting = (await look(scene, task)).review.question
    assert waiting is not None
    assert (waiting.needs, waiting.question, waiting.by, waiting.to) == ("invoice", "Which invoice is it?", "vera", "first")
    await put(scene, case, invoice="R-17")
    assert [await queue_of(scene, name) for name in ("vera", "paul")] == [[task], []]
    again = await take(scene, task)
    assert (await look(scene, task)).screen["facts"]["invoice"]["value"] == "R-17"
    await scene.board.release(scene.people["vera"], task, Release(fence=again.fence))

    assert await queue_of(scene, "paul") == [task]


async def test_an_answer_that_overtakes_the_question_counts(scene: Scene) -> None:
    """It was put between the claim and the question."""
    case, task = await begin(scene)
    claim = await take(scene, task)
    await put(scene, case, invoice="R-17")
    ask = Question(fence=claim.fence, fact="invoice", question="Which?")
    await scene.board.ask_review(scene.people["vera"], task, ask)

    assert await queue_of(scene, "vera") == [task]


async def test_who_decides_too_much_too_fast_or_always_the_same_is_warned(scene: Scene, clock: Clock) -> None:
    """In the answer and in the journal; every decision stands."""
    terms = "warn_per_hour: 2, warn_streak: 3, warn_under_s: 5"
    told = []
    for outcome, looked_s in (("approve", 60), ("approve", 1), ("approve", 60), ("reject", 60)):
        _, task = await begin(scene, terms)
        await look(scene, task)
        await clock.pass_(looked_s)
        told.append(await decide(scene, task, outcome))
    await clock.pass_(4000)
    _, task = await begin(scene, terms)
    await look(scene, task)
    await clock.pass_(60)
    told.append(await decide(scene, task))
    queue = await scene.board.list_reviews(scene.people["vera"], whose="queue")

    assert told == [[], ["haste"], ["velocity", "streak"], ["velocity"], []]
    assert [event.body["warnings"] for event in await read_journal(scene, "review.warned")] == told[1:4]
    assert (queue.decided_in_hour, queue.warned_in_hour) == (1, 0)


async def test_reviews_are_listed_by_due_time(scene: Scene, clock: Clock) -> None:
    """And claimed in that order; one that is late says so."""
    _, later = await begin(scene, "due_in_s: 900")
    _, sooner = await begin(scene, "due_in_s: 300")
    _, never = await begin(scene, "")
    await clock.pass_(301)
    listed = (await scene.board.list_reviews(scene.people["vera"], whose="queue")).reviews
    claimed = await scene.board.claim(scene.people["vera"], ClaimRequest(capabilities=["desk"], limit=3))

    assert [(each.task_id, each.is_overdue) for each in listed] == [(sooner, True), (later, False), (never, False)]
    assert [task.id for task in claimed.value.tasks] == [sooner, later, never]
    assert len((await scene.board.list_reviews(scene.people["vera"], whose="mine", limit=2)).reviews) == 2


async def test_a_hold_keeps_people_from_a_review_too(scene: Scene) -> None:
    """Until it is lifted."""
    _, task = await begin(scene)
    boss = await scene.hire("boss", role="admin")
    for kind, name in (("capability", "desk"), ("workflow", "reviews")):
        await scene.board.place_hold(boss, kind, name, "audit")
        with pytest.raises(Conflict, match=f"{kind}.{name}"):
            await take(scene, task)
        await scene.board.lift_hold(boss, kind, name, "done")

    assert (await take(scene, task)).fence == 1


async def test_what_is_no_review_has_no_screen(scene: Scene) -> None:
    """404; and its holder cannot forward it."""
    await scene.open()
    [task] = await scene.claim()
    with pytest.raises(NotFound):
        await look(scene, task.id, "worker")
    with pytest.raises(NotFound):
        await take(scene, task.id, "worker")
    with pytest.raises(Invalid, match="no review"):
        await scene.board.forward_review(scene.people["worker"], task.id, Forwarding(fence=1, to="rival", reason="no time"))


async def test_numbers_that_readers_would_round_are_shown_as_text(scene: Scene) -> None:
    """So that the digest is of the same bytes for every reader."""
    case, task = await begin(scene)
    await scene.board.put_facts(scene.people["requester"], case.id, [NewFact(key="big", value=[2**60, 1e300, 7])])

    assert (await look(scene, task)).screen["facts"]["big"]["value"] == [str(2**60), 1e300, 7]


async def test_the_time_of_a_review_is_counted_in_working_hours(scene: Scene, clock: Clock) -> None:
    """Asked on New Year's Day at noon, due on the next working day; the timer is the same moment. The case tells it too."""
    case, task = await begin(scene, "due_in: 4 business hours")
    review = (await look(scene, task)).review
    assert review.due_at == datetime(2030, 1, 2, 12, tzinfo=UTC)
    shown = await scene.board.show_case(scene.people["auditor"], case.id)
    assert [each.due_at for each in shown.tasks if each.is_review] == [review.due_at]
    await clock.set(datetime(2030, 1, 2, 11, 59, tzinfo=UTC))
    assert await scene.store.time_out_reviews(10) == 0
    await clock.pass_(60)
    await scene.store.time_out_reviews(10)

    assert await end(scene, case) == ("completed", "timed_out")


@pytest.mark.parametrize("name", ["TARGET", "US"])
async def test_the_database_counts_working_hours_as_python_does(scene: Scene, name: str) -> None:
    """Whenever one begins and however many, over changes of the clock; where the days end it comes due too early."""
    calendar = Calendar.find(name)
    days = list(calendar.openings(NOON.date(), 400))
    await scene.admin._value(
        "SELECT board.add_working_days($1, $2, $3, $4)", scene.tenant_id, calendar.key, *map(list, zip(*days, strict=True))
    )
    moments = [NOON + timedelta(hours=7 * n, minutes=13 * n) for n in range(0, 1100, 5)]
    spans = [60 + 3607 * n % (20 * DAY_S) for n in range(len(moments))]
    found = await scene.admin._rows(
        "SELECT board.count_hours($1, $2, m.after, m.s) AS at FROM unnest($3::timestamptz[], $4::integer[]) AS m (after, s)",
        *(scene.tenant_id, calendar.key, moments, spans),
    )

    assert [row["at"] for row in found] == [
        due(days, m, s) or m + timedelta(seconds=s) for m, s in zip(moments, spans, strict=True)
    ]


async def test_calendars_are_written_on_before_they_end(scene: Scene, clock: Clock) -> None:
    """Years later; and no day twice."""
    await begin(scene, "due_in: 4 business hours")
    assert await scene.store.write_calendars(400) == 0
    await clock.set(NOON + timedelta(days=500))

    assert [await scene.store.write_calendars(400) for _ in range(2)] == [1, 0]


OPENINGS = list(Calendar.find("TARGET").openings(NOON.date(), 60))


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(st.datetimes(NOON.replace(tzinfo=None), NOON.replace(tzinfo=None) + timedelta(days=30)), st.integers(1, 10 * DAY_S))
def test_so_much_working_time_lies_before_the_due_time(naive: datetime, seconds: int) -> None:
    """Not more and not less, and it is a moment at which the bank is open."""
    after = naive.replace(tzinfo=UTC)
    at = due(OPENINGS, after, seconds)
    assert at is not None
    worked = sum((max(min(o.closes_at, at) - max(o.opens_at, after), timedelta()) for o in OPENINGS), timedelta())

    assert worked == timedelta(seconds=seconds)
    assert any(o.opens_at < at <= o.closes_at for o in OPENINGS)
