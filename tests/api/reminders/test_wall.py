"""Every dose of a year comes exactly once, at its wall time, wherever clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings, strategies as st

from api.reminders.wall import Pattern, instant_of, just_before, next_wall, wall_at

# Half-hour changes, changes at midnight, a skipped day, no changes, far east and far west.
ZONES = [
    ZoneInfo(name)
    for name in (
        "America/New_York",
        "America/Los_Angeles",
        "America/St_Johns",
        "America/Sao_Paulo",
        "Africa/Cairo",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Europe/Dublin",
        "Pacific/Apia",
        "Pacific/Kiritimati",
        "UTC",
    )
]
TIMES = st.lists(st.times(), min_size=1, max_size=4, unique=True).map(lambda t: tuple(sorted(t)))
FIRST, LAST = (datetime.combine(date(year, 1, 1), time.min) for year in (2007, 2037))
DAYS = st.dates(date(2007, 1, 1), date(2037, 1, 1))


def _year(pattern: Pattern) -> list[datetime]:
    walls = []
    wall = next_wall(pattern, just_before(datetime.combine(pattern.first_day, time.min)))
    while wall is not None:
        walls.append(wall)
        wall = next_wall(pattern, wall)
    return walls


@settings(max_examples=30, deadline=None)
@given(zone=st.sampled_from(ZONES), times=TIMES, first=DAYS)
def test_every_dose_of_a_year_comes_once_and_in_order(
    zone: ZoneInfo, times: tuple[time, ...], first: date
) -> None:
    pattern = Pattern(times, first, first + timedelta(days=365))
    walls = _year(pattern)
    days = [first + timedelta(days=n) for n in range(366)]
    assert walls == [datetime.combine(day, at) for day in days for at in times]
    instants = [instant_of(wall, zone) for wall in walls]
    assert instants == sorted(instants)
    for wall, instant in zip(walls, instants, strict=True):
        shown = wall_at(instant, zone)
        assert shown == wall or _is_first_valid(shown, wall, instant, zone)


def _is_first_valid(shown: datetime, wall: datetime, instant: datetime, zone: ZoneInfo) -> bool:
    """The clocks jump over the wall time exactly there."""
    return wall_at(instant - timedelta(seconds=1), zone) < wall < shown


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        # Skipped: at the first valid minute. Twice: the first one.
        ("America/New_York", "2027-03-14T02:30", "2027-03-14T07:00"),
        ("America/New_York", "2027-03-14T03:00", "2027-03-14T07:00"),
        ("America/New_York", "2027-11-07T01:30", "2027-11-07T05:30"),
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30"),
        ("Pacific/Apia", "2011-12-30T08:00", "2011-12-30T10:00"),
        ("America/Sao_Paulo", "2018-11-04T00:10", "2018-11-04T03:00"),
    ],
)
def test_clock_change(zone: str, wall: str, instant: str) -> None:
    at = instant_of(datetime.fromisoformat(wall), ZoneInfo(zone))
    assert at == datetime.fromisoformat(instant).replace(tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(
    times=TIMES,
    first=DAYS,
    weekdays=st.sets(st.integers(1, 7), min_size=1),
    every=st.integers(1, 9),
    count=st.integers(1, 40),
)
def test_bounded_number_ends_after_exactly_that_many(
    times: tuple[time, ...], first: date, weekdays: set[int], every: int, count: int
) -> None:
    reached = {(first + timedelta(days=n * every)).isoweekday() for n in range(7)}
    assume(weekdays & reached)
    pattern = Pattern(times, first, None, frozenset(weekdays), every, count)
    walls = _year(pattern)
    assert len(walls) == count
    assert all(wall.isoweekday() in weekdays for wall in walls)
    assert all((wall.date() - first).days % every == 0 for wall in walls)


def test_leap_day_has_its_doses() -> None:
    pattern = Pattern((time(8), time(20)), date(2028, 2, 28), date(2028, 3, 1))
    assert [wall.day for wall in _year(pattern)] == [28, 28, 29, 29, 1, 1]


@given(times=TIMES, first=DAYS, at=st.datetimes(FIRST, LAST))
def test_move_between_zones_leaves_no_dose_out_and_none_twice(
    times: tuple[time, ...], first: date, at: datetime
) -> None:
    """What is next goes by the last wall time that was handled, so a new zone changes no wall."""
    pattern = Pattern(times, first)
    following = next_wall(pattern, at)
    assert following is not None
    assert following > at
    assert next_wall(pattern, just_before(following)) == following


@pytest.mark.parametrize("times", [(), (time(9), time(8)), (time(8), time(8))])
def test_times_that_are_no_order_are_refused(times: tuple[time, ...]) -> None:
    with pytest.raises(ValueError, match="ascending"):
        Pattern(times, date(2027, 1, 1))


def test_days_that_never_come_are_refused() -> None:
    monday = date(2027, 1, 4)
    with pytest.raises(ValueError, match="no day"):
        Pattern((time(8),), monday, weekdays=frozenset({2}), every_days=14)
