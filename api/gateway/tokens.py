"""Turn tokens and access tokens: minted and read here only.

Both are JWTs signed with the service's own key (HS256); the audience keeps them apart. They live
by real time, whatever the sandbox clock says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from api.gateway.access import Access, ActorKind, Assurance, opens_record
from api.gateway.errors import Unauthenticated
from api.gateway.scopes import parse_scopes

ALGORITHM = "HS256"
ISSUER = "careline"
TURN_AUDIENCE, ACCESS_AUDIENCE = "careline/turn", "careline/fhir"
TURN_LASTS = timedelta(minutes=2)
MOST_CHARS = 4096

# Everything that a turn may ever do; rules.py narrows it to the actor's list and the patient.
TURN_SCOPES = parse_scopes(
    "patient/Patient.rs patient/RelatedPerson.rs patient/Appointment.crus patient/Slot.rs "
    "patient/Schedule.rs patient/HealthcareService.rs patient/Practitioner.rs "
    "patient/PractitionerRole.rs patient/Location.rs patient/Organization.rs "
    "patient/Questionnaire.rs patient/QuestionnaireResponse.crus"
)


@dataclass(frozen=True)
class Via:
    """How the patient of a turn came: on which channel, and how sure it is that it is them."""

    channel: str | None = None
    level: Assurance = Assurance.BIRTH_DATE


UNSAID = Via()


@dataclass(frozen=True)
class Turn:
    """What a turn token says: which turn of which conversation, for which patient or none.

    `level`: how sure it is that it is them.
    """

    turn: str
    conversation: str
    patient: str | None
    channel: str | None = None
    level: Assurance = Assurance.BIRTH_DATE


def mint_turn_token(
    *,
    key: str,
    turn: str,
    conversation: str,
    patient: str | None,
    now: datetime,
    via: Via = UNSAID,
) -> str:
    """A token for one turn, good for two minutes of real time. `now`: the real time."""
    claims = {
        "sub": conversation,
        "turn": turn,
        "patient": patient,
        "channel": via.channel,
        "level": via.level.value,
    }
    return _mint(key, TURN_AUDIENCE, claims, now=now, lasts=TURN_LASTS)


def read_turn_token(token: str, *, key: str, now: datetime) -> Turn:
    """What a turn token says.

    Raises:
        Unauthenticated: not ours, altered, lapsed or not a turn token.
    """
    claims = _read(token, key, TURN_AUDIENCE, now)
    patient, channel = claims.get("patient"), claims.get("channel")
    return Turn(
        str(claims["turn"]),
        str(claims["sub"]),
        None if patient is None else str(patient),
        None if channel is None else str(channel),
        _level(claims.get("level")),
    )


def _level(claim: object) -> Assurance:
    """A token that does not say so, or not in our words, proves no more than the least."""
    return Assurance.CODE if claim == Assurance.CODE.value else Assurance.BIRTH_DATE


def mint_access_token(*, key: str, client: str, scope: str, now: datetime, lasts: timedelta) -> str:
    """An OAuth client's token. `now`: the real time."""
    return _mint(key, ACCESS_AUDIENCE, {"sub": client, "scope": scope}, now=now, lasts=lasts)


def turn_access(
    *,
    turn: str,
    conversation: str,
    patient: str | None,
    origin: str | None = None,
    request_id: str | None = None,
) -> Access:
    """The standing of one turn of a conversation."""
    return Access(
        ActorKind.TURN,
        conversation,
        TURN_SCOPES,
        patient=patient,
        turn=turn,
        origin=origin,
        request_id=request_id,
    )


def bearer_access(
    token: str, *, key: str, now: datetime, origin: str | None, request_id: str | None = None
) -> Access:
    """The standing of whoever presents a token, of either kind.

    A turn whose patient is not proven as surely as reading takes may ask for a visit, no more.

    Raises:
        Unauthenticated: as for `read_turn_token`.
    """
    audience = _audience(token, key)
    if audience == TURN_AUDIENCE:
        turn = read_turn_token(token, key=key, now=now)
        access = turn_access(
            turn=turn.turn,
            conversation=turn.conversation,
            patient=turn.patient,
            origin=turn.channel or origin,
            request_id=request_id,
        )
        return replace(access, reads_record=opens_record(turn.channel, turn.level))
    claims = _read(token, key, ACCESS_AUDIENCE, now)
    scopes = parse_scopes(str(claims["scope"]))
    return Access(
        ActorKind.CLIENT, str(claims["sub"]), scopes, origin=origin, request_id=request_id
    )


def _mint(
    key: str, audience: str, claims: Mapping[str, object], *, now: datetime, lasts: timedelta
) -> str:
    issued = int(now.timestamp())
    registered = {
        "iss": ISSUER,
        "aud": audience,
        "iat": issued,
        "exp": issued + int(lasts.total_seconds()),
    }
    return jwt.encode({"alg": ALGORITHM}, {**claims, **registered}, OctKey.import_key(key))


def _read(token: str, key: str, audience: str, now: datetime) -> dict[str, object]:
    claims = _decode(token, key)
    expires, issued = claims.get("exp"), claims.get("iat")
    if claims.get("aud") != audience or claims.get("iss") != ISSUER:
        raise Unauthenticated
    if not isinstance(expires, int) or not isinstance(issued, int):
        raise Unauthenticated
    if not issued - 5 <= now.timestamp() < expires:
        raise Unauthenticated
    return claims


def _audience(token: str, key: str) -> object:
    return _decode(token, key).get("aud")


def _decode(token: str, key: str) -> dict[str, object]:
    if len(token) > MOST_CHARS:
        raise Unauthenticated
    try:
        return dict(jwt.decode(token, OctKey.import_key(key), algorithms=[ALGORITHM]).claims)
    except (JoseError, ValueError):
        raise Unauthenticated from None
