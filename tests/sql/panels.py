"""A panel of three, and what people do on it."""

from typing import Any

from blackboard import workflow
from blackboard.answers import Case, CaseSummary, ClaimedTask, KeptDecision, Question
from blackboard.requests import FencedOpinion
from blackboard.tallier import Tallier
from tests.factories import Scene
from tests.sql.flows import HEAD, put, shown

PANEL = """
  panel:
    panel:
      question: Should this loan be granted?
      seats: [{capability: affordability, lease_s: 600}, {capability: credit, count: 2, lease_s: 600}]
      quorum: {kind: n_of_m, approve: 2}
      deny: [{when: 'facts["sanctions.hit"] == true', reason: sanctions_hit}]
      deadline_s: 3600
      on_deadline: reject
    outcomes:
      approve: {end: granted}
      reject: {end: refused}
      refer: {to: person}
  person: {capability: first, outcomes: {approve: {end: granted}, reject: {end: refused}}}
"""
SEATS = {"ann": "affordability", "ben": "credit", "cleo": "credit"}


async def ask(scene: Scene, *, stages: str = PANEL, hit: bool = False, **facts: object) -> CaseSummary:
    """A case before a panel, with what is known of it; no sanctions unless said."""
    for name, capability in SEATS.items():
        if name not in scene.people:
            await scene.hire(name, capability)
    await scene.load(workflow.parse(HEAD + stages))
    case = await scene.open("flow", {"customer": "C-1"})
    await put(scene, case, **{"sanctions.hit": hit, **facts})
    return case


async def sit(scene: Scene, name: str) -> ClaimedTask:
    """Take a seat."""
    [task] = await scene.claim(name, SEATS[name])
    return task


async def give(scene: Scene, name: str, task: ClaimedTask, verdict: str = "approve", **more: Any) -> str:
    """Speak from a seat; the verdict of the board."""
    said = {"fence": task.fence, "verdict": verdict, "reasons": [f"{verdict}_by_{name}"], **more}
    told = await scene.board.give_opinion(scene.people[name], task.id, FencedOpinion.model_validate(said))
    return told.value.verdict


async def speak(scene: Scene, **verdicts: str) -> dict[str, ClaimedTask]:
    """Each takes a seat and says this."""
    seats = {name: await sit(scene, name) for name in verdicts}
    for name, verdict in verdicts.items():
        await give(scene, name, seats[name], verdict)
    return seats


async def count(scene: Scene) -> None:
    """Let the board tally what is due."""
    await Tallier(scene.store).run_once()


async def question(scene: Scene, case: CaseSummary) -> Question:
    """What the case's panel was asked last."""
    return (await shown(scene, case)).questions[-1]


async def decision(scene: Scene, case: CaseSummary) -> KeptDecision:
    """The last decision that was kept."""
    return (await shown(scene, case)).decisions[-1]


async def granted(scene: Scene) -> Case:
    """A case whose panel agreed, but for one."""
    case = await ask(scene)
    await speak(scene, ann="approve", ben="approve", cleo="reject")
    await count(scene)
    return await shown(scene, case)
