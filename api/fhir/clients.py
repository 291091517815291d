"""OAuth clients: who they are, how they prove it.

In sandbox mode two published clients with a secret exist; everywhere a registered client proves
itself with a signed assertion. Source: SMART Backend Services (App Launch 2.2.0), section
"Authenticating to the token endpoint".
"""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.fhir.models import OAuthAssertionRow, OAuthClientRow

SECRET = "sandbox"  # noqa: S105 -- the published sandbox credential
SANDBOX_CLIENTS = {"sandbox-inspector": "system/*.rs", "sandbox-ehr": "system/*.cruds"}
ALGORITHMS = ["RS384", "ES384"]
LONGEST_ASSERTION = timedelta(minutes=5)
SANDBOX_LASTS, PARTNER_LASTS = timedelta(hours=1), timedelta(minutes=5)
MOST_CHARS = 8192


class UnknownClient(Exception):
    """Not a client, or it has not proved to be the one that it says."""


@dataclass(frozen=True)
class Client:
    """A client that has proved itself. `lasts`: how long its tokens hold."""

    id: str
    scopes: str
    lasts: timedelta


def sandbox_client(id_: str, secret: str) -> Client:
    """A published sandbox client.

    Raises:
        UnknownClient: another one, or another secret.
    """
    scopes = SANDBOX_CLIENTS.get(id_)
    is_right = hmac.compare_digest(secret.encode("utf-8", "replace"), SECRET.encode())
    if scopes is None or not is_right:
        raise UnknownClient
    return Client(id_, scopes, SANDBOX_LASTS)


async def asserted_client(
    session: AsyncSession, assertion: str, *, audience: str, now: datetime
) -> Client:
    """A registered client by its assertion, which then is used up. `now`: the real time.

    Raises:
        UnknownClient: not registered, wrongly signed, lapsed, too long, or used before.
    """
    id_ = _claimed_id(assertion)
    row = await session.get(OAuthClientRow, id_)
    if row is None or not row.is_active:
        raise UnknownClient
    claims = _verified(assertion, row)
    expires = _checked(claims, id_, audience, now)
    await _use_up(session, id_, str(claims["jti"]), expires, now)
    return Client(id_, row.scopes, PARTNER_LASTS)


def _claimed_id(assertion: str) -> str:
    """Who the assertion says it is from; nothing is believed yet."""
    if len(assertion) > MOST_CHARS or assertion.count(".") != 2:
        raise UnknownClient
    payload = assertion.split(".")[1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise UnknownClient from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str) or "\x00" in issuer:
        raise UnknownClient
    return issuer


def _verified(assertion: str, row: OAuthClientRow) -> dict[str, object]:
    try:
        keys = KeySet.import_key_set({"keys": row.jwks["keys"]})
        return dict(jwt.decode(assertion, keys, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, KeyError):
        raise UnknownClient from None


def _checked(claims: dict[str, object], id_: str, audience: str, now: datetime) -> datetime:
    expires, jti = claims.get("exp"), claims.get("jti")
    heard = claims.get("aud")
    audiences = heard if isinstance(heard, list) else [heard]
    is_named = claims.get("iss") == id_ and claims.get("sub") == id_ and audience in audiences
    if not is_named or not isinstance(expires, int) or not isinstance(jti, str):
        raise UnknownClient
    if not jti or len(jti) > 200 or "\x00" in jti:
        raise UnknownClient
    if not now.timestamp() < expires <= (now + LONGEST_ASSERTION).timestamp() + 1:
        raise UnknownClient
    return datetime.fromtimestamp(expires, UTC)


async def _use_up(
    session: AsyncSession, id_: str, jti: str, expires: datetime, now: datetime
) -> None:
    await session.execute(delete(OAuthAssertionRow).where(OAuthAssertionRow.expires_at < now))
    row = {"client_id": id_, "jti": jti, "expires_at": expires}
    done = await session.execute(
        insert(OAuthAssertionRow)
        .values(row)
        .on_conflict_do_nothing()
        .returning(OAuthAssertionRow.jti)
    )
    if done.first() is None:
        raise UnknownClient
