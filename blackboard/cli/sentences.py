"""What an event says, in words: who did what is told to people here and nowhere else on the terminal.

An event may lack what this reader may not see, and may be of a kind that only newer boards know: both still make a sentence.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Told = Mapping[str, Any]
MAX_VALUE = 200

GOOD, BAD, WARN, BUSY = "green", "red", "yellow", "cyan"


class Sentence(NamedTuple):
    """What follows the actor's name, how it stands, and a second line."""

    text: str
    style: str = ""
    more: str = ""


# The board's own bookkeeping, which is told by what comes of it.
UNTOLD = frozenset({"task.ready", "task.waiting", "task.held", "task.withdrawn", "task.scheduled", "action.dispatching"})


def _because(told: Told) -> str:
    return f"because: {_listed(told.get('reasons'))}" if told.get("reasons") else ""


def _decided(told: Told, stage: str) -> Sentence:
    marks = [_because(told)]
    marks += [f"rests on {', '.join(told['reads'])}"] if told.get("reads") else []
    marks += [f"by policy {told['policy']}"] if told.get("policy") else []
    marks += [f"{told['confidence']:.0%} sure"] if isinstance(told.get("confidence"), int | float) else []
    return Sentence(f"decided {_word(told, 'outcome')} at {stage}", "", "; ".join(filter(None, marks)))


def _closed(told: Told, _stage: str) -> Sentence:
    outcome = _word(told, "outcome")
    style = GOOD if outcome in ("executed", "approved", "done", "completed", "booked") else BAD
    return Sentence(f"ended it as {outcome}", style, told.get("reason") or "")


def _failed(told: Told, stage: str) -> Sentence:
    return Sentence(f"failed at {stage}", BAD, "; ".join(filter(None, (told.get("reason"), told.get("then")))))


def _claimed(told: Told, stage: str) -> Sentence:
    attempt = told.get("attempt") or 1
    return Sentence(f"took {stage}", BUSY, f"attempt {attempt}, under fence {told.get('fence')}" if attempt > 1 else "")


def _booked(told: Told, _stage: str) -> Sentence:
    receipt = told.get("receipt")
    return Sentence(f"saw the {_word(told, 'kind')} booked at the bank", GOOD, f"receipt {value(receipt)}" if receipt else "")


def _say(text: str, style: str = "", more: str = "") -> Callable[[Told, str], Sentence]:
    """A sentence with fields of the event in it: `{stage}`, or `{name}` for what is told under that name."""

    def fill(template: str, told: Told, stage: str) -> str:
        fields = {name: value(_word(told, name) if isinstance(told[name], str) else told[name]) for name in told}
        return template.format_map(_Fields(fields | {"stage": stage}))

    return lambda told, stage: Sentence(fill(text, told, stage), style, fill(more, told, stage))


class _Fields(dict[str, str]):
    """What is not told is left open."""

    def __missing__(self, name: str) -> str:
        return "?"


_SAID: dict[str, Callable[[Told, str], Sentence]] = {
    "case.opened": _say("asked for it"),
    "case.moved": _say("moved it on to {stage}", "", "after {by_outcome} at {from_stage}"),
    "case.closed": _closed,
    "case.suspended": _say("stopped it", WARN, "{reason}"),
    "case.resumed": _say("let it go on", "", "{reason}"),
    "task.claimed": _claimed,
    "task.decided": _decided,
    "task.failed": _failed,
    "task.expired": _say("took {stage} back from {holder}", WARN, "the claim ran out"),
    "task.revoked": _say("took {stage} back from {holder}", WARN, "{reason}"),
    "task.released": _say("gave {stage} back", WARN, "{reason}"),
    "task.cancelled": _say("withdrew {stage}", WARN, "{reason}"),
    "task.escalated": _say("made {stage} more urgent", WARN),
    "task.redriven": _say("let {stage} be tried again", "", "{reason}"),
    "fact.put": _say("put {key} on the board", "", "{key}@{version} = {value}"),
    "fact.disputed": _say("disputed {key}@{version}", WARN, "{reason}"),
    "fact.retracted": _say("took {key}@{version} back", WARN, "{reason}"),
    "fact.upheld": _say("upheld {key}@{version}", "", "{reason}"),
    "signal.sent": _say("told it that {name} happened"),
    "question.opened": _say("asked a panel: {question}"),
    "opinion.given": _say("gave an opinion at {stage}", "", "sealed until all have spoken"),
    "decision.made": _decided,
    "review.forwarded": _say("handed {stage} to {to}", "", "{reason}"),
    "review.escalated": _say("raised {stage} to {to}", WARN, "{reason}"),
    "review.asked": _say("asked before deciding: {question}", BUSY, "the answer will be the fact {needs}"),
    "review.timed_out": _say("waited in vain for a decision at {stage}", WARN),
    "review.warned": _say("was warned", WARN, "{warnings}"),
    "action.proposed": _say("proposed a {kind}", "", "digest {digest}"),
    "action.authorized": _say("authorized the {kind}", GOOD, "until {expires_at}, digest {digest}"),
    "action.voided": _say("voided the authorization", WARN, "{reason}"),
    "action.expired": _say("let the authorization run out", WARN, "{reason}"),
    "action.recorded": _say("sent the {kind} to the bank", BUSY, "key {effect_key}"),
    "action.executed": _booked,
    "action.failed": _say("saw the {kind} refused by the bank", BAD, "{receipt}"),
    "action.unknown": _say("lost the bank's answer", WARN, "somebody finds out; nothing is sent again"),
    "duty.broken": _say("broke a rule on duties by leave", BAD, "{reason}"),
    "write.refused": _say("was refused: {verb}", WARN, "{reason}"),
}


def sentence(kind: str, stage: str | None, told: Told) -> Sentence:
    """What happened, in words."""
    say = _SAID.get(kind)
    if say is None:
        return Sentence(kind.replace(".", ": ").replace("_", " "))
    return say(told, stage or "the board")


def value(what: object, limit: int = MAX_VALUE) -> str:
    """A value as it is written, and no longer than is read."""
    text = what if isinstance(what, str) else json.dumps(what, ensure_ascii=False, default=str)
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _word(told: Told, name: str) -> str:
    """What is told under a name, a code as words."""
    what = told.get(name)
    text = "?" if what is None else str(what)
    return text.replace("_", " ") if name in ("outcome", "by_outcome", "kind", "verb") else text


def _listed(codes: object) -> str:
    return ", ".join(str(code).replace("_", " ") for code in codes) if isinstance(codes, list | tuple) else str(codes)
