"""The counter for facts: what is learnt about a case, what is said of it, and how it was at any time."""

from collections.abc import Sequence
from functools import lru_cache
from uuid import UUID

import orjson
from pydantic import TypeAdapter

from blackboard.answers import Fact, FactPage, FactVerdict, FactVerdicts, Told
from blackboard.cursor import BEGINNING, Cursor, last_position
from blackboard.errors import (
    BlackboardError,
    ClaimLost,
    Conflict,
    DutyClash,
    Invalid,
    NotFound,
    NotPermitted,
    Refused,
    Rewound,
    Stale,
    TooLarge,
)
from blackboard.fact_rules import FactRule, check_facts
from blackboard.lineage import newest, stand
from blackboard.once import Answered, Desk, Once
from blackboard.requests import Mark, NewFact
from blackboard.roles import demand
from blackboard.store import Verbs
from blackboard.values import Frozen, Principal

MAX_FACT_BYTES = 64 * 1024

_FACTS = TypeAdapter(list[Fact])
_RULES = TypeAdapter(dict[str, FactRule])


class _Kept(Frozen):
    """What became of a single fact, and the fact where it was kept."""

    verdict: FactVerdict
    fact: Fact | None


class Facts(Desk):
    """Facts of cases."""

    async def put_facts(
        self,
        who: Principal,
        case_id: UUID,
        facts: Sequence[NewFact],
        once: Once | None = None,
        *,
        task_id: UUID | None = None,
        fence: int | None = None,
    ) -> Answered[FactVerdicts]:
        """Put what was learnt on the board: one verdict per fact. With task and fence it is the holder who speaks."""
        demand(who, "work on a task" if task_id else "tell about a case")
        _refuse_large(facts)

        async def put_them(verbs: Verbs) -> FactVerdicts:
            check_facts(await _rules(verbs, who, case_id), facts)
            return FactVerdicts(items=await verbs.put_facts(who, case_id, facts, task_id=task_id, fence=fence))

        def is_kept(told: FactVerdicts) -> bool:
            return _refused(told.items[0].verdict, case_id) is None

        answered = await self._answer_once(who, once, FactVerdicts, put_them, keep=is_kept)
        # A refusal is committed (the journal has it) before it is raised.
        if error := _refused(answered.value.items[0].verdict, case_id):
            raise error
        return answered

    async def put_fact(
        self,
        who: Principal,
        case_id: UUID,
        fact: NewFact,
        once: Once | None = None,
        *,
        task_id: UUID | None = None,
        fence: int | None = None,
    ) -> Answered[Fact]:
        """Put one fact on the board; it, as it is read now. `Stale` when another version is there than it expects."""
        demand(who, "work on a task" if task_id else "tell about a case")
        _refuse_large([fact])

        async def put_it(verbs: Verbs) -> _Kept:
            check_facts(await _rules(verbs, who, case_id), [fact])
            [verdict] = await verbs.put_facts(who, case_id, [fact], task_id=task_id, fence=fence)
            told = await _read(verbs, who, case_id) if verdict.verdict == "kept" else []
            return _Kept(verdict=verdict, fact=next((one for one in newest(told) if one.key == fact.key), None))

        answered = await self._answer_once(who, once, _Kept, put_it, keep=lambda told: told.fact is not None)
        if answered.value.fact is None:
            verdict = answered.value.verdict
            raise _refused(verdict.verdict, case_id) or _not_kept(fact, verdict)
        return Answered(answered.value.fact, answered.replayed)

    async def mark_fact(
        self, who: Principal, case_id: UUID, key: str, version: int, mark: Mark, reason: str, once: Once | None = None
    ) -> Answered[Told]:
        """Dispute, uphold or retract a version of a fact."""
        demand(who, "uphold a fact" if mark == "upheld" else "tell about a case")

        async def mark_it(verbs: Verbs) -> Told:
            verdict = await verbs.mark_fact(who, case_id, key, version, mark, reason)
            if error := _not_marked(verdict, case_id, f"{key}@{version}"):
                raise error
            return Told(verdict=verdict)

        return await self._answer_once(who, once, Told, mark_it)

    async def show_facts(
        self, who: Principal, case_id: UUID, *, position: str | None = None, history: bool = False, key: str | None = None
    ) -> FactPage:
        """The facts of a case as they are read, or with `history` every version of them; as of a position where one is given.

        `Expired` when the position is no longer kept, `Conflict` when it is yet to come.
        """
        demand(who, "read the board")
        at = None if position is None else await self._find_position(position)
        told = await self._store.show_facts(who, case_id, position=at, history=history)
        if told is None:
            raise NotFound(f"There is no case {case_id}.")
        if "facts" not in told:
            raise _yet_to_come(at, told["epoch"], told["head"])
        every = _FACTS.validate_python(told["facts"])
        facts = [fact for fact in (stand(every) if history else newest(every)) if key in (None, fact.key)]
        if key is not None and not facts:
            raise NotFound(f"Nobody has put a fact {key} about this case{'' if at is None else ' by then'}.")
        return FactPage(facts=facts, epoch=told["epoch"], position=told["head"] if at is None else at)

    async def _find_position(self, asked: str) -> int:
        """The position that a cursor, or a bare number, stands for."""
        head = await self._store.read_head()
        cursor = Cursor.parse(f"{head.epoch}.{asked}" if asked.isdecimal() and asked != "0" else asked)
        if cursor == BEGINNING:
            return head.floor
        if cursor.epoch != head.epoch and cursor.position > last_position(cursor.epoch, head):
            raise Rewound(f"The position {cursor} is not of this journal, which ends at {head.epoch}.{head.head}.")
        if cursor.position > head.head:
            raise _yet_to_come(cursor.position, head.epoch, head.head)
        return cursor.position


async def _rules(verbs: Verbs, who: Principal, case_id: UUID) -> dict[str, FactRule] | None:
    told = await verbs.read_fact_rules(who, case_id)
    return None if told is None else _parsed(orjson.dumps(told))


@lru_cache(maxsize=256)
def _parsed(rules: bytes) -> dict[str, FactRule]:
    """Rules as values. A JSON Schema takes a millisecond to be checked, and there are few of them."""
    return _RULES.validate_json(rules)


async def _read(verbs: Verbs, who: Principal, case_id: UUID) -> list[Fact]:
    told = await verbs.show_facts(who, case_id)
    return _FACTS.validate_python((told or {}).get("facts", []))


def _refuse_large(facts: Sequence[NewFact]) -> None:
    """413, as for any body that is too large: a value of that size is a document, and the board keeps where it is."""
    if not facts:
        raise Invalid("Name at least one fact.")
    for fact in facts:
        if len(orjson.dumps(fact.value)) > MAX_FACT_BYTES:
            raise _too_large(fact)


def _too_large(fact: NewFact) -> TooLarge:
    return TooLarge(
        f"The value of {fact.key} is larger than {MAX_FACT_BYTES} bytes. Keep it elsewhere; put its address and digest here."
    )


def _refused(verdict: str, case_id: UUID) -> BlackboardError | None:
    """The error for facts that the case or the holder's claim does not take."""
    if verdict in _OF_ITEMS or verdict in ("kept", "stale", "too_large"):
        return None
    if verdict == "unknown":
        return NotFound(f"There is no case {case_id}.")
    if verdict == "closed":
        return Conflict("The case has ended; nothing can be added to it.", state="closed")
    if verdict in _OF_CALLERS:
        kind, detail = _OF_CALLERS[verdict]
        return kind(detail)
    return ClaimLost("The claim is over. Stop working on the task; nothing of this write was kept.", reason=verdict)


# What is wrong with who puts facts, whatever they are.
_OF_CALLERS: dict[str, tuple[type[Refused], str]] = {
    "unknown_task": (NotFound, "This case has no such task."),
    "duties": (DutyClash, "What you did on this case keeps you from adding to it: somebody else must."),
    "not_holder": (NotPermitted, "Another agent holds this task."),
}
# What is wrong with a single fact, whoever puts it.
_OF_ITEMS: dict[str, tuple[type[Refused], str]] = {
    "unknown_key": (Invalid, "The case's workflow declares no fact {key}. GET /v1/workflows lists those that it does."),
    "unfit_value": (Invalid, "The value of {key} is not of the type that the case's workflow declares."),
    "not_entitled": (
        NotPermitted,
        "You may not speak as {source_class}: services do for systems of record, people as persons, requesters for customers.",
    ),
    "unknown_input": (
        Invalid,
        "One of the inputs of {key} is no version of a fact of this case that was there before it: {inputs}.",
    ),
    "retracted_input": (Invalid, "One of the inputs of {key} was retracted: {inputs}. Make it of what stands."),
}


def _not_kept(fact: NewFact, verdict: FactVerdict) -> Refused:
    """The error for one fact that was not kept."""
    if verdict.verdict == "stale":
        there = verdict.version or 0
        return Stale(
            f"You expect version {fact.expect or 'none'} of {fact.key}, and version {there or 'none'} is there. Read it, and"
            " say so with If-Match.",
            version=there,
        )
    if verdict.verdict == "too_large":
        return _too_large(fact)
    kind, detail = _OF_ITEMS[verdict.verdict]
    return kind(detail.format(key=fact.key, source_class=fact.source_class, inputs=", ".join(fact.inputs)))


def _not_marked(verdict: str, case_id: UUID, ref: str) -> BlackboardError | None:
    """The error for something that cannot be said of a fact."""
    match verdict:
        case "unknown_fact":
            return NotFound(f"This case has no fact {ref}.")
        case "gone":
            return Conflict(f"{ref} was retracted.", state="retracted")
        case "not_yours":
            return NotPermitted(
                f"You may not say that of {ref}: who put a fact, reviewers and operators retract it, and requesters speak"
                " of the cases that they opened."
            )
        case "own_fact":
            return NotPermitted(f"{ref} is of your own owner. Somebody else must uphold it.")
        case "unknown" | "closed":
            return _refused(verdict, case_id)
    return None


def _yet_to_come(at: int | None, epoch: int, head: int) -> Conflict:
    return Conflict(f"The journal ends at {epoch}.{head}, and {at} is yet to come. Ask again when it is there.", head=head)
