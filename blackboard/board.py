"""The board's verbs, in process: one counter for cases, one for tasks in hand, the others for those who run it.

Who may is asked first (roles.py), once or again is settled with the work (once.py), and what may happen at all is decided by
the SQL functions.
"""

from collections.abc import Callable, Collection, Sequence

from blackboard.addresses import Guard
from blackboard.bells import Bells
from blackboard.cases import Cases
from blackboard.chain import Chain
from blackboard.control import Control
from blackboard.duties import Duties, sound_alarm
from blackboard.endpoints import Endpoints
from blackboard.erasure import Erasures
from blackboard.facts import Facts
from blackboard.journal import Entry
from blackboard.keyring import Keyring
from blackboard.permits import Mint
from blackboard.policies import Policies
from blackboard.references import References
from blackboard.reviews import Reviews
from blackboard.store import Store


class Board(Cases, Facts, Reviews, Control, Duties, Endpoints, Policies, Keyring, Chain, Erasures):
    """One per process. `on_commit` is called after every write, so that the sequencer need not wait for its poll."""

    def __init__(
        self,
        store: Store,
        *,
        references: References | None = None,
        guard: Guard | None = None,
        on_commit: Callable[[], None] = lambda: None,
        max_waiting_claims: int = 1000,
        mint: Mint | None = None,
    ) -> None:
        bells = Bells()
        Cases.__init__(self, store, on_commit, bells, references or References({}))
        Reviews.__init__(self, store, on_commit, bells, max_waiting_claims=max_waiting_claims, mint=mint)
        Endpoints.__init__(self, store, on_commit, guard or Guard())

    def close(self) -> None:
        """Let everybody who waits go with what there is."""
        self._closing = True
        self._claims.close()

    @property
    def keys(self) -> set[str]:
        """The keys with which claims wait."""
        return self._claims.keys

    def keys_of(self, agents: Collection[tuple[int, str]]) -> set[str]:
        """Those of these agents."""
        return self._claims.keys_of(agents)

    def cut(self, keys: Collection[str]) -> None:
        """Let claims that wait with these wait no more."""
        self._claims.cut(keys)

    def take(self, entries: Sequence[Entry]) -> None:
        """Ring for what the journal tells: work that is ready, cases that moved."""
        for entry in entries:
            event = entry.event
            if event.type == "workflow.loaded":
                self._asks_results.pop(event.tenant_id, None)
            if event.type == "task.ready" and event.capability is not None:
                self._claims.ring(event.tenant_id, event.capability)
            sound_alarm(event)
            if event.case_id is not None:
                self._bells.ring(("case", event.case_id))
