"""A sandbox bank that listens, in the test's own event loop, and a look into its books."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import uvicorn
from pydantic import SecretStr

from agents.bank.app import create_app
from agents.bank.client import Bank
from agents.bank.faults import BankProtocol
from agents.bank.settings import BankServerSettings
from tests.conftest import Database

KEY = "k" * 32
ADMIN_KEY = "a" * 32


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the test run's signals alone."""
        yield


@dataclass
class Vault:
    """A bank that listens, and its books."""

    url: str
    database_url: str

    def http(self, key: str = KEY) -> httpx.AsyncClient:
        """Plain HTTP with the bank's key."""
        return httpx.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {key}"})

    def back_office(self) -> httpx.AsyncClient:
        """Plain HTTP with the administrator's key."""
        return self.http(ADMIN_KEY)

    def client(self, fault: str | None = None) -> Bank:
        """The bank client; with a fault that every request of it meets."""
        bank = Bank(self.url, KEY, limit_s=0.5 if fault else 10.0)
        if fault:
            bank._http.headers["Bank-Fault"] = fault
        return bank

    async def books(self, query: str, *values: object) -> Any:
        """A value out of the ledger itself."""
        connection = await asyncpg.connect(self.database_url)
        try:
            return await connection.fetchval(query, *values)
        finally:
            await connection.close()


@asynccontextmanager
async def open_vault(database: Database, **settings: Any) -> AsyncIterator[Vault]:
    """A bank on its first day, until the block ends."""
    connection = await asyncpg.connect(database.url)
    await connection.execute("CREATE SCHEMA bank")
    await connection.close()
    app = create_app(
        BankServerSettings(
            database_url=SecretStr(database.url), BANK_KEY=SecretStr(KEY), admin_key=SecretStr(ADMIN_KEY), **settings
        )
    )
    server = _Server(uvicorn.Config(app, port=0, http=BankProtocol, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        assert not serving.done(), "the bank did not start"
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Vault(f"http://127.0.0.1:{port}", database.url)
    finally:
        server.should_exit = True
        await serving
