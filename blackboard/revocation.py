"""Ends what was opened by those whose rights are over: a stream asks for its key once, and may live for ten minutes after.

The journal tells of it at once. What time alone brings about (a key that expires), and what the journal might not have told
yet, is asked for every two seconds.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from blackboard.journal import Entry
from blackboard.loop import Loop
from blackboard.store import Store

INTERVAL_S = 2.0
# An agent's place in the world: tenant and name.
AgentName = tuple[int, str]
_OF_AGENTS = frozenset({"agent.changed", "agent.suspended", "agent.retired"})


class Door(Protocol):
    """What somebody may have opened with a key, and goes through without showing it again."""

    @property
    def keys(self) -> set[str]:
        """The keys under which it stands open for so long that they must be asked after."""

    def keys_of(self, agents: Collection[AgentName]) -> set[str]:
        """Those of these agents."""

    def cut(self, keys: Collection[str]) -> None:
        """Close it for these."""


class Revocation(Loop):
    """Asks after the keys that are at work here. One question, however many streams there are."""

    def __init__(self, store: Store, *doors: Door) -> None:
        super().__init__("revocation", interval_s=INTERVAL_S)
        self._store = store
        self._doors = doors
        self._keys: set[str] = set()
        self._agents: set[AgentName] = set()

    def take(self, entries: Sequence[Entry]) -> None:
        """Hear from the journal whose rights have changed."""
        for entry in entries:
            event = entry.event
            if event.type in ("key.revoked", "key.rotated"):
                self._keys |= {event.body["key_id"]} if event.type == "key.revoked" else set()
                self.wake()
            elif event.type in _OF_AGENTS:
                self._agents.add((event.tenant_id, event.body["agent"]))
                self.wake()

    async def run_once(self) -> bool:
        """Close what a closed key opened, and what an agent opened who is not what he was: he may come again as what he is."""
        told, agents = self._keys, self._agents
        self._keys, self._agents = set(), set()
        for door in self._doors:
            door.cut(told | door.keys_of(agents) if agents else told)
        if keys := set[str]().union(*(door.keys for door in self._doors)):
            closed = await self._store.find_closed_keys(keys)
            for door in self._doors:
                door.cut(closed)
        return False
