"""`python -m api`: one API process, told to stop gently by SIGTERM or SIGINT."""

import asyncio
import socket
import time
from types import FrameType

import uvicorn
from fastapi import FastAPI
from sse_starlette.sse import AppStatus

from api.app import create_app
from api.connection import server_config
from blackboard import collector, logs
from blackboard.config import ServiceSettings

KEEP_ALIVE_S = 15
# What streams have beyond the drain for their `bye` to go out.
LAST_WORDS_S = 1.0


class GentleServer(uvicorn.Server):
    """Says `bye` to streams and answers waiting claims before it stops taking part.

    uvicorn runs an application's shutdown only after all connections are closed, which open streams never are: so the farewell
    has to start from the signal.
    """

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app
        self._leaves_by: float | None = None

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """First signal: farewell, and stop when the last stream has ended. Second: stop now.

        Until then it listens, so that whoever asks is told that it is not ready, and is not refused without a word.
        """
        super().handle_exit(sig, frame)
        service = getattr(self._app.state, "service", None)
        if service is None or self._leaves_by is not None:
            return
        self._leaves_by = time.monotonic() + service.settings.drain_s + LAST_WORDS_S
        self.should_exit = False
        service.drain()

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether it is time to stop."""
        if self._leaves_by is not None:
            self.should_exit |= not self._app.state.service.hub.streams or time.monotonic() >= self._leaves_by
        return await super().on_tick(counter)


def listen(host: str, port: int) -> socket.socket:
    """The listening socket. What is set here the accepted connections inherit.

    Send buffer: by default one stalled reader may hold 4.1 MiB of kernel memory, with 64 KiB it is 0.35 MiB. Keepalive and user
    timeout: a peer that vanished is noticed after 30 s and not after hours.
    """
    sock = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 30_000)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def main() -> None:
    """Read the settings, listen, serve."""
    logs.configure()
    settings = ServiceSettings()
    app = create_app(settings)
    # Streams end by their own `bye`; the library's cut would come first.
    AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]  # the library leaves it untyped
    config = server_config(
        app,
        settings,
        loop="uvloop",
        timeout_keep_alive=KEEP_ALIVE_S,
        # The last stream is sent away at the end of the drain, and what it was sent has still to arrive.
        timeout_graceful_shutdown=int(settings.drain_s) + 3,
    )
    collector.let_rest()
    server = GentleServer(config, app)
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=[listen(settings.host, settings.port)]))


if __name__ == "__main__":
    main()
