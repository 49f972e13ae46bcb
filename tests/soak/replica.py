"""A second server that follows the first by streaming replication, stops following, and takes its place."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import asyncpg

from blackboard.embedded import EmbeddedPostgres

# It asks for more, and there is nothing to ask. What it received may end within a record, and that end is never replayed.
_AT_REST = """
SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver) AND EXISTS (
  SELECT FROM pg_stat_activity WHERE backend_type = 'startup' AND wait_event = 'RecoveryRetrieveRetryInterval')"""


class Replica:
    """A physical replica of a running server, in a folder of its own."""

    def __init__(self, primary: EmbeddedPostgres, data: Path) -> None:
        self._primary = primary
        self.server = EmbeddedPostgres(data=data, durable=False)

    def start(self) -> None:
        """Copy the primary and follow it."""
        home, secret = self.server.data / "postgres", Path("secrets", "postgres")
        home.mkdir(parents=True, mode=0o711)
        for folder in (self.server.data, home):
            folder.chmod(0o711)
        (self.server.data / secret).parent.mkdir()
        shutil.copy(self._primary.data / secret, self.server.data / secret)
        cluster = home / "cluster"
        cluster.mkdir(mode=0o700)
        user = self._primary._user
        user.own(cluster)
        argv: list[str | Path] = [
            *(self._primary.bin / "pg_basebackup", "--pgdata", cluster, "--dbname", self._primary.url()),
            *("--wal-method=stream", "--checkpoint=fast", "--write-recovery-conf", "--no-sync"),
        ]
        done = user.run(argv)
        assert done.returncode == 0, done.stderr
        self.server.start()

    async def stop_following(self) -> None:
        """Take no more from the primary; what came until now stays, and has been replayed when this returns."""
        connection = await asyncpg.connect(self.server.url())
        await connection.execute("ALTER SYSTEM SET primary_conninfo = ''")
        await connection.execute("SELECT pg_reload_conf()")
        async with asyncio.timeout(30):
            while not await connection.fetchval(_AT_REST):
                await asyncio.sleep(0.02)
        await connection.close()

    async def promote(self) -> None:
        """Kill the primary and let the replica lead."""
        assert self._primary.pid is not None
        os.kill(self._primary.pid, signal.SIGKILL)
        connection = await asyncpg.connect(self.server.url())
        assert await connection.fetchval("SELECT pg_promote()")
        await connection.close()
