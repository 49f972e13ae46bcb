"""`blackboard case`: a case from its opening to where it is now. Who did what, why, and how long it took."""

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from blackboard.cli.console import AsJson, board, emit, run, say, table
from blackboard.cli.lookup import CaseName, find_case
from blackboard.cli.sentences import UNTOLD, sentence, value

if TYPE_CHECKING:
    from blackboard.answers import Action, Case
    from blackboard.client import BoardClient
    from blackboard.subscription import StreamEvent

PAGE = 500
# A case with more of a past is told from its end; the journal has the rest.
MAX_EVENTS = 5_000


def show_case(name: CaseName, as_json: AsJson = False) -> None:
    """Show one case as a timeline: what was asked, who did what and why, what is known, what happened at the bank."""

    async def work() -> None:
        async with board("auditor") as client:
            case = await client.show_case(await find_case(client, name))
            past = [] if as_json else await _past(client, case)
        emit(case) if as_json else tell(case, past)

    run(work())


async def _past(client: "BoardClient", case: "Case") -> "list[StreamEvent]":
    """What the journal still has of it, oldest first."""
    from blackboard.errors import Refused

    events: list[StreamEvent] = []
    after = "0"
    try:
        while len(events) < MAX_EVENTS:
            page = await client.events_page(after, case=str(case.id), limit=PAGE)
            events += page.events
            if page.next == after:
                break
            after = page.next
    except Refused:
        # A reader that may not read the journal, or one of which days were dropped: the case itself tells most of it.
        return events
    return events


def tell(case: "Case", past: "list[StreamEvent]") -> None:
    """The whole of it."""
    _tell_head(case)
    _tell_past(case, past)
    if not past:
        _tell_tasks(case)
    _tell_facts(case)
    _tell_panels(case)
    for action in case.actions:
        _tell_action(action)
    if case.duties:
        say("duties: " + ", ".join(f"{done.duty} {done.agent}" for done in case.duties))


def _tell_head(case: "Case") -> None:
    number = f"  number {case.number}" if case.number else ""
    say(f"case {case.id}{number}  {case.workflow} v{case.workflow_version}  {case.state}  {case.outcome or case.stage}", "bold")
    say(f"asked by {case.opened_by} at {case.opened_at:%Y-%m-%d %H:%M:%S} UTC: {json.dumps(case.payload, ensure_ascii=False)}")
    took = f"took {span(case.closed_at - case.opened_at)}" if case.closed_at else f"is at {case.stage}"
    about = f"about {case.subject}; " if case.subject else ""
    due = f"; due {case.due_at:%Y-%m-%d %H:%M} UTC" if case.due_at and not case.closed_at else ""
    say(f"{about}{took}{due}")


def _tell_past(case: "Case", past: "list[StreamEvent]") -> None:
    """A line for each thing that somebody did, with the time since the opening."""
    for event in past:
        if event.type in UNTOLD:
            continue
        told = sentence(event.type, event.stage, event.data)
        since = span(event.time - case.opened_at)
        say(f"{event.time:%H:%M:%S.%f}"[:-3] + f"  {'+' + since:>9}  {event.actor:14}  {told.text}", told.style)
        if told.more:
            say(f"{'':40}{told.more}", "dim")


def _tell_tasks(case: "Case") -> None:
    rows = []
    for task in case.tasks:
        decision = task.decision
        who = decision.by if decision else task.holder.agent if task.holder else ""
        outcome, why = (decision.outcome, ", ".join(decision.reasons)) if decision else ("", "")
        rows.append(
            (task.stage, task.state, task.attempt, who, outcome, why, f"{task.finished_at or task.created_at:%H:%M:%S}")
        )
    table("", ("stage", "state", "try", "who", "outcome", "why", "at (UTC)"), rows)


def _tell_facts(case: "Case") -> None:
    if not case.facts:
        return
    say("known:", "bold")
    for key, fact in sorted(case.facts.items()):
        state = "" if fact.state == "asserted" else f", {fact.state}"
        source = f", from {fact.source}" if fact.source else ""
        say(f"  {key}@{fact.version} = {value(fact.value)}  ({fact.by}{source}, trust {fact.trust}{state})")


def _tell_panels(case: "Case") -> None:
    for question in case.questions:
        spoken = f"{question.state}, {question.answered} of {question.seats} have spoken"
        say(f"panel at {question.stage}: {question.question} ({spoken})", "bold")
        for opinion in question.opinions:
            sure = f" ({opinion.confidence:.0%} sure)" if opinion.confidence is not None else ""
            say(f"  {opinion.by} as {opinion.seat}: {opinion.verdict}{sure}: {', '.join(opinion.reasons)}")


def _tell_action(action: "Action") -> None:
    say(f"action {action.kind}: {action.state} under key {action.effect_key}, tried {action.attempts}x", "bold")
    if (permit := action.authorization) is not None:
        rests = f" on {', '.join(permit.reads)}" if permit.reads else ""
        say(f"  authorized by {permit.granted_by}{rests}: {permit.state}")
    say(f"  sent: {json.dumps(action.payload, ensure_ascii=False)}", whole=True)
    say(f"  digest: {action.digest}")
    if action.receipt is not None:
        say(f"  receipt: {json.dumps(action.receipt, ensure_ascii=False)}", whole=True)


def span(time: timedelta | float) -> str:
    """A duration as somebody says it."""
    seconds = time.total_seconds() if isinstance(time, timedelta) else time
    if seconds < 60:
        return f"{max(seconds, 0):.3f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, hours = seconds / 60, seconds / 3600
    return f"{minutes:.0f} min" if minutes < 90 else f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"


def clock(moment: datetime) -> str:
    """The time of a day."""
    return f"{moment:%H:%M:%S}"
