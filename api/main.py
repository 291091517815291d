"""The web process: routers, error handlers, lifespan. No logic."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from api import health, metrics, sandbox
from api.bootstrap import Ports, build_ports
from api.console import routes as console, security
from api.console.ports import Console
from api.core import http
from api.core.logging import configure_logging
from api.core.settings import Settings, load_settings
from api.fhir import routes as fhir
from api.health import Health
from api.internal import routes as internal
from api.internal.routes import Internal
from api.messaging import webhooks
from api.web.pages import shared_router
from api.widget import logos, pages, routes as chat
from api.widget.limits import Limits, Rates
from api.widget.service import Chat
from api.widget.streams import Streams

VERSION = "0.1.0"

type Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_app() -> FastAPI:
    """The application of this process, made of its settings."""
    settings = load_settings()
    configure_logging("api")
    return app_of(process_ports(settings))


def process_ports(settings: Settings) -> Ports:
    """The ports of a process; in sandbox mode with fault switches and the mail catcher."""
    if not settings.is_sandbox:
        return build_ports(settings)
    return build_ports(
        settings,
        engine=sandbox.faulty_engine,
        backend=sandbox.faulty_backend,
        mailer=sandbox.CaughtMail,
    )


def app_of(ports: Ports) -> FastAPI:
    """The application over these ports."""
    settings = ports.settings
    app = FastAPI(title="Careline", version=VERSION, lifespan=_lifespan(ports), redoc_url=None)
    http.install(app)
    security.install(app)
    app.include_router(health.router(Health(ports.database, ports.engine, settings.actions_url)))
    app.include_router(metrics.router(ports.database))
    app.include_router(webhooks.router(ports.webhooks))
    app.include_router(chat.router(_chat(ports)))
    app.include_router(shared_router())
    app.include_router(pages.router(ports.clinic, sites=_sites(settings)))
    app.include_router(logos.router(ports.clinic))
    app.include_router(console.router(console_of(ports)))
    app.include_router(internal.router(_internal(ports)))
    for router in fhir.routers(ports.gateway, settings):
        app.include_router(router)
    if settings.is_sandbox:
        app.include_router(sandbox.router(ports))
    return app


def _chat(ports: Ports) -> Chat:
    settings = ports.settings
    rates = Rates(
        session=settings.chat_session_limit,
        confirm=settings.chat_confirm_limit,
        message=settings.chat_message_limit,
    )
    return Chat(ports.line, Limits(rates), Streams(ports.line, ports.announcements))


def console_of(ports: Ports) -> Console:
    """What the console is made of."""
    return Console(
        line=ports.line,
        announcements=ports.announcements,
        staff=ports.staff,
        gateway=ports.gateway,
        clinic=ports.clinic,
        base_url=ports.settings.base_url,
        demo=sandbox.DEMO_STAFF if ports.settings.is_sandbox else None,
    )


def _sites(settings: Settings) -> tuple[str, ...]:
    """Origins of our own that show the chat in a frame, beside the clinic's."""
    return (sandbox.demo_site(settings.base_url),) if settings.is_sandbox else ()


def _internal(ports: Ports) -> Internal:
    return Internal(
        desk=ports.desk,
        reminders=ports.line.reminders,
        forms=ports.line.forms,
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
