"""The token endpoint: client_credentials of OAuth 2.0. Source: RFC 6749, sections 4.4 and 5."""

import base64
import binascii
from urllib.parse import unquote

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.audit import service as audit
from api.core.clock import real_now
from api.core.errors import CareError
from api.fhir.clients import Client, UnknownClient, asserted_client, sandbox_client
from api.fhir.face import Face
from api.fhir.wire import form_pairs
from api.gateway.errors import InvalidScope
from api.gateway.scopes import Scope, narrowed, parse_scopes
from api.gateway.tokens import mint_access_token

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


async def token(face: Face, request: Request) -> Response:
    """An access token for a client that proves itself, narrowed to what it may ask."""
    try:
        form = dict(await form_pairs(request))
    except CareError:
        return _refused(400, "invalid_request")
    if form.get("grant_type") != "client_credentials":
        return _refused(400, "unsupported_grant_type")
    try:
        client = await _client(face, request, form)
        granted = narrowed(parse_scopes(form.get("scope") or client.scopes), _allowed(client))
    except UnknownClient:
        return _refused(401, "invalid_client")
    except InvalidScope:
        return _refused(400, "invalid_scope")
    await _record(face, client)
    return _issued(face, client, " ".join(str(scope) for scope in granted))


async def _client(face: Face, request: Request, form: dict[str, str]) -> Client:
    if form.get("client_assertion_type") == JWT_BEARER:
        async with face.gateway.database.transaction() as session:
            return await asserted_client(
                session,
                form.get("client_assertion", ""),
                audience=face.token_url,
                now=real_now(),
            )
    if not face.is_sandbox:
        raise UnknownClient
    id_, secret = _basic(request) or (form.get("client_id", ""), form.get("client_secret", ""))
    return sandbox_client(id_, secret)


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        id_, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        raise UnknownClient from None
    return unquote(id_), unquote(secret)


def _allowed(client: Client) -> tuple[Scope, ...]:
    return parse_scopes(client.scopes)


async def _record(face: Face, client: Client) -> None:
    now = await face.gateway.clock.now()
    async with face.gateway.database.transaction() as session:
        await audit.record_event(
            session, tag="oauth:token:issue", agent=f"client/{client.id}", now=now
        )


def _issued(face: Face, client: Client, scope: str) -> Response:
    access_token = mint_access_token(
        key=face.key, client=client.id, scope=scope, now=real_now(), lasts=client.lasts
    )
    body = {
        "access_token": access_token,
        "token_type": "bearer",
        "expires_in": int(client.lasts.total_seconds()),
        "scope": scope,
    }
    return JSONResponse(body, headers={"Cache-Control": "no-store", "Pragma": "no-cache"})


def _refused(status: int, error: str) -> Response:
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Basic"
    return JSONResponse({"error": error}, status, headers)
