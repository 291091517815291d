"""Codes are those of RFC 6238, for a minute and a half at most."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from api.staff import codes

# RFC 6238 appendix B, SHA-1, the last six of eight digits.
SECRET = base64.b32encode(b"12345678901234567890").decode()
VECTORS = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.mark.parametrize(("at", "code"), VECTORS)
def test_codes_are_those_of_the_standard(at: int, code: str) -> None:
    now = datetime.fromtimestamp(at, UTC)
    assert codes.code_at(SECRET, codes.step_of(now)) == code
    assert codes.step_of_code(SECRET, code, now=now) == at // codes.STEP_S


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_code_is_taken_one_step_early_or_late(steps: int, is_taken: bool) -> None:
    code = codes.code_at(SECRET, codes.step_of(NOW))
    other = NOW - timedelta(seconds=steps * codes.STEP_S)
    assert (codes.step_of_code(SECRET, code, now=other) is not None) == is_taken


@pytest.mark.parametrize("typed", ["{} {}", " {}{} ", "{}-{}"])
def test_code_may_be_typed_with_a_gap(typed: str) -> None:
    code = codes.code_at(SECRET, codes.step_of(NOW))
    assert codes.step_of_code(SECRET, typed.format(code[:3], code[3:]), now=NOW)


@pytest.mark.parametrize(
    "typed", ["", "abcdef", "\N{ARABIC-INDIC DIGIT ZERO}" * 6, "1234567", "0" * 5000]
)
def test_what_is_no_code_is_none(typed: str) -> None:
    assert codes.step_of_code(SECRET, typed, now=NOW) is None


def test_secrets_are_long_and_never_alike() -> None:
    made = {codes.new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(base64.b32decode(secret)) for secret in made} == {codes.SECRET_BYTES}


def test_address_of_an_account_is_quoted_in_the_uri() -> None:
    uri = codes.provisioning_uri(SECRET, "a&b@clinic.example")
    assert uri.startswith("otpauth://totp/Careline:a%26b%40clinic.example?secret=")
