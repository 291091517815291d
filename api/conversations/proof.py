"""What proves, beyond number and birth date, who a conversation's patient is: the code. Pure."""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from api.core.crypto import Keyring
from api.core.ids import ConversationId, PatientId
from api.gateway.access import Assurance

DIGITS: Final = 6
LASTS: Final = timedelta(minutes=10)
# With five codes a day for each patient: at most 25 guesses among a million.
TRIES: Final = 5
# So many codes may fail, one after the other, before a person has to help.
MOST_FAILED: Final = 2


@dataclass(frozen=True)
class SentCode:
    """A code that was texted and may still be typed here. `expires_at`: real time."""

    lookup: bytes = field(repr=False)
    expires_at: datetime
    tries_left: int


@dataclass(frozen=True)
class Proof:
    """How sure it is who the patient is. `failed`: codes that came to nothing, in a row."""

    level: Assurance = Assurance.BIRTH_DATE
    code: SentCode | None = None
    failed: int = 0


NO_PROOF: Final = Proof()


def new_digits() -> str:
    """A fresh code: digits that nobody can guess."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def lookup_of(
    keyring: Keyring, conversation: ConversationId, patient: PatientId, digits: str
) -> bytes:
    """What is kept of a code. It fits this patient in this conversation, and nowhere else."""
    return keyring.lookup(f"code|{conversation}|{patient}|{digits}")


def holds(code: SentCode | None, now: datetime) -> bool:
    """Whether there is a code that may still be typed. `now`: the real time."""
    return code is not None and code.tries_left > 0 and now < code.expires_at


def is_right(code: SentCode, typed: bytes) -> bool:
    """Whether the look-up of what was typed is the code's; takes the same time either way."""
    return hmac.compare_digest(code.lookup, typed)
