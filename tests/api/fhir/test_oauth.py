"""The token endpoint: sandbox secrets, and signed assertions of registered clients."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from pydantic import SecretStr

from api.core.clock import real_now
from api.core.settings import Mode, Settings
from api.fhir.models import OAuthClientRow
from api.fhir.routes import routers
from api.gateway.service import Gateway
from tests.api.fhir.conftest import BASE, KEY
from tests.support.gateway import audit_rows

TOKEN_URL = f"{BASE}/oauth/token"
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
RSA = RSAKey.generate_key(2048, {"kid": "r1"})
EC = ECKey.generate_key("P-384", {"kid": "e1"})
OTHER = ECKey.generate_key("P-384", {"kid": "e1"})


async def ask(http: httpx.AsyncClient, **form: str) -> httpx.Response:
    return await http.post("/oauth/token", data={"grant_type": "client_credentials"} | form)


def assertion(key: Key = EC, alg: str = "ES384", **changes: Any) -> str:
    claims = {
        "iss": "partner",
        "sub": "partner",
        "aud": TOKEN_URL,
        "exp": int((real_now() + timedelta(minutes=4)).timestamp()),
        "jti": "once",
    } | changes
    return jwt.encode({"alg": alg, "kid": str(key.kid)}, claims, key, algorithms=[alg])


async def present(http: httpx.AsyncClient, token: str) -> httpx.Response:
    return await ask(http, client_assertion_type=JWT_BEARER, client_assertion=token)


@pytest.fixture
async def partner(gateway: Gateway) -> None:
    """A registered client with an EC and an RSA key."""
    jwks = {"keys": [key.as_dict(private=False) for key in (RSA, EC)]}
    async with gateway.database.transaction() as session:
        scopes = "system/Patient.rs system/Slot.rs"
        session.add(OAuthClientRow(id="partner", scopes=scopes, jwks=jwks, is_active=True))


@pytest.mark.parametrize(
    ("client", "scope"),
    [("sandbox-inspector", "system/*.rs"), ("sandbox-ehr", "system/*.cruds")],
)
async def test_sandbox_client_gets_its_scopes(
    http: httpx.AsyncClient, client: str, scope: str
) -> None:
    answer = await ask(http, client_id=client, client_secret="sandbox")
    body = answer.json()
    assert (answer.status_code, body["scope"], body["token_type"]) == (200, scope, "bearer")
    assert answer.headers["cache-control"] == "no-store"


async def test_client_may_authenticate_by_basic(http: httpx.AsyncClient) -> None:
    form = {"grant_type": "client_credentials"}
    right = await http.post("/oauth/token", data=form, auth=("sandbox-ehr", "sandbox"))
    wrong = await http.post("/oauth/token", data=form, auth=("sandbox-ehr", "guess"))
    assert (right.status_code, wrong.status_code) == (200, 401)


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_id": "sandbox-ehr", "client_secret": "guess"}, 401, "invalid_client"),
        ({"client_id": "nobody", "client_secret": "sandbox"}, 401, "invalid_client"),
        ({"client_id": "sandbox-ehr", "client_secret": "sandböx"}, 401, "invalid_client"),
        ({}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        (
            {
                "client_id": "sandbox-inspector",
                "client_secret": "sandbox",
                "scope": "system/*.cud",
            },
            400,
            "invalid_scope",
        ),
        (
            {"client_id": "sandbox-ehr", "client_secret": "sandbox", "scope": "everything"},
            400,
            "invalid_scope",
        ),
    ],
)
async def test_refusal_is_an_oauth_error(
    http: httpx.AsyncClient, form: dict[str, str], status: int, error: str
) -> None:
    answer = await ask(http, **form)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


async def test_asked_scope_is_narrowed_to_what_is_allowed(http: httpx.AsyncClient) -> None:
    answer = await ask(
        http,
        client_id="sandbox-inspector",
        client_secret="sandbox",
        scope="system/Patient.cruds system/Slot.r",
    )
    assert answer.json()["scope"] == "system/Patient.rs system/Slot.r"


async def test_token_request_must_be_a_form(http: httpx.AsyncClient) -> None:
    answer = await http.post("/oauth/token", json={"grant_type": "client_credentials"})
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


@pytest.mark.parametrize(("key", "alg"), [(EC, "ES384"), (RSA, "RS384")], ids=["ES384", "RS384"])
async def test_registered_client_proves_itself_by_an_assertion(
    http: httpx.AsyncClient, partner: None, key: Key, alg: str
) -> None:
    answer = await present(http, assertion(key, alg))
    assert answer.status_code == 200, answer.text
    assert answer.json()["expires_in"] == 300
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await http.get("/fhir/Patient", headers=headers)).status_code == 200
    assert (await http.get("/fhir/Task", headers=headers)).status_code == 403


async def test_assertion_holds_once(http: httpx.AsyncClient, partner: None) -> None:
    token = assertion()
    assert (await present(http, token)).status_code == 200
    assert (await present(http, token)).status_code == 401
    assert (await present(http, assertion(jti="twice"))).status_code == 200


def in_seconds(seconds: int) -> int:
    return int(real_now().timestamp()) + seconds


@pytest.mark.parametrize(
    "token",
    [
        assertion(OTHER),
        assertion(iss="nobody", sub="nobody"),
        assertion(sub="somebody"),
        assertion(aud="https://elsewhere.example/token"),
        assertion(exp=in_seconds(-5)),
        assertion(exp=in_seconds(3600)),
        assertion(exp="soon"),
        assertion(jti=""),
        assertion(jti=None),
        assertion(OctKey.import_key(b"x" * 48, {"kid": "e1"}), "HS384"),
        "a.b.c",
        "",
        "x" * 9000,
    ],
    ids=lambda token: str(len(token)) + token[-8:],
)
async def test_assertion_that_does_not_hold_is_refused(
    http: httpx.AsyncClient, partner: None, token: str
) -> None:
    answer = await present(http, token)
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


async def test_inactive_client_is_refused(
    http: httpx.AsyncClient, partner: None, gateway: Gateway
) -> None:
    async with gateway.database.transaction() as session:
        (await session.get_one(OAuthClientRow, "partner")).is_active = False
    assert (await present(http, assertion())).status_code == 401


async def test_published_secret_opens_nothing_outside_the_sandbox(gateway: Gateway) -> None:
    settings = Settings(careline_mode=Mode.PRODUCTION, careline_token_key=SecretStr(KEY))
    app = FastAPI()
    for router in routers(gateway, settings):
        app.include_router(router)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as http:
        answer = await ask(http, client_id="sandbox-ehr", client_secret="sandbox")
        smart = await http.get("/fhir/.well-known/smart-configuration")
    assert answer.status_code == 401
    assert smart.json()["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


async def test_every_token_issued_is_recorded(http: httpx.AsyncClient, gateway: Gateway) -> None:
    await ask(http, client_id="sandbox-ehr", client_secret="sandbox")
    rows = await audit_rows(gateway)
    assert [(row.tag, row.agent_id) for row in rows] == [("oauth:token:issue", "sandbox-ehr")]
