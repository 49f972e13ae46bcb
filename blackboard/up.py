"""`blackboard up`: everything on one machine, from an empty folder to a board that takes cases.

PostgreSQL (embedded, or yours by DATABASE_URL) → migrations, logins, keys, workflows → sandbox bank → API → agents, each a process
of its own, so that any one may be killed. The board is said to be ready when a case can be taken from end to end.
"""

import asyncio
import fcntl
import json
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import httpx

from blackboard import migrate
from blackboard.client import BoardClient
from blackboard.embedded import Command, EmbeddedPostgres, choose_port, port_is_free
from blackboard.errors import SetupError
from blackboard.provision import load_workflows, provision, write_secret
from blackboard.store import Store
from blackboard.supervisor import Child, Supervisor

CHECKOUT = Path(__file__).parent.parent
DATABASE = "blackboard"
AGENTS = ("identity", "risk", "execution")
READY_LIMIT_S = 30.0
# What children must not inherit: each is given its own, and only its own.
_SECRETS = frozenset({"DATABASE_URL", "BLACKBOARD_KEY", "BLACKBOARD_KEY_PEPPER", "BANK_KEY", "BANKING_API_KEY"})


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
        ports = {
            "board": _claim_port(options.port, "--port", options.data / "board.port"),
            "bank": _claim_port(options.bank_port, "--bank-port", options.data / "bank.port"),
        }
        stopped = _stop_on_signals()
        supervisor = Supervisor()
        try:
            running = asyncio.create_task(_run(options, ports, supervisor))
            stopping = asyncio.create_task(stopped.wait())
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            running.cancel()
            await asyncio.wait({running})
            if not running.cancelled() and (failure := running.exception()):
                raise failure
            await stopped.wait()
        finally:
            _tell("stopping")
            await supervisor.stop()
            _tell("stopped; nothing is left running")


async def _run(options: Options, ports: Mapping[str, int], supervisor: Supervisor) -> None:
    """From nothing to ready."""
    board_url, bank_url = (f"http://127.0.0.1:{ports[name]}" for name in ("board", "bank"))
    admin_url = await _database(options, supervisor)
    logins = await _set_up(options.data, admin_url)
    keys = {path.name: path.read_text().strip() for path in (options.data / "keys").iterdir()}
    await supervisor.add(_bank(logins["bank"], keys["bank"], ports["bank"], bank_url))
    await supervisor.add(_api(options.data, logins["board"], ports["board"], board_url, bank_url, keys["bank"]))
    await supervisor.add(*(_agent(name, board_url, keys[name], bank_url, keys["bank"]) for name in AGENTS))
    await _agents_alive(board_url, keys["auditor"])
    urls = {"board": board_url, "bank": bank_url, "database": logins["board"]}
    write_secret(options.data / "urls.json", json.dumps(urls, indent=2))
    _greet(options.data, board_url, bank_url)
    print(f"ready {board_url}", flush=True)


async def _database(options: Options, supervisor: Supervisor) -> str:
    """A server that answers; the DSN of a role there that may set things up."""
    if options.database_url:
        return options.database_url
    _tell("starting the embedded PostgreSQL")
    postgres = EmbeddedPostgres(options.data, pg_bin=options.pg_bin)
    postgres.prepare()

    async def ready() -> bool:
        return postgres.is_ready()

    await supervisor.add(Child("postgres", postgres.command(), ready, signal.SIGINT))
    await migrate.add_database(postgres.url(), DATABASE)
    return postgres.url(database=DATABASE)


async def _set_up(data: Path, admin_url: str) -> dict[str, str]:
    """Migrations, logins, keys, workflows; the DSNs of the board's and the bank's login."""
    applied = await migrate.migrate(admin_url)
    _tell(f"database is up to date ({len(applied)} new)")
    database = urlsplit(admin_url).path.lstrip("/") or DATABASE
    logins = {}
    for name, group, schema in (("board", "blackboard_app", None), ("bank", None, "bank")):
        # Named after the database: roles belong to the whole server, where another board may live.
        login, password = f"{database}_{name}", _secret(data, f"login-{name}")
        await migrate.add_login(admin_url, login, password, member_of=group, schema=schema)
        logins[name] = _with_login(admin_url, login, password)
    store = await Store.open(admin_url, max_connections=2)
    try:
        await provision(store, data / "keys", bytes.fromhex(_secret(data, "pepper")))
        await load_workflows(store, sorted((CHECKOUT / "agents" / "workflows").glob("*.yaml")))
    finally:
        await store.close()
    if not (data / "keys" / "bank").exists():
        write_secret(data / "keys" / "bank", secrets.token_hex(32))
    return logins


def _bank(database_url: str, key: str, port: int, url: str) -> Child:
    env = {"BANK_DATABASE_URL": database_url, "BANK_KEY": key, "BANK_PORT": str(port)}
    return Child("bank", _python("agents.bank", env=env), _answers(f"{url}/healthz"))


def _api(data: Path, database_url: str, port: int, url: str, bank_url: str, bank_key: str) -> Child:
    env = {
        "DATABASE_URL": database_url,
        "BLACKBOARD_KEY_PEPPER": _secret(data, "pepper"),
        "BLACKBOARD_PORT": str(port),
        "BLACKBOARD_REFERENCES": json.dumps({"account": f"{bank_url}/accounts/{{id}}"}),
        "BLACKBOARD_REFERENCE_KEY": bank_key,
    }
    return Child("api", _python("api", env=env), _answers(f"{url}/readyz"))


def _agent(name: str, board_url: str, key: str, bank_url: str, bank_key: str) -> Child:
    env = {"BLACKBOARD_URL": board_url, "BLACKBOARD_KEY": key, "BANK_URL": bank_url, "BANK_KEY": bank_key}
    return Child(name, _python("agents", name, env=env))


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
                if alive.issuperset(AGENTS):
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
    """Forget everything but the lock that we hold. A cluster that lies elsewhere goes too."""
    location = data / "postgres.location"
    if location.exists():
        shutil.rmtree(Path(location.read_text().strip()), ignore_errors=True)
    for entry in data.iterdir():
        if entry.name == "up.lock":
            continue
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _claim_port(wanted: int, option: str, remembered: Path) -> int:
    """The port asked for if it is free; 0 picks one."""
    if wanted and not port_is_free(wanted):
        raise SetupError(f"Port {wanted} is taken by another process. {option} 0 picks a free one.")
    return choose_port(wanted, remembered)


def _stop_on_signals() -> asyncio.Event:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    return stopped


def _secret(data: Path, name: str) -> str:
    path = data / "secrets" / name
    if not path.exists():
        write_secret(path, secrets.token_hex(32))
    return path.read_text().strip()


def _with_login(url: str, user: str, password: str) -> str:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{quote(user)}:{quote(password)}@{host}"))


def _greet(data: Path, board_url: str, bank_url: str) -> None:
    _tell(f"board {board_url}   API docs {board_url}/docs   bank {bank_url}   keys {data / 'keys'}")
    _tell("try: .venv/bin/blackboard submit transfer --from CHK-001 --to SAV-002 --amount 250.00 --wait")
    _tell("see: .venv/bin/blackboard watch        stop: Ctrl-C")


def _tell(line: str) -> None:
    print(f"{'up':>10} | {line}", file=sys.stderr, flush=True)
