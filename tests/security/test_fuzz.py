"""What draws its inputs by itself: from the description of the routes, and from the branches that a parser takes."""

import asyncio
import importlib.util
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.http.conftest import Api
from tests.security.fuzz import TARGETS, read
from tests.security.hostile import ENDLESS, corpus
from tests.security.table import Tried

CHECKOUT = Path(__file__).parents[2]
RUNS, RUNS_THOROUGH = 500, 200_000
EXAMPLES_THOROUGH = 60


@pytest.mark.item("S36", "S39", "S40", "I47")
def test_the_corpus_is_read_or_refused_by_every_parser(tried: Tried) -> None:
    """In words, and without anything else."""
    for target in set(TARGETS) - {"workflow"}:
        for each in corpus():
            read(target, each.text.encode("utf-8", "surrogatepass"))
    tried((len(TARGETS) - 1) * len(corpus()))


@pytest.mark.item("S36", "S39", "S40", "I47")
@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not built for this platform: not run")
@pytest.mark.timeout(3600)
async def test_no_drawn_input_breaks_a_parser(tried: Tried, thorough: bool, tmp_path: Path) -> None:
    """Amounts, cursors, JSON, idempotency keys, workflows: read, or refused in words."""
    runs = RUNS_THOROUGH if thorough else RUNS
    told = {}
    for target in TARGETS if thorough else ["cursor"]:
        command = [
            sys.executable,
            "-m",
            "tests.security.fuzz",
            target,
            f"-runs={runs}",
            f"-artifact_prefix={tmp_path}/",
            "-seed=1",
        ]
        process = await asyncio.create_subprocess_exec(
            *command, cwd=CHECKOUT, env={"PYTHONPATH": str(CHECKOUT)}, stderr=asyncio.subprocess.PIPE
        )
        _, said = await process.communicate()
        told[target] = (process.returncode, said.decode("utf-8", "replace")[-600:] if process.returncode else "")
        tried(runs)

    assert told == dict.fromkeys(told, (0, ""))


@pytest.mark.item("I47", "S45")
@pytest.mark.timeout(3600)
async def test_what_the_description_of_the_routes_allows_and_forbids_is_answered_in_words(
    shared: Api, tried: Tried, thorough: bool
) -> None:
    """Requests drawn from the OpenAPI document, right ones and wrong ones: no 5xx. A few of the routes, or all of them."""
    await shared.scene.hire("boss", "first", "second", role="admin", kind="human")
    async with shared.http() as http:
        document = (await http.get("/openapi.json")).json()
    statuses = await asyncio.to_thread(_draw, shared, document, EXAMPLES_THOROUGH if thorough else 2, 1 if thorough else 30)
    tried(statuses.total())

    assert {asked: n for asked, n in statuses.items() if asked[0] >= 500 or asked[0] == 429} == {}
    assert statuses.total() > 0


def _draw(shared: Api, document: Any, examples: int, step: int) -> Counter[tuple[int, str]]:
    """Ask every `step`-th route so many right and as many wrong things; how often it answered what."""
    import schemathesis
    from schemathesis.generation.modes import GenerationMode

    # One that could not be read has no `ok`, and fails the test.
    found = [each.ok() for each in schemathesis.openapi.from_dict(document).get_all_operations()]  # type: ignore[union-attr]
    statuses: Counter[tuple[int, str]] = Counter()
    for operation in [each for each in found if each.path not in {*ENDLESS, "/v1/events"}][::step]:
        # Whoever may set a limit would be answered by it from then on.
        who = "requester" if operation.path.startswith("/v1/limits") else "boss"
        for mode in GenerationMode:
            _ask(shared, operation.as_strategy(generation_mode=mode), examples, who, statuses)
    return statuses


def _ask(shared: Api, drawn: Any, examples: int, who: str, statuses: Counter[tuple[int, str]]) -> None:
    from hypothesis import HealthCheck, given, settings
    from hypothesis.errors import Unsatisfiable

    bearer = {"Authorization": f"Bearer {shared.scene.keys[who]}"}

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=drawn)
    def ask(case: Any) -> None:
        if "wait_s" in (case.query or {}):
            case.query["wait_s"] = 0
        answer = case.call(base_url=shared.url, headers=bearer, timeout=30)
        statuses[answer.status_code, f"{case.method} {case.path}"] += 1

    # There is nothing wrong that could be said to a route that takes nothing.
    with suppress(Unsatisfiable):
        ask()
