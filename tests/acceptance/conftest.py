"""A whole town on one test database: API, bank and agents, each a process that can be killed, stopped and replaced."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from decimal import Decimal
from pathlib import Path

import asyncpg
import httpx
import pytest

from agents.bank.client import Bank
from blackboard import invariants, permits, policy, workflow
from blackboard.answers import Case
from blackboard.client import BoardClient
from blackboard.embedded import EmbeddedPostgres
from blackboard.requests import NewCase
from blackboard.up import DESKS
from tests.conftest import Databases
from tests.factories import PEPPER, POLICIES, TRANSFER, Scene, make_scene

CHECKOUT = Path(__file__).parents[2]
AGENTS = ("identity", "risk", "execution", "reconciliation")
# Asked at the same time about the same transfer: here they share a process.
TOGETHER = {"risk": ("risk", "limits")}


def free_port() -> int:
    """A port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Town:
    """Processes by name, and the clients to talk to them."""

    def __init__(self, scene: Scene, database_url: str, logs: Path) -> None:
        self.scene = scene
        self.board_url = f"http://127.0.0.1:{free_port()}"
        self.bank_url = f"http://127.0.0.1:{free_port()}"
        self.bank_key = secrets.token_hex(16)
        self.permit_key = permits.new_key()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.database_url = database_url
        self._logs = logs

    def start_api(self, name: str = "api") -> None:
        """An API process."""
        self._start(
            name,
            "api",
            DATABASE_URL=self.scene.url,
            BLACKBOARD_KEY_PEPPER=PEPPER.hex(),
            BLACKBOARD_PORT=self.board_url.rpartition(":")[2],
            BLACKBOARD_REFERENCES=json.dumps({"account": f"{self.bank_url}/accounts/{{id}}"}),
            BLACKBOARD_REFERENCE_KEY=self.bank_key,
            BLACKBOARD_PERMIT_KEY=self.permit_key,
        )

    def start_bank(self) -> None:
        """The sandbox bank."""
        self._start(
            "bank",
            "agents.bank",
            BANK_DATABASE_URL=self.database_url,
            BANK_PORT=self.bank_url.rpartition(":")[2],
            BANK_KEY=self.bank_key,
            BANK_PERMITS="required",
            BANK_PERMIT_KEYS=permits.public_part(self.permit_key),
        )

    def start_agent(self, name: str, *, instance: str | None = None, lease_s: int = 2) -> None:
        """A reference agent; short claims, so that a death is noticed soon."""
        self._start(
            instance or name,
            "agents",
            *TOGETHER.get(name, (name,)),
            f"--lease-s={lease_s}",
            BLACKBOARD_URL=self.board_url,
            BLACKBOARD_DATA=self._keys_of(TOGETHER.get(name, (name,))),
            BANK_URL=self.bank_url,
            BANK_KEY=self.bank_key,
        )

    def start_desks(self) -> None:
        """The agents that share a process, each with its own key from a folder."""
        self._start(
            "desks",
            "agents",
            *DESKS,
            BLACKBOARD_URL=self.board_url,
            BLACKBOARD_DATA=self._keys_of(DESKS),
            BANK_URL=self.bank_url,
            BANK_KEY=self.bank_key,
        )

    def _keys_of(self, names: Collection[str]) -> str:
        """A data folder with their keys."""
        keys = self._logs / "keys"
        keys.mkdir(parents=True, exist_ok=True)
        for name in names:
            (keys / name).write_text(self.scene.keys[name])
        return str(self._logs)

    def log(self, name: str) -> str:
        """What a process has logged so far."""
        return (self._logs / f"{name}.log").read_text()

    def logs(self) -> str:
        """What all processes have logged so far."""
        return "\n".join(file.read_text() for file in self._logs.glob("*.log"))

    def signal(self, name: str, number: signal.Signals) -> None:
        """Do something to a process."""
        self.processes[name].send_signal(number)
        if number is signal.SIGKILL:
            self.processes.pop(name).wait()

    def end_agents(self) -> None:
        """Kill all but the API and the bank."""
        self.end(self.processes.keys() - {"api", "bank"})

    def end(self, names: Collection[str]) -> None:
        """Kill these."""
        for name in tuple(names):
            process = self.processes.pop(name)
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def client(self, who: str = "requester") -> BoardClient:
        """The board, as somebody."""
        return BoardClient(self.board_url, self.scene.keys[who])

    def bank(self) -> Bank:
        """The bank."""
        return Bank(self.bank_url, self.bank_key)

    async def balances(self, *accounts: str) -> list[Decimal]:
        """What is in them."""
        async with self.bank() as bank:
            return [(await bank.balance(account)).balance for account in accounts]

    async def submit(self, *, payer: str = "CHK-001", amount: str = "250.00", wait_s: float = 0) -> Case:
        """A transfer to SAV-002."""
        payload = {"from_account": payer, "to_account": "SAV-002", "amount": amount}
        async with self.client() as board:
            return await board.open_case(NewCase(workflow="transfer", payload=payload), wait_s=wait_s)

    async def until(self, case: Case, fact: Callable[[Case], bool], limit_s: float = 30) -> Case:
        """The case when the fact holds."""
        async with asyncio.timeout(limit_s), self.client("auditor") as board:
            while not fact(case):
                await asyncio.sleep(0.05)
                case = await board.show_case(case.id)
        return case

    async def answers(self, url: str) -> None:
        """Until something answers there."""
        async with asyncio.timeout(30), httpx.AsyncClient(trust_env=False) as http:
            while True:
                try:
                    if (await http.get(url)).is_success:
                        return
                except httpx.TransportError:
                    await asyncio.sleep(0.05)

    def _start(self, name: str, module: str, *arguments: str, **env: str) -> None:
        with (self._logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                cwd=CHECKOUT,
                env={"PATH": os.environ["PATH"], **env},
                stdout=log,
                stderr=log,
            )


@asynccontextmanager
async def build(databases: Databases, logs: Path) -> AsyncIterator[Town]:
    """API and bank, until the block ends."""
    async with databases() as database, AsyncExitStack() as stack:
        scene = await make_scene(stack, database.url, database.app_url)
        for name in (*AGENTS, "limits"):
            await scene.hire(name, name)
        await scene.hire("reviewer", "review", role="reviewer", kind="human")
        await scene.load(workflow.load(TRANSFER))
        for rules in ("transfer_limits", "transfer_risk"):
            await scene.rule(policy.load(POLICIES / f"{rules}.yaml"))
        connection = await asyncpg.connect(database.url)
        await connection.execute("CREATE SCHEMA bank")
        await connection.close()
        town = Town(scene, database.url, logs)
        town.start_bank()
        town.start_api()
        try:
            await asyncio.gather(town.answers(f"{town.bank_url}/healthz"), town.answers(f"{town.board_url}/readyz"))
            yield town
        finally:
            town.end(town.processes)


async def every_promise_was_kept(url: str) -> None:
    """Whatever a test was about: what it left on the board and in the bank's books breaks no invariant."""
    found = await invariants.examine(url, url)

    assert [finding for finding in found if not finding.ok] == []
    assert [finding.invariant for finding in found if finding.looked_at is None] == list(invariants.ELSEWHERE)


# Members that tell of a person: in what was asked for, in what was found, in what was ordered.
_PERSONAL = """
SELECT DISTINCT m.value FROM (
  SELECT c.payload FROM board.case c UNION ALL SELECT a.payload FROM board.action a
  UNION ALL SELECT f.value FROM board.fact f) s (payload)
CROSS JOIN LATERAL jsonb_each_text(CASE WHEN jsonb_typeof(s.payload) = 'object' THEN s.payload ELSE '{}' END) AS m (name, value)
WHERE m.name IN ('applicant_name', 'beneficiary_name', 'customer', 'client_id', 'from_account', 'to_account', 'memo')
"""


async def nobody_was_logged(town: Town) -> None:
    """Whatever a test was about: no process of it wrote down who its people are, nor their accounts."""
    connection = await asyncpg.connect(town.database_url)
    people = [row["value"] for row in await connection.fetch(_PERSONAL)]
    await connection.close()
    logs = town.logs()

    assert [value for value in people if value in logs] == []


@pytest.fixture(scope="module")
async def standing(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A town for all of a file's tests: building one takes four seconds."""
    async with build(databases, tmp_path_factory.mktemp("town")) as town:
        yield town


@pytest.fixture
async def town(standing: Town) -> AsyncIterator[Town]:
    """API and bank, which other tests have used; the agents are the test's to start, and end with it."""
    yield standing
    standing.end_agents()
    await every_promise_was_kept(standing.database_url)
    await nobody_was_logged(standing)


@pytest.fixture
async def new_town(databases: Databases, tmp_path: Path) -> AsyncIterator[Town]:
    """API and bank that nobody has used."""
    async with build(databases, tmp_path) as town:
        yield town
        await every_promise_was_kept(town.database_url)
        await nobody_was_logged(town)


@contextmanager
def data_folder() -> Iterator[Path]:
    """A data folder for `blackboard up`, with a space in its path, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="blackboard up "))
    folder.chmod(0o755)
    yield folder / "data"
    EmbeddedPostgres(data=folder / "data").remove()
    shutil.rmtree(folder, ignore_errors=True)
