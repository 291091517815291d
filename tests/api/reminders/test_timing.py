"""Prescriptions as they are really written, read as times of the day or refused with the reason."""

from datetime import date, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from api.reminders.timing import Day, NotRemindable, Refusal, pattern_of
from api.reminders.wall import EVERY_DAY, Pattern

AUTHORED = date(2027, 1, 4)
ZONE = ZoneInfo("America/New_York")


def _read(repeat: dict[str, Any], code: str | None = None, day: Day | None = None) -> Pattern:
    timing: dict[str, Any] = {"repeat": repeat}
    if code is not None:
        timing["code"] = {"coding": [{"code": code}]}
    return pattern_of({"timing": timing}, authored=AUTHORED, zone=ZONE, day=day)


@pytest.mark.parametrize(
    ("repeat", "times"),
    [
        ({"timeOfDay": ["20:00:00", "08:00:00"]}, [time(8), time(20)]),
        ({"when": ["MORN"]}, [time(8)]),
        ({"when": ["ACM"]}, [time(7, 30)]),
        ({"when": ["ACM"], "offset": 60}, [time(7)]),
        ({"when": ["PCV"], "offset": 15}, [time(18, 15)]),
        ({"when": ["C"]}, [time(8), time(12), time(18)]),
        ({"when": ["HS"]}, [time(20, 30)]),
        ({"frequency": 2, "period": 1, "periodUnit": "d"}, [time(8), time(18)]),
    ],
)
def test_times_of_the_day(repeat: dict[str, Any], times: list[time]) -> None:
    assert list(_read(repeat).times) == times


def test_meals_are_the_persons_own() -> None:
    late = Day(breakfast=time(10), dinner=time(21, 30))
    assert _read({"when": ["CM", "CV"]}, day=late).times == (time(10), time(21, 30))


@pytest.mark.parametrize(("code", "count"), [("QD", 1), ("BID", 2), ("TID", 3), ("QID", 4)])
def test_abbreviations_of_the_trade(code: str, count: int) -> None:
    assert len(_read({}, code).times) == count


def test_days_of_the_week() -> None:
    pattern = _read({"dayOfWeek": ["mon", "thu"], "timeOfDay": ["08:00:00"]})
    assert pattern.weekdays == {1, 4}


@pytest.mark.parametrize(
    ("repeat", "every"),
    [
        ({"period": 2, "periodUnit": "d"}, 2),
        ({"period": 1, "periodUnit": "wk"}, 7),
        ({}, 1),
    ],
)
def test_every_so_many_days(repeat: dict[str, Any], every: int) -> None:
    assert _read({"timeOfDay": ["08:00:00"], **repeat}).every_days == every


@pytest.mark.parametrize(
    ("bounds", "first", "last"),
    [
        ({}, AUTHORED, None),
        ({"boundsPeriod": {"start": "2027-02-01", "end": "2027-02-10"}}, (2, 1), (2, 10)),
        # An instant belongs to the day it has where the person is.
        ({"boundsPeriod": {"start": "2027-02-01T02:00:00Z"}}, (1, 31), None),
        ({"boundsDuration": {"value": 10, "code": "d"}}, AUTHORED, (1, 13)),
        ({"boundsDuration": {"value": 2, "code": "wk"}}, AUTHORED, (1, 17)),
    ],
)
def test_bounds(bounds: dict[str, Any], first: Any, last: Any) -> None:
    pattern = _read({"timeOfDay": ["08:00:00"], **bounds})
    wanted = [date(2027, *each) if isinstance(each, tuple) else each for each in (first, last)]
    assert [pattern.first_day, pattern.last_day] == wanted


@pytest.mark.parametrize(
    ("dosage", "refusal"),
    [
        ({"asNeededBoolean": True, "timing": {"repeat": {"when": ["HS"]}}}, Refusal.AS_NEEDED),
        ({"asNeededCodeableConcept": {"text": "pain"}}, Refusal.AS_NEEDED),
        ({"text": "as directed"}, Refusal.NO_TIMING),
        ({"timing": {"event": ["2027-01-05"]}}, Refusal.EVENT_DATES),
        ({"timing": {"repeat": {"when": ["IMD"]}}}, Refusal.UNKNOWN_CODE),
    ],
)
def test_what_names_no_times_is_refused(dosage: dict[str, Any], refusal: Refusal) -> None:
    with pytest.raises(NotRemindable) as refused:
        pattern_of(dosage, authored=AUTHORED, zone=ZONE)
    assert refused.value.refusal is refusal


@pytest.mark.parametrize(
    "repeat",
    [
        {"frequency": 1, "period": 8, "periodUnit": "h"},
        {"frequency": 1, "frequencyMax": 2, "period": 1, "periodUnit": "d"},
        {"frequency": 6, "period": 1, "periodUnit": "d"},
        {"timeOfDay": ["08:00:00"], "period": 1, "periodUnit": "mo"},
        {"timeOfDay": ["08:00:00"], "period": 1, "periodMax": 2, "periodUnit": "d"},
    ],
)
def test_what_would_have_to_be_guessed_is_refused(repeat: dict[str, Any]) -> None:
    with pytest.raises(NotRemindable) as refused:
        _read(repeat)
    assert refused.value.refusal is Refusal.NOT_DAILY


@given(st.sets(st.times(), min_size=1, max_size=6), st.integers(1, 60))
def test_times_given_outright_are_kept(times: set[time], days: int) -> None:
    repeat = {
        "timeOfDay": [each.isoformat() for each in times],
        "boundsDuration": {"value": days, "code": "d"},
    }
    pattern = _read(repeat)
    assert pattern.times == tuple(sorted(times))
    assert pattern.weekdays == EVERY_DAY
    assert pattern.last_day == AUTHORED + timedelta(days=days - 1)
