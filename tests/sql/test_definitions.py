"""Workflows that are read, and those that are refused with the place of what is wrong."""

import pytest

from blackboard import workflow
from blackboard.errors import Invalid
from blackboard.once import Once
from blackboard.requests import NewCase
from tests.factories import Scene
from tests.sql.flows import COMPENSATING, HEAD


def test_a_stage_that_only_cancelling_leads_to_is_reachable() -> None:
    """No outcome need name `compensate`: the board goes there by itself."""
    definition = workflow.parse(HEAD + COMPENSATING.replace(", undo: {to: compensate}", ""))

    assert "compensate" in definition.stages


REFUSED = {
    "a cycle without exit": (
        """
  a: {capability: x, outcomes: {go: {to: b}, done: {end: ok}}}
  b: {capability: x, outcomes: {go: {to: c}}}
  c: {capability: x, outcomes: {go: {to: b}}}
""",
        ["stages.b has no way to an end", "stages.c has no way to an end"],
    ),
    "an unreachable stage": (
        "  a: {capability: x, outcomes: {done: {end: ok}}}\n  b: {capability: x, outcomes: {done: {end: ok}}}",
        ["stages.b is never reached from a"],
    ),
    "an unknown target": (
        "  a: {capability: x, outcomes: {go: {to: nowhere}, done: {end: ok}}}",
        ["stages.a.outcomes.go leads to nowhere, which is not a stage"],
    ),
    "both capability and tasks": (
        "  a: {capability: x, tasks: {left: {capability: x}}, outcomes: {done: {end: ok}}}",
        ["stages.a", "give `capability` or `tasks`, not both"],
    ),
    "two kinds of stage": (
        "  a: {signal: papers, timer_s: 5, outcomes: {received: {end: ok}, elapsed: {end: ok}}}",
        ["stages.a", "exactly one of"],
    ),
    "no kind of stage": ("  a: {outcomes: {done: {end: ok}}}", ["stages.a", "exactly one of"]),
    "a condition that cannot be read": (
        "  a: {capability: x, when: 'facts[', outcomes: {done: {end: ok}}}",
        ["stages.a.tasks.work", "when: 'facts[' is not a CEL condition"],
    ),
    "a condition on something unknown": (
        "  a: {tasks: {left: {capability: x, when: 'fact.age > 18'}}, outcomes: {done: {end: ok}}}",
        ["stages.a.tasks.left", "when: fact is not known; there are facts, payload and trust"],
    ),
    "a signal without its outcome": (
        "  a: {signal: papers, outcomes: {done: {end: ok}}}",
        ["stages.a", "outcomes lacks received"],
    ),
    "a timer without its outcome": ("  a: {timer_s: 5, outcomes: {done: {end: ok}}}", ["stages.a", "outcomes lacks elapsed"]),
    "a timeout without its outcome": (
        "  a: {capability: x, timeout_s: 5, outcomes: {done: {end: ok}}}",
        ["stages.a", "outcomes lacks timeout"],
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_flow_that_cannot_work_is_refused_with_the_place(name: str) -> None:
    """The message names the stage and what is wrong there."""
    stages, told = REFUSED[name]

    with pytest.raises(Invalid) as refused:
        workflow.parse(HEAD + stages, where="flow.yaml")

    assert [part for part in ["flow.yaml: ", *told] if part not in refused.value.detail] == []


@pytest.mark.parametrize("how", ["one", "many"])
async def test_a_case_is_checked_against_the_version_that_it_will_follow(scene: Scene, how: str) -> None:
    """A board that remembers the first version opens nothing under it once there is a second that asks for more."""
    board, requester = scene.board, scene.people["requester"]
    asking = (
        "name: asking\ntitle: Asks\npayload: {type: object}\nstages: {a: {capability: first, outcomes: {done: {end: ok}}}}\n"
    )
    await scene.load(workflow.parse(asking))
    plain = NewCase(workflow="asking", payload={})
    first = (await board.open_case(requester, plain)).value
    await scene.load(workflow.parse(asking.replace("{type: object}", "{type: object, required: [amount]}")))

    if how == "one":
        with pytest.raises(Invalid, match="amount"):
            await board.open_case(requester, plain)
    else:
        told = await board.open_cases(requester, [plain, plain], [Once("POST /v1/cases", str(n), bytes(32)) for n in range(2)])
        assert [item.verdict for item in told.items] == ["invalid", "invalid"]
    assert [case.id for case in (await board.list_cases(requester, workflow="asking")).cases] == [first.id]
