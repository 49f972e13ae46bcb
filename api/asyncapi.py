"""The stream as an AsyncAPI 3.0 document, made from the models of its frames and of the journal's events.

What a client must do with the frames is told in STREAM.md.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Literal
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from blackboard import field_class
from blackboard.events import EVENTS
from blackboard.field_class import FieldClass
from blackboard.rights import INNER
from blackboard.values import Frozen, Json

router = APIRouter(tags=["events"])

PATH = "/v1/events"
_SCHEMAS = "#/components/schemas/"
_CURSOR = r"^\d+\.\d+$"
_MASKED = "Masked"


class JournalEvent(Frozen):
    """An entry of the journal, as CloudEvents 1.0 JSON."""

    id: str = Field(pattern=_CURSOR, description="The cursor: epoch and position. The same as the frame's `id`.")
    prev: int = Field(description="The position of the event before it on this stream, or of where the stream began.")
    left: Literal[True] = Field(True, description="In frames named `left`: what it tells of belonged here and no longer does.")
    filters: list[int] = Field(default_factory=list, description="Of several filters those that it fits, by place from 0.")
    folded: list[int] = Field(default_factory=list, description="With `fold`, earlier positions of its case, left out for it.")
    specversion: Literal["1.0"]
    source: Literal["/blackboard"]
    type: str = Field(description="A type of the table; see the messages.")
    subject: str | None = Field(description="`cases/ID` or `cases/ID/tasks/ID`.")
    time: datetime = Field(description="By the database's clock. It does not order events; positions do.")
    datacontenttype: Literal["application/json"]
    position: int = Field(description="Its place in the journal of all tenants.")
    actor: str = Field(description="The agent that did it, or `board`.")
    case_id: UUID | None
    task_id: UUID | None
    workflow: str | None
    stage: str | None
    capability: str | None
    data: Json


class Erased(Frozen):
    """What stands where something told of a person who was erased: the digest under which it was sealed."""

    erased: str = Field(pattern=r"^[0-9a-f]{64}$")


class Ready(Frozen):
    """Where the stream begins, and how it will behave."""

    stream: UUID = Field(description="Under this the journal tells who read what: `stream.opened` and `stream.closed`.")
    epoch: int
    start: str = Field(pattern=_CURSOR, description="Events after this follow.")
    head: str = Field(pattern=_CURSOR, description="The journal's end at this moment.")
    floor: str = Field(pattern=_CURSOR, description="Nothing at or before this is kept.")
    server_time: datetime
    heartbeat_s: float = Field(description="About so often something comes. After 2.5 of it in silence the connection is dead.")
    max_age_s: float = Field(description="About when the stream will be rotated with a `bye`.")
    filter: Json | list[Json] = Field(description="What was understood; a list where several were asked for.")


class Reset(Frozen):
    """The stream cannot go on from where its reader was. Read the snapshot; the stream goes on after the cursor."""

    reason: Literal["expired", "rewound", "malformed"]
    snapshot: Literal["/v1/cases"]
    cursor: str = Field(pattern=_CURSOR)


class Bye(Frozen):
    """The last frame. Come back after `retry`."""

    reason: Literal["rotation", "shutdown", "rights_changed", "overloaded", "unavailable"]
    cursor: str | None = Field(None, pattern=_CURSOR, description="How far this stream was; lacking where it never began.")


class Bookmark(Frozen):
    """No data: an `id` alone, which moves the cursor. It is the heartbeat."""


FRAMES: Mapping[str, type[BaseModel]] = {"ready": Ready, "reset": Reset, "bye": Bye, "bookmark": Bookmark}
# The lines of a frame beside its data.
_LINES = {"ready": ("event", "retry"), "reset": ("event",), "bye": ("event", "retry"), "bookmark": ("id",)}


@router.get("/asyncapi.json", include_in_schema=False)
async def asyncapi(request: Request) -> Json:
    """What stands on the wire of the stream, for machines."""
    servers = {"board": {"host": request.url.netloc, "protocol": request.url.scheme}}
    return {**document(), "servers": servers, "operations": {"follow": _operation(request.app.openapi())}}


@cache
def document() -> Json:
    """All of it but for what differs from one installation to another."""
    messages = {f"event.{kind}": _event(kind) for kind in EVENTS} | {name: _frame(name) for name in FRAMES}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Blackboard: the event stream",
            "version": "1",
            "description": "Every change on the board, in order, as server-sent events. How a client follows: api/STREAM.md.",
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": PATH,
                "description": "Without a filter everything but the events about streams, which auditors ask for by type.",
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
            }
        },
        "components": {
            "messages": messages,
            "schemas": _schemas(),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer"},
                "ticket": {"type": "httpApiKey", "name": "ticket", "in": "query"},
            },
        },
    }


def _operation(openapi: Json) -> Json:
    parameters = [each for each in openapi["paths"][PATH]["get"]["parameters"] if each["in"] == "query"]
    query = {each["name"]: {"description": each.get("description", ""), **each["schema"]} for each in parameters}
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/events"},
        "summary": "The board tells what happens to whoever follows.",
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in ("key", "ticket")],
        "bindings": {
            "http": {"method": "GET", "query": {"type": "object", "properties": query}, "bindingVersion": "0.3.0"},
        },
    }


def _event(kind: str) -> Json:
    data = EVENTS[kind].data.__name__
    forms = [data, data + _MASKED] if data + _MASKED in _schemas() else [data]
    told = {"type": {"const": kind}, "data": {"anyOf": [{"$ref": _SCHEMAS + form} for form in forms]}}
    return {
        "name": kind,
        "summary": EVENTS[kind].meaning,
        "headers": _lines(("id", "event"), "left", ["id"]),
        "payload": {"allOf": [{"$ref": _SCHEMAS + "JournalEvent"}, {"type": "object", "properties": told}]},
    }


def _frame(name: str) -> Json:
    model = FRAMES[name]
    return {
        "name": name,
        "summary": model.__doc__,
        "headers": _lines(_LINES[name], name, _LINES[name]),
        "payload": {"$ref": _SCHEMAS + model.__name__},
    }


def _lines(names: Iterable[str], event: str, required: Iterable[str]) -> Json:
    """The lines of a frame that stand before its data."""
    known = {
        "id": {"type": "string", "pattern": _CURSOR},
        "event": {"const": event},
        "retry": {"type": "integer", "description": "Milliseconds, drawn for each connection."},
    }
    return {"type": "object", "properties": {name: known[name] for name in names}, "required": list(required)}


@cache
def _schemas() -> Json:
    """The frames, and the events' data, plain and as requesters see it."""
    models: set[type[BaseModel]] = {kind.data for kind in EVENTS.values()}
    told = _defined({*models, Erased})
    for form in {form for model in models for form in field_class.forms(model)}:
        _let_be_erased(told[form.__name__], field_class.of_class(form, FieldClass.PERSONAL))
    masked = {name for name, schema in told.items() if INNER & schema.get("properties", {}).keys()}
    forms = {name + _MASKED: _masked(told[name]) for name in masked}
    # A union has such a form where one of its members has.
    for name, schema in told.items():
        members = [str(each.get("$ref", "")).removeprefix(_SCHEMAS) for each in schema.get("anyOf", ())]
        if masked.intersection(members):
            refs = [{"$ref": _SCHEMAS + (member + _MASKED if member in masked else member)} for member in members]
            forms[name + _MASKED] = {"title": name + _MASKED, "anyOf": refs}
    return told | forms | _defined({JournalEvent, *FRAMES.values()})


def _let_be_erased(schema: Json, personal: Iterable[str]) -> None:
    """In place of each of these members there may be the digest of what it was."""
    for name in personal:
        schema["properties"][name] = {"anyOf": [schema["properties"][name], {"$ref": _SCHEMAS + Erased.__name__}]}


def _defined(models: Iterable[type[BaseModel]]) -> Json:
    """The schemas by name. They allow members that they do not name: such may be added."""
    ordered = sorted(models, key=lambda model: model.__name__)
    _, told = models_json_schema([(model, "validation") for model in ordered], ref_template=_SCHEMAS + "{model}")
    found: Json = told["$defs"]
    for schema in found.values():
        schema.pop("additionalProperties", None)
    return found


def _masked(schema: Json) -> Json:
    """The data as a requester sees it: members left out, and named."""
    hidden = sorted(INNER & schema["properties"].keys())
    shown = {name: told for name, told in schema["properties"].items() if name not in hidden}
    return {
        **schema,
        "title": schema["title"] + _MASKED,
        "description": "As a requester sees it.",
        "properties": {**shown, "masked": {"type": "array", "items": {"enum": hidden}, "minItems": 1}},
        "required": [name for name in schema.get("required", ()) if name not in hidden] + ["masked"],
    }
