"""Turn tokens and access tokens."""

from datetime import UTC, datetime, timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from api.gateway.access import ActorKind, Assurance
from api.gateway.errors import Unauthenticated
from api.gateway.tokens import (
    TURN_AUDIENCE,
    Via,
    bearer_access,
    mint_access_token,
    mint_turn_token,
    read_turn_token,
)

KEY = "k" * 40
NOW = datetime(2027, 3, 3, tzinfo=UTC)


def mint(patient: str | None = "p1", key: str = KEY) -> str:
    return mint_turn_token(key=key, turn="t1", conversation="c1", patient=patient, now=NOW)


@pytest.mark.parametrize("patient", ["p1", None])
def test_turn_token_says_what_it_was_minted_for(patient: str | None) -> None:
    turn = read_turn_token(mint(patient), key=KEY, now=NOW)
    assert (turn.turn, turn.conversation, turn.patient) == ("t1", "c1", patient)


@pytest.mark.parametrize("level", list(Assurance))
def test_turn_token_says_how_sure_it_is_who_it_is(level: Assurance) -> None:
    via = Via("web", level)
    token = mint_turn_token(key=KEY, turn="t1", conversation="c1", patient="p", now=NOW, via=via)
    turn = read_turn_token(token, key=KEY, now=NOW)
    assert (turn.channel, turn.level) == ("web", level)


@pytest.mark.parametrize("claim", [None, 0, 3, "2", "code", [2]])
def test_level_that_is_not_ours_proves_no_more_than_the_least(claim: object) -> None:
    turn = read_turn_token(forged(level=claim), key=KEY, now=NOW)
    assert turn.level is Assurance.BIRTH_DATE


@pytest.mark.parametrize("seconds", [120, 3600, -60])
def test_token_holds_for_two_minutes_only(seconds: int) -> None:
    token = mint()
    read_turn_token(token, key=KEY, now=NOW + timedelta(seconds=119))
    with pytest.raises(Unauthenticated):
        read_turn_token(token, key=KEY, now=NOW + timedelta(seconds=seconds))


def forged(**changes: object) -> str:
    issued = int(NOW.timestamp())
    claims = {"iss": "careline", "aud": TURN_AUDIENCE, "iat": issued, "exp": issued + 60}
    claims |= {"sub": "c1", "turn": "t1", "patient": "p1"} | changes
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(KEY))


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "x" * 5000,
        mint(key="other key of forty characters at least .."),
        mint()[:-2] + "AA",
        # {"alg":"none"} over valid claims, without a signature
        "eyJhbGciOiJub25lIn0." + mint().split(".")[1] + ".",
        forged(aud="careline/fhir"),
        forged(iss="somebody"),
        forged(exp="tomorrow"),
        forged(exp=None),
    ],
)
def test_what_is_not_our_turn_token_is_refused(token: str) -> None:
    with pytest.raises(Unauthenticated):
        read_turn_token(token, key=KEY, now=NOW)


def test_bearer_tokens_are_told_apart_by_their_audience() -> None:
    scope, lasts = "system/*.rs", timedelta(minutes=5)
    access_token = mint_access_token(key=KEY, client="ehr", scope=scope, now=NOW, lasts=lasts)
    client = bearer_access(access_token, key=KEY, now=NOW, origin="127.0.0.1")
    turn = bearer_access(mint(), key=KEY, now=NOW, origin="127.0.0.1")
    assert (client.kind, client.id, client.patient) == (ActorKind.CLIENT, "ehr", None)
    assert (turn.kind, turn.id, turn.patient) == (ActorKind.TURN, "c1", "p1")
    with pytest.raises(Unauthenticated):
        read_turn_token(access_token, key=KEY, now=NOW)
