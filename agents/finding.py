"""What one agent found and the next one rests on: a fact of the case that nobody else may have put in its place."""

from typing import Any

from blackboard.agent import Assignment, GiveUp
from blackboard.answers import FactValue


def is_finding(fact: FactValue) -> bool:
    """Whether it was put by who held a task of the case, and stands. Anybody may tell about a case; only agents hold tasks."""
    return fact.fence is not None and fact.state == "asserted"


def found(assignment: Assignment, key: str) -> Any:
    """The value of such a fact. Where somebody else has put another one since, people must look."""
    fact = assignment.facts[key]
    if not is_finding(fact):
        raise GiveUp(f"{key}@{fact.version} by {fact.by} is {fact.state}, and not what an agent found")
    return fact.value
