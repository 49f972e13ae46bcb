"""Makes the read models of tenants anew from the journal, while the board works and readers read.

The next edition is filled beside the one that is read, and takes its place at once when it has come as far. Whoever is killed
on the way is followed by the next that starts, from where it came to.
"""

from collections.abc import Callable

from blackboard.errors import Conflict, Expired, NotFound
from blackboard.store import Store

SLICE = 1000
FORGET_SLICE = 5000

_TRIMMED = (
    "The journal was trimmed (BLACKBOARD_JOURNAL_DAYS), so the read models cannot be made anew from it."
    " What is there stays, and goes on."
)

Told = Callable[[str, int, int], None]


async def rebuild(store: Store, tenant: str | None = None, tell: Told = lambda *_: None) -> list[str]:
    """Make every tenant's read models anew, or those of one; the names of those that were. `tell` hears (tenant, position, of).

    `NotFound` where there is no such tenant, `Conflict` where the journal was trimmed: then nothing has changed.
    """
    tenants = await store.list_tenants(tenant)
    if tenant is not None and not tenants:
        raise NotFound(f"There is no tenant {tenant!r}.")
    for tenant_id, name in tenants:
        await _rebuild_one(store, tenant_id, name, tell)
    return [name for _, name in tenants]


async def _rebuild_one(store: Store, tenant_id: int, name: str, tell: Told) -> None:
    try:
        if await store.begin_rebuild(tenant_id) == "trimmed":
            raise Conflict(_TRIMMED)
        done = False
        while not done:
            done, position, until = await store.rebuild_slice(tenant_id, SLICE)
            tell(name, position, until)
    except Expired as error:
        await store.drop_rebuild(tenant_id)
        raise Conflict(_TRIMMED) from error
    finally:
        await _forget(store, tenant_id)


async def _forget(store: Store, tenant_id: int) -> None:
    """What nobody reads any more: of this rebuild, and of those that were killed before they came to this."""
    while await store.forget_editions(tenant_id, FORGET_SLICE):
        pass
