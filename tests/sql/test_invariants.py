"""Each invariant is asked, and finds the lie that is planted for it."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import asyncpg
import pytest

from agents.bank.ledger import Ledger
from agents.bank.models import TransferOrder
from blackboard import invariants
from blackboard.database import use_json
from blackboard.errors import ClaimLost
from blackboard.invariants import ELSEWHERE, PROMISES
from blackboard.once import Once
from blackboard.requests import NewAction, NewCase, NewFact, Settlement
from blackboard.sealer import seal_slice
from blackboard.states import ActionState
from blackboard.values import Json
from tests.conftest import Database
from tests.factories import PAYLOAD, Scene
from tests.sql.lies import AGREED, DUTIES, LIES, PERMITTED, READ


async def moved(scene: Scene, database: Database) -> None:
    """Money that moved: opened under a key, written down, booked at the bank, settled; and a yes that came too late."""
    await scene.board.open_case(
        scene.people["requester"], NewCase(workflow="small", payload=PAYLOAD), once=Once("POST /v1/cases", "first", bytes(32))
    )
    [task] = await scene.claim()
    worker = scene.people["worker"]
    action = (
        await scene.board.record_action(worker, task.id, NewAction(fence=task.fence, kind="transfer", payload=PAYLOAD))
    ).value
    assert action.action_id is not None
    assert action.effect_key is not None
    ledger = await Ledger.open(database.url)
    await ledger.order(TransferOrder.model_validate(PAYLOAD), action.effect_key)
    await ledger.close()
    settled = Settlement(fence=task.fence, state=ActionState.EXECUTED, receipt={"status": "booked"})
    await scene.board.settle_action(worker, task.id, action.action_id, settled)
    for income in (2000, 2500):
        fact = NewFact(key="income", value=income)
        await scene.board.put_facts(worker, task.case_id, [fact], task_id=task.id, fence=task.fence)
    await scene.decide(task, "reject")
    with pytest.raises(ClaimLost):
        await scene.board.settle_action(worker, task.id, action.action_id, settled)
    while await scene.store.sequence_events():
        pass
    while await seal_slice(scene.store, limit=5):
        pass


@pytest.fixture
async def books(database: Database, connection: "asyncpg.Connection[asyncpg.Record]", scene: Scene) -> None:
    """A board and a bank on which money moved."""
    await connection.execute("CREATE SCHEMA bank")
    await moved(scene, database)
    await use_json(connection)


@pytest.mark.usefixtures("books")
async def test_a_true_board_keeps_every_promise_and_says_what_was_not_asked(database: Database) -> None:
    """Nothing is broken; each promise is named, and what nobody looked at says why."""
    with_bank = await invariants.examine(database.url, database.url)
    without = await invariants.examine(database.app_url)

    assert [finding for finding in with_bank if finding.broken] == []
    assert [finding.invariant for finding in with_bank] == list(PROMISES)
    assert [f.invariant for f in with_bank if not f.looked_at and not f.note] == []
    assert {f.invariant for f in without if f.looked_at is None} - {*ELSEWHERE} == {"I18", "I19", "I20", "I25"}


@pytest.mark.usefixtures("books")
async def test_every_lie_is_found(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Planted with all rights, each under the invariant that it breaks; and what they are built on breaks none."""
    missed = [(name, lie) for name, lie in LIES if not (await told(connection, lie))[name]]
    invented = [
        (name, truth)
        for truth in (PERMITTED, AGREED, DUTIES, READ)
        for name in ("I22", "I35", "I36", "I38")
        if (await told(connection, truth))[name]
    ]

    assert (missed, invented) == ([], [])
    assert sorted({name for name, _ in LIES} | {*ELSEWHERE}) == list(PROMISES)


async def told(connection: "asyncpg.Connection[asyncpg.Record]", lie: str) -> dict[str, list[Json]]:
    """What breaks each invariant when this is so."""
    transaction = connection.transaction()
    await transaction.start()
    executed = await connection.fetchval("SELECT board.list_executed()")
    await connection.execute("SET LOCAL session_replication_role = replica")
    await connection.execute(lie)
    rows = invariants.together(await invariants.ask_board(connection), await invariants.ask_bank(connection))
    transfers, ordered = [await connection.fetchval(query) for query in (invariants.TRANSFERS, invariants.ORDERED)]
    rows |= await invariants.compare_books(connection, executed, transfers, ordered)
    await transaction.rollback()
    return {name: broken for name, (_, broken) in rows.items()}


@pytest.mark.usefixtures("books")
async def test_the_command_names_what_is_broken_and_what_was_not_asked(
    connection: "asyncpg.Connection[asyncpg.Record]", database: Database, tmp_path: Path
) -> None:
    """Exit 6, the rows, and the reason why the bank's books were not looked at."""
    await connection.execute("UPDATE board.idempotency SET status = 503")
    command = [sys.executable, "-m", "blackboard", "doctor", "--invariants", "--data", str(tmp_path)]
    environment = {**os.environ, "DATABASE_URL": database.app_url}
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=PIPE, stderr=PIPE)
    out, errors = await process.communicate()
    lines = {name: line for line in out.decode().splitlines() for name in PROMISES if name in line.split()}

    assert process.returncode == 6, errors.decode()
    assert ("BROKEN" in lines["I13"], "503" in lines["I13"], "kept" in lines["I12"]) == (True, True, True)
    assert ("not asked" in lines["I18"], "--bank-db" in lines["I18"]) == (True, True)
