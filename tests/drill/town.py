"""A real board to drill: PostgreSQL, a bank that misbehaves, the API and several of each agent, each a process of its own."""

import asyncio
import os
import random
import secrets
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from agents.bank.client import Bank
from agents.roster import ROSTER
from blackboard import migrate, permits, workflow
from blackboard.client import BoardClient
from blackboard.config import ProvisionSettings
from blackboard.embedded import EmbeddedPostgres
from blackboard.provision import set_up
from blackboard.supervisor import Backoff, Child, Command, Supervisor

CHECKOUT = Path(__file__).parents[2]
WORKFLOW = CHECKOUT / "agents" / "workflows" / "transfer.yaml"
POLICIES = sorted((CHECKOUT / "agents" / "policies").glob("*.yaml"))
DATABASE = "drill"
INSTANCES = 2
CONCURRENCY = 8
# Short, so that what a killed agent held is soon in other hands.
LEASE_S = 6
BANK_LIMIT_S = 2
# How long an order may be on its way: long enough for a slow machine. The bank promises less.
IN_FLIGHT_MAX_S = 10
# The supervisor starts the killed again at once.
_BACKOFF = Backoff(first_s=0.1, max_s=0.5)


@dataclass(frozen=True)
class Town:
    """Where everything is."""

    board_url: str
    bank_url: str
    database_url: str
    keys: Path
    bank_key: str
    bank_admin_key: str
    supervisor: Supervisor

    def board(self, who: str) -> BoardClient:
        """The board, as somebody."""
        return BoardClient(self.board_url, (self.keys / who).read_text().strip())

    def bank_client(self) -> Bank:
        """The bank, as an agent sees it."""
        return Bank(self.bank_url, self.bank_key)

    async def bank(self, verb: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """The bank's back office."""
        headers = {"Authorization": f"Bearer {self.bank_admin_key}"}
        async with httpx.AsyncClient(base_url=self.bank_url, headers=headers, trust_env=False) as http:
            answer = await http.request(verb, path, json=body)
            return answer.raise_for_status().json()

    def kill_an_agent(self, chance: random.Random) -> str:
        """With -9, whatever it is doing; the supervisor starts another."""
        names = sorted(name for name in self.supervisor.pids if name not in ("postgres", "bank", "api"))
        victim = chance.choice(names)
        with suppress(ProcessLookupError):
            os.kill(self.supervisor.pids[victim], signal.SIGKILL)
        return victim


@asynccontextmanager
async def town(log: Path, *, accounts: int, rate: float, seed: int) -> AsyncIterator[Town]:
    """Until the block ends; then everything is gone but the log."""
    data = Path(tempfile.mkdtemp(prefix="blackboard-drill-"))
    data.chmod(0o755)
    postgres = EmbeddedPostgres(data=data)
    try:
        with log.open("w") as lines:
            async with Supervisor(out=lines, backoff=_BACKOFF) as supervisor:
                postgres.prepare()
                await supervisor.start(postgres.child())
                yield await _settle(supervisor, postgres, data, _bank_settings(accounts, rate, seed))
    finally:
        postgres.remove()
        shutil.rmtree(data, ignore_errors=True)


async def _settle(supervisor: Supervisor, postgres: EmbeddedPostgres, data: Path, bank_settings: dict[str, str]) -> Town:
    """Schema, logins, keys, workflow; then all processes at once."""
    passwords = {name: secrets.token_hex(16) for name in ("board", "bank")}
    pepper = secrets.token_hex(32)
    await migrate.add_database(postgres.url(), DATABASE)
    admin_url = postgres.url(database=DATABASE)
    settings = ProvisionSettings(
        database_url=SecretStr(admin_url),
        key_pepper=SecretStr(pepper),
        app_password=SecretStr(passwords["board"]),
        bank_password=SecretStr(passwords["bank"]),
    )
    await set_up(settings, data, [WORKFLOW], POLICIES)
    logins = {
        name: postgres.url(user=f"blackboard_{name}", password=password, database=DATABASE)
        for name, password in passwords.items()
    }
    board_url, bank_url = (f"http://127.0.0.1:{_free_port()}" for _ in range(2))
    bank_key, admin_key = secrets.token_hex(16), secrets.token_hex(16)
    bank = {
        "BANK_KEY": bank_key,
        "BANK_ADMIN_KEY": admin_key,
        "BANK_DATABASE_URL": logins["bank"],
        "BANK_PORT": _port(bank_url),
    }
    permit_key = permits.new_key()
    bank |= {"BANK_PERMITS": "required", "BANK_PERMIT_KEYS": permits.public_part(permit_key)}
    api = {
        "DATABASE_URL": logins["board"],
        "BLACKBOARD_KEY_PEPPER": pepper,
        "BLACKBOARD_PORT": _port(board_url),
        "BLACKBOARD_PERMIT_KEY": permit_key,
        # No order arrives later than agents take for granted.
        "BLACKBOARD_PERMIT_S": str(IN_FLIGHT_MAX_S),
    }
    limits = {"BANK_LIMIT_S": str(BANK_LIMIT_S), "BANK_IN_FLIGHT_MAX_S": str(IN_FLIGHT_MAX_S)}
    agent = {"BLACKBOARD_URL": board_url, "BANK_URL": bank_url, "BANK_KEY": bank_key, **limits}
    children = [
        _child("bank", {**bank, **bank_settings}, f"{bank_url}/healthz", "agents.bank"),
        _child("api", api, f"{board_url}/readyz", "api"),
        *(_agent(name, n, agent, data / "keys") for name in _agents() for n in range(INSTANCES)),
    ]
    await asyncio.gather(*(supervisor.start(child) for child in children))
    return Town(board_url, bank_url, admin_url, data / "keys", bank_key, admin_key, supervisor)


def _bank_settings(accounts: int, rate: float, seed: int) -> dict[str, str]:
    return {
        "BANK_FAULTS_ALLOWED": "true",
        "BANK_FAULT_RATE": str(rate),
        "BANK_FAULT_SEED": str(seed),
        "BANK_FAULT_SLOW_S": "0.3",
        "BANK_IN_FLIGHT_S": "1",
        "BANK_SEED_ACCOUNTS": str(accounts),
    }


def _agents() -> list[str]:
    """Those of the reference agents that a transfer needs."""
    wanted = {task.capability for stage in workflow.load(WORKFLOW).stages.values() for task in (stage.tasks or {}).values()}
    return [name for name in ROSTER if name in wanted]


def _agent(name: str, n: int, settings: dict[str, str], keys: Path) -> Child:
    key = (keys / name).read_text().strip()
    arguments = ("agents", name, f"--concurrency={CONCURRENCY}", f"--lease-s={LEASE_S}")
    return _child(f"{name}-{n}", {**settings, "BLACKBOARD_KEY": key}, None, *arguments)


def _child(name: str, settings: dict[str, str], ready_url: str | None, *arguments: str) -> Child:
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT), **settings}
    command = Command([sys.executable, "-m", *arguments], env, {"cwd": str(CHECKOUT)})
    return Child(name, command, _answers(ready_url) if ready_url else None, ready_within_s=60)


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
                return (await http.get(url)).is_success
        except httpx.TransportError:
            return False

    return ready


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _port(url: str) -> str:
    return url.rpartition(":")[2]
