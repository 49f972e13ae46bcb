"""Other queues on the same server, in the same run, each at its best documented setting and in an environment of its own."""

import asyncio
import shutil
import sys
from pathlib import Path

from tests.bench.town import ROOT, Town, run_json

HERE = Path(__file__).parent / "peers"
HOME = ROOT / ".bench"
PYTHON_PEERS = ("pgqueuer==1.6.0", "asyncpg==0.32.0", "uvloop==0.23.0", "procrastinate==3.10.0", "psycopg[binary,pool]==3.3.9")
NODE_PEERS = ("graphile-worker@0.17.3",)


async def install() -> bool:
    """Make the peers' environments where they are missing; whether there is a node for those that need it."""
    python = HOME / "venv" / "bin" / "python"
    if not python.exists():
        await _run(sys.executable, "-m", "venv", str(HOME / "venv"))
        await _run(str(python), "-m", "pip", "install", "--quiet", *PYTHON_PEERS)
    npm = shutil.which("npm")
    if npm is None:
        return False
    if not (HOME / "node_modules" / "graphile-worker").exists():
        await _run(npm, "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(HOME), *NODE_PEERS)
    shutil.copy(HERE / "graphile_drain.mjs", HOME)
    return True


async def pgqueuer(town: Town, jobs: int) -> float:
    """Jobs a second of PgQueuer."""
    return await _drained(town, jobs, str(HOME / "venv" / "bin" / "python"), str(HERE / "pgqueuer_drain.py"))


async def procrastinate(town: Town, jobs: int) -> float:
    """Jobs a second of Procrastinate."""
    return await _drained(town, jobs, str(HOME / "venv" / "bin" / "python"), str(HERE / "procrastinate_drain.py"))


async def graphile(town: Town, jobs: int) -> float:
    """Jobs a second of graphile-worker."""
    return await _drained(town, jobs, "node", "graphile_drain.mjs", cwd=HOME)


async def _drained(town: Town, jobs: int, *command: str, cwd: Path | None = None) -> float:
    found = await run_json(*command, await town.empty_database(), str(jobs), cwd=cwd)
    return float(found["jobs"] / found["seconds"])


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
    if await process.wait():
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
