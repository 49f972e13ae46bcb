"""The FastAPI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from api import (
    agents,
    assets,
    asyncapi,
    audit,
    cases,
    claims,
    control,
    customers,
    duties,
    events,
    facade,
    facts,
    health,
    keys,
    login,
    policies,
    problems,
    rates,
    reviews,
    tasks,
    webhooks,
)
from api.envelope import BodyLimit, CleanHead, RequestId
from api.headers import SafeHeaders
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
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if chosen.docs else None,
    )
    app.add_middleware(BodyLimit, max_bytes=chosen.max_body_bytes)
    app.add_middleware(CleanHead)
    app.add_middleware(RequestId)
    app.add_middleware(SafeHeaders)
    problems.install(app)
    for module in (
        cases,
        facts,
        tasks,
        claims,
        reviews,
        agents,
        keys,
        control,
        duties,
        rates,
        policies,
        webhooks,
        events,
        audit,
        customers,
        health,
        login,
        assets,
    ):
        app.include_router(module.router)
    for router in (*facade.ROUTERS, *((asyncapi.router, assets.manual) if chosen.docs else ())):
        app.include_router(router)
    return app
