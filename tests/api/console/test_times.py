"""Times in the words of the team, on the clinic's wall clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.console import times

ZONE = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 25, 14, 41, tzinfo=UTC)


def test_clock_is_the_clinics() -> None:
    assert times.clock(NOW, ZONE) == "9:41 am"
    assert times.clock(NOW.replace(hour=17, minute=5), ZONE) == "12:05 pm"
    assert times.clock(NOW.replace(hour=5, minute=0), ZONE) == "12:00 am"


@pytest.mark.parametrize(
    ("hours_ago", "said"),
    [
        (0, "Today"),
        (9, "Today"),
        (10, "Yesterday"),
        (48, "Monday, November 23"),
        (24 * 400, "Tuesday, October 21, 2025"),
    ],
)
def test_day_begins_at_the_clinics_midnight(hours_ago: int, said: str) -> None:
    assert times.day(NOW - timedelta(hours=hours_ago), NOW, ZONE) == said


@pytest.mark.parametrize(
    ("left_s", "short", "style"),
    [
        (299, "4:59", "ok"),
        (140, "2:20", "warn"),
        (74, "1:14", "bad"),
        (0, "1 min late", "over"),
        (-59, "1 min late", "over"),
        (-7300, "2 h late", "over"),
    ],
)
def test_deadline_of_five_minutes_says_what_is_left(left_s: int, short: str, style: str) -> None:
    due_at = NOW + timedelta(seconds=left_s)
    due = times.due(due_at - timedelta(minutes=5), due_at, NOW)
    assert (due.short, due.style) == (short, style)


@pytest.mark.parametrize(
    ("seconds", "said", "in_words"),
    [
        (65, "1:05", "1 minute"),
        (3540, "59 min", "59 minutes"),
        (4800, "1 h 20", "1 hour 20 minutes"),
        (7200, "2 h 00", "2 hours"),
    ],
)
def test_what_is_left_is_said_in_two_ways(seconds: int, said: str, in_words: str) -> None:
    assert times.countdown(seconds) == said
    assert times.in_words(seconds) == in_words


def test_tomorrow_morning_is_eight_whatever_the_length_of_the_night() -> None:
    before_the_clocks_change = datetime(2027, 3, 13, 20, tzinfo=UTC)
    morning = times.tomorrow_morning(before_the_clocks_change, ZONE)
    assert morning.astimezone(UTC) == datetime(2027, 3, 14, 12, tzinfo=UTC)
