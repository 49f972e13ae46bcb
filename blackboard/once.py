"""Asked once, answered once: the work and its remembered answer share a transaction."""

from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

import orjson
from pydantic import BaseModel

from blackboard.errors import KeyReused, KeyRunning
from blackboard.store import Store, Verbs
from blackboard.values import Json, Principal

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")


class Once(NamedTuple):
    """An idempotency key: on which route, and the SHA-256 of the body in canonical form."""

    route: str
    key: str
    print: bytes

    def row(self, agent_id: int) -> Json:
        """As the SQL functions take it: a key belongs to who sends it."""
        return {"agent_id": agent_id, "route": self.route, "key": self.key, "print": self.print.hex()}


class Answered(NamedTuple, Generic[T]):
    """An answer, and whether it is one that was given before."""

    value: T
    replayed: bool = False


class Desk:
    """What every counter of the board shares: the store, and answering once.

    `on_commit` is called after every write, so that the sequencer need not wait for its poll.
    """

    def __init__(self, store: Store, on_commit: Callable[[], None]) -> None:
        self._store = store
        self._on_commit = on_commit

    async def _told(self, verb: Callable[[Verbs], Awaitable[R]]) -> R:
        """A verb that is idempotent by nature, in a transaction of its own."""
        result = await verb(self._store)
        self._on_commit()
        return result

    async def _recalled(self, who: Principal, once: Once, model: type[T]) -> Answered[T] | None:
        """The answer that was given under this key; None when there is none yet."""
        return await _recall(self._store, who, once, model)

    async def _answer_once(
        self,
        who: Principal,
        once: Once | None,
        model: type[T],
        work: Callable[[Verbs], Awaitable[T]],
        *,
        status: int = 200,
        keep: Callable[[T], bool] = lambda _: True,
    ) -> Answered[T]:
        """Do the work and remember the answer in one transaction, or give the answer that was remembered."""
        async with self._store.transaction(who) as verbs:
            if once is not None and (given := await _recall(verbs, who, once, model)):
                return given
            value = await work(verbs)
            if once is not None and keep(value):
                answer = value.model_dump(mode="json")
                await verbs.keep_answers(who.tenant_id, [{**once.row(who.agent_id), "status": status, "answer": answer}])
        self._on_commit()
        return Answered(value)


def canonical(value: object) -> bytes:
    """JSON with sorted members and no blanks: so order and layout do not matter to a fingerprint; a `Decimal` is its text."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=str)


def refusal(verdict: str) -> KeyReused | KeyRunning | None:
    """Why a key that was recalled may not be worked under; None when it may."""
    if verdict == "mismatch":
        return KeyReused("This Idempotency-Key was used here with another body. Use a new key for a new request.")
    if verdict == "running":
        return KeyRunning("A request with this Idempotency-Key is being worked on. Repeat it.", retry_after_s=1)
    return None


async def _recall(verbs: Verbs, who: Principal, once: Once, model: type[T]) -> Answered[T] | None:
    [stored] = await verbs.recall_answers(who.tenant_id, [once.row(who.agent_id)])
    if stored.verdict == "replayed":
        return Answered(model.model_validate(stored.answer), replayed=True)
    if error := refusal(stored.verdict):
        raise error
    return None
