"""api/STREAM.md is true: each example is brought about on a real board and compared, each table is asked for."""

import asyncio
import inspect
import os
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from api.asyncapi import FRAMES, Bye, Reset
from api.events import MAX_PACE_MS, TICKET_S, events
from api.route import MAX_WAIT_S
from blackboard import cohort, frames, hub, workflow
from blackboard.answers import CaseSummary
from blackboard.config import ServiceSettings
from blackboard.filters import MAX_FILTERS, MAX_VALUE_LENGTH, MAX_VALUES
from blackboard.rights import INNER
from tests.factories import PAYLOAD, TRANSFER, Scene
from tests.http.conftest import Api, fresh_key, serve

DOCUMENT = (Path(__file__).parents[2] / "api" / "STREAM.md").read_text()
EXAMPLES = {f"{found[1]} {found[2]}": found[3] for found in re.finditer(r"```(\w+) (\w+)\n(.*?)```", DOCUMENT, re.DOTALL)}
DIFFERS = {
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}": "UUID",
    r"\b[0-9a-f]{32}\b": "REQUEST",
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)": "TIME",
    r'"ticket":"[\w-]{43}"': '"ticket":"TICKET"',
    r"\d+": "N",
}


def shape(text: str) -> str:
    """The text with everything replaced that differs from one time to the next: ids, times, numbers."""
    for pattern, name in DIFFERS.items():
        text = re.sub(pattern, name, text)
    return text.strip()


# -------------------------------------------------------------------------------------------------------- what is brought about
@asynccontextmanager
async def heard(api: Api, query: str = "", who: str | None = "auditor") -> AsyncIterator[AsyncIterator[str]]:
    """The frames of a stream, as text without the empty line."""
    async with api.http(who) as http, http.stream("GET", f"/v1/events?{query}") as response:
        assert response.status_code == 200, await response.aread()
        async with aclosing(_frames(response)) as found, asyncio.timeout(20):
            yield found


async def _frames(response: httpx.Response) -> AsyncGenerator[str, None]:
    lines: list[str] = []
    async for line in response.aiter_lines():
        if line:
            lines.append(line)
        else:
            yield "\n".join(lines)
            lines = []
    assert lines == [], "the stream ended within a frame"


async def first(found: AsyncIterator[str], word: str) -> str:
    """The next frame with a word in it."""
    async for frame in found:
        if word in frame:
            return frame
    raise AssertionError(f"no frame with {word}")


async def a_transfer(scene: Scene) -> CaseSummary:
    """A transfer whose payer was looked at."""
    await scene.load(workflow.parse(TRANSFER.read_text()))
    case = await scene.open("transfer", PAYLOAD)
    await scene.hire("identity", "identity")
    [task] = await scene.claim("identity", "identity")
    await scene.decide(task, "approve", "identity")
    await scene.store.sequence_events()
    return case


async def ready(scene: Scene) -> str:
    """The greeting."""
    async with serve(scene) as api, heard(api, "stage=review") as found:
        return await anext(found)


async def event(scene: Scene) -> str:
    """What becomes of a new case."""
    case = await a_transfer(scene)
    async with serve(scene) as api, heard(api, f"case={case.id}&after=0") as found:
        return "\n\n".join([await first(found, "case.opened"), await first(found, "task.ready")])


async def left(scene: Scene) -> str:
    """A case moves on to another stage."""
    await a_transfer(scene)
    async with serve(scene) as api, heard(api, "stage=identity&type=case.*&after=0") as found:
        return await first(found, "event: left")


async def bookmark(scene: Scene) -> str:
    """Nothing happens."""
    async with serve(scene, heartbeat_s=0.05) as api, heard(api, "type=nothing") as found:
        return [await anext(found) for _ in range(3)][2]


async def reset(scene: Scene) -> str:
    """Somebody brings a cursor of another board."""
    async with serve(scene) as api, heard(api, "after=9.1") as found:
        return "\n\n".join([await anext(found) for _ in range(3)][1:])


async def bye(scene: Scene) -> str:
    """A stream grows old."""
    async with serve(scene, stream_max_age_s=0.1) as api, heard(api) as found:
        return [frame async for frame in found][-1]


async def overloaded(scene: Scene) -> str:
    """There is no room for another stream."""
    async with serve(scene, max_streams=1) as api, heard(api) as old:
        await anext(old)
        async with heard(api) as found:
            [only] = [frame async for frame in found]
            return only


async def several(scene: Scene) -> str:
    """One event fits two filters."""
    case = await a_transfer(scene)
    query = f"filter=case:{case.id}&filter=type:task.decided,type:case.moved&after=0"
    async with serve(scene) as api, heard(api, query) as found:
        return await first(found, "task.decided")


async def folded(scene: Scene) -> str:
    """One event stands for others."""
    case = await a_transfer(scene)
    async with serve(scene) as api, heard(api, f"case={case.id}&fold=true&after=0") as found:
        return await first(found, "folded")


async def masked(scene: Scene) -> str:
    """Somebody asks who may not know why."""
    await a_transfer(scene)
    async with serve(scene) as api, heard(api, "type=task.decided&after=0", "requester") as found:
        return await first(found, "masked")


async def ticket(scene: Scene) -> str:
    """A browser comes."""
    async with serve(scene) as api, api.http("auditor") as http:
        answer = await http.post("/v1/events/tickets", json={"filters": ["stage:review"]})
        async with heard(api, f"ticket={answer.json()['ticket']}", None) as found:
            assert '"filter":{"stage":["review"]}' in await anext(found)
    return answer.text


async def page(scene: Scene) -> str:
    """Somebody reads and does not follow."""
    await a_transfer(scene)
    async with serve(scene) as api, api.http("auditor") as http:
        headers = {"Accept": "application/json", "Prefer": "wait=5"}
        return (await http.get("/v1/events?type=case.moved", headers=headers)).text


async def problem(scene: Scene) -> str:
    """Somebody misspells a filter."""
    async with serve(scene) as api, api.http("auditor") as http:
        return (await http.get("/v1/events?stages=review")).text


async def snapshot(scene: Scene) -> str:
    """Somebody begins with what there is."""
    async with serve(scene) as api, api.http("auditor") as http:
        return (await http.get("/v1/cases")).text


async def write(scene: Scene) -> str:
    """Somebody reads what they wrote."""
    async with serve(scene) as api, api.http() as http:
        new = {"workflow": "small", "payload": {"customer": "C-1"}}
        answer = await http.post("/v1/cases", json=new, headers={**fresh_key(), "Prefer": "wait=5"})
        read = await http.get(f"/v1/cases?min_position={answer.headers['Board-Position']}")
        assert (answer.status_code, read.status_code) == (201, 200)
    return "\n".join(f"{name}: {answer.headers[name]}" for name in ("Board-Position", "Preference-Applied"))


SITUATIONS: dict[str, Callable[[Scene], Awaitable[str]]] = {
    **{
        f"sse {each.__name__}": each for each in (ready, event, left, bookmark, reset, bye, overloaded, several, folded, masked)
    },
    **{f"json {each.__name__}": each for each in (ticket, page, problem, snapshot)},
    "http write": write,
}


def test_every_example_is_checked() -> None:
    """One that nobody runs would be wrong some day."""
    shown = set(EXAMPLES) - {name for name in EXAMPLES if name.startswith(("sh ", "js "))}

    assert (shown, DOCUMENT.count("```")) == (set(SITUATIONS), 2 * len(EXAMPLES))


@pytest.mark.parametrize("name", SITUATIONS)
async def test_an_example_is_what_comes(scene: Scene, name: str) -> None:
    """Line for line and member for member; only ids, times and numbers are others."""
    assert shape(await SITUATIONS[name](scene)) == shape(EXAMPLES[name])


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name.startswith("sh ")])
async def test_a_command_that_is_shown_works(scene: Scene, name: str) -> None:
    """As it stands there, in a shell."""
    await a_transfer(scene)
    async with serve(scene, stream_max_age_s=0.5) as api:
        process = await asyncio.create_subprocess_exec(
            *("bash", "-euo", "pipefail", "-c", EXAMPLES[name]),
            env={"PATH": os.environ["PATH"], "URL": api.url, "KEY": api.scene.keys["auditor"]},
            stdout=asyncio.subprocess.PIPE,
        )
        async with asyncio.timeout(30):
            told, _ = await process.communicate()

    assert (process.returncode, b'"specversion"' in told or b"event: bye" in told) == (0, True), told


def test_the_script_that_is_shown_listens_to_every_frame() -> None:
    """A browser hears nothing of a named frame that it did not ask for."""
    [script] = [text for name, text in EXAMPLES.items() if name.startswith("js ")]
    named = set(re.findall(r'on\("(\w+)"', script))

    assert named == {*FRAMES, "left", "message"} - {"bookmark"}


# ------------------------------------------------------------------------------------------------------------ what is in tables
def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its first."""
    part = re.split(r"^#+ ", DOCUMENT, flags=re.MULTILINE)
    [text] = [each for each in part if each.startswith(heading + "\n")]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in text.splitlines() if line.startswith("|")]
    return rows[2:]


def names(heading: str) -> set[str]:
    """What stands in backquotes in the first column."""
    return {name for row in table(heading) for name in re.findall(r"`([\w.*]+)`", row[0])}


def test_every_parameter_is_told() -> None:
    """And none that there is not."""
    given = {name for name, each in inspect.signature(events).parameters.items() if "Query(" in str(each.annotation)}
    fields = {"workflow", "stage", "capability", "agent", "type"}

    assert names("Parameters") == given | fields


def test_every_frame_and_reason_is_told() -> None:
    """Those that the code sends, and no others."""
    sent = set(re.findall(r'control\("(\w+)"', inspect.getsource(frames) + inspect.getsource(hub)))

    assert names("Frames") == {*FRAMES, "left"}
    assert sent == set(FRAMES) - {"bookmark"}
    assert names("Reset: start from a snapshot") == set(get_args(Reset.model_fields["reason"].annotation))
    assert names("Bye: come back") == set(get_args(Bye.model_fields["reason"].annotation))


def test_every_member_of_a_frame_is_told() -> None:
    """Of `ready` one by one; what a requester does not see too."""
    assert names("Ready: where it begins") == set(FRAMES["ready"].model_fields)
    [told] = re.findall(r"does\s+not\s+see\s(.*?)\.", DOCUMENT, re.DOTALL)
    assert set(re.findall(r"`(\w+)`", told)) == INNER


def test_every_limit_is_told() -> None:
    """As it is set when nobody sets it."""
    defaults = {name: field.default for name, field in ServiceSettings.model_fields.items()}
    constants: dict[str, Any] = {
        "filters": MAX_FILTERS,
        "values": MAX_VALUES,
        "characters": MAX_VALUE_LENGTH,
        "pace": MAX_PACE_MS,
        "wait": MAX_WAIT_S,
        "ticket": TICKET_S,
        "chunk": cohort.CHUNK_MAX_BYTES // 1024,
    }
    settings = {row[0].strip("`"): float(row[1]) for row in table("Settings of the server")}
    limits = {row[0].strip("`"): float(row[1]) for row in table("Limits of a request")}

    assert settings == {name: defaults[name.removeprefix("BLACKBOARD_").lower()] for name in settings}
    assert limits == constants


@pytest.mark.parametrize("row", table("Refusals"), ids=lambda row: row[0])
async def test_every_refusal_is_as_told(shared: Api, row: list[str]) -> None:
    """Status and type of problem for each request in the table."""
    query, (accept, status, kind) = re.findall(r"`(.*?)`", row[0])[0], (cell.strip("`") for cell in row[1:4])
    async with shared.http(None if "without a key" in row[0] else "auditor") as http:
        headers = {"Prefer": "wait=0", **({"Accept": "application/json"} if accept == "page" else {})}
        answer = await http.request("GET", f"/v1/events{query}", headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (int(status), f"urn:blackboard:problem:{kind}")


def test_the_waiting_times_of_clients_are_those_of_the_frames() -> None:
    """In milliseconds, where the document tells of `retry`."""
    for least, most in (frames.RETRY_MS, frames.RETRY_OVERLOADED_MS):
        assert f"{least:,} to {most:,} ms" in DOCUMENT


def test_the_document_that_machines_read_is_linked() -> None:
    """People who read this one want that one too."""
    assert "/asyncapi.json" in DOCUMENT
