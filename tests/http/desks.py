"""The shipped workflows, policies and agents on a board and a bank that listen, all in the test's own event loop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from agents.roster import ROSTER, make
from blackboard import policy, workflow
from blackboard.agent import Agent
from blackboard.provision import ROLES
from tests.conftest import Databases
from tests.factories import POLICIES, TRANSFER, Scene, make_scene
from tests.http.conftest import Api, serve
from tests.http.vault import KEY, Vault, open_vault

# There is no model to ask here, and no answer of the bank gets lost.
_OFF = frozenset({"thinking", "reconciliation"})


@dataclass
class Desks:
    """A board whose desks are at work, and their bank."""

    api: Api
    vault: Vault


@asynccontextmanager
async def open_desks(databases: Databases) -> AsyncIterator[Desks]:
    """All of it, until the block ends."""
    async with databases() as database, AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        await _furnish(scene)
        vault = await stack.enter_async_context(open_vault(database))
        references = {"account": f"{vault.url}/accounts/{{id}}"}
        api = await stack.enter_async_context(serve(scene, references=references, reference_key=SecretStr(KEY)))
        for name in ROSTER.keys() - _OFF:
            await stack.enter_async_context(_at_work(name, api, vault))
        yield Desks(api, vault)


async def _furnish(scene: Scene) -> None:
    """What `up` sets up: everybody with a key, workflows, policies."""
    for role in ROLES:
        await scene.hire(role.name, *role.capabilities, role=role.role, kind=role.kind)
    for path in TRANSFER.parent.glob("*.yaml"):
        await scene.load(workflow.load(path))
    author, admin = scene.people["author"], scene.people["admin"]
    for path in POLICIES.glob("*.yaml"):
        document = policy.load(path)
        version = await scene.store.save_policy(author, document["name"], document, policy.digest(document), "for a test")
        await scene.store.activate_policy(admin, document["name"], version, "for a test")


@asynccontextmanager
async def _at_work(name: str, api: Api, vault: Vault) -> AsyncIterator[None]:
    """A reference agent, under its own key."""
    async with vault.client() as bank, api.client(name) as board:
        agent = Agent(name, [name], make(name, bank, board), concurrency=4)
        working = asyncio.create_task(agent.run(board))
        try:
            yield
        finally:
            agent.stop()
            await working
