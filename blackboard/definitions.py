"""The workflows as this process knows them: read once, used until the database says that there is a newer version."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple, TypeVar

from blackboard.errors import NotFound
from blackboard.store import Store
from blackboard.values import Principal
from blackboard.workflow import Definition

R = TypeVar("R")


class Version(NamedTuple):
    """A version of a workflow, and what it says."""

    number: int
    definition: Definition


class Outdated(Exception):
    """What was checked against one version of a workflow met a newer one."""


class Definitions:
    """Newest versions, remembered. Reading one for every case that is opened would cost as much as opening it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: dict[tuple[int, str], Version] = {}

    async def newest(self, who: Principal, name: str) -> Version:
        """The newest version as far as is known here. `NotFound` when there is no such workflow."""
        key = (who.tenant_id, name)
        if key not in self._known:
            found = await self._store.list_workflows(who.tenant_id, name)
            if not found:
                known = ", ".join(workflow.name for workflow in await self._store.list_workflows(who.tenant_id))
                raise NotFound(f"There is no workflow {name!r}. There are: {known or 'none yet'}.")
            self._known[key] = Version(found[0].version, Definition.model_validate(found[0].definition))
        return self._known[key]

    async def up_to_date(self, work: Callable[[], Awaitable[R]]) -> R:
        """Do `work`, again with what is newest now when it finds that it was `Outdated`."""
        while True:
            try:
                return await work()
            except Outdated:
                self._known.clear()
