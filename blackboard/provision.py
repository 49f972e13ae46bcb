"""Sets a board up for use: a tenant, one agent and key per role, workflows, policies. Done twice it changes nothing."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from blackboard import keys, migrate, policy, workflow
from blackboard.config import ProvisionSettings
from blackboard.credentials import IssuedKey, NewKey
from blackboard.errors import Conflict, Invalid, SetupError
from blackboard.policy_check import demand_sound
from blackboard.store import Store
from blackboard.values import Principal, demand_name
from blackboard.verbs.keys import Minted

TENANT = "demo"
MAX_VERSIONS = 10_000
_TENANT = re.compile(r"[a-z][a-z0-9-]{0,62}")
_SHIPPED = "shipped with the board"


@dataclass(frozen=True)
class Role:
    """An agent that a new board has."""

    name: str
    role: str
    kind: str
    capabilities: tuple[str, ...] = ()


ROLES = (
    Role("admin", "admin", "human"),
    # Drafts policies: nobody activates what his own owner wrote.
    Role("author", "admin", "human"),
    Role("requester", "requester", "service"),
    Role("identity", "agent", "agent", ("identity",)),
    Role("risk", "agent", "agent", ("risk",)),
    Role("execution", "agent", "agent", ("execution",)),
    Role("reconciliation", "agent", "agent", ("reconciliation",)),
    # What the bank has on record those of the kind `service` repeat, and nobody else may speak for it.
    Role("limits", "agent", "agent", ("limits",)),
    Role("confirmation", "agent", "agent", ("confirmation",)),
    Role("funds", "agent", "service", ("funds",)),
    Role("clearing", "agent", "agent", ("clearing",)),
    Role("copilot", "agent", "service", ("copilot",)),
    Role("applicant", "agent", "agent", ("applicant",)),
    Role("affordability", "agent", "agent", ("affordability",)),
    Role("credit", "agent", "agent", ("credit",)),
    Role("loan-intake", "agent", "agent", ("loan-intake",)),
    Role("loan-terms", "agent", "agent", ("loan-terms",)),
    Role("repayment", "agent", "service", ("repayment",)),
    Role("context", "agent", "service", ("context",)),
    Role("recording", "agent", "service", ("recording",)),
    Role("delinquency", "agent", "agent", ("delinquency",)),
    Role("restructuring", "agent", "agent", ("restructuring",)),
    Role("concentration", "agent", "agent", ("concentration",)),
    Role("suitability", "agent", "agent", ("suitability",)),
    Role("fraud-intake", "agent", "agent", ("fraud-intake",)),
    Role("fraud-velocity", "agent", "agent", ("fraud-velocity",)),
    Role("fraud-payee", "agent", "agent", ("fraud-payee",)),
    Role("fraud-pattern", "agent", "agent", ("fraud-pattern",)),
    Role("fraud-verification", "agent", "agent", ("fraud-verification",)),
    Role("trade-validation", "agent", "agent", ("trade-validation",)),
    Role("trade-reconciliation", "agent", "agent", ("trade-reconciliation",)),
    Role("trade-limits", "agent", "agent", ("trade-limits",)),
    Role("kyc-documents", "agent", "agent", ("kyc-documents",)),
    Role("kyc-screening", "agent", "agent", ("kyc-screening",)),
    Role("kyc-rating", "agent", "agent", ("kyc-rating",)),
    Role("research", "agent", "agent", ("research",)),
    Role("conclusion", "agent", "agent", ("conclusion",)),
    Role("thinking", "agent", "agent", ("thinking",)),
    Role("reviewer", "reviewer", "human", ("review", "trade-approval", "trade-repair", "research-approval", "compliance")),
    # Where four eyes are asked for, the other two.
    Role("compliance", "reviewer", "human", ("compliance",)),
    # Says of accounts that are held what it was: fraud, or the customer.
    Role("analyst", "reviewer", "human", ("fraud-review",)),
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


async def found_tenant(store: Store, name: str, admin: str, pepper: bytes, *, again: bool = False) -> IssuedKey:
    """Make a tenant with an admin and its key, all or nothing. `Conflict` where keys are there, unless `again` asks for one."""
    if not _TENANT.fullmatch(name):
        raise Invalid(f"A tenant's name begins with a-z and has 1 to 63 characters of a-z 0-9 -, unlike {name[:80]!a}.")
    demand_name(admin)
    key = keys.mint()
    async with store.transaction() as verbs:
        tenant_id = await verbs.add_tenant(name)
        who = Principal(
            tenant_id=tenant_id, tenant=name, agent_id=0, agent=admin, owner=admin, role="admin", capabilities=frozenset()
        )
        if await verbs.list_keys(who, None) and not again:
            raise Conflict(f"There is a tenant {name}, with keys: its admins issue more. Are theirs lost, then say --again.")
        agent_id = await verbs.add_agent(tenant_id, admin, owner=f"{admin}-owner", kind="human", role="admin", capabilities=())
        minted = Minted(key.key_id, keys.keyed_hash(key.secret, pepper))
        new = NewKey(agent=admin, note="issued by the operator of the database")
        _, told = await verbs.issue_key(who.model_copy(update={"agent_id": agent_id}), new, minted)
    return IssuedKey.model_validate({**told, "key": str(key)})


async def set_up(settings: ProvisionSettings, data: Path, workflows: Iterable[Path], policies: Iterable[Path]) -> None:
    """What `up` does to a database, for installations that start their processes themselves."""
    url = settings.database_url.get_secret_value()
    await migrate.migrate(url)
    for login, password, group in (
        (settings.app_login, settings.app_password, migrate.APP),
        (settings.reader_login, settings.reader_password, migrate.READER),
        (settings.auditor_login, settings.auditor_password, migrate.AUDITOR),
        (settings.migrator_login, settings.migrator_password, migrate.MIGRATOR),
    ):
        if password:
            await migrate.add_login(url, login, password.get_secret_value(), member_of=group)
    if settings.bank_password:
        await migrate.add_login(url, settings.bank_login, settings.bank_password.get_secret_value(), schema="bank")
    store = await Store.open(url, max_connections=2)
    try:
        await provision(store, data / "keys", settings.pepper)
        await load_workflows(store, workflows)
        await load_policies(store, data / "keys", policies)
    finally:
        await store.close()


async def load_workflows(store: Store, paths: Iterable[Path], *, tenant: str = TENANT) -> dict[str, int]:
    """Load YAML workflows; the version that each has now."""
    tenant_id = await store.add_tenant(tenant)
    versions = {}
    for path in paths:
        found = workflow.load(path)
        definition = found.model_dump(mode="json")
        versions[found.name] = await store.load_workflow(
            tenant_id, found.name, found.start, definition, found.digest, found.stage_rows(), found.route_rows()
        )
    return versions


async def load_policies(store: Store, folder: Path, paths: Iterable[Path]) -> dict[str, int]:
    """Draft policies as the author; the version that each has now. The admin activates those that never had an active version.

    What somebody activated or retired since stays as it is: rules do not change because a process was started again.
    """
    author, admin = [await _holder(store, folder / name) for name in ("author", "admin")]
    versions = {}
    for path in paths:
        document = policy.load(path)
        digest = policy.digest(document)
        name = policy.parse(document).name
        known = await store.list_policies(author, name, MAX_VERSIONS)
        versions[name] = next((each.version for each in known if each.digest == digest.hex()), 0)
        if not versions[name]:
            demand_sound(document)
            versions[name] = await store.save_policy(author, name, document, digest, _SHIPPED)
        if not any(each.activated_at for each in known):
            await store.activate_policy(admin, name, versions[name], _SHIPPED)
    return versions


async def _holder(store: Store, path: Path) -> Principal:
    """Whose key is in a file."""
    key = keys.parse(path.read_text().strip())
    found = await store.find_key(key.key_id) if key else None
    if found is None:
        raise SetupError(f"The key in {path} opens nothing here. Remove the file and start again: a new one is made.")
    return found.principal


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
