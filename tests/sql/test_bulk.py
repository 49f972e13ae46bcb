"""Many cases opened at once, with a verdict on each."""

from blackboard import workflow
from blackboard.once import Once
from blackboard.requests import NewCase
from tests.factories import Scene
from tests.sql.flows import HEAD, TIMEOUT, all_cases


def keyed(*names: str) -> list[Once]:
    """A key for each case of a bulk."""
    return [Once("POST /v1/cases", name, name.encode().ljust(32)) for name in names]


async def test_a_bulk_has_one_verdict_per_case(scene: Scene) -> None:
    """One bad case changes nothing for the others."""
    await scene.load(workflow.parse(HEAD + TIMEOUT))
    flow = NewCase(workflow="flow", payload={"customer": "C-1"}, business_key="INV-7")
    news = [
        flow,
        flow.model_copy(update={"payload": {}, "business_key": None}),
        flow,
        flow.model_copy(update={"workflow": "missing"}),
        flow.model_copy(update={"business_key": "INV-8"}),
    ]

    told = await scene.board.open_cases(scene.people["requester"], news, keyed("a", "b", "c", "d", "e"))

    assert [item.verdict for item in told.items] == ["opened", "invalid", "duplicate-business-key", "not-found", "opened"]
    assert [case.id for case in (await all_cases(scene))[::-1]] == [item.id for item in told.items if item.id]


async def test_a_bulk_that_is_repeated_opens_nothing_twice(scene: Scene) -> None:
    """What was opened is told again with its id, what is new is opened."""
    new, requester = NewCase(workflow="small", payload={"customer": "C-1"}), scene.people["requester"]
    first = await scene.board.open_cases(requester, [new, new], keyed("a", "b"))
    second = await scene.board.open_cases(requester, [new, new, new], keyed("b", "c", "a"))

    assert [item.verdict for item in second.items] == ["replayed", "opened", "replayed"]
    assert [second.items[2].id, second.items[0].id] == [item.id for item in first.items]
    assert len(await all_cases(scene)) == 3


async def test_a_key_twice_in_one_bulk_opens_one_case(scene: Scene) -> None:
    """The second is refused, for nobody can tell the two apart."""
    new = NewCase(workflow="small", payload={"customer": "C-1"})
    told = await scene.board.open_cases(scene.people["requester"], [new, new], keyed("a", "a"))

    assert [item.verdict for item in told.items] == ["opened", "key-repeated"]
    assert len(await all_cases(scene)) == 1


async def test_a_key_of_another_case_is_refused_in_a_bulk(scene: Scene) -> None:
    """Its neighbour is opened."""
    new, requester = NewCase(workflow="small", payload={"customer": "C-1"}), scene.people["requester"]
    [key] = keyed("a")
    await scene.board.open_case(requester, new, key)
    told = await scene.board.open_cases(requester, [new, new], [key._replace(print=bytes(32)), *keyed("b")])

    assert [item.verdict for item in told.items] == ["key-mismatch", "opened"]


async def test_a_case_that_was_opened_alone_is_told_again_in_a_bulk(scene: Scene) -> None:
    """A key is a key, whichever way it comes."""
    new, requester = NewCase(workflow="small", payload={"customer": "C-1"}), scene.people["requester"]
    case = (await scene.board.open_case(requester, new, *keyed("a"))).value
    told = await scene.board.open_cases(requester, [new], keyed("a"))

    assert [(item.verdict, item.id) for item in told.items] == [("replayed", case.id)]
