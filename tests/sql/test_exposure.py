"""Who followed the journal is written down, whatever one note is like."""

import pytest

from blackboard.exposure import Exposure
from tests.factories import Scene


async def written(scene: Scene) -> list[str]:
    """The streams of which the journal tells."""
    await scene.store.sequence_events()
    return [event.body["stream"] for event in await scene.store.read_journal(0, 10_000) if event.type == "stream.opened"]


async def test_notes_are_written_in_their_order(scene: Scene) -> None:
    """More than go into one write."""
    exposure = Exposure(scene.store)
    names = [str(n) for n in range(1200)]
    for name in names:
        exposure.note("stream.opened", scene.people["auditor"], stream=name)

    await exposure.run_once()

    assert await written(scene) == names


@pytest.mark.usefixtures("database")
async def test_a_note_that_cannot_be_kept_is_given_up_alone(scene: Scene) -> None:
    """Those before and after it are written, and it does not stand in the way of later ones."""
    exposure = Exposure(scene.store)
    for name in ("before", "broken \0 note", "after"):
        exposure.note("stream.opened", scene.people["auditor"], stream=name)

    await exposure.run_once()
    exposure.note("stream.opened", scene.people["auditor"], stream="later")
    await exposure.run_once()

    assert await written(scene) == ["before", "after", "later"]
