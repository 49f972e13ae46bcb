"""Quotas as they are set and shown: by whom, which make sense, and what is told of them."""

from contextlib import AsyncExitStack
from decimal import Decimal

import pytest
from pydantic import ValidationError

from blackboard import workflow
from blackboard.errors import NotFound, NotPermitted
from blackboard.requests import NewQuota
from blackboard.values import Principal
from tests.conftest import Database
from tests.factories import Scene, make_scene
from tests.sql.quotas import EXCLUSIVE, EXPOSURE, RATE, put_quota
from tests.sql.transfers import TRANSFERS, transfer


async def test_a_quota_that_is_not_there_cannot_be_dropped(scene: Scene, boss: Principal) -> None:
    """It says which."""
    with pytest.raises(NotFound, match="one-per-account"):
        await scene.board.drop_quota(boss, "one-per-account")


@pytest.mark.usefixtures("boss")
async def test_why_shows_the_quota_that_a_task_waits_for(scene: Scene) -> None:
    """What it needs, what is in use, and of how much."""
    await put_quota(scene, EXPOSURE)
    await transfer(scene, amount="600")
    case = await transfer(scene, amount="500")
    await scene.claim(limit=10)
    [task] = (await scene.board.show_case(scene.people["auditor"], case.id)).tasks

    why = await scene.board.explain_task(scene.people["auditor"], task.id)

    [use] = why.quotas
    assert (use.name, use.needs, use.used, use.ceiling) == ("in-flight", Decimal(500), Decimal(600), Decimal(1000))
    assert why.answer.startswith("It waits: for room in the quota in-flight")


@pytest.mark.usefixtures("boss")
async def test_why_counts_a_quota_per_agent_for_those_who_may_claim(scene: Scene) -> None:
    """Who opened the case is none of them."""
    await put_quota(scene, EXCLUSIVE, per="agent")
    case = await transfer(scene)
    [task] = (await scene.board.show_case(scene.people["auditor"], case.id)).tasks

    why = await scene.board.explain_task(scene.people["auditor"], task.id)

    assert {use.key for use in why.quotas} <= {"worker", "rival"}


@pytest.mark.usefixtures("database")
async def test_quotas_are_in_the_journal_with_who(scene: Scene, boss: Principal) -> None:
    """What was put, and what was dropped."""
    await put_quota(scene, EXCLUSIVE)
    await scene.board.drop_quota(boss, "one-per-account")

    await scene.store.sequence_events()
    told = [event for event in await scene.store.read_journal(0, 1000) if event.type.startswith("quota.")]

    assert [(event.type, event.actor) for event in told] == [("quota.put", "boss"), ("quota.dropped", "boss")]
    assert [event.body["name"] for event in told] == ["one-per-account"] * 2


@pytest.mark.usefixtures("boss")
async def test_a_quota_of_one_tenant_does_not_touch_another(scene: Scene, database: Database) -> None:
    """Nor does another's work count in it."""
    async with AsyncExitStack() as stack:
        other = await make_scene(stack, database.url, database.app_url, tenant="other")
        await other.load(workflow.parse(TRANSFERS))
        await put_quota(scene, EXCLUSIVE)
        for _ in range(2):
            await transfer(other)
            await transfer(scene)

        assert (len(await other.claim(limit=10)), len(await scene.claim(limit=10))) == (2, 1)
        assert await other.board.list_quotas(other.people["auditor"]) == []


@pytest.mark.parametrize("name", ["requester", "worker", "auditor"])
async def test_only_an_operator_sets_quotas(scene: Scene, name: str) -> None:
    """Everybody may read them."""
    with pytest.raises(NotPermitted):
        await scene.board.put_quota(scene.people[name], NewQuota.model_validate(EXCLUSIVE))

    assert await scene.board.list_quotas(scene.people[name]) == []


@pytest.mark.parametrize(
    ("quota", "changes"),
    [
        (EXCLUSIVE, {"name": "One Per Account"}),
        (EXCLUSIVE, {"kind": "sometimes"}),
        (EXCLUSIVE, {"per": "planet"}),
        (EXCLUSIVE, {"per": "entity"}),
        (EXCLUSIVE, {"per": "entity:"}),
        (EXCLUSIVE, {"per": "entity:Account"}),
        (EXCLUSIVE, {"per": "entity:account\n"}),
        (EXCLUSIVE, {"ceiling": "0"}),
        (EXCLUSIVE, {"ceiling": "-1"}),
        (EXCLUSIVE, {"ceiling": "NaN"}),
        (EXCLUSIVE, {"ceiling": "Infinity"}),
        (EXCLUSIVE, {"ceiling": "0.00001"}),
        (EXCLUSIVE, {"ceiling": "9" * 19}),
        (EXCLUSIVE, {"amount_field": "amount"}),
        (EXCLUSIVE, {"per_second": "1"}),
        (EXCLUSIVE, {"colour": "red"}),
        (EXPOSURE, {"amount_field": None}),
        (EXPOSURE, {"per_second": "1"}),
        (RATE, {"per_second": None}),
        (RATE, {"per_second": "0"}),
        (RATE, {"per_second": "Infinity"}),
        (RATE, {"amount_field": "amount"}),
    ],
)
def test_a_quota_that_makes_no_sense_is_refused(quota: dict[str, str], changes: dict[str, str | None]) -> None:
    """Before the database is asked."""
    with pytest.raises(ValidationError):
        NewQuota.model_validate({**quota, **changes})
