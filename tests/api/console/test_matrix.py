"""Every route of the console with every role, and with nobody. A route nobody expects fails."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

import httpx
import pytest
from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from api.console import security
from api.console.security import Requirement
from api.core.ids import new_id
from api.staff.kinds import Permission, Role
from api.staff.rules import may
from api.staff.service import StaffSession
from tests.api.console.conftest import OURS, House

ANYBODY: Final = None
"""Whoever is signed in."""

PUBLIC: Final[Mapping[tuple[str, str], int]] = {
    ("GET", "/console/login"): 200,
    ("POST", "/console/login"): 401,  # nothing is typed
    ("GET", "/console/static/{name}"): 200,
}
"""What nobody in particular may ask for, and how an empty question is answered."""

ONE: Final = "/console/conversations/{id_}"
EXPECTED: Final[Mapping[tuple[str, str], Permission | None]] = {
    ("GET", "/console"): ANYBODY,
    ("POST", "/console/lock"): ANYBODY,
    ("GET", "/console/locked"): ANYBODY,
    ("POST", "/console/locked"): ANYBODY,
    ("POST", "/console/logout"): ANYBODY,
    ("GET", "/console/inbox"): Permission.READ_INBOX,
    ("GET", "/console/events"): Permission.READ_INBOX,
    ("GET", ONE): Permission.READ_CONVERSATION,
    ("GET", f"{ONE}/patient"): Permission.READ_CONVERSATION,
    ("POST", f"{ONE}/look"): Permission.READ_CONVERSATION,
    ("POST", f"{ONE}/writing"): Permission.ANSWER,
    ("POST", f"{ONE}/claim"): Permission.ANSWER,
    ("POST", f"{ONE}/release"): Permission.ANSWER,
    ("POST", f"{ONE}/give-back"): Permission.ANSWER,
    ("POST", f"{ONE}/assign"): Permission.ANSWER,
    ("POST", f"{ONE}/resolve"): Permission.ANSWER,
    ("POST", f"{ONE}/reopen"): Permission.ANSWER,
    ("POST", f"{ONE}/snooze"): Permission.ANSWER,
    ("POST", f"{ONE}/replies"): Permission.ANSWER,
    ("POST", f"{ONE}/notes"): Permission.ANSWER,
    ("GET", f"{ONE}/forms/{{form}}"): Permission.READ_RECORD,
    ("POST", f"{ONE}/forms/{{form}}/added"): Permission.ADD_TO_RECORD,
    ("POST", f"{ONE}/forms/{{form}}/looked"): Permission.ADD_TO_RECORD,
    ("GET", "/console/audit"): Permission.READ_AUDIT,
}
# They do not end by themselves: their requirement is asked instead of them.
STREAMS: Final = frozenset({"/console/events"})


async def test_every_route_is_expected_and_asks_for_what_is_expected(house: House) -> None:
    assert _surprises(house.app) == []


async def test_check_sees_a_route_that_nobody_expects(house: House) -> None:
    @house.app.get("/console/secret")
    async def secret() -> None: ...

    assert _surprises(house.app) == ["GET /console/secret is not expected"]


async def test_check_sees_a_route_that_asks_for_something_else(house: House) -> None:
    gentle = {**EXPECTED, ("GET", "/console/audit"): ANYBODY}
    assert _surprises(house.app, gentle) == ["GET /console/audit asks for read_audit"]
    gone = {**EXPECTED, ("GET", "/console/gone"): ANYBODY}
    assert _surprises(house.app, gone) == ["GET /console/gone does not exist"]


async def test_nobody_gets_no_further_than_the_door(house: House) -> None:
    client = house.browser()
    for method, path in EXPECTED:
        answer = await client.request(method, _filled(path))
        assert answer.status_code == 303, path
        assert answer.headers["location"].startswith("/console/login"), path
    for (method, path), status in PUBLIC.items():
        answer = await client.request(method, _filled(path))
        assert answer.status_code == status, path


@pytest.mark.parametrize("role", Role)
async def test_role_gets_what_it_may_and_a_recorded_no_for_the_rest(
    house: House, role: Role
) -> None:
    refused = 0
    for (method, path), permission in EXPECTED.items():
        client = await house.signed_in(role)
        if path in STREAMS:
            client = _before(client, house.app, method, path)
        answer = await client.request(method, _filled(path))
        if permission is None or may(role, permission):
            assert not _is_turned_away(answer), f"{method} {path}: {answer.status_code}"
        else:
            refused += 1
            assert answer.status_code == 403, f"{method} {path}: {answer.status_code}"
    assert (await house.audited()).count("staff:console:use:role") == refused


async def test_locked_session_gets_nothing_but_its_lock(house: House) -> None:
    client = await house.signed_in(Role.SUPERVISOR)
    await client.post("/console/lock")
    for method, path in EXPECTED:
        if path in {"/console/lock", "/console/locked", "/console/logout"}:
            continue
        answer = await client.request(method, _filled(path))
        assert answer.headers["location"].startswith("/console/locked"), path


async def test_unsafe_routes_refuse_a_request_without_the_token_of_forms(house: House) -> None:
    client = await house.signed_in(Role.SUPERVISOR)
    del client.headers["X-CSRF-Token"]
    unsafe = [path for method, path in EXPECTED if method != "GET"]
    for path in unsafe:
        assert (await client.post(_filled(path))).status_code == 403, path
    assert (await house.audited()).count("staff:console:use:csrf") == len(unsafe)


def _surprises(
    app: FastAPI, expected: Mapping[tuple[str, str], Permission | None] = EXPECTED
) -> list[str]:
    found, surprises = set(), []
    for method, route in _routes(app):
        path = str(route.path)
        key = (method, path)
        found.add(key)
        asked = [each.permission for each in _requirements(route)]
        if key not in expected and key not in PUBLIC:
            surprises.append(f"{method} {path} is not expected")
        elif asked != ([] if key in PUBLIC else [expected[key]]):
            surprises.append(f"{method} {path} asks for {', '.join(map(str, asked))}")
    missing = {*expected, *PUBLIC} - found
    return surprises + [f"{method} {path} does not exist" for method, path in sorted(missing)]


def _routes(app: FastAPI) -> Iterator[tuple[str, RouteContext]]:
    for route in iter_route_contexts(app.routes):
        if (route.path or "").startswith("/console"):
            for method in sorted(route.methods or ()):
                yield method, route


def _requirements(route: RouteContext) -> list[Requirement]:
    return [call for call in _calls(route.dependant) if isinstance(call, Requirement)]


def _calls(dependant: Dependant) -> Iterator[object]:
    yield dependant.call
    for each in dependant.dependencies:
        yield from _calls(each)


def _filled(path: str) -> str:
    return (
        path.replace("{id_}", new_id()).replace("{form}", new_id()).replace("{name}", "sign_in.css")
    )


def _is_turned_away(answer: httpx.Response) -> bool:
    sent_to = answer.headers.get("location", "")
    is_sent = sent_to.startswith(("/console/login", "/console/locked"))
    # Locking and signing out lead there, as asked.
    is_asked = answer.request.url.path in {"/console/lock", "/console/logout"}
    is_wrong_password = answer.request.url.path == "/console/locked"
    return (is_sent and not is_asked) or (
        answer.status_code in {401, 403, 423} and not is_wrong_password
    )


def _before(client: httpx.AsyncClient, app: FastAPI, method: str, path: str) -> httpx.AsyncClient:
    """The same browser before an application that has this route's requirement only."""
    route = next(one for verb, one in _routes(app) if (verb, one.path) == (method, path))
    (requirement,) = _requirements(route)
    stub = FastAPI()
    security.install(stub)

    @stub.api_route(path, methods=[method])
    async def reached(_: Annotated[StaffSession, Depends(requirement)]) -> None: ...

    transport = httpx.ASGITransport(stub, client=("203.0.113.7", 4711))
    return httpx.AsyncClient(
        transport=transport,
        base_url=client.base_url,
        headers={**OURS, "X-CSRF-Token": client.headers["X-CSRF-Token"]},
        cookies=client.cookies,
    )
