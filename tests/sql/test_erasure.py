"""Erasing a customer: what is taken out, what stays, what keeps it from happening, and that the journal still verifies."""

import asyncpg
import orjson
import pytest

from blackboard.audit import verify_evidence, verify_export
from blackboard.errors import Conflict, Invalid, NotPermitted
from blackboard.requests import FencedDecision, NewFact
from blackboard.sealer import seal_slice
from blackboard.values import Json, Principal
from tests.factories import Scene
from tests.sql.flows import cancel

NAME, ACCOUNT = "Ottilie Zwirnbaum", "DE75512108001245126199"
PAYLOAD = {"customer": "C-zwirn", "name": NAME, "account": ACCOUNT, "amount": "250.00"}


async def seal(scene: Scene) -> None:
    """Number and seal all that has happened."""
    while await scene.store.sequence_events():
        pass
    while await seal_slice(scene.store):
        pass


async def served(scene: Scene) -> Json:
    """A case of the customer that has gone through hands and ended."""
    case = await scene.open(payload=PAYLOAD, business_key=f"order of {NAME}")
    worker = scene.people["worker"]
    await scene.board.put_facts(worker, case.id, [NewFact(key="holder", value={"name": NAME})])
    [task] = await scene.claim()
    decision = FencedDecision(
        fence=task.fence, outcome="reject", reasons=["unknown"], evidence=[NAME], result={"iban": ACCOUNT}
    )
    await scene.board.decide(worker, task.id, decision)
    await seal(scene)
    return (await scene.board.show_case(scene.people["requester"], case.id)).model_dump(mode="json")


async def dump(connection: "asyncpg.Connection[asyncpg.Record]") -> str:
    """Every row of every table, as text."""
    tables = await connection.fetch(
        "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relkind = 'r'"
        " AND c.relnamespace IN ('board'::regnamespace, 'reading'::regnamespace)"
    )
    rows = [await connection.fetchval(f"SELECT string_agg(t::text, '\n') FROM {table['name']} t") for table in tables]
    return "\n".join(row for row in rows if row)


@pytest.mark.item("S44", "I46")
async def test_nothing_of_an_erased_customer_is_left_in_any_table_and_the_journal_still_verifies(
    scene: Scene, boss: Principal, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Not the name, not the account, not the customer's id; the outcome stays, and so do seals and proofs."""
    case = await served(scene)
    assert NAME in await dump(connection)

    done = (await scene.board.erase_customer(boss, "C-zwirn", "asked for by letter")).value
    await seal(scene)
    left = await dump(connection)

    assert (done.verdict, done.cases) == ("erased", 1)
    assert [value for value in (NAME, ACCOUNT, "C-zwirn", "Zwirnbaum") if value in left] == []
    shown = await scene.board.show_case(boss, case["id"])
    assert (shown.outcome, shown.payload["account"][:7]) == ("rejected", "erased:")
    lines = [orjson.dumps(line).decode() for line in await scene.board.export(boss, None, None, 50_000)]
    assert verify_export(lines).broken == []
    evidence = orjson.loads(orjson.dumps(await scene.board.show_evidence(boss, shown.id), default=str))
    assert verify_evidence(evidence).broken == []


async def test_an_erasure_twice_is_one(scene: Scene, boss: Principal) -> None:
    """The second finds nobody of that name."""
    await served(scene)
    first = (await scene.board.erase_customer(boss, "C-zwirn", "asked for")).value
    again = (await scene.board.erase_customer(boss, "C-zwirn", "asked for")).value

    assert (first.verdict, again.verdict, again.cases) == ("erased", "nothing", 0)


async def test_an_erasure_that_was_cut_off_is_finished_by_asking_again(
    scene: Scene, boss: Principal, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Whether it was cut off before the journal, or between it and the rows."""
    await served(scene)
    begun = await scene.store.begin_erasure(boss, "C-zwirn", "asked for")
    assert begun.verdict == "begun"
    await seal(scene)
    done = (await scene.board.erase_customer(boss, "C-zwirn", "asked for")).value

    assert (done.erasure_id, NAME in await dump(connection)) == (begun.erasure_id, False)


async def test_who_may_not_or_cannot_be_erased_is_told_why(scene: Scene, boss: Principal) -> None:
    """An open case, a hold, what is not sealed yet, a reason that names the customer, and anybody but an operator."""
    case = await scene.open(payload=PAYLOAD)
    with pytest.raises(Conflict, match="have not ended"):
        await scene.board.erase_customer(boss, "C-zwirn", "asked for")
    await cancel(scene, case)
    with pytest.raises(Conflict, match="not sealed"):
        await scene.board.erase_customer(boss, "C-zwirn", "asked for")
    await seal(scene)
    await scene.store.place_hold(boss, "entity", "C-zwirn", "a lawsuit")
    with pytest.raises(Conflict, match="holds"):
        await scene.board.erase_customer(boss, "C-zwirn", "asked for")
    with pytest.raises(Invalid):
        await scene.board.erase_customer(boss, "C-zwirn", "C-zwirn asked")
    with pytest.raises(NotPermitted):
        await scene.board.erase_customer(scene.people["requester"], "C-zwirn", "asked for")
    assert (await scene.board.show_case(boss, case.id)).payload == PAYLOAD
