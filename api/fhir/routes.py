"""Which address is answered by what. Every refusal below `/fhir` is an OperationOutcome."""

import re
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from api.core.settings import Settings
from api.fhir import everything, metadata, oauth, operations, rest
from api.fhir.errors import MethodNotAllowed, UnknownType
from api.fhir.face import Face, Handler, answered
from api.gateway.service import Gateway

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
ROUTES: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/metadata", metadata.metadata),
    ("GET", "/.well-known/smart-configuration", metadata.smart_configuration),
    ("GET", "/Appointment/$find", operations.find),
    ("POST", "/Appointment/$find", operations.find_by_post),
    ("POST", "/Appointment/$hold", operations.hold),
    ("POST", "/Appointment/$book", operations.book),
    ("POST", "/Appointment/$cancel", operations.cancel),
    ("POST", "/Appointment/$reschedule", operations.reschedule),
    ("POST", "/Appointment/{id}/$cancel", operations.cancel),
    ("POST", "/Appointment/{id}/$reschedule", operations.reschedule),
    ("GET", "/Patient/{id}/$everything", everything.everything),
    ("POST", "/Patient/{id}/$everything", everything.everything_by_post),
    ("POST", "/{type}/_search", rest.search_by_post),
    ("GET", "/{type}", rest.search),
    ("POST", "/{type}", rest.create),
    ("GET", "/{type}/{id}", rest.read),
    ("PUT", "/{type}/{id}", rest.update),
    ("GET", "/{type}/{id}/_history", rest.history),
    ("GET", "/{type}/{id}/_history/{version}", rest.vread),
)


def routers(gateway: Gateway, settings: Settings) -> tuple[APIRouter, ...]:
    """The routers of `/fhir` and `/oauth`; they handle their own errors."""
    face = Face(
        gateway=gateway,
        key=settings.careline_token_key.get_secret_value(),
        base=f"{settings.base_url}/fhir",
        token_url=f"{settings.base_url}/oauth/token",
        is_sandbox=settings.is_sandbox,
    )
    return fhir_router(face), oauth_router(face)


def fhir_router(face: Face) -> APIRouter:
    """Every address below `/fhir`."""
    router = APIRouter(prefix="/fhir", tags=["FHIR R4"])
    for method, path, handler in ROUTES:
        router.add_api_route(
            path,
            _endpoint(face, handler),
            methods=[method],
            summary=handler.__doc__,
            response_class=Response,
        )
    for path in ("", "/{rest:path}"):
        router.add_api_route(
            path, _endpoint(face, nothing_here), methods=METHODS, include_in_schema=False
        )
    return router


def oauth_router(face: Face) -> APIRouter:
    """The token endpoint."""
    router = APIRouter(prefix="/oauth", tags=["OAuth 2.0"])
    endpoint = _endpoint(face, oauth.token)
    router.add_api_route("/token", endpoint, methods=["POST"], response_class=Response)
    return router


async def nothing_here(_face: Face, request: Request) -> Response:
    """405 where another method is served, 404 everywhere else."""
    path = request.url.path.removeprefix("/fhir")
    allowed = [method for method, template, _ in ROUTES if _is_at(path, template)]
    if allowed:
        request.state.allowed = ", ".join(sorted(set(allowed)))
        raise MethodNotAllowed
    raise UnknownType


def _is_at(path: str, template: str) -> bool:
    pattern = "".join(
        "[^/]+" if part.startswith("{") else re.escape(part)
        for part in re.split(r"(\{\w+\})", template)
    )
    return re.fullmatch(pattern, path) is not None


def _endpoint(face: Face, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        return await answered(face, request, handler)

    endpoint.__name__ = f"{handler.__module__.rpartition('.')[2]}_{handler.__name__}"
    return endpoint
