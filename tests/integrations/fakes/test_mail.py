"""The mailer in memory fails in the ways that the real one does."""

from datetime import UTC, datetime

import pytest

from integrations.fakes.mail import FakeMailer
from integrations.ports.errors import Rejected, UnknownOutcome, Unreachable
from integrations.ports.mail import Mail

MAIL = Mail("1", "nurse@clinic.example", "Alert", "Look.", datetime(2027, 3, 3, tzinfo=UTC))


async def test_it_keeps_what_it_takes() -> None:
    mailer = FakeMailer()
    await mailer.send(MAIL)
    assert mailer.taken == [MAIL]


async def test_an_unknown_address_is_refused_with_a_code() -> None:
    mailer = FakeMailer(refused={MAIL.to})
    with pytest.raises(Rejected) as refusal:
        await mailer.send(MAIL)
    assert (refusal.value.code, mailer.taken) == ("550", [])


async def test_down_takes_nothing() -> None:
    mailer = FakeMailer(is_down=True)
    with pytest.raises(Unreachable):
        await mailer.send(MAIL)
    assert mailer.taken == []


async def test_a_lost_answer_hides_that_it_was_taken() -> None:
    mailer = FakeMailer(loses_answers=True)
    with pytest.raises(UnknownOutcome):
        await mailer.send(MAIL)
    assert mailer.taken == [MAIL]
