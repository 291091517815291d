"""The stretches of time that a reading is searched in."""

from datetime import datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from api.core.language import Language
from api.scheduling.reader import Window, read_when, windows

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 3, 10, 9, 0, tzinfo=NEW_YORK)


def search(text: str, *, language: Language = Language.EN, **options: int) -> tuple[Window, ...]:
    reading = read_when(text, now=TUESDAY, zone=NEW_YORK, language=language)
    return windows(reading, now=TUESDAY, **options)


def shown(found: tuple[Window, ...]) -> list[str]:
    return [f"{w.start:%a %d %H:%M}-{w.end:%H:%M}" for w in found]


def test_mornings_of_next_week_are_five_windows() -> None:
    assert shown(search("next week in the morning")) == [
        "Mon 16 08:00-12:00",
        "Tue 17 08:00-12:00",
        "Wed 18 08:00-12:00",
        "Thu 19 08:00-12:00",
        "Fri 20 08:00-12:00",
    ]


def test_exact_time_begins_its_window() -> None:
    assert shown(search("thursday at 3")) == ["Thu 12 15:00-15:30"]


def test_spanish_afternoon_of_tomorrow_is_one_window() -> None:
    found = search("mañana por la tarde", language=Language.ES)
    assert shown(found) == ["Wed 11 12:00-18:00"]


def test_open_wish_is_followed_from_today_to_the_horizon() -> None:
    found = search("any time after 3", horizon_days=2)
    assert shown(found) == ["Tue 10 15:00-20:00", "Wed 11 15:00-20:00", "Thu 12 15:00-20:00"]


def test_as_soon_as_possible_begins_now() -> None:
    assert search("asap", horizon_days=1)[0].start == TUESDAY


def test_named_weekday_without_end_comes_every_week() -> None:
    assert shown(search("thursdays at 10", horizon_days=16)) == [
        "Thu 12 10:00-10:30",
        "Thu 19 10:00-10:30",
        "Thu 26 10:00-10:30",
    ]


def test_refused_weekday_is_left_out() -> None:
    days = {w.start.strftime("%a") for w in search("any day but friday")}
    assert days == {"Mon", "Tue", "Wed", "Thu", "Sat", "Sun"}


def test_alternatives_are_searched_in_order_of_time() -> None:
    found = search("tuesday at 3 or thursday at 10")
    assert shown(found) == ["Thu 12 10:00-10:30", "Tue 17 15:00-15:30"]


def test_two_times_of_one_day_are_two_windows() -> None:
    assert shown(search("thursday at 10 or 3")) == ["Thu 12 10:00-10:30", "Thu 12 15:00-15:30"]


def test_range_of_dates_is_one_window_a_day() -> None:
    found = search("march 16 to 18 after 2")
    assert shown(found) == ["Mon 16 14:00-20:00", "Tue 17 14:00-20:00", "Wed 18 14:00-20:00"]


def test_named_date_beyond_the_horizon_is_kept() -> None:
    assert shown(search("september 1 at 9", horizon_days=30)) == ["Tue 01 09:00-09:30"]


def test_time_of_today_that_is_over_gives_no_window() -> None:
    assert search("today at 8") == ()


def test_text_without_a_time_gives_no_window() -> None:
    assert search("I need a refill") == ()


def test_nonexistent_hour_begins_with_the_first_minute_that_exists() -> None:
    reading = read_when(
        "sunday march 14 at 2:30 am",
        now=datetime(2027, 3, 9, 9, 0, tzinfo=NEW_YORK),
        zone=NEW_YORK,
        language=Language.EN,
    )
    assert (str(reading.date), str(reading.time)) == ("2027-03-14", "03:00:00")


def test_wall_time_holds_across_the_clock_change() -> None:
    before = datetime(2026, 10, 30, 9, 0, tzinfo=NEW_YORK)
    reading = read_when("monday at 9", now=before, zone=NEW_YORK, language=Language.EN)
    (window,) = windows(reading, now=before)
    assert window.start.hour == 9
    assert window.start.utcoffset() == timedelta(hours=-5)


def test_24_hours_are_24_hours_across_the_clock_change() -> None:
    before = datetime(2026, 10, 31, 12, 0, tzinfo=NEW_YORK)
    reading = read_when("in 24 hours", now=before, zone=NEW_YORK, language=Language.EN)
    assert (str(reading.date), str(reading.time)) == ("2026-11-01", "11:00:00")


WORDS = (
    "tomorrow today monday next week friday or thursday not but at 3 10 after before between"
    " and the 13th march 3/4 morning afternoon weekend in 2 weeks from to , . no sorry 4pm"
    " every month asap this until sat sun may"
)
REQUESTS = st.lists(st.sampled_from(WORDS.split()), max_size=9).map(" ".join)


@settings(database=None, max_examples=150, deadline=None)
@given(REQUESTS, st.sampled_from(["en", "es"]), st.integers(0, 700 * 24))
def test_windows_are_ahead_ordered_and_apart(text: str, language: str, hours: int) -> None:
    now = TUESDAY + timedelta(hours=hours)
    reading = read_when(text, now=now, zone=NEW_YORK, language=Language(language))
    found = windows(reading, now=now)
    assert all(now <= w.start < w.end for w in found)
    assert all(a.end <= b.start for a, b in pairwise(found))


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Europe/Madrid", "Asia/Kolkata", "UTC"])
def test_windows_are_in_the_zone_of_the_patient(zone: str) -> None:
    home = ZoneInfo(zone)
    reading = read_when("tomorrow at 3", now=TUESDAY, zone=home, language=Language.EN)
    (window,) = windows(reading, now=TUESDAY)
    assert window.start.tzinfo is home
    assert window.start.hour == 15


def test_hours_outside_any_clinic_are_searched_as_said() -> None:
    assert shown(search("tomorrow after 9pm")) == ["Wed 11 21:00-23:59"]
    assert shown(search("tomorrow before 6am")) == ["Wed 11 00:00-06:00"]


def test_a_day_of_which_only_the_hour_was_refused_is_kept() -> None:
    assert shown(search("9 on thursday won't work, can I do 11")) == ["Thu 12 11:00-11:30"]


def test_part_of_today_that_is_over_is_no_wish() -> None:
    noon = TUESDAY + timedelta(hours=4)
    reading = read_when("it began this morning", now=noon, zone=NEW_YORK, language=Language.EN)
    assert not reading.found
    assert windows(reading, now=noon) == ()
