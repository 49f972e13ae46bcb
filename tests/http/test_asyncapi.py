"""The stream's machine-readable contract: well formed, and true of what is on the wire."""

import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from jsonschema import Draft7Validator, FormatChecker

from api.asyncapi import JournalEvent
from blackboard import workflow
from blackboard.events import EVENTS
from tests.factories import Clock, Scene
from tests.http.conftest import Api, serve
from tests.sql.life import live
from tests.sql.transfers import LETTERS, TRANSFERS

# The schema of AsyncAPI 3.0.0 as its makers publish it (npm @asyncapi/specs, Apache-2.0).
OFFICIAL = Path(__file__).parent / "asyncapi-3.0.0.schema.json.gz"


async def described(own: Api) -> dict[str, Any]:
    """The document, as anybody gets it."""
    async with own.http(None) as http:
        answer = await http.get("/asyncapi.json")
    assert answer.status_code == 200
    return dict(answer.json())


def resolve(document: Mapping[str, Any], ref: str) -> Any:
    """What a reference leads to."""
    found: Any = document
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return found


async def test_the_document_is_asyncapi(own: Api) -> None:
    """As the official schema has it."""
    official = json.loads(gzip.decompress(OFFICIAL.read_bytes()))
    wrong = Draft7Validator(official).iter_errors(await described(own))

    assert [(list(error.path), error.message[:200]) for error in wrong] == []


async def test_every_reference_in_the_document_leads_somewhere(own: Api) -> None:
    """And nothing that it defines is forgotten."""
    document = await described(own)
    refs = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))
    defined = {f"#/components/{kind}/{name}" for kind, names in document["components"].items() for name in names}

    assert [ref for ref in refs if not resolve(document, ref)] == []
    assert defined - refs == set()


async def test_the_document_names_the_server_that_it_was_asked_of(own: Api) -> None:
    """So that it can be used as it is."""
    document = await described(own)

    assert document["servers"]["board"] == {"host": own.url.removeprefix("http://"), "protocol": "http"}


async def test_every_parameter_of_the_stream_is_in_the_document(own: Api) -> None:
    """Those that the route takes."""
    query = (await described(own))["operations"]["follow"]["bindings"]["http"]["query"]["properties"]
    async with own.http("auditor") as http:
        told = (await http.get("/v1/events?nothing=1")).json()["detail"]

    assert set(re.findall(r"\w+", told.partition("There are: ")[2])) == set(query)


async def test_every_type_of_event_is_a_message(own: Api) -> None:
    """With what it means."""
    messages = (await described(own))["components"]["messages"]

    assert {name.removeprefix("event."): each["summary"] for name, each in messages.items() if name.startswith("event.")} == {
        name: kind.meaning for name, kind in EVENTS.items()
    }


@pytest.fixture
async def lived(scene: Scene, connection: "asyncpg.Connection[asyncpg.Record]") -> Scene:
    """A board on which everything has happened."""
    clock = Clock(connection)
    await clock.install()
    for text in (TRANSFERS, LETTERS):
        await scene.load(workflow.parse(text))
    await live(scene, clock, await scene.hire("boss", role="admin"))
    await scene.store.sequence_events()
    return scene


@pytest.mark.parametrize(("who", "unseen"), [("auditor", set()), ("requester", {"stream", "key"})])
async def test_every_event_is_as_its_message_says(lived: Scene, who: str, unseen: set[str]) -> None:
    """Whoever reads it: what a requester does not see is told of too."""
    async with serve(lived) as api, api.http(who) as http:
        document = await described(api)
        headers = {"Accept": "application/json"}
        query = [f"type={family}.*" for family in sorted({kind.partition(".")[0] for kind in EVENTS})]
        page = await http.get(f"/v1/events?after=0&limit=1000&{'&'.join(query)}", headers=headers)
    events = page.json()["events"]
    wrong = []
    for event in events:
        payload = resolve(document, f"#/components/messages/event.{event['type']}")["payload"]
        schema = {**payload, "components": document["components"]}
        wrong += [
            (event, error.message) for error in Draft7Validator(schema, format_checker=FormatChecker()).iter_errors(event)
        ]

    assert wrong == []
    assert [JournalEvent.model_validate_json(json.dumps(event)).id for event in events] == [event["id"] for event in events]
    assert {event["type"] for event in events} == {kind for kind in EVENTS if kind.partition(".")[0] not in unseen}
    assert any("masked" in event["data"] for event in events) == (who == "requester")
