"""Each invariant is asked, and finds the lie that is planted for it."""

import asyncpg
import pytest

from agents.bank.ledger import Ledger
from agents.bank.models import TransferOrder
from blackboard import invariants
from blackboard.database import use_json
from blackboard.errors import ClaimLost
from blackboard.invariants import ELSEWHERE, PROMISES
from blackboard.once import Once
from blackboard.requests import NewAction, NewCase, Settlement
from blackboard.states import ActionState
from tests.conftest import Database
from tests.factories import PAYLOAD, Scene

# What a liar with all rights would do. Each is undone before the next.
LIES = {
    "I12": """ALTER TABLE board.idempotency DROP CONSTRAINT idempotency_pkey;
              INSERT INTO board.idempotency SELECT * FROM board.idempotency""",
    "I13": "UPDATE board.idempotency SET status = 503",
    "I15": "UPDATE board.idempotency SET tenant_id = tenant_id + 1",
    "I16": "UPDATE board.idempotency SET answer = 'null'",
    "I18": "UPDATE bank.transfer SET amount = amount + 1",
    "I19": "UPDATE board.action SET state = 'failed', receipt = '{\"code\": \"closed-account\"}'",
    "I20": "UPDATE bank.transfer SET effect_key = 'mine' WHERE effect_key NOT LIKE 'opening:%'",
    "I21": "UPDATE board.action SET digest = sha256('other bytes')",
    "I23": "UPDATE board.action SET state = 'failed', receipt = '{\"code\": \"http-503\"}'",
    "I24": "UPDATE board.action SET state = 'failed', receipt = '{\"code\": \"closed-account\"}'",
    "I25": "UPDATE bank.account SET balance = balance + 1 WHERE account_id = 'CHK-001'",
    "I36": """INSERT INTO board.duty (tenant_id, case_id, owner, duty, agent_id, at)
              SELECT c.tenant_id, c.case_id, 'one', d, c.opened_by, now()
              FROM board.case c, unnest('{maker,checker}'::text[]) AS d;
              INSERT INTO board.apart SELECT c.tenant_id, c.workflow_id, d.one, d.other FROM board.case c,
                (VALUES ('maker', 'checker'), ('checker', 'maker')) AS d (one, other)""",
    "I37": "UPDATE board.task SET outcome = 'refer'",
    "I26": "UPDATE board.action SET payload = payload || '{\"amount\": 250.001}'",
}


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
    await scene.decide(task, "reject")
    with pytest.raises(ClaimLost):
        await scene.board.settle_action(worker, task.id, action.action_id, settled)


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
    """Planted with all rights, each under the invariant that it breaks."""
    told = []
    for name, lie in LIES.items():
        transaction = connection.transaction()
        await transaction.start()
        executed = await connection.fetchval("SELECT board.list_executed()")
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(lie)
        rows = invariants.together(await invariants.ask_board(connection), await invariants.ask_bank(connection))
        transfers, ordered = [await connection.fetchval(query) for query in (invariants.TRANSFERS, invariants.ORDERED)]
        rows |= await invariants.compare_books(connection, executed, transfers, ordered)
        told += [name] if rows[name][1] else []
        await transaction.rollback()

    assert told == list(LIES)
    assert [name for name in PROMISES if name not in LIES and name not in ELSEWHERE] == []
