"""Sets a board up for use: a tenant, one agent and key per role, workflows. Done twice it changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from blackboard import keys, migrate, workflow
from blackboard.config import ProvisionSettings
from blackboard.store import Store

TENANT = "demo"


@dataclass(frozen=True)
class Role:
    """An agent that a new board has."""

    name: str
    role: str
    kind: str
    capabilities: tuple[str, ...] = ()


ROLES = (
    Role("admin", "admin", "human"),
    Role("requester", "requester", "service"),
    Role("identity", "agent", "agent", ("identity",)),
    Role("risk", "agent", "agent", ("risk",)),
    Role("execution", "agent", "agent", ("execution",)),
    Role("reviewer", "reviewer", "human", ("review",)),
    Role("auditor", "auditor", "human"),
)


async def provision(store: Store, folder: Path, pepper: bytes) -> None:
    """Make the tenant and its agents; write each one's key to `folder/<role>` (mode 0600) where it has none that works."""
    tenant_id = await store.add_tenant(TENANT)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for role in ROLES:
        if await opens(store, folder / role.name, pepper):
            continue
        # Every reference agent has an owner of its own: duties are separated by owner.
        agent_id = await store.add_agent(
            tenant_id,
            role.name,
            owner=f"{role.name}-owner",
            kind=role.kind,
            role=role.role,
            capabilities=role.capabilities,
        )
        key = keys.mint()
        await store.add_key(tenant_id, agent_id, key.key_id, keys.keyed_hash(key.secret, pepper))
        write_secret(folder / role.name, str(key))


async def set_up(settings: ProvisionSettings, data: Path, workflows: Iterable[Path]) -> None:
    """What `up` does to a database, for installations that start their processes themselves."""
    url = settings.database_url.get_secret_value()
    await migrate.migrate(url)
    if settings.app_password:
        await migrate.add_login(url, settings.app_login, settings.app_password.get_secret_value(), member_of="blackboard_app")
    if settings.bank_password:
        await migrate.add_login(url, settings.bank_login, settings.bank_password.get_secret_value(), schema="bank")
    store = await Store.open(url, max_connections=2)
    try:
        await provision(store, data / "keys", settings.pepper)
        await load_workflows(store, workflows)
    finally:
        await store.close()


async def load_workflows(store: Store, paths: Iterable[Path]) -> dict[str, int]:
    """Load YAML workflows; the version that each has now."""
    tenant_id = await store.add_tenant(TENANT)
    versions = {}
    for path in paths:
        found = workflow.load(path)
        definition = found.model_dump(mode="json")
        versions[found.name] = await store.load_workflow(
            tenant_id, found.name, found.start, definition, found.digest, found.stage_rows(), found.route_rows()
        )
    return versions


async def opens(store: Store, path: Path, pepper: bytes) -> bool:
    """Whether the key in a file opens this board."""
    key = keys.parse(path.read_text().strip()) if path.exists() else None
    found = await store.find_key(key.key_id) if key else None
    return bool(key and found and found.usable and found.secret_hash == keys.keyed_hash(key.secret, pepper))


def write_secret(path: Path, text: str) -> None:
    """A file that only its owner reads, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(text + "\n")
