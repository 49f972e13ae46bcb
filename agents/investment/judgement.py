"""A policy's judgement as an agent's answer, with all that it takes to judge again."""

from blackboard.errors import Invalid
from blackboard.policy import Judged
from blackboard.requests import Decision
from blackboard.values import Json


def decide(judged: Judged, reads: list[str]) -> Decision:
    """What the policy says, as this agent's decision."""
    told = {"score": judged.score, "rows": judged.rows, "facts": judged.inputs}
    return Decision(
        outcome=judged.outcome, reasons=judged.reasons, confidence=1.0, policy=judged.policy, reads=reads, result=told
    )


def undecided(outcome: str, facts: Json, error: Invalid, reads: list[str]) -> Decision:
    """What the rules cannot judge goes to people."""
    return Decision(
        outcome=outcome, reasons=["rules_do_not_apply"], reads=reads, result={"facts": facts, "error": error.detail}
    )
