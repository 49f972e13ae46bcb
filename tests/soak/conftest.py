"""How long and how wide the tests of faults are: small in the suite, long with `make soak`. Each tells what really fired."""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import NamedTuple

import asyncpg
import pytest

from tests.conftest import Database
from tests.factories import Scene, make_scene
from tests.http.conftest import Api, serve
from tests.soak.faults import Faults

SMALL_S = 1.0


class Scale(NamedTuple):
    """How much of it: seconds that faults go on for, streams that are open, and whether limits of time are kept."""

    seconds: float
    streams: int
    is_long: bool


def pytest_addoption(parser: pytest.Parser) -> None:
    """The size of a soak."""
    group = parser.getgroup("soak")
    group.addoption("--soak-s", type=float, default=SMALL_S, help="seconds that faults go on for, in each test")
    group.addoption("--soak-streams", type=int, default=100, help="streams that are open during a deploy")


@pytest.fixture
def scale(request: pytest.FixtureRequest) -> Scale:
    """As the options say."""
    seconds = request.config.getoption("--soak-s")
    return Scale(seconds, request.config.getoption("--soak-streams"), seconds > SMALL_S)


@pytest.fixture(autouse=True)
def limited(request: pytest.FixtureRequest, scale: Scale) -> None:
    """A test may take as long as its faults go on, and as it takes to begin and to look at the end."""
    request.node.add_marker(pytest.mark.timeout(120 + 4 * scale.seconds))


@pytest.fixture
def faults(request: pytest.FixtureRequest, scale: Scale) -> Iterator[Faults]:
    """What fires; the test fails if nothing does."""
    faults = Faults(keeps_limits=scale.is_long)
    yield faults
    request.node.user_properties.append(("faults", str(faults)))
    assert faults.count, "no fault fired, so nothing was shown"


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A line per test, whichever process ran it."""
    reports = [report for found in terminalreporter.stats.values() for report in found if isinstance(report, pytest.TestReport)]
    told = [(r.nodeid.rpartition("::")[2], text) for r in reports for name, text in r.user_properties if name == "faults"]
    if told:
        terminalreporter.section("faults that fired")
    for name, text in dict(told).items():
        terminalreporter.write_line(f"{name}: {text}")


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    """A tenant with people and a workflow."""
    async with AsyncExitStack() as stack:
        yield await make_scene(stack, database.url, database.app_url)


@pytest.fixture
async def operator(database: Database) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    """A superuser's connection."""
    connection = await asyncpg.connect(database.url)
    yield connection
    await connection.close()


@pytest.fixture
async def api(scene: Scene) -> AsyncIterator[Api]:
    """A board that listens, in this process."""
    async with serve(scene) as api:
        yield api
