"""JSON Schemas that users write: whether they are any, and what of a value does not fit, in the author's own words."""

from collections.abc import Iterator

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError

from blackboard.errors import Invalid
from blackboard.values import Json


def bad_schema(schema: Json, field: str) -> Iterator[str]:
    """What is wrong with a schema; nothing when it is one."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        yield f"{field} is not a JSON Schema: {error.message}"


def check_fit(schema: Json, value: Json, of: str, whose: str) -> None:
    """Raise `Invalid` naming every field of a value that is not what its schema, `whose` says of what, asks for."""
    errors = sorted(Draft202012Validator(schema).iter_errors(value), key=lambda error: list(map(str, error.path)))
    if errors:
        told = [{"field": _field(of, error), "problem": _problem(error)} for error in errors]
        said = "; ".join(f"{each['field']}: {each['problem']}" for each in told)
        raise Invalid(f"The {of} does not fit {whose}: {said}.", errors=told)


def _field(of: str, error: ValidationError) -> str:
    missing = error.message.split("'")[1] if error.validator == "required" else None
    return ".".join([of, *map(str, error.path), *([missing] if missing else [])])


def _problem(error: ValidationError) -> str:
    """The schema author's hint where there is one, else the validator's own sentence."""
    hint = error.schema.get("x-hint") if isinstance(error.schema, dict) else None
    return "is missing" if error.validator == "required" else str(hint or rule_of(error))


def rule_of(error: ValidationError) -> str:
    """The rule that was broken, without the value: it may tell of a person, and errors are kept where that is not known."""
    return error.message.removeprefix(repr(error.instance)).strip()
