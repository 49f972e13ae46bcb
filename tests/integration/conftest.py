"""Several connections to one real database."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from tests.conftest import Database
from tests.factories import Scene, make_scene


@pytest.fixture
async def scene(database: Database) -> AsyncIterator[Scene]:
    """A tenant with people and a workflow."""
    async with AsyncExitStack() as stack:
        yield await make_scene(stack, database.url, database.app_url)
