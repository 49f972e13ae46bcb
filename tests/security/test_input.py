"""Whatever is put into whatever place of whatever route: a clear answer, and the board as it was."""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.http.conftest import Api
from tests.security.hostile import Input, Place, Route, asked, corpus, places, routes, turns
from tests.security.table import Tried
from tests.security.wire import Answer, Wire, head, wire

MEBIBYTE = 1024 * 1024
AT_A_TIME = 4
# So many inputs for every route.
MANY, MANY_THOROUGH = 5, 200
# For all that is said over one connection.
PATIENCE_S = 600
# What makes a limit that binds nobody of a body that is let through, so that no input is answered by it.
UNBOUND = {"per": "key", "key_id": "nobody", "per_second": 1_000_000}
# Where a key stands; whoever guesses too often is made to wait.
GUESSES = frozenset({"Authorization", "Cookie"})
# What only the board's own insides are called.
INSIDE = re.compile(
    rb'Traceback|File "/|asyncpg|psycopg|site-packages|relation "|constraint "|board\.[a-z_]+\(|PL/pgSQL|SQLSTATE|\.py"'
)


@pytest.fixture
async def crew(shared: Api) -> Api:
    """A board with somebody in each role."""
    if "boss" not in shared.scene.keys:
        await shared.scene.hire("boss", "first", "second", role="admin", kind="human")
        await shared.scene.hire("looker", "review", role="reviewer", kind="human")
    return shared


@pytest.mark.item("I47", "S36", "S37", "S38", "S45")
@pytest.mark.timeout(1800)
async def test_no_input_on_any_route_makes_the_board_fail(
    crew: Api, tried: Tried, thorough: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """No 5xx, no traceback, nothing of the insides in an answer, memory as before; and the board goes on working."""
    case = await crew.scene.open()
    found = routes(await _schema(crew))
    sent = list(turns(found, MANY_THOROUGH if thorough else MANY))
    todo = iter(sent)
    before = _resident()
    seen: Counter[str] = Counter()
    wrong: list[Any] = []
    known = {"case_id": str(case.id), **UNBOUND}
    with caplog.at_level(logging.ERROR):
        await asyncio.gather(*(_send(crew, todo, known, seen, wrong) for _ in range(AT_A_TIME)))
    grown = _resident() - before
    tried(sum(seen.values()))

    assert wrong == []
    assert [record for record in caplog.records if record.exc_info] == []
    assert grown < 64 * MEBIBYTE, f"grew by {grown // MEBIBYTE} MiB"
    assert seen == {route.name: MANY_THOROUGH if thorough else MANY for route in found}
    assert not thorough or {each for _, _, each in sent} == set(corpus())
    assert (await crew.scene.board.show_case(crew.scene.people["requester"], case.id)).id == case.id


async def _schema(crew: Api) -> Any:
    async with crew.http() as http:
        return (await http.get("/openapi.json")).json()


def _resident() -> int:
    """The memory of this process, in which the board runs."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def _send(
    crew: Api, todo: Iterator[tuple[Route, Place, Input]], known: dict[str, Any], seen: Counter[str], wrong: list[Any]
) -> None:
    """One client after the other over one connection, as long as the board keeps it."""
    people = ["boss", "requester", "worker", "looker"]
    while next_up := next(todo, None):
        async with wire(crew, PATIENCE_S) as line:
            while next_up:
                route, place, each = next_up
                seen[route.name] += 1
                who = people[sum(seen.values()) % len(people)]
                answer = await _ask(crew, line, route, place, each, known, who)
                if fault := _fault(answer, each):
                    wrong.append((route.name, place, each.what, each.text[:80], fault))
                if answer is None or answer.headers.get("connection") == "close":
                    break
                next_up = next(todo, None)


async def _ask(
    crew: Api, line: Wire, route: Route, place: Place, each: Input, known: dict[str, Any], who: str
) -> Answer | None:
    address, extra, body = asked(route, place, each.text, known)
    names = {name.partition(":")[0].lower() for name in extra}
    own = [] if "idempotency-key" in names else [f"Idempotency-Key: {uuid4().hex}"]
    own += [] if "content-type" in names or body is None else ["Content-Type: application/json"]
    own += [] if "accept" in names else ["Accept: application/json"]
    length = [] if body is None else [f"Content-Length: {len(body)}"]
    signed = who if "authorization" not in names and "cookie" not in names else None
    line.send(head(crew, f"{route.method} {address}", *own, *extra, *length, who=signed) + (body or b""))
    return await line.answer(method=route.method)


@cache
def _told_before() -> frozenset[bytes]:
    """What looks like a call of the board's functions and stands in an input: what was kept of one is read back by others."""
    everything = b" ".join(each.text.encode("utf-8", "surrogatepass") for each in corpus())
    return frozenset(re.findall(rb"board\.[a-z_]+\(", everything))


def _fault(answer: Answer | None, each: Input) -> str:
    """What is wrong with an answer; nothing, if it is one that may be given."""
    if answer is None:
        return "hung up without a word"
    if answer.status >= 500 or (answer.status == 429 and each.what not in GUESSES):
        return f"{answer.status} {answer.body[:300]!r}"
    for inside in INSIDE.finditer(answer.body):
        if inside[0] not in each.text.encode("utf-8", "surrogatepass") and inside[0] not in _told_before():
            return f"tells of {inside[0]!r}: {answer.body[:300]!r}"
    if answer.status >= 400:
        told = json.loads(answer.body)
        if not (told["type"].startswith("urn:blackboard:problem:") and told["detail"] and told["request_id"]):
            return f"no problem: {answer.body[:200]!r}"
    return "" if len(answer.body) < MEBIBYTE else f"{len(answer.body)} bytes"


def test_every_kind_of_input_has_a_place() -> None:
    """And none is in the corpus twice; there are thousands."""
    assert len(corpus()) >= 2_000
    assert {each.kind for each in corpus()} == {"texts", "values", "bodies", "headers", "addresses"}
    assert len({(each.kind, each.text) for each in corpus()}) == len(corpus())
    assert places(Route("GET", "/healthz", (), None, {}), "bodies") == []
