"""A wire between the board and its database that can be turned to another server, cut, or swallow all that is sent."""

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit


class Relay:
    """Passes bytes on. While it is `silent` it takes them and passes nothing, and closes nothing."""

    def __init__(self, url: str) -> None:
        self.silent = False
        self._target = urlsplit(url)
        self._writers: set[asyncio.StreamWriter] = set()
        self._calls: set[asyncio.Task[None]] = set()

    async def open(self) -> str:
        """The address under which the database is found through here."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1")
        port = self._server.sockets[0].getsockname()[1]
        login, _, _ = self._target.netloc.rpartition("@")
        return self._target._replace(netloc=f"{login}@127.0.0.1:{port}", query="sslmode=disable").geturl()

    def turn(self, url: str) -> None:
        """New calls go there; the old ones are cut."""
        self._target = urlsplit(url)
        self.cut()

    def cut(self) -> int:
        """Break what is open; how many connections that were."""
        for writer in self._writers:
            writer.transport.abort()
        return len(self._writers) // 2

    async def close(self) -> None:
        """No more calls, and none goes on."""
        self._server.close()
        self.cut()
        await asyncio.gather(*self._calls, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = asyncio.current_task()
        assert call is not None
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        try:
            far_reader, far_writer = await asyncio.open_connection(self._target.hostname, self._target.port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._writers |= ends
        pumps = [asyncio.create_task(self._pump(*way)) for way in ((reader, far_writer), (far_reader, writer))]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            for end in ends:
                end.transport.abort()
            self._writers -= ends

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while said := await reader.read(65536):
                if not self.silent:
                    writer.write(said)
