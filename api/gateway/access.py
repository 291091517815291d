"""Who asks the gateway: one value for HTTP callers and for our own code."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

from api.gateway.scopes import Scope, parse_scopes


class ActorKind(StrEnum):
    """The kinds of callers; each has its own list of what it may do at all."""

    TURN = "turn"
    CLIENT = "client"
    SERVICE = "service"
    STAFF = "staff"


class Assurance(IntEnum):
    """How sure it is that a turn's patient is who they say; the higher opens more.

    BIRTH_DATE: number or record number, and birth date. CODE: also the one-time code that was
    texted to the number on file.
    """

    BIRTH_DATE = 1
    CODE = 2


# A phone that answers from the number on file says by itself what the code says on the web.
_NEEDED: Final = {"sms": Assurance.BIRTH_DATE, "web": Assurance.CODE}


def opens_record(channel: str | None, level: Assurance) -> bool:
    """Whether a known patient may read the record on this channel at this level."""
    return channel in _NEEDED and level >= _NEEDED[channel]


@dataclass(frozen=True)
class Access:
    """One caller's standing.

    Attributes:
        kind, id: who acts; for a turn, the conversation.
        scopes: what was granted.
        patient: the one patient that the caller is bound to, or None.
        purpose: purpose of use (v3 ActReason).
        turn: the conversation's turn, for turn tokens.
        origin: network address, or the channel a patient writes on.
        request_id: the caller's X-Request-Id.
        reads_record: whether a turn may read the record; else it may only ask for a visit.
    """

    kind: ActorKind
    id: str
    scopes: tuple[Scope, ...]
    patient: str | None = None
    purpose: str = "TREAT"
    turn: str | None = None
    origin: str | None = None
    request_id: str | None = None
    reads_record: bool = True


def service_access(name: str, scopes: str, *, purpose: str = "HOPERAT") -> Access:
    """The standing of a part of our own, such as "people" or "seed", with explicit scopes."""
    return Access(ActorKind.SERVICE, name, parse_scopes(scopes), purpose=purpose)
