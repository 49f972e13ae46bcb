"""Where an endpoint stands: compared and set, whoever sends; failures counted once, and pauses that grow."""

from datetime import datetime

import asyncpg
import pytest

from blackboard.errors import Conflict
from blackboard.reports import DueWebhook, Failed
from blackboard.requests import NewWebhook
from blackboard.values import Principal
from tests.factories import Clock, Scene

NEW = NewWebhook(url="https://1.1.1.1/hooks", reason="crm")
SECRET = "whsec_AAAA"


async def due(scene: Scene) -> DueWebhook:
    """The endpoint as a sender finds it now."""
    [found] = await scene.store.due_webhooks([], 10)
    return found


@pytest.fixture
async def found(scene: Scene, boss: Principal, clock: Clock, connection: "asyncpg.Connection[asyncpg.Record]") -> DueWebhook:
    """An endpoint to which something is due."""
    await scene.store.put_webhook(boss, "crm", NEW, SECRET)
    await scene.open()
    await connection.execute("SELECT board.sequence_events()")
    del clock
    return await due(scene)


def failure(found: DueWebhook, wait_s: float | None = None) -> Failed:
    """What comes next could not be delivered."""
    return Failed(position=found.position + 1, prev=found.prev, error="answered 500", status=500, wait_s=wait_s)


async def next_try(scene: Scene, boss: Principal) -> datetime:
    """When it is tried again."""
    [webhook] = await scene.store.list_webhooks(boss)
    return webhook.next_try_at


async def test_of_two_senders_one_moves_the_cursor(scene: Scene, found: DueWebhook) -> None:
    """The other's turn is over."""
    moves = [await scene.store.advance_webhook(found, found.position + 1, found.position + 1) for _ in range(2)]

    assert moves == [True, False]
    assert (await due(scene)).position == found.position + 1


async def test_of_two_senders_one_counts_a_failure(scene: Scene, boss: Principal, found: DueWebhook) -> None:
    """Or an event would be given up after half its attempts."""
    noted = [await scene.store.fail_webhook(found, failure(found), 2, 10) for _ in range(2)]
    [webhook] = await scene.store.list_webhooks(boss)

    assert (noted, webhook.failures, webhook.dead) == ([True, False], 1, 0)


async def test_a_sender_that_comes_late_undoes_no_replay(scene: Scene, boss: Principal, found: DueWebhook) -> None:
    """What it sent before is sent again."""
    await scene.store.advance_webhook(found, found.head, found.head)
    late = found.model_copy(update={"position": found.head})
    await scene.store.replay_webhook(boss, "crm", found.position, "again")

    assert not await scene.store.advance_webhook(late, found.head + 1, found.head + 1)
    assert (await due(scene)).position == found.position


async def test_pauses_double_up_to_an_hour(scene: Scene, boss: Principal, found: DueWebhook, clock: Clock) -> None:
    """Each between half and the whole, so that endpoints which failed together do not come back together."""
    for nth in range(14):
        at = await due(scene)
        await scene.store.fail_webhook(at, failure(at), 50, 5)
        pause_s = ((await next_try(scene, boss)) - clock.now).total_seconds()
        whole_s = min(3600, 5 * 2**nth)

        assert whole_s / 2 <= pause_s <= whole_s
        assert await scene.store.due_webhooks([], 10) == []
        await clock.pass_(whole_s)
    del found


async def test_a_pause_is_as_long_as_it_was_asked_for(scene: Scene, boss: Principal, found: DueWebhook, clock: Clock) -> None:
    """An hour at most."""
    await scene.store.fail_webhook(found, failure(found, wait_s=120), 50, 5)
    first = (await next_try(scene, boss)) - clock.now
    await clock.pass_(120)
    at = await due(scene)
    await scene.store.fail_webhook(at, failure(at, wait_s=1e9), 50, 5)
    second = (await next_try(scene, boss)) - clock.now

    assert (first.total_seconds(), second.total_seconds()) == (120, 3600)


async def test_an_old_secret_signs_for_a_day(scene: Scene, boss: Principal, found: DueWebhook, clock: Clock) -> None:
    """The newest stands first."""
    await scene.store.rotate_secret(boss, "crm", "whsec_BBBB", "leaked")
    at_once = (await due(scene)).secrets
    await clock.pass_(24 * 3600)

    assert (found.secrets, at_once, (await due(scene)).secrets) == ([SECRET], ["whsec_BBBB", SECRET], ["whsec_BBBB"])


async def test_who_works_comes_before_who_failed(scene: Scene, boss: Principal, found: DueWebhook, clock: Clock) -> None:
    """However long the other has waited; and who is at work already is left out."""
    await scene.store.fail_webhook(found, failure(found), 50, 5)
    await clock.pass_(3600)
    await scene.store.put_webhook(boss, "erp", NEW, SECRET)
    await scene.store.replay_webhook(boss, "erp", 0, "all")
    names = [webhook.name for webhook in await scene.store.due_webhooks([], 10)]

    assert names == ["erp", "crm"]
    assert [webhook.name for webhook in await scene.store.due_webhooks([found.id], 10)] == ["erp"]


async def test_a_tenant_has_a_hundred_webhooks_at_most(scene: Scene, boss: Principal) -> None:
    """One more is refused, and says what to do."""
    for nth in range(100):
        await scene.store.put_webhook(boss, f"hook-{nth}", NEW, SECRET)

    with pytest.raises(Conflict, match="drop one first"):
        await scene.store.put_webhook(boss, "one-more", NEW, SECRET)
    assert len(await scene.store.list_webhooks(boss)) == 100


async def test_the_journal_is_told_the_host_alone(
    scene: Scene, boss: Principal, connection: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    """Everybody may read it, and what follows the host is often secret."""
    new = NEW.model_copy(update={"url": "https://hooks.example/T0/s3cret?key=s3cret"})
    await scene.store.put_webhook(boss, "crm", new, SECRET)
    await connection.execute("SELECT board.sequence_events()")
    told = [event.told for event in await scene.store.read_journal(0, 100) if event.type == "webhook.put"]

    assert ["hooks.example" in told[0], "s3cret" in told[0], SECRET in told[0]] == [True, False, False]
