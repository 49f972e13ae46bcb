"""Ends the streams of those whose rights are over: a stream asks for its key once, and may live for ten minutes after."""

from blackboard.hub import Hub
from blackboard.loop import Loop
from blackboard.store import Store

INTERVAL_S = 2.0


class Revocation(Loop):
    """Asks after the keys that have streams open here. One question, however many streams there are."""

    def __init__(self, store: Store, hub: Hub) -> None:
        super().__init__("revocation", interval_s=INTERVAL_S)
        self._store = store
        self._hub = hub

    async def run_once(self) -> bool:
        """Close what a closed key opened."""
        if keys := self._hub.keys:
            self._hub.cut(await self._store.find_closed_keys(keys))
        return False
