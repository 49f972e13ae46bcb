"""PostgreSQL from a wheel: found, prepared, started and stopped with nothing installed on the machine.

What lies under the data folder:

    secrets/postgres    the superuser's password (0600), made once
    postgres/           the server's home: `cluster/` (0700, of the server's user), `lock`, `port`, `log`

PostgreSQL refuses to run as root. Started by root, the server therefore runs as whoever owns the cluster, else as
`postgres` if there is such a user, else as `nobody`. That user must be able to reach what it uses, and we never loosen
the rights of a folder that we did not make. So, for root only: when the data folder lies behind a closed one (/root is
0700), the home is made under /var/lib/blackboard and `postgres` in the data folder is a link to it; and when the wheel's
files lie behind a closed folder, they are copied there once (31 MB, about 1 s).

Standard library only.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from blackboard.binaries import ENVIRONMENT, ServerUser, find_binaries, major_version, shared
from blackboard.errors import SetupError
from blackboard.supervisor import Child, Command, die_with_parent

HOST = "127.0.0.1"
SUPERUSER = "blackboard"
START_LIMIT_S = 60.0  # a recovery after a crash replays at most a checkpoint's worth of log: 0.4 s seen, minutes never
STOP_LIMIT_S = 8.0  # a fast stop takes 0.1 to 0.2 s

# 200 connections: several API processes with 10 each, agents, a bank, and a person with psql. 128 MB of buffers fit into the
# smallest machine that we run on. JIT compiles for longer than any of our statements runs. No unix socket: its path may
# have 107 bytes at most, and a data folder's path is often longer.
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
_FORGETFUL = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "autovacuum": "off"}


class EmbeddedPostgres:
    """One PostgreSQL server that belongs to one data folder.

    `prepare()`, then hand `child()` to a supervisor; or `start()` and `stop()` it here. `port=0` takes a free port and keeps
    it between runs while it stays free. `durable=False` is for tests: a crash may lose or break everything. Start it from
    the main thread: the kernel stops the server when the thread that forked it ends.
    """

    bin: Path
    """The folder of the binaries; known once it is prepared."""

    def __init__(
        self,
        *,
        data: Path,
        port: int = 0,
        pg_bin: Path | None = None,
        durable: bool = True,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        chosen = pg_bin or os.environ.get("BLACKBOARD_PG_BIN")
        self.data = data.absolute()
        self.port = port
        self._pg_bin = Path(chosen).absolute() if chosen else None
        self._durable = durable
        self._settings = {**_SETTINGS, **({} if durable else _FORGETFUL), **(settings or {})}
        self._lock: int | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def home(self) -> Path:
        """The server's folder, where it really is."""
        return (self.data / "postgres").resolve()

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data directory."""
        return self.home / "cluster"

    def prepare(self) -> None:
        """Do all that comes before the start: home, lock, binaries, cluster, port. Repeating it changes nothing."""
        if self._lock is not None:
            return
        with self._rights_explained():
            self._user = ServerUser.of(self.cluster)
            self._make_home()
            self._take_lock()
            try:
                end_servers_in(self.cluster)
                self.bin = find_binaries(self._pg_bin, self._user)
                self._make_cluster()
                self._choose_port()
            except BaseException:
                self._drop_lock()
                raise

    def command(self) -> Command:
        """How the prepared server is started."""
        settings = {**self._settings, "port": str(self.port)}
        flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        options = {**self._user.options(), "cwd": "/", "preexec_fn": die_with_parent(signal.SIGINT)}
        return Command([str(self.bin / "postgres"), "-D", str(self.cluster), *flags], ENVIRONMENT, options)

    def child(self) -> Child:
        """The prepared server for a supervisor. SIGINT is PostgreSQL's fast stop; SIGTERM would wait for its clients."""

        async def ready() -> bool:
            return self.is_ready()

        return Child(
            "postgres",
            self.command(),
            ready=ready,
            ready_within_s=START_LIMIT_S,
            stop_signal=signal.SIGINT,
            stop_within_s=STOP_LIMIT_S,
        )

    def url(self, *, user: str = SUPERUSER, password: str | None = None, database: str = "postgres") -> str:
        """A DSN on this server; without a password, the superuser's."""
        known = self._password() if password is None else password
        return f"postgresql://{quote(user, safe='')}:{quote(known, safe='')}@{HOST}:{self.port}/{quote(database, safe='')}"

    def is_ready(self) -> bool:
        """Whether it takes connections now. The eighth line of its pid file says so; `pg_ctl --wait` reads the same."""
        with suppress(OSError, ValueError, IndexError):
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
            os.kill(int(lines[0]), 0)
            return lines[7].strip() == "ready"
        return False

    def start(self) -> None:
        """Prepare, start, and return when it takes connections."""
        if self._process is not None and self._process.poll() is None:
            return
        self.prepare()
        if self._process is not None:
            # It was killed; its own children take a moment to notice, and keep its memory until then.
            end_servers_in(self.cluster)
        command = self.command()
        with (self.home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command.argv,
                env=command.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **command.options,
            )
        if not _becomes_true(lambda: self.is_ready() or self.pid is None, START_LIMIT_S) or self.pid is None:
            self.stop()
            raise SetupError(f"PostgreSQL did not start; the end of {self.home / 'log'} says why:\n{self._last_words()}")

    @property
    def pid(self) -> int | None:
        """The process that `start()` made, while it lives."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def stop(self) -> None:
        """Stop what `start()` started and let go of the data folder. Safe twice and before start."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._drop_lock()

    def remove(self) -> None:
        """Delete the cluster and its password, wherever they are. A board that still uses them is an error."""
        self.stop()
        with self._rights_explained():
            if not self.home.exists():
                return
            self._take_lock()
            try:
                end_servers_in(self.cluster)
                shutil.rmtree(self.home)
                (self.data / "postgres").unlink(missing_ok=True)
                (self.data / "secrets" / "postgres").unlink(missing_ok=True)
            finally:
                self._drop_lock()

    @contextmanager
    def _rights_explained(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise SetupError(
                f"PostgreSQL cannot be kept in {self.data}: {error}. Run as the owner of that folder, choose another with "
                "--data, or set DATABASE_URL to use a server that runs already."
            ) from error

    # -- home and lock

    def _make_home(self) -> None:
        """Make `<data>/postgres`, or link it to a place that the server's user can reach."""
        link = self.data / "postgres"
        if link.exists():
            return
        if not self.data.exists():
            self.data.mkdir(parents=True)
            self.data.chmod(0o711)
        link.unlink(missing_ok=True)
        if self._user.can_enter(self.data):
            link.mkdir()
        else:
            link.symlink_to(self._make_home_elsewhere())
        link.chmod(0o711)

    def _make_home_elsewhere(self) -> Path:
        """A home that its user can reach, named after the data folder. One that is there lost its folder, and its password."""
        home = shared() / hashlib.sha256(os.fsencode(self.data.resolve())).hexdigest()[:16]
        if home.exists():
            end_servers_in(home / "cluster")
            shutil.rmtree(home)
        home.mkdir()
        return home

    def _take_lock(self) -> None:
        """One process per data folder. The kernel lets go of the lock when its holder dies, however it dies."""
        lock = os.open(self.home / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 20).decode().strip()
            os.close(lock)
            raise SetupError(
                f"The data folder {self.data} is in use by process {holder}. Stop that one, or choose another with --data."
            ) from None
        os.ftruncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        self._lock = lock

    def _drop_lock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            os.close(lock)

    # -- cluster and port

    def _make_cluster(self) -> None:
        """Run initdb beside the place and move the result there: a cluster that exists is a whole one."""
        if self.cluster.exists():
            self._check_cluster()
            return
        work = self.home / "initdb"
        end_servers_in(work / "cluster")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        work.chmod(0o711)
        self._run_initdb(work)
        (work / "cluster").rename(self.cluster)
        shutil.rmtree(work)

    def _run_initdb(self, work: Path) -> None:
        cluster, password = work / "cluster", work / "password"
        cluster.mkdir(0o700)
        password.touch(0o600)
        password.write_text(self._password())
        self._user.own(cluster)
        self._user.own(password)
        # Locale C: the same order of the same strings on every machine. Syncing costs 0.1 s here and makes the move true
        # after a power cut.
        flags = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", *([] if self._durable else ["--no-sync"])]
        argv: list[str | Path] = [self.bin / "initdb", "-D", cluster, "-U", SUPERUSER, "--pwfile", password, *flags]
        done = self._user.run(argv, preexec_fn=die_with_parent(signal.SIGKILL), start_new_session=True)
        if done.returncode:
            raise SetupError(f"initdb failed in {self.home}:\n{done.stdout}{done.stderr}")

    def _check_cluster(self) -> None:
        """Refuse a cluster that these binaries cannot open, or that we cannot enter."""
        made_by, ours = (self.cluster / "PG_VERSION").read_text().strip(), major_version(self.bin)
        if made_by != ours:
            raise SetupError(
                f"The cluster in {self.home} was made by PostgreSQL {made_by}, and {self.bin} is {ours}. Give the old binaries "
                "with BLACKBOARD_PG_BIN, or start anew with --fresh."
            )
        if not (self.data / "secrets" / "postgres").exists():
            raise SetupError(f"{self.data}/secrets/postgres, the cluster's password, is gone. Put it back or use --fresh.")

    def _password(self) -> str:
        path = self.data / "secrets" / "postgres"
        if path.exists() and (known := path.read_text().strip()):
            return known
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(0o600)
        path.write_text(secrets.token_urlsafe(32))
        return path.read_text()

    def _choose_port(self) -> None:
        remembered = self.home / "port"
        if self.port and not _is_free(self.port):
            raise SetupError(f"Port {self.port} of {HOST} is taken. Choose another, or 0 for any free one.")
        if not self.port:
            known = int(remembered.read_text()) if remembered.exists() else 0
            self.port = known if known and _is_free(known) else _free_port()
        remembered.write_text(f"{self.port}\n")

    def _last_words(self) -> str:
        return "\n".join((self.home / "log").read_text(errors="replace").splitlines()[-12:])


def servers_in(cluster: Path) -> list[int]:
    """The PostgreSQL processes at work in a cluster, known by their program and their working directory.

    Not by the pid file: after a crash its number may belong to anybody. Only Linux tells; elsewhere nothing is found, and
    PostgreSQL's own look at the pid file has to do.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone, or somebody else's
            is_server = (process / "exe").readlink().name.startswith("postgres")
            if is_server and (process / "cwd").readlink() == cluster:
                found.append(int(process.name))
    return found


def end_servers_in(cluster: Path) -> None:
    """Stop what a killed run left behind in a cluster whose lock we hold, and remove its stale pid file.

    The pid file goes only after the last server: it is what keeps two servers apart. It must go, because PostgreSQL takes
    any process of its user with that number (the first ones after a container's restart are always the same) for a server.
    """
    pid_file = cluster / "postmaster.pid"
    left = servers_in(cluster)
    with suppress(OSError, ValueError, IndexError):
        postmaster = int(pid_file.read_text().splitlines()[0])
        if postmaster in left:
            os.kill(postmaster, signal.SIGINT)
    if left and not _becomes_true(lambda: not servers_in(cluster), STOP_LIMIT_S):
        for pid in servers_in(cluster):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not _becomes_true(lambda: not servers_in(cluster), STOP_LIMIT_S):
            raise SetupError(f"Processes {servers_in(cluster)} still use {cluster} and do not end. Stop them and try again.")
    if Path("/proc/self/cwd").exists():
        pid_file.unlink(missing_ok=True)


def _becomes_true(fact: Callable[[], bool], limit_s: float) -> bool:
    """Wait for a fact that nothing announces, looking 50 times a second."""
    deadline = time.monotonic() + limit_s
    while not fact():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _is_free(port: int) -> bool:
    # SO_REUSEADDR as PostgreSQL sets it: connections that linger from the last run do not make a port taken.
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
