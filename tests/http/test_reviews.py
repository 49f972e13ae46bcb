"""Reviews over HTTP: a person's queue, what is shown, and every verb of the client library."""

import hashlib

import rfc8785

from blackboard.requests import Forwarding, Question, Raising, Release, ReviewDecision
from tests.http.conftest import Api
from tests.http.operations import write
from tests.sql.flows import put
from tests.sql.reviews import TERMS, begin


async def test_a_person_works_through_the_client_library(shared: Api) -> None:
    """Lists, looks, takes, gives back, asks, raises, forwards and decides; a repeated answer has the warning too."""
    case, task = await begin(shared.scene, TERMS.replace("warn_under_s: 0", "warn_under_s: 3600"))
    async with shared.client("vera") as vera, shared.client("dina") as dina, shared.client("paul") as paul:
        listed = [review.task_id for review in (await vera.list_reviews(case=str(case.id))).reviews]
        given = await vera.return_review(task, Release(fence=(await vera.claim_review(task)).fence))
        ask = Question(fence=(await vera.claim_review(task)).fence, fact="invoice", question="Which?")
        asked = await vera.ask_review(task, ask)
        await put(shared.scene, case, invoice="R-17")
        raised = await vera.escalate_review(task, Raising(fence=(await vera.claim_review(task)).fence, reason="large"))
        forwarding = Forwarding(fence=(await dina.claim_review(task)).fence, to="paul", reason="a holiday")
        forwarded = await dina.forward_review(task, forwarding)
        claim, screen = await paul.claim_review(task), await paul.show_review(task)
        decision = ReviewDecision(fence=claim.fence, outcome="approve", reasons=["known"], shown=screen.shown)
        decided = [await paul.decide_review(task, decision, key="once") for _ in range(2)]

    assert listed == [task]
    assert [told.verdict for told in (given, asked, raised, forwarded)] == ["released", "asked", "escalated", "forwarded"]
    assert hashlib.sha256(rfc8785.dumps(screen.screen)).hexdigest() == screen.shown
    assert [(told.verdict, told.warnings) for told in decided] == [("decided", ["haste"])] * 2


async def test_what_is_refused_says_what_to_do(shared: Api) -> None:
    """409 with `changed`, `not_shown` and `held`; nothing has changed."""
    case, task = await begin(shared.scene)
    body = {"outcome": "approve", "reasons": ["known"], "shown": "0" * 64}
    async with shared.http("vera") as vera, shared.http("karl") as karl, shared.http("robot") as robot:
        fence = (await write(vera, f"/v1/reviews/{task}/claim")).json()["fence"]
        shown = (await vera.get(f"/v1/reviews/{task}")).json()["shown"]
        told = [await write(vera, f"/v1/reviews/{task}/decision", {**body, "fence": fence})]
        await put(shared.scene, case, income=1)
        told.append(await write(vera, f"/v1/reviews/{task}/decision", {**body, "fence": fence, "shown": shown}))
        told += [await write(who, f"/v1/reviews/{task}/claim") for who in (karl, robot)]
        listed = (await vera.get("/v1/reviews", params={"case": str(case.id), "whose": "mine"})).json()["reviews"]

    assert [(answer.status_code, answer.json().get("reason")) for answer in told] == [
        (409, "not_shown"),
        (409, "changed"),
        (409, "held"),
        (409, "held"),
    ]
    assert [(review["fence"], review["state"]) for review in listed] == [(1, "claimed")]


async def test_a_queue_is_asked_for_in_words_that_it_knows(shared: Api) -> None:
    """422 for others; 404 for what is no review; an auditor reads and takes nothing."""
    _, task = await begin(shared.scene)
    async with shared.http("auditor") as auditor:
        bad = ("?whose=theirs", "?limit=0", "?case=x", "?stage=%00", "/nothing", f"/{task.int}")
        told = [(await auditor.get(f"/v1/reviews{rest}")).status_code for rest in (*bad, "?whose=all", f"/{task}")]
        refused = await write(auditor, f"/v1/reviews/{task}/claim")

    assert told == [422, 422, 422, 422, 422, 422, 200, 200]
    assert refused.status_code == 403
