"""FHIR's REST interactions: read, history, search, create, update."""

import re

from fastapi import Request, Response

from api.fhir.bundles import history_bundle, search_bundle
from api.fhir.errors import Malformed, MethodNotAllowed, UnknownType, WrongId
from api.fhir.face import Face, access_of, reply, version_headers
from api.fhir.outcomes import outcome
from api.fhir.wire import (
    check_accept,
    form_pairs,
    if_match,
    query_pairs,
    read_pairs,
    read_resource,
    without_format,
)
from api.gateway.interactions import Create, History, Read, Search, Update
from api.gateway.service import perform
from integrations.ports.fhir import Issue, NotFound, Pairs, Stored

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
PREFERRED = re.compile(r"(?:^|[,;])\s*(handling|return)\s*=\s*\"?(\w+)\"?")
AUDIT = "AuditEvent"


def types_of(face: Face) -> set[str]:
    """Every type that is served."""
    return {*face.gateway.backend.capabilities(), AUDIT}


async def read(face: Face, request: Request) -> Response:
    """The current version; 304 when the client has it."""
    access, type_ = access_of(face, request), _type(face, request)
    check_accept(request, query_pairs(request))
    stored = await perform(face.gateway, access, Read(type_, id_of(request)))
    if request.headers.get("if-none-match") in {f'W/"{stored.version}"', f'"{stored.version}"'}:
        return Response(status_code=304, headers=version_headers(stored))
    return reply(stored.body, headers=version_headers(stored))


async def vread(face: Face, request: Request) -> Response:
    """One version."""
    access, type_ = access_of(face, request), _type(face, request)
    version = request.path_params["version"]
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        raise NotFound(type_)
    asked = Read(type_, id_of(request), int(version))
    stored = await perform(face.gateway, access, asked)
    return reply(stored.body, headers=version_headers(stored))


async def history(face: Face, request: Request) -> Response:
    """Every version of a resource."""
    access, type_ = access_of(face, request), _type(face, request)
    versions = await perform(face.gateway, access, History(type_, id_of(request)))
    return reply(history_bundle(face.base, versions))


async def search(face: Face, request: Request) -> Response:
    """A search by the URL."""
    return await _search(face, request, query_pairs(request))


async def search_by_post(face: Face, request: Request) -> Response:
    """A search by a form; parameters in the URL count too."""
    access_of(face, request)
    return await _search(face, request, (*query_pairs(request), *await form_pairs(request)))


async def create(face: Face, request: Request) -> Response:
    """A new resource: 201, or 200 where If-None-Exist has found it."""
    access, type_ = access_of(face, request), _type(face, request)
    resource = await read_resource(request)
    if resource["resourceType"] != type_:
        raise WrongId
    asked = Create(resource, _criteria(request))
    written = await perform(face.gateway, access, asked)
    return _written(face, request, written.stored, 201 if written.created else 200)


async def update(face: Face, request: Request) -> Response:
    """The next version of a resource. Clients do not choose ids: 405 where there is none."""
    access, type_ = access_of(face, request), _type(face, request)
    resource = await read_resource(request)
    if (resource["resourceType"], resource.get("id")) != (type_, request.path_params["id"]):
        raise WrongId
    try:
        written = await perform(face.gateway, access, Update(resource, if_match(request)))
    except NotFound:
        raise MethodNotAllowed from None
    return _written(face, request, written.stored, 200)


def _type(face: Face, request: Request) -> str:
    type_ = str(request.path_params["type"])
    if type_ not in types_of(face):
        raise UnknownType
    return type_


def id_of(request: Request) -> str:
    """The id in the URL.

    Raises:
        UnknownType: no id of this server looks like it.
    """
    id_ = str(request.path_params["id"])
    if not ID.fullmatch(id_):
        raise UnknownType
    return id_


async def _search(face: Face, request: Request, pairs: Pairs) -> Response:
    access, type_ = access_of(face, request), _type(face, request)
    check_accept(request, pairs)
    params = without_format(pairs)
    lenient = _preferences(request).get("handling") == "lenient"
    page = await perform(face.gateway, access, Search(type_, params, lenient))
    return reply(search_bundle(face.base, type_, params, page))


def _written(face: Face, request: Request, stored: Stored, status: int) -> Response:
    headers = version_headers(stored)
    headers["Location"] = f"{face.base}/{stored.reference}/_history/{stored.version}"
    match _preferences(request).get("return"):
        case "minimal":
            return Response(status_code=status, headers=headers)
        case "OperationOutcome":
            done = outcome([Issue("informational", "", "Stored.")])
            done["issue"][0]["severity"] = "information"
            return reply(done, status, headers)
        case _:
            return reply(stored.body, status, headers)


def _preferences(request: Request) -> dict[str, str]:
    return dict(PREFERRED.findall(request.headers.get("prefer", "")))


def _criteria(request: Request) -> Pairs | None:
    """The search of If-None-Exist; an empty one would match everything."""
    header = request.headers.get("if-none-exist")
    if header is None:
        return None
    pairs = read_pairs(header.rpartition("?")[2])
    if not pairs:
        raise Malformed
    return pairs
