"""What a role is shown of an answer: no more than the stream shows it of the same things, by the same classes.

Rights are worked out from the classes of events' fields (`blackboard.rights`); answers declare their fields with the same.
"""

from collections.abc import Iterator
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel

from blackboard.answers import Reason
from blackboard.field_class import FieldClass, classes
from blackboard.rights import Rights
from blackboard.values import Principal

M = TypeVar("M", bound=BaseModel)

# That a claim was kept off, and not by what: a hold on an account warns whom it is about.
_SET_ASIDE = frozenset({"frozen", "paused", "quota"})
WITHHELD = "withheld"
_CLOSED = (FieldClass.INTERNAL, FieldClass.PERSONAL)


def shown_to(who: Principal, answer: M) -> M:
    """The answer as this principal may see it; `masked`, where it has that, names the members that were taken out."""
    if not Rights.of(who).hidden:
        return answer
    taken: set[str] = set()
    shown = _open(answer, taken)
    if taken and "masked" in type(answer).model_fields:
        shown = shown.model_copy(update={"masked": sorted(taken)})
    return shown


def _open(value: M, taken: set[str]) -> M:
    """A copy in which closed fields are empty, at every depth."""
    closed = {name for name, kept in classes(type(value)).items() if kept in _CLOSED}
    changes: dict[str, Any] = dict(_held_back(value))
    for name, field in type(value).model_fields.items():
        told = getattr(value, name)
        if name not in closed:
            changes[name] = changes.get(name, _inner(told, taken))
        elif told not in (None, [], {}):
            changes[name] = _empty(field.annotation)
            taken.add(name)
    return value.model_copy(update=changes)


def _inner(told: Any, taken: set[str]) -> Any:
    """The same of what holds other answers."""
    match told:
        case BaseModel():
            return _open(told, taken)
        case [BaseModel(), *_]:
            return [_open(each, taken) for each in told]
        case dict() if any(isinstance(each, BaseModel) for each in told.values()):
            return {name: _open(each, taken) for name, each in told.items()}
    return told


def _held_back(value: BaseModel) -> Iterator[tuple[str, str]]:
    if isinstance(value, Reason) and value.reason in _SET_ASIDE:
        yield from (("reason", WITHHELD), ("key", WITHHELD))


def _empty(annotation: Any) -> Any:
    """What stands for a value of this type: null where it may be, else what holds nothing."""
    if annotation is Any or NoneType in get_args(annotation):
        return None
    return {list: list, dict: dict}.get(get_origin(annotation) or annotation, str)()
