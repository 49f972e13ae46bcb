"""What people decide: the queue, what each review is decided upon, and its decision."""

import json
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from blackboard.cli.console import AsJson, board, clean, emit, run, table

if TYPE_CHECKING:
    from blackboard.client import BoardClient
    from blackboard.reports import ReviewScreen

Id = Annotated[UUID, typer.Argument(metavar="ID", help="A review's task, or its case.")]
Verb = Annotated[str, typer.Argument(metavar="VERB", help="show, claim, return, forward, escalate, ask, or an outcome.")]
Reason = Annotated[str | None, typer.Option(help="Why: of a decision a reason code, e.g. customer_called.")]


def reviews(
    whose: Annotated[str, typer.Option(help="queue, mine, offered or all.")] = "queue",
    workflow: Annotated[str | None, typer.Option(help="Only of this workflow.")] = None,
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
        rows = [
            (
                review.task_id,
                review.workflow,
                review.stage,
                review.subject or "",
                f"{review.due_at:%m-%d %H:%M}{' late' if review.is_overdue else ''}" if review.due_at else "",
                review.holder or (f"asks for {review.question.needs}" if review.question else review.state),
            )
            for review in queue.reviews
        ]
        table("", ("review", "workflow", "stage", "subject", "due (UTC)", "who"), rows)
        typer.echo(f"{queue.decided_in_hour} decided in the last hour, {queue.warned_in_hour} with a warning")

    run(work())


def review(
    review_id: Id,
    verb: Verb = "show",
    reason: Reason = None,
    to: Annotated[str | None, typer.Option(help="Whom to forward it to, or to ask: a person or a capability.")] = None,
    fact: Annotated[str | None, typer.Option(help="To ask: the fact that will be the answer.")] = None,
    question: Annotated[str | None, typer.Option(help="To ask: the question.")] = None,
    shown: Annotated[str | None, typer.Option(help="To decide on just what `show` told; else on what is there now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Look at a review, take it, decide it, hand it on, or ask before deciding."""

    async def work() -> None:
        async with board("reviewer") as client:
            told = await _found(client, review_id)
            task_id = told.review.task_id
            if verb == "show":
                emit(told) if as_json else _tell(told)
                return
            fence = (await client.claim_review(task_id)).fence
            done, warnings = await _do(
                client, told, fence, verb, reason=reason, to=to, fact=fact, question=question, shown=shown
            )
        emit({"verdict": done, "warnings": warnings}) if as_json else typer.echo(done)
        for warning in [] if as_json else warnings:
            typer.echo(f"warning: {_WARNINGS.get(warning, warning)}", err=True)

    run(work())


_WARNINGS = {
    "velocity": "you decided more in this hour than anybody can look at",
    "streak": "you have been deciding all alike for long",
    "haste": "you decided sooner than it can be read",
}


async def _do(
    client: "BoardClient",
    told: "ReviewScreen",
    fence: int,
    verb: str,
    *,
    reason: str | None,
    to: str | None,
    fact: str | None,
    question: str | None,
    shown: str | None,
) -> tuple[str, list[str]]:
    """One verb on a review that is held; its verdict, and the warnings about a decision."""
    from blackboard.requests import Forwarding, Question, Raising, Release, ReviewDecision

    task_id = told.review.task_id
    match verb:
        case "claim":
            return "claimed", []
        case "return":
            return (await client.return_review(task_id, Release(fence=fence, reason=reason))).verdict, []
        case "forward":
            forwarding = Forwarding(fence=fence, to=_needed(to, "--to"), reason=_needed(reason, "--reason"))
            return (await client.forward_review(task_id, forwarding)).verdict, []
        case "escalate":
            return (await client.escalate_review(task_id, Raising(fence=fence, reason=_needed(reason, "--reason")))).verdict, []
        case "ask":
            asked = Question(fence=fence, fact=_needed(fact, "--fact"), question=_needed(question, "--question"), to=to)
            return (await client.ask_review(task_id, asked)).verdict, []
    decision = ReviewDecision(fence=fence, outcome=verb, reasons=[_needed(reason, "--reason")], shown=shown or told.shown)
    verdict = await client.decide_review(task_id, decision)
    return f"{verdict.verdict}: {verb}", verdict.warnings


async def _found(client: "BoardClient", review_id: UUID) -> "ReviewScreen":
    """The review of that id, or the open one of the case of that id."""
    from blackboard.errors import NotFound

    listed = await client.list_reviews(whose="all", case=str(review_id))
    try:
        return await client.show_review(listed.reviews[0].task_id if listed.reviews else review_id)
    except NotFound:
        typer.echo(f"Nothing waits for a review under {review_id}.", err=True)
        raise typer.Exit(1) from None


def _needed(value: str | None, option: str) -> str:
    if value is None:
        raise typer.BadParameter(f"say {option}")
    return value


def _tell(told: "ReviewScreen") -> None:
    review = told.review
    due = f", due {review.due_at:%Y-%m-%d %H:%M} UTC" if review.due_at else ""
    typer.echo(clean(f"review {review.task_id}  {review.workflow} {review.stage}  {review.state}{due}"))
    for name, part in told.screen.items():
        if isinstance(part, dict | list) and part:
            typer.echo(clean(f"{name}:"))
            entries = part.items() if isinstance(part, dict) else enumerate(part, 1)
            for key, value in entries:
                typer.echo(clean(f"  {key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"))
    typer.echo(clean(f"outcomes: {', '.join(review.outcomes)}"))
    typer.echo(f"shown: {told.shown}")
