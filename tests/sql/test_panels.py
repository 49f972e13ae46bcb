"""A panel is asked, speaks under seal, and is counted once."""

from tests.factories import Scene
from tests.sql.panels import granted


async def test_two_of_three_grant_and_the_third_is_kept_as_dissent(scene: Scene) -> None:
    """The case goes where the tally sends it, with the reasons of those who were followed."""
    case = await granted(scene)
    [told] = case.decisions

    assert (case.outcome, told.outcome, told.kind) == ("granted", "approve", "tallied")
    assert (told.reasons, told.score) == (["approve_by_ann", "approve_by_ben"], 0.6667)
    assert [(d["by"], d["verdict"], d["reasons"]) for d in told.dissent] == [("cleo", "reject", ["reject_by_cleo"])]
    assert told.reads == ["sanctions.hit@1"]
    assert case.tasks[-1].decision is not None and case.tasks[-1].decision.outcome == "approve"
