"""The journal tells nothing that the table of event types does not know."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from blackboard import sql
from blackboard.answers import Event
from blackboard.events import EVENTS
from blackboard.seals import erased_digest
from blackboard.values import Principal
from tests.factories import Clock, Scene
from tests.sql.life import live

HUB = (Path(__file__).parents[2] / "blackboard" / "hub.py").read_text()
# Where SQL puts a type together: what can stand behind the dot.
PUT_TOGETHER = {
    "'agent.' || p_state": {"active", "suspended", "retired"},
    "'fact.' || p_mark": {"disputed", "upheld", "retracted"},
    "'review.' || p_done": {"forwarded", "escalated", "asked"},
    "'task.' || p_yes": {"released", "rejected", "waiting"},
    "'action.' || v_verdict": {"recorded", "repeated"},
    "'action.' || p_state": {"executed", "failed", "unknown"},
}


def written() -> set[str]:
    """Every type that the functions, and the hub for streams, write."""
    text = "\n".join(sql.read(name) for name in sql.names() if name.startswith("functions_"))
    whole = set(re.findall(r"'((?!board\.)[a-z]+\.[a-z_]+)'", text))
    families = re.finditer(r"'((?!board)[a-z]+)\.' \|\| \w+", text)
    parts = {f"{found[1]}.{word}" for found in families for word in PUT_TOGETHER[found[0]]}
    return whole | parts | set(re.findall(r'"(stream\.[a-z]+)"', HUB))


def misfit(event: Event) -> str | None:
    """What is wrong with an event's data."""
    if event.type not in EVENTS:
        return f"{event.type} is not in the table"
    if any(erased_digest(value) for value in event.body.values()):
        return None  # What told of a person is a digest now, whatever it was.
    try:
        EVENTS[event.type].data.model_validate_json(event.told, strict=True)
    except ValidationError as error:
        return f"{event.type} {event.told}: {error}"
    return None


def test_every_type_that_is_written_is_in_the_table_and_the_other_way_round() -> None:
    """Nobody learns of an event from the wire alone."""
    assert written() == set(EVENTS)


async def test_every_event_of_a_full_life_fits_its_model(scene: Scene, clock: Clock, boss: Principal) -> None:
    """Each type occurs, and no member of its data is missing, too many or of another kind."""
    await live(scene, clock, boss)
    await scene.store.sequence_events()
    told = await scene.store.read_journal(0, 10_000)

    assert [wrong for event in told if (wrong := misfit(event))] == []
    assert set(EVENTS) - {event.type for event in told} == set()


async def test_every_form_of_waiting_occurs(scene: Scene, clock: Clock, boss: Principal) -> None:
    """A form that nothing writes would be a promise that nobody keeps."""
    await live(scene, clock, boss)
    await scene.store.sequence_events()
    told = [event.body for event in await scene.store.read_journal(0, 10_000) if event.type == "task.waiting"]

    assert {each["awaits"] for each in told if "awaits" in each} == {"when", "signal", "timer", "case", "tally"}
    assert {each["reason"] for each in told if "about" in each} == {"frozen", "paused", "quota", "incident"}
    assert [each["needs"] for each in told if "needs" in each] == ["income"]


@pytest.mark.parametrize("kind", EVENTS)
def test_every_type_says_what_it_means(kind: str) -> None:
    """A sentence for it, and one for its data."""
    meaning, data = EVENTS[kind]

    assert (meaning[-1], bool(data.__doc__)) == (".", True)
