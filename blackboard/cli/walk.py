"""A person's walk through the reviews: one after the other, those due first, each shown and decided by words."""

from typing import TYPE_CHECKING

from blackboard.cli.console import ask, complain, say, table
from blackboard.cli.review_screen import show
from blackboard.cli.reviews import WARNINGS, Wish, carry_out, due, who

if TYPE_CHECKING:
    from uuid import UUID

    from blackboard.client import BoardClient
    from blackboard.reports import Review, ReviewScreen

LIMIT = 200
LISTED = 20


async def walk(client: "BoardClient") -> None:
    """Until nothing is left that was not passed by, or the person has had enough."""
    passed: set[UUID] = set()
    while True:
        left = await _left(client, passed)
        if not left:
            say("Nothing waits for you." if not passed else "Nothing else waits for you.")
            return
        _list(left)
        if not await _look(client, left[0], passed):
            return


async def _left(client: "BoardClient", passed: "set[UUID]") -> "list[Review]":
    queue = await client.list_reviews(whose="queue", limit=LIMIT)
    return [each for each in queue.reviews if each.task_id not in passed and not each.question]


def _list(left: "list[Review]") -> None:
    rows = [
        (str(each.task_id)[-8:], each.workflow, each.stage, each.subject or "", due(each), who(each)) for each in left[:LISTED]
    ]
    table(f"{len(left)} reviews, those due first", ("review", "workflow", "stage", "subject", "due (UTC)", "who"), rows)
    say()


async def _look(client: "BoardClient", review: "Review", passed: "set[UUID]") -> bool:
    """Show one and do what is said to it. False when the person goes."""
    from blackboard.errors import BlackboardError

    try:
        told = await client.show_review(review.task_id)
    except BlackboardError as error:
        complain(error)
        passed.add(review.task_id)
        return True
    show(told)
    verbs = [*told.review.outcomes, "claim", "return", "forward", "escalate", "ask", "next", "quit"]
    while True:
        verb = _verb(ask(f"{' / '.join(verbs)} > "), verbs)
        if verb == "quit":
            return False
        if verb == "next":
            passed.add(review.task_id)
            return True
        if verb and await _do(client, told, _wish(verb)):
            passed.add(review.task_id)
            return True


def _verb(said: str, verbs: list[str]) -> str:
    """The one verb that begins so; empty when there is none, or several."""
    fitting = [verb for verb in verbs if said and verb.startswith(said)]
    if said in verbs:
        return said
    if len(fitting) != 1:
        say(f"Say one of {', '.join(verbs)}; a beginning that fits only one is enough.")
        return ""
    return fitting[0]


def _wish(verb: str) -> Wish:
    """What belongs to it, asked for."""
    match verb:
        case "claim":
            return Wish(verb)
        case "return":
            return Wish(verb, reason=ask("why? > ") or None)
        case "forward":
            return Wish(verb, to=ask("to whom (a person or a capability)? > ") or None, reason=ask("why? > ") or None)
        case "escalate":
            return Wish(verb, reason=ask("why? > ") or None)
        case "ask":
            fact, question = ask("the fact that will be the answer? > "), ask("the question? > ")
            return Wish(verb, fact=fact or None, question=question or None, to=ask("whom (empty: anybody)? > ") or None)
    return Wish(verb, reason=ask(f"reason code for {verb} (e.g. customer_called)? > ") or None)


async def _do(client: "BoardClient", told: "ReviewScreen", wish: Wish) -> bool:
    """Carry it out on exactly what was shown. Whether one is done with this review; a claimed one is still to be decided."""
    from pydantic import ValidationError

    from blackboard.errors import BlackboardError

    try:
        fence = (await client.claim_review(told.review.task_id)).fence
        done, warnings = await carry_out(client, told, fence, wish)
    except BlackboardError as error:
        complain(error)
        return False
    except ValidationError as error:
        say("; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()), "red")
        return False
    say(done, "green")
    for warning in warnings:
        say(f"warning: {WARNINGS.get(warning, warning)}", "yellow")
    say()
    return wish.verb != "claim"
