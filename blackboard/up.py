"""`blackboard up`: everything on one machine, from an empty folder to a board that takes cases.

PostgreSQL (embedded, or yours by DATABASE_URL) → migrations, logins, keys, workflows → sandbox bank → API → agents, each a
process of its own, so that any one may be killed. The board is said to be ready when a case can be taken from end to end.
"""

import asyncio
import fcntl
import json
import os
import secrets
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

from blackboard import migrate, permits
from blackboard.client import BoardClient
from blackboard.embedded import EmbeddedPostgres
from blackboard.errors import SetupError
from blackboard.provision import load_policies, load_workflows, provision, write_secret
from blackboard.store import Store
from blackboard.supervisor import Child, Command, Supervisor
from blackboard.victims import keep_processes

CHECKOUT = Path(__file__).parent.parent
DATABASE = "blackboard"
HOST = "127.0.0.1"
AGENTS = ("identity", "risk", "execution", "reconciliation")
# All others share a process: on one machine each costs a second of the start and its memory.
DESKS = (
    *("limits", "confirmation", "funds", "clearing", "copilot"),
    *("loan-intake", "applicant", "loan-terms", "affordability", "credit"),
    *("repayment", "delinquency", "restructuring"),
    *("context", "concentration", "suitability", "recording"),
    *("fraud-intake", "fraud-velocity", "fraud-payee", "fraud-pattern", "fraud-verification"),
    *("trade-validation", "trade-reconciliation", "trade-limits"),
    *("kyc-documents", "kyc-screening", "kyc-rating", "research", "conclusion"),
)
READY_LIMIT_S = 30.0
# What children must not inherit: each is given its own, and only its own.
_SECRETS = frozenset(
    {
        "DATABASE_URL",
        "BLACKBOARD_READER_URL",
        "BLACKBOARD_KEY",
        "BLACKBOARD_KEY_PEPPER",
        "BANK_KEY",
        "BANKING_API_KEY",
        "BANK_ADMIN_KEY",
        "BLACKBOARD_PERMIT_KEY",
        "LLM_KEY",
    }
)


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    data: Path
    port: int
    bank_port: int
    pg_bin: Path | None = None
    database_url: str | None = None
    fresh: bool = False


async def up(options: Options) -> None:
    """Run until SIGINT or SIGTERM."""
    if not (CHECKOUT / "api").is_dir():
        raise SetupError("`blackboard up` runs from a checkout: the API and the agents are not part of the wheel.")
    options.data.mkdir(parents=True, exist_ok=True)
    with _alone(options.data):
        if options.fresh:
            _empty(options.data)
        board_port = _claim_port(options.port, "--port")
        bank_port = _claim_port(options.bank_port, "--bank-port")
        async with Supervisor(on_change=lambda: keep_processes(options.data, supervisor.pids)) as supervisor:
            await _start(options, f"http://{HOST}:{board_port}", f"http://{HOST}:{bank_port}", supervisor)
            await supervisor.wait()
    _tell("stopped; nothing is left running")


async def _start(options: Options, board_url: str, bank_url: str, supervisor: Supervisor) -> None:
    """From nothing to ready."""
    data = options.data
    logins = await _set_up(data, await _database(options, supervisor))
    keys = {path.name: path.read_text().strip() for path in (data / "keys").iterdir()}
    children = [
        _bank(logins["bank"], keys["bank"], keys["bank-admin"], _permit_key(data), bank_url),
        _api(data, logins, board_url, bank_url, keys["bank"]),
        *(_agent(name, board_url, keys[name], bank_url, keys["bank"]) for name in AGENTS),
        _desks(data, board_url, bank_url, keys["bank"]),
    ]
    # All at once: each waits by itself for what it needs, and importing is most of what a start takes.
    await asyncio.gather(*(supervisor.start(child) for child in children))
    await _agents_alive(board_url, keys["auditor"])
    urls = {"board": board_url, "bank": bank_url, "database": logins["board"], "bank_database": logins["bank"]}
    urls["audit_database"] = logins["audit"]
    write_secret(data / "urls.json", json.dumps(urls, indent=2))
    _greet(data, board_url, bank_url)
    print(f"ready {board_url}", flush=True)


async def _database(options: Options, supervisor: Supervisor) -> str:
    """A server that answers; the DSN of a role there that may set things up."""
    if options.database_url:
        return options.database_url
    _tell("starting the embedded PostgreSQL")
    postgres = EmbeddedPostgres(data=options.data, pg_bin=options.pg_bin)
    postgres.prepare()
    await supervisor.start(postgres.child())
    await migrate.add_database(postgres.url(), DATABASE)
    return postgres.url(database=DATABASE)


async def _set_up(data: Path, admin_url: str) -> dict[str, str]:
    """Migrations, logins, keys, workflows, policies; the DSNs of the logins: board, reader, auditor, bank."""
    applied = await migrate.migrate(admin_url)
    _tell(f"database is up to date ({len(applied)} new)")
    database = urlsplit(admin_url).path.lstrip("/") or DATABASE
    logins = {}
    for name, group, schema in (
        ("board", migrate.APP, None),
        ("read", migrate.READER, None),
        ("audit", migrate.AUDITOR, None),
        ("bank", None, "bank"),
    ):
        # Named after the database: roles belong to the whole server, where another board may live.
        login, password = f"{database}_{name}", _secret(data, f"login-{name}")
        await migrate.add_login(admin_url, login, password, member_of=group, schema=schema)
        logins[name] = _with_login(admin_url, login, password)
    store = await Store.open(admin_url, max_connections=2)
    try:
        await provision(store, data / "keys", bytes.fromhex(_secret(data, "pepper")))
        await load_workflows(store, sorted((CHECKOUT / "agents" / "workflows").glob("*.yaml")))
        await load_policies(store, data / "keys", sorted((CHECKOUT / "agents" / "policies").glob("*.yaml")))
    finally:
        await store.close()
    for name in ("bank", "bank-admin"):
        if not (data / "keys" / name).exists():
            write_secret(data / "keys" / name, secrets.token_hex(32))
    return logins


def _bank(database_url: str, key: str, admin_key: str, permit_key: str, url: str) -> Child:
    env = {
        "BANK_DATABASE_URL": database_url,
        "BANK_KEY": key,
        "BANK_ADMIN_KEY": admin_key,
        "BANK_PORT": _port(url),
        "BANK_PERMITS": "required",
        "BANK_PERMIT_KEYS": permits.public_part(permit_key),
    }
    return Child("bank", _python("agents.bank", env=env), _answers(f"{url}/healthz"))


def _api(data: Path, logins: Mapping[str, str], url: str, bank_url: str, bank_key: str) -> Child:
    env = {
        "DATABASE_URL": logins["board"],
        "BLACKBOARD_READER_URL": logins["read"],
        "BLACKBOARD_KEY_PEPPER": _secret(data, "pepper"),
        "BLACKBOARD_PERMIT_KEY": _permit_key(data),
        "BLACKBOARD_SEAL_KEY": str(_seal_key(data)),
        "BLACKBOARD_PORT": _port(url),
        "BLACKBOARD_REFERENCES": json.dumps({"account": f"{bank_url}/accounts/{{id}}"}),
        "BLACKBOARD_REFERENCE_KEY": bank_key,
    }
    return Child("api", _python("api", env=env), _answers(f"{url}/readyz"))


def _agent(name: str, board_url: str, key: str, bank_url: str, bank_key: str) -> Child:
    env = {"BLACKBOARD_URL": board_url, "BLACKBOARD_KEY": key, "BANK_URL": bank_url, "BANK_KEY": bank_key}
    return Child(name, _python("agents", name, env=env))


def _desks(data: Path, board_url: str, bank_url: str, bank_key: str) -> Child:
    """Several agents, each with a key of its own, which it finds in the data folder."""
    env = {"BLACKBOARD_URL": board_url, "BLACKBOARD_DATA": str(data), "BANK_URL": bank_url, "BANK_KEY": bank_key}
    return Child("desks", _python("agents", *DESKS, env=env))


def _python(module: str, *arguments: str, env: Mapping[str, str]) -> Command:
    """A module of the checkout as a process. Secrets go by environment: a command line can be read by everybody."""
    inherited = {name: value for name, value in os.environ.items() if name not in _SECRETS}
    return Command(
        [sys.executable, "-m", module, *arguments], {**inherited, **env, "PYTHONUNBUFFERED": "1"}, {"cwd": str(CHECKOUT)}
    )


def _answers(url: str) -> Callable[[], Awaitable[bool]]:
    async def ready() -> bool:
        try:
            async with httpx.AsyncClient(timeout=2, trust_env=False) as http:
                return (await http.get(url)).is_success
        except httpx.TransportError:
            return False

    return ready


async def _agents_alive(board_url: str, key: str) -> None:
    """Every agent has said that it is there: from now on a case goes from end to end."""
    try:
        async with asyncio.timeout(READY_LIMIT_S), BoardClient(board_url, key) as board:
            while True:
                alive = {agent.name for agent in await board.list_agents() if agent.sessions}
                if alive.issuperset(AGENTS + DESKS):
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise SetupError("Not every agent reported to the board in time; their lines above say why.") from None


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Hold the data folder. The kernel lets go of the lock when the process ends, however it ends."""
    with (data / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SetupError(
                f"The data folder {data} is taken by a board that runs already (process {lock.read().strip() or 'unknown'})."
                " Stop that one, or start this one elsewhere: --data OTHER --port 0 --bank-port 0."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _empty(data: Path) -> None:
    """Forget everything but the lock that we hold."""
    EmbeddedPostgres(data=data).remove()
    for entry in data.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        elif entry.name != "up.lock":
            entry.unlink()


def _claim_port(wanted: int, option: str) -> int:
    """The port asked for, if nobody else has it; a free one for 0."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            raise SetupError(f"Port {wanted} is taken by another process. {option} 0 picks a free one.") from None
        return int(probe.getsockname()[1])


def _port(url: str) -> str:
    return str(urlsplit(url).port)


def _secret(data: Path, name: str, make: Callable[[], str] = lambda: secrets.token_hex(32)) -> str:
    path = data / "secrets" / name
    if not path.exists():
        write_secret(path, make())
    return path.read_text().strip()


def _permit_key(data: Path) -> str:
    """What the API signs permits with; the bank is given the public half."""
    return _secret(data, "permit-key", permits.new_key)


def _seal_key(data: Path) -> Path:
    """The file of the key that signs seals."""
    _secret(data, "seal")
    return (data / "secrets" / "seal").absolute()


def _with_login(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user)}:{quote(password)}@{host}"))


def _greet(data: Path, board_url: str, bank_url: str) -> None:
    _tell(f"board {board_url}   API docs {board_url}/docs   bank {bank_url}   keys {data / 'keys'}")
    _tell("try: .venv/bin/blackboard submit transfer --from CHK-001 --to SAV-002 --amount 250.00 --wait")
    _tell(f"look: {board_url}/ui, signed in with a key")
    _tell(f"old services: {board_url}/docs, with the keys requester and, to decide on a loan, reviewer")
    _tell("see: .venv/bin/blackboard watch        stop: Ctrl-C")


def _tell(line: str) -> None:
    print(f"blackboard | {line}", file=sys.stderr, flush=True)
