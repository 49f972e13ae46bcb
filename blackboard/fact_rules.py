"""What a workflow declares about the facts of its cases: which there are, of what type, and whether each replaces the last."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, Self

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from pydantic import ConfigDict, Field, model_validator

from blackboard.errors import Invalid
from blackboard.json_schema import rule_of
from blackboard.requests import NewFact
from blackboard.values import Frozen, Json

JsonType = Literal["string", "number", "integer", "boolean", "array", "object"]


class FactRule(Frozen):
    """A fact that a workflow knows.

    `current`: each version replaces the one before. `accumulating`: each is added to a list, and the list is what is read.
    `type` and `schema`, a JSON Schema, are of what is put: of an entry where it accumulates. `class`: what is personal, as
    what has none is, goes when the customer is erased.
    """

    model_config = ConfigDict(serialize_by_alias=True, validate_by_name=True, validate_by_alias=True)

    type: JsonType | None = None
    kind: Literal["current", "accumulating"] = "current"
    fits: Json | None = Field(None, alias="schema")
    kept: Literal["public", "internal", "personal"] = Field("personal", alias="class")

    @model_validator(mode="after")
    def _sound(self) -> Self:
        try:
            Draft202012Validator.check_schema(self.fits or {})
        except SchemaError as error:
            raise ValueError(f"schema is not a JSON Schema: {error.message}") from error
        return self

    @property
    def read_as(self) -> str | None:
        """The type of what conditions read."""
        return "array" if self.kind == "accumulating" else self.type

    def problems(self, value: Any) -> Iterator[str]:
        """What is wrong with a value."""
        schema = {"allOf": [{"type": self.type} if self.type else {}, self.fits or {}]}
        for error in Draft202012Validator(schema).iter_errors(value):
            yield ".".join(["value", *map(str, error.path)]) + f": {rule_of(error)[:200]}"


def check_facts(rules: Mapping[str, FactRule] | None, facts: Sequence[NewFact]) -> None:
    """Raise `Invalid` naming every fact that the workflow does not know, and every value that is not what it declares."""
    if rules is None:
        return
    errors = []
    for fact in facts:
        rule = rules.get(fact.key)
        told = [f"is not declared; there are {', '.join(sorted(rules))}"] if rule is None else rule.problems(fact.value)
        errors += [{"field": fact.key, "problem": problem} for problem in told]
    if errors:
        raise Invalid(
            "The workflow declares other facts: " + "; ".join(f"{e['field']}: {e['problem']}" for e in errors[:20]) + ".",
            errors=errors,
        )
