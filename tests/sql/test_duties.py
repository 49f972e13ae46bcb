"""Who made something does not check it, and who checked it does not carry it out, whatever the keys."""

import asyncio

import asyncpg
import pytest

from blackboard.errors import DutyClash
from blackboard.requests import Failure, NewAction, Rejection
from blackboard.workflow import APART
from tests.conftest import Database
from tests.factories import Clock, Scene
from tests.invariants import Connection
from tests.security.table import Tried
from tests.sql.duties import decide, hire, hire_all, kept_apart, open_by, put
from tests.sql.flows import shown
from tests.sql.tasks import read_journal


@pytest.fixture(autouse=True)
async def people(scene: Scene) -> None:
    """Alice with two keys, Bob, Carol and Dora, and work for them."""
    await hire_all(scene)


async def test_each_does_one_thing(scene: Scene) -> None:
    """Maker, opinion, checker, executor: all are noted, by owner."""
    case = await open_by(scene, "alices-agent")
    await decide(scene, "bob", "look")
    await decide(scene, "carol", "check")
    await decide(scene, "dora", "act", "executed")

    told = (await shown(scene, case)).duties
    assert [(d.duty, d.agent, d.owner) for d in told] == [
        ("maker", "alices-agent", "alice"),
        ("opinion", "bob", "bob"),
        ("checker", "carol", "carol"),
        ("executor", "dora", "dora"),
    ]


@pytest.mark.item("S20", "I36")
async def test_who_opened_a_case_is_not_offered_its_check(scene: Scene) -> None:
    """By whichever key of the same person; others are, and `why` says who is not and by which rule."""
    case = await open_by(scene, "alices-agent")
    await decide(scene, "bob", "look")
    task = (await shown(scene, case)).tasks[-1]

    why = await scene.board.explain_task(scene.people["auditor"], task.id)
    offered = [await scene.claim(who, "check") for who in ("alice", "alices-agent", "bob", "carol")]

    assert {each.agent: (each.may_claim, each.excluded_by) for each in why.agents} == {
        "alice": (False, "alices-agent opened this case (maker)"),
        "alices-agent": (False, "alices-agent opened this case (maker)"),
        "bob": (False, "bob gave an opinion on this case (opinion)"),
        "carol": (True, None),
        "dora": (True, None),
    }
    assert [len(tasks) for tasks in offered] == [0, 0, 0, 1]


@pytest.mark.item("S20", "I36")
async def test_who_checked_does_not_carry_out(scene: Scene) -> None:
    """Nor does who gave an opinion; the maker may, as a customer's own agent does."""
    await open_by(scene, "alice")
    await decide(scene, "bob", "look")
    await decide(scene, "carol", "check")

    assert [len(await scene.claim(who, "act")) for who in ("carol", "bob", "alice")] == [0, 0, 1]


async def test_what_keeps_somebody_from_deciding_is_said(scene: Scene) -> None:
    """When it came up after the claim; the task stays with its holder, who gives it back, and the refusal is journalled."""
    case = await open_by(scene, "alice")
    await decide(scene, "bob", "look")
    [task] = await scene.claim("carol", "check")
    await put(scene, "carol", case, "income")

    with pytest.raises(DutyClash, match=r"carol may not be checker here: carol added to this case \(maker\)"):
        await scene.decide(task, "approve", "carol")

    assert await scene.state(task.id) == "claimed"
    [told] = [event.body for event in await read_journal(scene, "write.refused")]
    assert (told["verb"], told["reason"]) == ("decide", "duties")
    await scene.board.reject(scene.people["carol"], task.id, Rejection(fence=task.fence, reason="my own work"))
    assert len(await scene.claim("dora", "check")) == 1


@pytest.mark.usefixtures("database")
async def test_who_checked_cannot_edit_what_was_checked(scene: Scene) -> None:
    """The fact is not kept, and the journal has it."""
    case = await open_by(scene, "alice")
    await decide(scene, "bob", "look")
    await decide(scene, "carol", "check")

    with pytest.raises(DutyClash, match="keeps you from adding"):
        await put(scene, "carol", case, "income")

    assert (await shown(scene, case)).facts == {}
    assert [event.body["verb"] for event in await read_journal(scene, "write.refused")] == ["put_facts"]


async def test_who_sends_an_action_has_executed(scene: Scene) -> None:
    """From before the first byte on, whoever decides the stage in the end."""
    case = await open_by(scene, "alice")
    await decide(scene, "bob", "look")
    await decide(scene, "carol", "check")
    [task] = await scene.claim("dora", "act")
    await scene.board.record_action(scene.people["dora"], task.id, NewAction(fence=task.fence, kind="pay", payload={}))

    assert [(d.duty, d.agent) for d in (await shown(scene, case)).duties][-1] == ("executor", "dora")
    await scene.decide(task, "back", "dora")
    assert [len(await scene.claim(who, "check")) for who in ("dora", "carol")] == [0, 1]


async def test_an_operator_does_not_resolve_what_duties_forbid(scene: Scene) -> None:
    """An incident of a check is another person's; who resolves it has checked."""
    case = await open_by(scene, "alice")
    await decide(scene, "bob", "look")
    [task] = await scene.claim("carol", "check")
    await scene.board.fail(scene.people["carol"], task.id, Failure(fence=task.fence, reason="oops", retryable=False))

    with pytest.raises(DutyClash):
        await scene.board.resolve_task(scene.people["alice"], task.id, "approve", "it is mine")

    await scene.board.resolve_task(scene.people["dora"], task.id, "approve", "looked at")
    assert [(d.duty, d.agent) for d in (await shown(scene, case)).duties][-1] == ("checker", "dora")


async def test_a_bulk_and_a_schedule_have_makers_and_other_workflows_have_not(scene: Scene) -> None:
    """Each case that is opened, however; nothing is noted where nobody is kept apart."""
    who = scene.people["alice"]
    opened = await scene.store.open_cases(who, [{"workflow": "duties", "payload": {}}, {"workflow": "small", "payload": {}}])

    noted = [(await scene.board.show_case(who, case_id)).duties for _, case_id in opened if case_id]
    assert [[d.duty for d in duties] for duties in noted] == [["maker"], []]


async def test_a_workflow_may_keep_other_pairs_apart(scene: Scene) -> None:
    """Here a maker does not execute, and an opinion forbids nothing; cases of the version before keep its pairs."""
    before = await open_by(scene, "alice")
    await scene.load(kept_apart(("maker", "executor"), ("maker", "checker")))
    await decide(scene, "bob", "look")
    assert await scene.claim("bob", "check") == []
    await decide(scene, "carol", "check", "deny")
    assert (await shown(scene, before)).outcome == "denied"
    await open_by(scene, "alice")
    await decide(scene, "bob", "look")
    await decide(scene, "bob", "check")

    assert [len(await scene.claim(who, "act")) for who in ("alice", "bob")] == [0, 1]


@pytest.mark.item("S20", "I42")
async def test_the_application_cannot_get_around_the_rule(database: Database, scene: Scene) -> None:
    """Its login reads and writes no table, and the functions that note duties are not for it."""
    case = await open_by(scene, "alice")
    alice = scene.people["alice"]
    raw = await asyncpg.connect(database.app_url)
    refused = []
    for query in (
        f"INSERT INTO board.duty VALUES ({scene.tenant_id}, '{case.id}', 'x', 'checker', {alice.agent_id}, NULL, now())",
        "DELETE FROM board.duty",
        "DELETE FROM board.apart",
        "UPDATE board.stage_task SET duty = NULL",
        "UPDATE board.break_glass SET approved_at = now()",
        "INSERT INTO board.delegation DEFAULT VALUES",
        "ALTER TABLE board.duty DISABLE TRIGGER kept_apart",
        f"SELECT board.note_duty({scene.tenant_id}, '{case.id}', {alice.agent_id}, 'checker')",
        "SET ROLE blackboard_owner",
    ):
        try:
            await raw.execute(query)
        except asyncpg.InsufficientPrivilegeError:
            refused.append(query)
        else:
            pytest.fail(query)
    await raw.close()

    assert len(refused) == 9


@pytest.mark.item("S20", "I36")
async def test_not_even_a_superuser_adds_a_duty_that_clashes(scene: Scene, connection: Connection, clock: Clock) -> None:
    """Nor changes or removes one, nor lies about owner and time."""
    case = await open_by(scene, "alice")
    add = "INSERT INTO board.duty VALUES ($1, $2, 'somebody', $3, $4, NULL, '2020-01-01')"
    agents = {name: scene.people[name].agent_id for name in ("alices-agent", "bob")}

    with pytest.raises(asyncpg.PostgresError, match="alices-agent may not be checker here: alice opened this case"):
        await connection.execute(add, scene.tenant_id, case.id, "checker", agents["alices-agent"])
    for query in ("UPDATE board.duty SET owner = 'x'", "DELETE FROM board.duty"):
        with pytest.raises(asyncpg.PostgresError, match="stays noted"):
            await connection.execute(query)

    await connection.execute(add, scene.tenant_id, case.id, "checker", agents["bob"])
    row = await connection.fetchrow("SELECT owner, at FROM board.duty WHERE duty = 'checker'")
    assert row is not None
    assert (row["owner"], row["at"]) == ("bob", clock.now)


@pytest.mark.item("S20")
async def test_of_two_at_once_the_second_is_refused(database: Database, scene: Scene, connection: Connection) -> None:
    """Two transactions add the two halves of a clash without holding the case: the second waits for the first, and sees it."""
    case = await open_by(scene, "alice")
    add = "INSERT INTO board.duty (tenant_id, case_id, owner, duty, agent_id, at) VALUES ($1, $2, '', $3, $4, now())"
    other = await asyncpg.connect(database.url)
    async with connection.transaction():
        await connection.execute(add, scene.tenant_id, case.id, "checker", scene.people["bob"].agent_id)
        late = asyncio.create_task(other.execute(add, scene.tenant_id, case.id, "executor", scene.people["bob"].agent_id))
        async with asyncio.timeout(5):
            while not await connection.fetchval("SELECT cardinality(pg_blocking_pids($1)) > 0", other.get_server_pid()):
                await asyncio.sleep(0.001)
    with pytest.raises(asyncpg.PostgresError, match="bob may not be executor here"):
        await late
    await other.close()


# The owners of four agents, up to their names, and how long the sequences are.
OWNERS = {"aaaa": 2, "aaab": 2, "aabb": 2, "aabc": 3}
DEEDS = [(agent, duty) for agent in range(4) for duty in ("maker", "opinion", "checker", "executor")]
# Tries each deed after those that were accepted before it; the deeds on one path are undone before the next.
WALK = """
CREATE FUNCTION pg_temp.walk(p_tenant integer, p_case uuid, p_agents integer[], p_duties text[], p_depth integer) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  v_told text := '';
BEGIN
  FOR i IN 1 .. cardinality(p_agents) LOOP
    BEGIN
      INSERT INTO board.duty (tenant_id, case_id, owner, duty, agent_id, at)
      VALUES (p_tenant, p_case, '', p_duties[i], p_agents[i], now())
      ON CONFLICT DO NOTHING;
      v_told := v_told || 'y';
      IF p_depth > 1 THEN
        v_told := v_told || pg_temp.walk(p_tenant, p_case, p_agents, p_duties, p_depth - 1);
      END IF;
      RAISE EXCEPTION USING ERRCODE = 'BX001';
    EXCEPTION
      WHEN SQLSTATE 'BX001' THEN NULL;
      WHEN SQLSTATE 'BB409' THEN v_told := v_told || 'n';
    END;
  END LOOP;
  RETURN v_told;
END $$"""


def expected(owners: str, done: list[tuple[int, str]], depth: int) -> str:
    """What should become of each deed after these, and after each that is accepted."""
    told = ""
    for agent, duty in DEEDS:
        pairs = {frozenset((duty, earlier)) for who, earlier in done if owners[who] == owners[agent]}
        if pairs & {frozenset(pair) for pair in APART}:
            told += "n"
        else:
            told += "y" + (expected(owners, [*done, (agent, duty)], depth - 1) if depth > 1 else "")
    return told


@pytest.mark.item("S20", "I36")
@pytest.mark.parametrize(("owners", "depth"), OWNERS.items())
async def test_no_order_of_deeds_gets_around_the_rule(
    scene: Scene, connection: Connection, tried: Tried, owners: str, depth: int
) -> None:
    """Every sequence of deeds of four agents, whoever owns them: refused exactly where one owner would have two duties."""
    agents = [(await hire(scene, f"agent-{n}", f"owner-{owner}")).agent_id for n, owner in enumerate(owners)]
    case = await open_by(scene, "alice")
    await connection.execute(WALK)

    ids, duties = [agents[agent] for agent, _ in DEEDS], [duty for _, duty in DEEDS]
    told = await connection.fetchval("SELECT pg_temp.walk($1, $2, $3, $4, $5)", scene.tenant_id, case.id, ids, duties, depth)

    tried(len(told))

    assert told == expected(owners, [], depth)
