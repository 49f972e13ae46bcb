"""Asked once, answered once."""

import asyncio

import pytest

from blackboard.bells import Call
from blackboard.errors import ClaimLost, KeyReused, KeyRunning
from blackboard.once import Once
from blackboard.requests import ClaimRequest, FencedDecision, NewCase
from blackboard.workflow import Definition
from tests.factories import Scene, small

NEW = NewCase(workflow="small", payload={"customer": "C-1"})


def once(key: str = "k", print_: bytes = bytes(32), route: str = "POST /v1/cases") -> Once:
    """A key."""
    return Once(route, key, print_)


async def test_the_same_key_gives_the_same_answer(scene: Scene) -> None:
    """And opens one case."""
    requester = scene.people["requester"]

    first, second = [await scene.board.open_case(requester, NEW, once()) for _ in range(2)]

    assert (first.replayed, second.replayed, first.value) == (False, True, second.value)


async def test_an_answer_stands_whatever_changes_later(scene: Scene) -> None:
    """A workflow that now asks for more does not take back what was opened."""
    requester = scene.people["requester"]
    first = await scene.board.open_case(requester, NEW, once())
    stricter = small().model_dump(mode="json") | {"payload": {"type": "object", "required": ["more"]}}
    await scene.load(Definition.model_validate(stricter))

    assert (await scene.board.open_case(requester, NEW, once())).value == first.value


async def test_a_claim_whose_caller_left_is_forgotten(scene: Scene) -> None:
    """Its tasks went back; asked again, the same claim is a new one with a new fence."""
    await scene.open()
    wish, key, gone = ClaimRequest(capabilities=["first"]), once("c", route="POST /v1/claims"), Call()
    gone.hang_up()
    await scene.board.claim(scene.people["worker"], wish, key, call=gone)

    again = await scene.board.claim(scene.people["worker"], wish, key)

    assert (again.replayed, [task.fence for task in again.value.tasks]) == (False, [2])


async def test_the_same_key_with_another_body_is_refused(scene: Scene) -> None:
    """Nothing is opened."""
    await scene.board.open_case(scene.people["requester"], NEW, once())

    with pytest.raises(KeyReused):
        await scene.board.open_case(scene.people["requester"], NEW, once(print_=bytes([1] * 32)))


async def test_a_key_that_is_being_worked_on_is_said_to_be(scene: Scene) -> None:
    """The second caller does not wait and does not work."""
    async with scene.store.transaction() as verbs:
        [mine] = await verbs.recall_answers(scene.tenant_id, [once().row(scene.people["requester"].agent_id)])

        with pytest.raises(KeyRunning):
            await scene.board.open_case(scene.people["requester"], NEW, once())

    assert mine.verdict == "fresh"


async def test_a_key_of_work_that_failed_is_free_again(scene: Scene) -> None:
    """A crash before the commit leaves no trace of the key."""
    try:
        async with scene.store.transaction() as verbs:
            await verbs.recall_answers(scene.tenant_id, [once().row(scene.people["requester"].agent_id)])
            raise LookupError
    except LookupError:
        pass

    assert not (await scene.board.open_case(scene.people["requester"], NEW, once())).replayed


async def test_fifty_at_once_have_one_effect(scene: Scene) -> None:
    """Each is answered with the one case, or told to repeat."""
    board, requester = scene.board, scene.people["requester"]

    async def ask() -> str | None:
        try:
            return str((await board.open_case(requester, NEW, once())).value.id)
        except KeyRunning:
            return None

    answers = {answer for answer in await asyncio.gather(*(ask() for _ in range(50))) if answer}
    page = await board.list_cases(requester)

    assert (len(answers), len(page.cases)) == (1, 1)


async def test_keys_of_two_agents_do_not_meet(scene: Scene) -> None:
    """The same words from somebody else are another request."""
    other = await scene.hire("other", role="requester")

    first, second = [(await scene.board.open_case(who, NEW, once())).value for who in (scene.people["requester"], other)]

    assert first.id != second.id


async def test_a_repeated_claim_gives_the_same_tasks(scene: Scene) -> None:
    """An answer that was lost on the way is asked for again."""
    await scene.open()
    await scene.open()
    wish, key = ClaimRequest(capabilities=["first"]), once("c", route="POST /v1/claims")

    first, second = [await scene.board.claim(scene.people["worker"], wish, key) for _ in range(2)]

    assert (first.value, second.replayed) == (second.value, True)


async def test_an_empty_claim_is_not_remembered(scene: Scene) -> None:
    """The same claim finds work that came later."""
    wish, key = ClaimRequest(capabilities=["first"]), once("c", route="POST /v1/claims")
    await scene.board.claim(scene.people["worker"], wish, key)
    await scene.open()

    assert len((await scene.board.claim(scene.people["worker"], wish, key)).value.tasks) == 1


async def test_a_refused_write_is_not_remembered_as_an_answer(scene: Scene) -> None:
    """The refusal is repeated because the fence is still stale, and both are in the journal."""
    await scene.open()
    [task] = await scene.claim()
    await scene.decide(task, "approve")
    late = FencedDecision(fence=task.fence, outcome="approve", reasons=["because"])

    for _ in range(2):
        with pytest.raises(ClaimLost):
            await scene.board.decide(scene.people["worker"], task.id, late, once("d", route="decision"))
    await scene.store.sequence_events()

    assert [e.type for e in await scene.store.read_journal(0, 100)].count("write.refused") == 2


async def test_a_business_key_has_one_case(scene: Scene) -> None:
    """Two requesters with one business key get one case between them."""
    from blackboard.errors import Duplicate

    named = NEW.model_copy(update={"business_key": "INV-7"})
    await scene.board.open_case(scene.people["requester"], named)

    with pytest.raises(Duplicate):
        await scene.board.open_case(scene.people["requester"], named)
