"""The sender's rate: even, in order, and never in the way of an answer."""

from dataclasses import dataclass, field

import pytest

from api.core.settings import Mode, Settings
from api.messaging.pace import Pace


@dataclass
class Time:
    """A machine's time that passes only while somebody sleeps."""

    at: float = 100.0
    slept: list[float] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


def paced(time: Time, per_second: float | None) -> Pace:
    return Pace(per_second, monotonic=time.monotonic, sleep=time.sleep)


async def test_turns_come_evenly_in_the_order_in_which_they_were_asked_for() -> None:
    time = Time()
    pace = paced(time, 10)
    for _ in range(4):
        await pace.turn()
    assert time.slept == pytest.approx([0.1, 0.2, 0.3])


async def test_what_was_not_used_is_not_saved_for_a_burst() -> None:
    time = Time()
    pace = paced(time, 10)
    time.at += 60
    await pace.turn()
    await pace.turn()
    assert time.slept == pytest.approx([0.1])


async def test_an_answer_waits_for_nothing_and_counts() -> None:
    time = Time()
    pace = paced(time, 10)
    await pace.turn()
    pace.at_once()
    await pace.turn()
    assert time.slept == pytest.approx([0.2])


async def test_without_a_rate_nobody_waits() -> None:
    time = Time()
    pace = paced(time, None)
    for _ in range(100):
        await pace.turn()
    assert time.slept == []


@pytest.mark.parametrize(
    ("settings", "rate"),
    [
        (Settings(careline_mode=Mode.SANDBOX), None),
        (Settings(careline_mode=Mode.SANDBOX, sms_per_second=3), 3),
        (Settings(careline_mode=Mode.PRODUCTION, twilio_from="+12125550199"), 1),
        (Settings(careline_mode=Mode.PRODUCTION, twilio_messaging_service_sid="MG1"), 10),
        (Settings(careline_mode=Mode.PRODUCTION, sms_per_second=25), 25),
    ],
)
def test_rate_fits_what_texts_are_sent_from(settings: Settings, rate: float | None) -> None:
    assert settings.sms_rate == rate


def test_a_rate_that_is_left_empty_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_PER_SECOND", "")
    assert Settings().sms_per_second is None
