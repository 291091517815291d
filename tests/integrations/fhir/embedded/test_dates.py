"""FHIR's partial dates as ranges."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from integrations.fhir.embedded.dates import read_range
from integrations.ports.fhir import InvalidQuery


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2027", utc("2027-01-01T00:00:00"), utc("2028-01-01T00:00:00")),
        ("2027-12", utc("2027-12-01T00:00:00"), utc("2028-01-01T00:00:00")),
        ("2024-02-29", utc("2024-02-29T00:00:00"), utc("2024-03-01T00:00:00")),
        ("2027-03-03T10:00", utc("2027-03-03T10:00:00"), utc("2027-03-03T10:01:00")),
        ("2027-03-03T10:00:05Z", utc("2027-03-03T10:00:05"), utc("2027-03-03T10:00:06")),
        ("2027-03-03T10:00:00-05:00", utc("2027-03-03T15:00:00"), utc("2027-03-03T15:00:01")),
        ("2026-12-31T23:59:60Z", utc("2026-12-31T23:59:59"), utc("2027-01-01T00:00:00")),
    ],
)
def test_partial_date_is_the_whole_span_it_leaves_open(
    text: str, start: datetime, end: datetime
) -> None:
    found = read_range(text)
    assert (found.start_at, found.end_at) == (start, end)


@pytest.mark.parametrize(
    ("fraction", "span_us"), [(".5", 100_000), (".715", 1_000), (".123456", 1), (".123456789", 1)]
)
def test_fraction_of_a_second_is_as_wide_as_its_last_digit(fraction: str, span_us: int) -> None:
    found = read_range(f"2027-03-03T10:00:00{fraction}Z")
    assert found.end_at - found.start_at == timedelta(microseconds=span_us)


@pytest.mark.parametrize(
    "text",
    ["", "27", "2027-13", "2027-02-30", "2027-03T10:00", "2027-03-03T25:00Z", "9999-12-31", "x"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InvalidQuery):
        read_range(text)


@given(st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1), timezones=st.timezones()))  # noqa: DTZ001 -- bounds are naive here
def test_any_instant_lies_in_the_range_it_is_written_as(moment: datetime) -> None:
    offset = moment.utcoffset()
    if offset is None or offset.total_seconds() % 60:
        return  # FHIR writes whole minutes of offset
    found = read_range(moment.isoformat())
    assert found.start_at <= moment < found.end_at
