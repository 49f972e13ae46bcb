"""The classes that fields of events are declared with."""

from pathlib import Path

import pytest

from blackboard import workflow
from blackboard.events import EVENTS
from blackboard.field_class import FieldClass, classes, fields, of_class
from blackboard.values import Json
from tests.factories import TRANSFER


@pytest.mark.item("S44")
@pytest.mark.parametrize("kind", EVENTS)
def test_every_field_of_every_event_has_a_class(kind: str) -> None:
    """A field that nobody thought about is shown to everybody, or can never be erased."""
    model = EVENTS[kind].data

    assert fields(model) - classes(model).keys() == set()


@pytest.mark.item("S44")
@pytest.mark.parametrize("kind", EVENTS)
def test_no_event_holds_a_secret(kind: str) -> None:
    """What opens something is told to nobody."""
    assert of_class(EVENTS[kind].data, FieldClass.SECRET) == set()


def _unclassed(schema: Json) -> list[str]:
    """Members of a payload's schema that say nothing of their class, nor do all of their own members."""
    members: Json = schema.get("properties", {})
    return [
        name for name, told in members.items() if "x-class" not in told and (not told.get("properties") or _unclassed(told))
    ]


@pytest.mark.item("S44")
@pytest.mark.parametrize("path", sorted(TRANSFER.parent.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_member_that_a_shipped_workflow_takes_has_a_class(path: Path) -> None:
    """What tells of nobody stays when a customer is erased; it is said which that is, and guessed of none."""
    payload: Json = workflow.load(path).payload

    assert _unclassed(payload) == []
