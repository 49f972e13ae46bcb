"""The journal can be checked against the outbox: dense, whole, once, in order. And the check finds what it is there to find."""

import time

from tests.factories import Scene
from tests.soak.audit import Connection, at_rest, broken_rules
from tests.soak.conftest import Scale
from tests.soak.faults import Faults
from tests.soak.writers import Writers

# The block of a case that was opened.
_SOME = "(SELECT position FROM board.journal ORDER BY position OFFSET 3 LIMIT 1)"
_DOUBLE = f"""
INSERT INTO board.journal (position, size, recorded_on, tenant_id, entries)
SELECT (SELECT position + 1 FROM board.journal_head), size, recorded_on, tenant_id, entries
FROM board.journal WHERE position = {_SOME}"""
_EXCHANGE = """
UPDATE board.journal SET entries[1] = entries[2], entries[2] = entries[1]
WHERE position = (SELECT min(position) FROM board.journal WHERE size = 2)"""
DAMAGE = {
    "a block was dropped": (f"DELETE FROM board.journal WHERE position = {_SOME}", "positions are dense"),
    "a block is there twice": (_DOUBLE, "the journal has no block twice, and none that was not written"),
    "an event was altered": (
        f"UPDATE board.journal SET entries[1].actor = 'nobody' WHERE position = {_SOME}",
        "each block of the outbox is in the journal",
    ),
    "two of a case were exchanged": (_EXCHANGE, "the events of a case have the order in which they were written"),
    "its end was forgotten": ("UPDATE board.journal_head SET position = position - 1", "the journal ends where its head says"),
}


async def test_the_journal_is_the_outbox_in_order_and_damage_is_found(
    scene: Scene, operator: Connection, scale: Scale, faults: Faults
) -> None:
    """Written by many at once; then damaged in every way, each in a transaction that is taken back."""
    until = time.monotonic() + scale.seconds / 4
    await operator.execute("SELECT board.sequence_events()")
    await Writers(scene, faults, count=8).write(lambda _: time.monotonic() < until)
    await operator.execute("SELECT board.sequence_events()")
    await at_rest(operator)
    assert await broken_rules(operator) == []
    for damage, (statement, rule) in DAMAGE.items():
        transaction = operator.transaction()
        await transaction.start()
        assert (await operator.execute(statement)).endswith(" 1"), damage
        found = await broken_rules(operator)
        await transaction.rollback()
        faults.fire(damage)
        assert rule in {each.rpartition(":")[0] for each in found}, (damage, found)

    assert await broken_rules(operator) == []
