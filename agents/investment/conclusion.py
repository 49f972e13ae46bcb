"""The conclusion agent: writes down in a sentence what became of a request.

It decides nothing: the workflow brought the case to a stage for each end, and takes only the word of that end there.
"""

from collections.abc import Callable

from agents.bank.client import Bank
from agents.finding import is_finding
from blackboard.agent import Assignment, GiveUp, Handler
from blackboard.answers import Case, DecisionRecord, Task
from blackboard.client import BoardClient
from blackboard.requests import Decision
from blackboard.values import Json

# The stage of each end, and the word for it.
DECISIONS = {"approved": "approved", "onboarded": "onboarded", "refused": "rejected", "withdrawn": "withdrawn"}
TOO_LATE = "not_in_time"
MAX_SUMMARY = 500
MAX_QUOTED = 120


async def conclude(assignment: Assignment) -> Decision:
    """What was asked for, what became of it, who said so and why."""
    case = await assignment.case()
    last = deciding(case)
    if last is None:
        raise GiveUp("nothing has been done on this case")
    # A stage that took too long ends without a decision, as a review does that nobody decided in time.
    word, told = DECISIONS[assignment.task.stage], last.decision or DecisionRecord(outcome=TOO_LATE, by="board")
    reasons = told.reasons or [told.outcome]
    because = ", ".join(reason.replace("_", " ") for reason in reasons)
    found = {key: fact.value for key, fact in case.facts.items() if is_finding(fact)}
    asked = assignment.payload | found.get("order", {})
    summary = f"{SUBJECTS[case.workflow](asked)}: {word} by {told.by}, because: {because}."
    confidence = 1.0 if last.is_review or told.confidence is None else told.confidence
    result = {"decision": word, "confidence": confidence, "summary": summary[:MAX_SUMMARY], "reasons": reasons}
    if "answer" in found:
        result |= {"answer": found["answer"]}
    return Decision(outcome="recorded", reasons=reasons, confidence=confidence, result=result)


def deciding(case: Case) -> Task | None:
    """The task that brought the case where it is: the last one that is over."""
    over = [task for task in case.tasks if task.finished_at is not None]
    return max(over, key=lambda task: (task.finished_at, task.id), default=None)


def _trade(payload: Json) -> str:
    amount = f"{payload['notional']} {payload.get('currency', '')}".strip()
    return f"Trade of {payload['symbol']} for {amount}"


SUBJECTS: dict[str, Callable[[Json], str]] = {
    "trade_review": _trade,
    "onboarding": lambda payload: f"Onboarding of {payload['name'][:MAX_QUOTED]} ({payload['kind']}, {payload['country']})",
    "research": lambda payload: f'Answer to "{payload["question"][:MAX_QUOTED]}"',
    "general_request": lambda payload: f"Request {payload['request_type'][:MAX_QUOTED]}",
}


def make(_bank: Bank, _board: BoardClient) -> Handler:
    """The agent at work."""
    return conclude
