"""One-time codes of staff. Source: RFC 6238 (TOTP: SHA-1, six digits, steps of 30 seconds)."""

import base64
import hmac
import os
from datetime import datetime
from typing import Final
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

STEP_S: Final = 30
DIGITS: Final = 6
# Source: RFC 4226 section 4, R6: 160 bits are recommended.
SECRET_BYTES: Final = 20
# A code is taken one step early or late: clocks of phones differ. Source: RFC 6238 section 5.2.
TOLERANCE: Final = 1
ISSUER: Final = "Careline"


def new_secret() -> str:
    """A fresh secret, as an authenticator app takes it."""
    return base64.b32encode(os.urandom(SECRET_BYTES)).decode()


def step_of(now: datetime) -> int:
    """The time step that it is."""
    return int(now.timestamp()) // STEP_S


def step_of_code(secret: str, code: str, *, now: datetime) -> int | None:
    """The time step whose code this is; None where it is no code of now."""
    present, typed = step_of(now), _digits(code)
    steps = range(present - TOLERANCE, present + TOLERANCE + 1)
    # All are compared, whichever matches: the time taken says nothing.
    right = [step for step in steps if hmac.compare_digest(code_at(secret, step), typed)]
    return right[-1] if right else None


def code_at(secret: str, step: int) -> str:
    """The code of a time step."""
    return _generator(secret).generate(step).decode()


def provisioning_uri(secret: str, email: str) -> str:
    """What an authenticator app reads, as a QR code or by hand; shown once."""
    label = f"{quote(ISSUER)}:{quote(email)}"
    facts = f"secret={secret}&issuer={quote(ISSUER)}&digits={DIGITS}&period={STEP_S}"
    return f"otpauth://totp/{label}?{facts}"


def _generator(secret: str) -> HOTP:
    """Ours are long enough; only the published secret of the sandbox is shorter."""
    key = base64.b32decode(secret)
    # SHA-1 is what authenticator apps speak; collisions do not matter in an HMAC.
    return HOTP(key, DIGITS, SHA1(), enforce_key_length=False)  # noqa: S303


def _digits(code: str) -> str:
    """What people type, as "123 456"."""
    return "".join(each for each in code if each.isascii() and each.isdigit())
