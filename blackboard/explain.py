"""The story of a case, for somebody who knows neither the workflow nor the code.

What was asked, what is known, who did what and why, what the rules said, what was done at the bank, and what is still open.
Pure: a case as the board shows it, and what stands in the way of its open tasks, in; chapters of plain sentences out.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from blackboard.answers import Action, Case, FactValue, KeptDecision, Question, Task
from blackboard.reports import Chapter, Story, Why
from blackboard.tally import Basis, tally

_TRUST = ("not to be trusted", "little trusted", "trusted", "of a system of record")
_MAX_TEXT = 300


def explain(case: Case, whys: Sequence[Why]) -> Story:
    """The whole derivation. `whys` are about the tasks that are open."""
    chapters = [
        Chapter(title="What was asked", lines=list(_asked(case))),
        Chapter(title="What is known", lines=[_fact(key, fact) for key, fact in sorted(case.facts.items())]),
        Chapter(title="Who did what", lines=[line for task in case.tasks for line in _task(task)]),
        *(_panel(case, question) for question in case.questions),
        Chapter(title="What decisions rest on", lines=[_rests(d) for d in case.decisions if d.kind == "single"]),
        Chapter(title="What was done at the bank", lines=[line for action in case.actions for line in _action(action)]),
        Chapter(title="What is open", lines=[f"{_place(why.task)}: {why.answer}" for why in whys]),
    ]
    return Story(case_id=case.id, answer=_answer(case, whys), chapters=[chapter for chapter in chapters if chapter.lines])


def _answer(case: Case, whys: Sequence[Why]) -> str:
    """Where it stands, in one sentence."""
    if case.outcome is not None:
        last = next((task.decision for task in reversed(case.tasks) if task.decision and task.decision.reasons), None)
        why = f", because: {_words(last.reasons)} (said by {last.by})" if last else ""
        return f"The case ended as {case.outcome}{why}."
    waits = f" {whys[0].answer}" if whys else ""
    return f"The case is {case.state} at stage {case.stage}.{waits}"


def _asked(case: Case) -> Iterator[str]:
    yield f"{case.opened_by} asked at {_at(case.opened_at)} for {case.workflow} (version {case.workflow_version} of its rules)."
    if case.subject:
        yield f"It is about {case.subject}."
    for name, value in case.payload.items():
        yield f"{_words([name])}: {_text(value)}"


def _fact(key: str, fact: FactValue) -> str:
    source = f", from {fact.source}" if fact.source else ""
    made = f", made of {', '.join(fact.inputs)}" if fact.inputs else ""
    state = "" if fact.state == "asserted" else f"; it is {fact.state}" + (f" ({fact.judgement})" if fact.judgement else "")
    trust = _TRUST[max(0, min(fact.trust, len(_TRUST) - 1))]
    return (
        f"{key} is {_text(fact.value)}: said by {fact.by} at {_at(fact.at)}{source}{made}; "
        f"{trust} (version {fact.version}){state}."
    )


def _place(task: Task) -> str:
    return task.stage if task.name in ("work", task.stage) else f"{task.stage}, {task.name}"


def _task(task: Task) -> Iterator[str]:
    tried = f" after {task.failures} failed attempts" if task.failures else ""
    tried += f" after {task.rescues} holders were lost" if task.rescues else ""
    if (told := task.decision) is not None:
        why = f", because: {_words(told.reasons)}" if told.reasons else ""
        sure = f" ({told.confidence:.0%} sure)" if told.confidence is not None else ""
        yield f"{_place(task)}: {told.by} decided {told.outcome}{sure}{why}, at {_at(task.finished_at)}{tried}."
        if told.evidence:
            yield f"{_place(task)}: the evidence: {', '.join(told.evidence)}."
    elif task.state in ("done", "failed", "cancelled"):
        yield f"{_place(task)}: {_ENDS[task.state]} at {_at(task.finished_at)}{tried}."
    elif task.holder is not None:
        yield f"{_place(task)}: {task.holder.agent} is at work on it since {_at(task.holder.granted_at)}{tried}."


_ENDS: Mapping[str, str] = {"done": "an opinion was given", "failed": "given up", "cancelled": "no longer wanted"}


def _panel(case: Case, question: Question) -> Chapter:
    return Chapter(title=f"The panel: {question.question}", lines=list(_asked_panel(case, question)))


def _asked_panel(case: Case, question: Question) -> Iterator[str]:
    yield f"Asked at {_at(question.opened_at)}, to be answered by {_at(question.deadline_at)}; {question.seats} seats."
    if question.state == "open":
        yield f"{question.answered} have spoken. What they said is sealed until all are counted."
    if question.state == "withdrawn":
        yield f"Nobody wants the answer any more. {question.answered} had spoken; that stays sealed."
    for opinion in question.opinions:
        sure = f" ({opinion.confidence:.0%} sure)" if opinion.confidence is not None else ""
        score = f"; score {opinion.score:g}" if opinion.score is not None else ""
        yield f"{opinion.by} ({opinion.capability}) said {opinion.verdict}{sure}: {_words(opinion.reasons)}{score}."
    for decision in case.decisions:
        if decision.kind != "single" and decision.visit == question.visit:
            yield from _counted(decision)


def _counted(decision: KeptDecision) -> Iterator[str]:
    """How the opinions came to an end, made again from what was kept."""
    if decision.basis is not None:
        yield from tally(Basis.model_validate(decision.basis)).told
    by = f", by policy {decision.policy}" if decision.policy else ""
    yield f"The board decided {decision.outcome} at {_at(decision.at)}{by}, because: {_words(decision.reasons)}."
    for differing in decision.dissent:
        yield f"{differing['by']} differed: {differing['verdict']}, because: {_words(differing['reasons'])}."
    if decision.reads:
        yield f"It rests on {', '.join(decision.reads)}."


def _rests(decision: KeptDecision) -> str:
    on = f" on {', '.join(decision.reads)}" if decision.reads else " on no fact of the board"
    by = f" and follows policy {decision.policy}" if decision.policy else ""
    return f"{decision.stage}: {decision.by}'s {decision.outcome} rests{on}{by}."


def _action(action: Action) -> Iterator[str]:
    tried = "once" if action.attempts == 1 else f"{action.attempts} times"
    yield f"{action.kind} {_text(action.payload)}: {action.state}; tried {tried}, under the key {action.effect_key}."
    if (permit := action.authorization) is not None:
        sent = f", and sent by {permit.spent_by} at {_at(permit.spent_at)}" if permit.spent_by else f"; that is {permit.state}"
        yield f"{action.kind}: permitted by {permit.granted_by} at {_at(permit.granted_at)}{sent}."
    if action.receipt:
        yield f"{action.kind}: the bank said {_text(action.receipt)}."


def _words(codes: Sequence[str]) -> str:
    """Reason codes as somebody would say them."""
    return ", ".join(code.replace("_", " ").replace(".", " ") for code in codes)


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else "an unknown time"
