"""The FastAPI application."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api import agents, cases, events, health, problems, tasks
from api.service import Service
from blackboard.config import ServiceSettings


class RequestId:
    """Gives each request an id that its answer and its problems carry. Pure ASGI: it must not stand in a stream's way."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = scope["request_id"] = uuid.uuid4().hex

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).append("X-Request-Id", request_id)
            await send(message)

        await self._app(scope, receive, send_with_id)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The application; `uvicorn api.app:create_app --factory` reads its settings from the environment."""
    chosen = settings or ServiceSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        service = await Service.start(chosen)
        app.state.service = service
        try:
            yield
        finally:
            await service.stop()

    app = FastAPI(
        title="Blackboard",
        description="A shared board on which agents work bank cases together.",
        version="1",
        lifespan=lifespan,
        max_body_size=chosen.max_body_bytes,
        docs_url="/docs",
        redoc_url=None,
    )
    app.add_middleware(RequestId)
    problems.install(app)
    for module in (cases, tasks, agents, events, health):
        app.include_router(module.router)
    return app
