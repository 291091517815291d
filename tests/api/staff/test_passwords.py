"""Passwords are kept as slow hashes, and those that are guessed first are refused."""

import asyncio

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from api.staff import passwords
from api.staff.passwords import AT_ONCE, Passwords, WeakPassword, check_strength

GOOD = "seven quiet herons"


async def test_hash_has_the_stated_strength() -> None:
    stated = extract_parameters(await Passwords().hash(GOOD))
    assert (stated.type, stated.memory_cost) == (Type.ID, 46 * 1024)
    assert (stated.time_cost, stated.parallelism) == (1, 1)


async def test_only_the_right_password_matches() -> None:
    kept = Passwords(memory_kib=64)
    hashed = await kept.hash(GOOD)
    assert GOOD not in hashed
    assert await kept.matches(hashed, GOOD)
    assert not await kept.matches(hashed, GOOD + " ")
    assert not await kept.matches(hashed, "")


async def test_without_an_account_the_same_work_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Passwords(memory_kib=64)
    verified: list[str] = []
    verify = kept._verify

    def noted(hashed: str, password: str) -> bool:
        verified.append(password)
        return verify(hashed, password)

    monkeypatch.setattr(kept, "_verify", noted)
    assert not await kept.matches(None, GOOD)
    # Also not with the password that nobody has.
    assert not await kept.matches(None, "nobody's password")
    assert verified == [GOOD, "nobody's password"]


async def test_hash_of_other_parameters_is_outdated() -> None:
    older = await Passwords(memory_kib=64).hash(GOOD)
    assert Passwords(memory_kib=128).is_outdated(older)
    assert not Passwords(memory_kib=64).is_outdated(older)


async def test_few_are_computed_at_once() -> None:
    kept = Passwords(memory_kib=64)
    await asyncio.gather(*(kept.hash(GOOD) for _ in range(5 * AT_ONCE)))
    assert len(kept._pool._threads) <= AT_ONCE


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "eleven-char",
        "x" * 257,
        "Password1234",
        "SANDBOX-ONLY",
        "aaaaaaaaaaaaaaaa",
        "abababababababab",
        "dana.reed@clinic.example",
        "Dana.Reed@Clinic.example",
        "clinic.example",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refusal:
        check_strength(password, email="dana.reed@clinic.example")
    assert password not in refusal.value.sentence


@pytest.mark.parametrize(
    "password", [GOOD, "correct-heron-battery", "пароль для сестры", "a b" * 5 + "cde"]
)
def test_long_ones_of_any_kind_of_letters_are_taken(password: str) -> None:
    check_strength(password, email="dana.reed@clinic.example")


def test_listed_ones_are_long_enough_to_need_a_list() -> None:
    listed = passwords.COMMON.read_text("utf-8").split()
    assert len(listed) >= 100
    assert all(len(each) >= passwords.MIN_CHARS and each == each.casefold() for each in listed)
