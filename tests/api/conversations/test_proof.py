"""A code: six digits of chance, for one patient in one chat, for ten minutes and five tries."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from api.conversations.proof import LASTS, TRIES, SentCode, holds, is_right, lookup_of, new_digits
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId, PatientId
from api.gateway.access import Assurance, opens_record

NOW = datetime(2027, 3, 3, tzinfo=UTC)
CHAT, PATIENT = ConversationId("chat"), PatientId("patient")


@pytest.fixture
def keyring() -> Iterator[Keyring]:
    """Keyed hashes only: no database is asked."""
    nowhere = Database("postgresql://nobody@127.0.0.1:1/nowhere")
    return iter([Keyring(nowhere, kek="k" * 32, lookup_key="l" * 32)])


def test_codes_are_six_digits_and_differ() -> None:
    made = {new_digits() for _ in range(200)}
    assert all(len(each) == 6 and each.isdigit() for each in made)
    assert len(made) > 190


def test_code_fits_one_patient_in_one_chat(keyring: Iterator[Keyring]) -> None:
    keys = next(keyring)
    sent = SentCode(lookup_of(keys, CHAT, PATIENT, "048213"), NOW + LASTS, TRIES)
    assert is_right(sent, lookup_of(keys, CHAT, PATIENT, "048213"))
    assert not is_right(sent, lookup_of(keys, CHAT, PATIENT, "048214"))
    assert not is_right(sent, lookup_of(keys, ConversationId("other"), PATIENT, "048213"))
    assert not is_right(sent, lookup_of(keys, CHAT, PatientId("other"), "048213"))


@pytest.mark.parametrize(
    ("minutes", "tries", "expected"), [(9.9, 1, True), (10, 5, False), (0, 0, False)]
)
def test_code_holds_ten_minutes_and_while_tries_are_left(
    minutes: float, tries: int, *, expected: bool
) -> None:
    sent = SentCode(b"", NOW + LASTS, TRIES)
    assert holds(replace(sent, tries_left=tries), NOW + timedelta(minutes=minutes)) is expected
    assert not holds(None, NOW)


def test_code_is_never_shown_by_accident(keyring: Iterator[Keyring]) -> None:
    lookup = lookup_of(next(keyring), CHAT, PATIENT, "048213")
    assert repr(lookup) not in repr(SentCode(lookup, NOW, TRIES))


@pytest.mark.parametrize(
    ("channel", "level", "expected"),
    [
        ("sms", Assurance.BIRTH_DATE, True),
        ("web", Assurance.BIRTH_DATE, False),
        ("web", Assurance.CODE, True),
        (None, Assurance.CODE, False),
    ],
)
def test_chat_needs_a_code_where_a_phone_speaks_for_itself(
    channel: str | None, level: Assurance, *, expected: bool
) -> None:
    assert opens_record(channel, level) is expected
