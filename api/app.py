"""The FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import (
    agents,
    assets,
    asyncapi,
    cases,
    claims,
    control,
    duties,
    events,
    facade,
    facts,
    health,
    login,
    policies,
    problems,
    reviews,
    tasks,
    webhooks,
)
from api.envelope import BodyLimit, RequestId
from api.service import Service
from blackboard.config import ServiceSettings


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
        docs_url="/docs",
        redoc_url=None,
    )
    app.add_middleware(BodyLimit, max_bytes=chosen.max_body_bytes)
    app.add_middleware(RequestId)
    problems.install(app)
    for module in (
        cases,
        facts,
        tasks,
        claims,
        reviews,
        agents,
        control,
        duties,
        policies,
        webhooks,
        events,
        asyncapi,
        health,
        login,
        assets,
    ):
        app.include_router(module.router)
    for router in facade.ROUTERS:
        app.include_router(router)
    return app
