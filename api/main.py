"""The web process: routers, error handlers, lifespan. No logic."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from api import health, metrics, sandbox
from api.bootstrap import Ports, build_ports
from api.core import http
from api.core.logging import configure_logging
from api.core.settings import Settings, load_settings
from api.fhir import routes as fhir
from api.health import Health
from api.internal import routes as internal
from api.internal.routes import Internal
from api.messaging import webhooks
from api.web.pages import shared_router
from api.widget import pages, routes as chat
from api.widget.service import Chat

VERSION = "0.1.0"

type Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app() -> FastAPI:
    """The application of this process, made of its settings."""
    settings = load_settings()
    configure_logging("api")
    return app_of(process_ports(settings))


def process_ports(settings: Settings) -> Ports:
    """The ports of a process; in sandbox mode with the fault switches around them."""
    if not settings.is_sandbox:
        return build_ports(settings)
    return build_ports(settings, engine=sandbox.faulty_engine, backend=sandbox.faulty_backend)


def app_of(ports: Ports) -> FastAPI:
    """The application over these ports."""
    settings = ports.settings
    app = FastAPI(title="Careline", version=VERSION, lifespan=_lifespan(ports), redoc_url=None)
    http.install(app)
    app.include_router(health.router(Health(ports.database, ports.engine, settings.actions_url)))
    app.include_router(metrics.router(ports.database))
    app.include_router(webhooks.router(ports.webhooks))
    app.include_router(chat.router(Chat(ports.line, ports.announcements)))
    app.include_router(shared_router())
    app.include_router(pages.router(ports.clinic))
    app.include_router(internal.router(_internal(ports)))
    for router in fhir.routers(ports.gateway, settings):
        app.include_router(router)
    if settings.is_sandbox:
        app.include_router(sandbox.router(ports))
    return app


def _internal(ports: Ports) -> Internal:
    return Internal(
        desk=ports.desk,
        token=ports.settings.internal_token.get_secret_value(),
        token_key=ports.settings.careline_token_key.get_secret_value(),
    )


def _lifespan(ports: Ports) -> Lifespan:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if ports.settings.is_sandbox:
            await sandbox.seed_if_empty(ports)
        await ports.announcements.start()
        yield
        await ports.announcements.stop()
        await ports.database.close()

    return lifespan
