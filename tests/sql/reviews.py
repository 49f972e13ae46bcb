"""A case that people review, and what they do with it."""

from uuid import UUID

from blackboard import workflow
from blackboard.answers import CaseSummary
from blackboard.reports import ReviewClaim, ReviewScreen
from blackboard.requests import Forwarding, NewFact, Question, Raising, ReviewDecision
from tests.factories import Clock, Scene
from tests.sql.tasks import task_of

REVIEWS = """
name: reviews
title: What people decide
subject: customer
payload: {type: object}
stages:
  check:
    capability: desk
    review: {TERMS}
    outcomes:
      approve: {to: act}
      again: {to: check}
      reject: {end: rejected}
  act: {capability: first, outcomes: {done: {end: executed}}}
"""
TERMS = "due_in_s: 600, excluded: [karl], escalate_to: seniors, warn_under_s: 0"


async def begin(scene: Scene, terms: str = TERMS, **more: object) -> tuple[CaseSummary, UUID]:
    """A case at its review, in a desk of four: vera, paul and karl, who is excluded, and the senior dina."""
    await scene.load(workflow.parse(REVIEWS.replace("{TERMS}", "{" + terms + "}")))
    for name in ("vera", "paul", "karl"):
        if name not in scene.people:
            await scene.hire(name, "desk", role="reviewer", kind="human")
    if "dina" not in scene.people:
        await scene.hire("dina", "seniors", role="reviewer", kind="human")
        await scene.hire("robot", "desk")
    case = await scene.open("reviews", {"customer": "C-1"}, **more)
    return case, await task_of(scene, case)


async def look(scene: Scene, task_id: UUID, who: str = "vera") -> ReviewScreen:
    """What somebody is shown."""
    return await scene.board.show_review(scene.people[who], task_id)


async def take(scene: Scene, task_id: UUID, who: str = "vera") -> ReviewClaim:
    """A review that this person holds."""
    return (await scene.board.claim_review(scene.people[who], task_id)).value


async def decide(
    scene: Scene, task_id: UUID, outcome: str = "approve", who: str = "vera", shown: str | None = None
) -> list[str]:
    """Take, look, decide; the warnings."""
    claim = await take(scene, task_id, who)
    digest = shown or (await look(scene, task_id, who)).shown
    decision = ReviewDecision(fence=claim.fence, outcome=outcome, reasons=["customer_called"], shown=digest)
    return (await scene.board.decide_review(scene.people[who], task_id, decision)).value.warnings


async def queue_of(scene: Scene, who: str, whose: str = "queue") -> list[UUID]:
    """The reviews that somebody is listed."""
    return [each.task_id for each in (await scene.board.list_reviews(scene.people[who], whose=whose)).reviews]


async def hand_around(scene: Scene, clock: Clock) -> None:
    """Everything that can become of a review, for a journal that has it all."""
    case, task = await begin(scene, TERMS.replace("0", "9"))
    vera = scene.people["vera"]
    await scene.board.ask_review(vera, task, Question(fence=(await take(scene, task)).fence, fact="invoice", question="Which?"))
    await scene.board.put_facts(scene.people["requester"], case.id, [NewFact(key="invoice", value="R-17")])
    await scene.board.forward_review(
        vera, task, Forwarding(fence=(await take(scene, task)).fence, to="paul", reason="my cousin")
    )
    held = await take(scene, task, "paul")
    await scene.board.escalate_review(scene.people["paul"], task, Raising(fence=held.fence, reason="large"))
    await decide(scene, task, who="dina")
    await begin(scene)
    await clock.pass_(601)
    await scene.store.time_out_reviews(10)
