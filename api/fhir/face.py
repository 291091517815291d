"""What the HTTP face needs, and how it answers: headers, outcomes, who is asking."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import format_datetime

from fastapi import Request, Response
from sqlalchemy.exc import SQLAlchemyError

from api.core.clock import real_now
from api.core.errors import CareError
from api.core.ids import new_id
from api.core.logging import describe, get_logger
from api.fhir.outcomes import outcome, refusal_outcome, store_outcome, world_outcome
from api.fhir.wire import MEDIA, dumps
from api.gateway.access import Access
from api.gateway.errors import Unauthenticated
from api.gateway.service import Gateway
from api.gateway.tokens import bearer_access
from integrations.ports.errors import PortError
from integrations.ports.fhir import FhirError, Issue, Resource, Stored

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True)
class Face:
    """What the routes need. `base`: the public address of `/fhir`; `key` signs tokens."""

    gateway: Gateway
    key: str
    base: str
    token_url: str
    is_sandbox: bool


type Handler = Callable[[Face, Request], Awaitable[Response]]


async def answered(face: Face, request: Request, handler: Handler) -> Response:
    """The handler's answer, or its refusal as an OperationOutcome. Nothing else gets out."""
    given = request.headers.get("x-request-id", "")
    request.state.request_id = given if REQUEST_ID.fullmatch(given) else new_id()
    try:
        response = await handler(face, request)
    except CareError as refusal:
        response = _refused(*refusal_outcome(refusal))
    except FhirError as refusal:
        response = _refused(*store_outcome(refusal))
    except PortError as failure:
        response = _refused(*world_outcome(failure))
    except (SQLAlchemyError, OSError) as failure:
        get_logger().error("fhir_store_failed", **describe(failure))
        issue = Issue("transient", "", "The record cannot be reached right now.")
        response = _refused(503, outcome([issue]))
    except Exception as failure:  # noqa: BLE001 -- the edge: a trace could hold PHI
        get_logger().error("fhir_failed", **describe(failure))
        issue = Issue("exception", "", "Something went wrong on our side. It has been recorded.")
        response = _refused(500, outcome([issue]))
    if response.status_code == 405:
        response.headers["Allow"] = getattr(request.state, "allowed", "GET")
    response.headers["X-Request-Id"] = request.state.request_id
    response.headers["Cache-Control"] = "no-store"
    return response


def reply(
    resource: Resource, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A resource as the answer."""
    return Response(dumps(resource), status, headers, media_type=MEDIA)


def version_headers(stored: Stored) -> dict[str, str]:
    """ETag and Last-Modified of a version."""
    return {
        "ETag": f'W/"{stored.version}"',
        "Last-Modified": format_datetime(stored.updated_at.astimezone(UTC), usegmt=True),
    }


def access_of(face: Face, request: Request) -> Access:
    """Who is asking.

    Raises:
        Unauthenticated: no token, or one that does not hold.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    origin = request.client.host if request.client else None
    return bearer_access(
        token.strip(),
        key=face.key,
        now=real_now(),
        origin=origin,
        request_id=request.state.request_id,
    )


def _refused(status: int, resource: Resource) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == Unauthenticated.status else {}
    if status == 503:
        headers["Retry-After"] = "5"
    return reply(resource, status, headers)
