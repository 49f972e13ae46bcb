"""What a person decides upon, in the order in which one reads: who asks, what is known, who said what and why, what is sent."""

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from blackboard.cli.console import say
from blackboard.cli.sentences import value

if TYPE_CHECKING:
    from blackboard.reports import ReviewScreen

Part = Mapping[str, Any]


def show(told: "ReviewScreen", *, whole: bool = False) -> None:
    """The screen, short; `whole`: every member of it, as it is digested. Of actions always the exact bytes that may be sent."""
    review, screen = told.review, told.screen
    until = f", due {review.due_at:%Y-%m-%d %H:%M} UTC" if review.due_at else ""
    say(f"review {review.task_id}  {review.workflow} {review.stage}  {review.state}{until}", "bold")
    if whole:
        _tell_everything(screen)
    else:
        _tell_asked(screen)
        _tell_known(screen.get("facts") or {})
        _tell_said(screen.get("weighed") or [], screen.get("decisions") or [])
    for action in screen.get("actions") or []:
        if isinstance(action, dict) and "payload" in action:
            say(f"exact bytes of {action.get('kind')} (SHA-256 {action.get('digest')}):", "bold")
            say(f"  {exact(action['payload'])}", whole=True)
    say(f"outcomes: {', '.join(review.outcomes)}")
    say(f"shown: {told.shown}")
    if not whole and (policies := screen.get("policies")):
        say(f"decided under {', '.join(policies)}: --whole shows them, and everything else that the digest is of")


def exact(payload: object) -> str:
    """The canonical text (RFC 8785) whose digest the board keeps: what the bank is sent. What cannot be shown is escaped."""
    from blackboard.canonical import encode

    text = encode(payload).decode()
    return text if text.isprintable() else json.dumps(payload, ensure_ascii=True, separators=(",", ":"), sort_keys=True)


def _tell_asked(screen: Part) -> None:
    case = screen.get("case") or {}
    about = f", about {case['subject']}" if case.get("subject") else ""
    say(f"asked by {case.get('opened_by')} at {str(case.get('opened_at'))[:19].replace('T', ' ')} UTC{about}")
    for name, what in (screen.get("payload") or {}).items():
        say(f"  {name}: {_plain(what)}", whole=True)


def _tell_known(facts: Part) -> None:
    if facts:
        say("known:", "bold")
    for key, fact in sorted(facts.items()):
        source = f", from {fact['source']}" if fact.get("source") else ""
        state = "" if fact.get("state") == "asserted" else f", {fact.get('state')}"
        said = f"{fact.get('by')}{source}, trust {fact.get('trust')}{state}"
        say(f"  {key}@{fact.get('version')} = {value(fact.get('value'))}  ({said})")


def _tell_said(weighed: list[Part], decisions: list[Part]) -> None:
    """Each decision once: kept with all that it rests on, or, of a stage that has no such record, as it was taken."""
    kept = {(each.get("stage"), each.get("by"), each.get("outcome")) for each in weighed}
    others = [each for each in decisions if (each.get("stage"), each.get("by"), each.get("outcome")) not in kept]
    if weighed or others:
        say("said so far:", "bold")
    for each in sorted([*weighed, *others], key=lambda each: str(each.get("at"))):
        say(f"  {each.get('outcome')} at {each.get('stage')} by {each.get('by')}{_because(each)}")
        for opinion in (each.get("basis") or {}).get("opinions") or each.get("dissent") or []:
            say(f"    {opinion.get('verdict')} by {opinion.get('by')}{_because(opinion)}")


def _because(decision: Part) -> str:
    why = f": {', '.join(decision['reasons'])}" if decision.get("reasons") else ""
    score = f", score {decision['score']}" if decision.get("score") is not None else ""
    sure = f", {decision['confidence']:.0%} sure" if decision.get("confidence") is not None else ""
    under = f" (under {decision['policy']})" if decision.get("policy") else ""
    return f"{why}{score}{sure}{under}"


def _tell_everything(screen: Part) -> None:
    for name, part in screen.items():
        if isinstance(part, dict | list) and part:
            say(f"{name}:", "bold")
            for key, what in _entries(part):
                say(f"  {key}: {_plain(what)}", whole=True)


def _plain(what: object) -> str:
    return what if isinstance(what, str) else json.dumps(what, ensure_ascii=False)


def _entries(part: Any) -> Iterator[tuple[object, object]]:
    yield from part.items() if isinstance(part, dict) else enumerate(part, 1)
