"""What people decide: the queue, what each review is decided upon, and its decision."""

from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from blackboard.cli.choices import a_review, a_workflow
from blackboard.cli.console import AsJson, board, emit, is_stage, run, say, table
from blackboard.cli.lookup import find_case, fits
from blackboard.cli.review_screen import show

if TYPE_CHECKING:
    from blackboard.client import BoardClient
    from blackboard.reports import Review, ReviewScreen

Id = Annotated[
    str | None, typer.Argument(metavar="[ID]", help="A review's task, or its case, or a piece of it.", autocompletion=a_review)
]
Verb = Annotated[
    str, typer.Argument(metavar="[VERB]", help="show, claim, return, forward, escalate, ask, or an outcome such as approve.")
]
Reason = Annotated[str | None, typer.Option(help="Why: of a decision a reason code, e.g. customer_called.")]


class Wish(NamedTuple):
    """What is to be done with a review, and what belongs to it."""

    verb: str
    reason: str | None = None
    to: str | None = None
    fact: str | None = None
    question: str | None = None
    shown: str | None = None


def reviews(
    whose: Annotated[str, typer.Option(help="queue, mine, offered or all.")] = "queue",
    workflow: Annotated[str | None, typer.Option(help="Only of this workflow.", autocompletion=a_workflow)] = None,
    stage: Annotated[str | None, typer.Option(help="Only at this stage.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200)] = 50,
    as_json: AsJson = False,
) -> None:
    """List the reviews that you hold or may have, those due first before the others."""

    async def work() -> None:
        async with board("reviewer") as client:
            queue = await client.list_reviews(whose=whose, workflow=workflow, stage=stage, limit=limit)
        if as_json:
            emit(queue)
            return
        rows = [(each.task_id, each.workflow, each.stage, each.subject or "", due(each), who(each)) for each in queue.reviews]
        table("", ("review", "workflow", "stage", "subject", "due (UTC)", "who"), rows)
        say(f"{queue.decided_in_hour} decided in the last hour, {queue.warned_in_hour} with a warning")

    run(work())


def review(
    review_id: Id = None,
    verb: Verb = "show",
    reason: Reason = None,
    to: Annotated[str | None, typer.Option(help="Whom to forward it to, or to ask: a person or a capability.")] = None,
    fact: Annotated[str | None, typer.Option(help="To ask: the fact that will be the answer.")] = None,
    question: Annotated[str | None, typer.Option(help="To ask: the question.")] = None,
    shown: Annotated[str | None, typer.Option(help="To decide on just what `show` told; else on what is there now.")] = None,
    whole: Annotated[bool, typer.Option(help="Show everything that the digest is of, policies too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at a review, take it, decide it, hand it on, or ask before deciding.

    Without an ID, on a terminal: one review after the other, those due first, each shown and decided by words.
    """
    wish = Wish(verb, reason, to, fact, question, shown)

    async def work() -> None:
        async with board("reviewer") as client:
            if review_id is None:
                from blackboard.cli.walk import walk

                await walk(client)
                return
            told = await _found(client, review_id)
            if verb == "show":
                emit(told) if as_json else show(told, whole=whole)
                return
            fence = (await client.claim_review(told.review.task_id)).fence
            done, warnings = await carry_out(client, told, fence, wish)
        emit({"verdict": done, "warnings": warnings}) if as_json else say(done)
        for warning in [] if as_json else warnings:
            say(f"warning: {WARNINGS.get(warning, warning)}", err=True)

    if review_id is None and not is_stage():
        raise typer.BadParameter("say which review: `blackboard reviews` lists them. Without one, a terminal is needed.")
    run(work())


WARNINGS = {
    "velocity": "you decided more in this hour than anybody can look at",
    "streak": "you have been deciding all alike for long",
    "haste": "you decided sooner than it can be read",
}


async def carry_out(client: "BoardClient", told: "ReviewScreen", fence: int, wish: Wish) -> tuple[str, list[str]]:
    """One verb on a review that is held; its verdict, and the warnings about a decision."""
    from blackboard.requests import Forwarding, Question, Raising, Release, ReviewDecision

    task_id, reason = told.review.task_id, wish.reason
    match wish.verb:
        case "claim":
            return "claimed", []
        case "return":
            return (await client.return_review(task_id, Release(fence=fence, reason=reason))).verdict, []
        case "forward":
            forwarding = Forwarding(fence=fence, to=_needed(wish.to, "--to"), reason=_needed(reason, "--reason"))
            return (await client.forward_review(task_id, forwarding)).verdict, []
        case "escalate":
            return (await client.escalate_review(task_id, Raising(fence=fence, reason=_needed(reason, "--reason")))).verdict, []
        case "ask":
            fact, question = _needed(wish.fact, "--fact"), _needed(wish.question, "--question")
            asked = Question(fence=fence, fact=fact, question=question, to=wish.to)
            return (await client.ask_review(task_id, asked)).verdict, []
    reasons = [_needed(reason, "--reason")]
    decision = ReviewDecision(fence=fence, outcome=wish.verb, reasons=reasons, shown=wish.shown or told.shown)
    verdict = await client.decide_review(task_id, decision)
    return f"{verdict.verdict}: {wish.verb}", verdict.warnings


async def _found(client: "BoardClient", name: str) -> "ReviewScreen":
    """The review of that id or piece of one, or the open one of the case that is meant."""
    from blackboard.errors import Invalid, NotFound, Refused

    open_reviews = (await client.list_reviews(whose="all", limit=200)).reviews
    fitting = [each for each in open_reviews if fits(each.task_id, name)]
    if len(fitting) > 1:
        raise Invalid(f"{len(fitting)} reviews fit {name}. Give more of it; `blackboard reviews` lists them.")
    if fitting:
        return await client.show_review(fitting[0].task_id)
    try:
        case = await find_case(client, name)
        listed = await client.list_reviews(whose="all", case=str(case))
        return await client.show_review(listed.reviews[0].task_id if listed.reviews else case)
    except Refused as error:
        raise NotFound(f"Nothing waits for a review under {name}. `blackboard reviews` lists what does.") from error


def _needed(value: str | None, option: str) -> str:
    from blackboard.errors import Invalid

    if value is None:
        raise Invalid(f"Something is missing: say {option}.")
    return value


def due(review: "Review") -> str:
    """When it is due, and whether that is past."""
    return f"{review.due_at:%m-%d %H:%M}{' late' if review.is_overdue else ''}" if review.due_at else ""


def who(review: "Review") -> str:
    """Who has it, or what it waits for."""
    return review.holder or (f"asks for {review.question.needs}" if review.question else review.state)
