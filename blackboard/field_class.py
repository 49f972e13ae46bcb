"""How closely a value is kept: the class that every field of an event, and every member of a payload or fact, is declared with.

    subject: Personal[str | None]

`public` is what everybody who follows a case may see, `internal` how and why it was decided, `personal` what tells of a person
(it can be erased), and `secret` what opens something: no event holds it.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, RootModel

T = TypeVar("T")


class FieldClass(StrEnum):
    """The classes, from open to closed."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"
    SECRET = "secret"  # noqa: S105  # the word, and none itself


Public = Annotated[T, FieldClass.PUBLIC]
Internal = Annotated[T, FieldClass.INTERNAL]
Personal = Annotated[T, FieldClass.PERSONAL]
Secret = Annotated[T, FieldClass.SECRET]

# In the JSON Schema of a payload, a fact or a result: the class of the member. What says nothing is personal.
KEYWORD = "x-class"


@cache
def classes(model: type[BaseModel]) -> Mapping[str, FieldClass]:
    """The class of each field, by the name that stands on the wire; of a union, the closest of its forms."""
    found: dict[str, FieldClass] = {}
    for form in forms(model):
        for name, field in form.model_fields.items():
            for mark in field.metadata:
                if isinstance(mark, FieldClass):
                    wire = field.alias or name
                    found[wire] = max(mark, found.get(wire, mark), key=list(FieldClass).index)
    return found


def fields(model: type[BaseModel]) -> frozenset[str]:
    """Every field's name on the wire, whether its class was declared or not."""
    return frozenset(field.alias or name for form in forms(model) for name, field in form.model_fields.items())


def of_class(model: type[BaseModel], *wanted: FieldClass) -> frozenset[str]:
    """The fields of these classes."""
    return frozenset(name for name, found in classes(model).items() if found in wanted)


def class_in(schema: Any) -> FieldClass:
    """What a JSON Schema says of the value that it describes; what says nothing is personal."""
    told = schema.get(KEYWORD, FieldClass.PERSONAL) if isinstance(schema, Mapping) else FieldClass.PERSONAL
    return FieldClass(told)


def forms(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model itself, or what a union is one of."""
    if not issubclass(model, RootModel):
        yield model
        return
    for form in get_args(model.model_fields["root"].annotation):
        yield from forms(form)
