"""HTTP as all of our routes speak it: errors that echo nothing, bounded bodies, safe headers."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.core.errors import CareError
from api.core.logging import describe, get_logger
from integrations.ports.errors import PortError

MAX_BODY_BYTES = 1024 * 1024
# FHIR answers every refusal with an OperationOutcome, this one too, and keeps the same limit.
OWN_LIMITS = "/fhir"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)


def install(app: FastAPI) -> None:
    """Give an application our error answers, body limit and headers."""
    app.add_exception_handler(CareError, _refusal)
    app.add_exception_handler(PortError, _world_failed)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _failure)
    app.add_middleware(Guard)


def problem(status: int, code: str, sentence: str) -> JSONResponse:
    """The one shape of an error answer."""
    return JSONResponse({"error": code, "detail": sentence}, status_code=status)


async def _refusal(_request: Request, refusal: Exception) -> JSONResponse:
    if not isinstance(refusal, CareError):
        raise refusal
    answer = problem(refusal.status, refusal.code, refusal.sentence)
    answer.headers.update(refusal.headers)
    return answer


async def _world_failed(_request: Request, failure: Exception) -> JSONResponse:
    get_logger().warning("port_failed", **describe(failure))
    return problem(503, "unavailable", "This does not work right now. Please try again later.")


async def _invalid(_request: Request, invalid: Exception) -> JSONResponse:
    """The framework's own answer repeats the offending input, whatever its size."""
    fields = []
    if isinstance(invalid, RequestValidationError):
        fields = [
            {"field": ".".join(str(part) for part in error["loc"]), "code": error["type"]}
            for error in invalid.errors()[:20]
        ]
    body = {"error": "invalid_request", "detail": "Some fields are not valid.", "fields": fields}
    return JSONResponse(body, status_code=422)


async def _failure(request: Request, failure: Exception) -> JSONResponse:
    route = getattr(request.scope.get("route"), "path", "unknown")
    get_logger().error("request_failed", route=route, **describe(failure))
    return problem(500, "failure", "Something went wrong on our side. It has been recorded.")


class BodyTooLarge(CareError):
    """The request's body is larger than anything this service takes."""

    code = "body_too_large"
    status = 413
    sentence = "The request is too large."


class Guard:
    """Refuses oversized bodies while they stream in, and adds headers that every answer has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["path"].startswith(OWN_LIMITS):
            await self._app(scope, receive, _with_headers(send))
            return
        if _declared_length(scope) > MAX_BODY_BYTES:
            refusal = problem(BodyTooLarge.status, BodyTooLarge.code, BodyTooLarge.sentence)
            await refusal(scope, receive, send)
            return
        await self._app(scope, _limited(receive), _with_headers(send))


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def _limited(receive: Receive) -> Receive:
    seen = 0

    async def limited() -> MutableMapping[str, Any]:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > MAX_BODY_BYTES:
            raise BodyTooLarge
        return message

    return limited


def _with_headers(send: Send) -> Callable[[Message], Awaitable[None]]:
    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message["headers"]}
            extra = [(name, value) for name, value in HEADERS if name not in present]
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return with_headers
