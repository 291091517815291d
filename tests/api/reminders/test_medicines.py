"""Which medicine is meant, and the times that are asked for."""

from datetime import time

import pytest

from api.bootstrap import NLU_DATA
from api.reminders.hours import is_not_daily, read_hours
from api.reminders.medicines import distance, load_brands, named_in
from api.reminders.timing import Day

METFORMIN, STATIN = "Metformin 500 mg tablet", "atorvastatin 20 MG Oral Tablet"


@pytest.mark.parametrize(
    ("text", "medicines", "places"),
    [
        ("remind me to take my metformin at 8", [METFORMIN, STATIN], [0]),
        ("remind me of my Glucophage", [METFORMIN, STATIN], [0]),
        ("remind me of my metformn", [METFORMIN, STATIN], [0]),
        ("text me about my aspirin", [METFORMIN], []),
        ("remind me of my pills", [METFORMIN], [0]),
        ("recuérdeme mis pastillas", [METFORMIN], [0]),
        ("remind me of my pills", [METFORMIN, STATIN], []),
        ("remind me of my blood pressure pill", [METFORMIN], []),
        ("metformin and lipitor", [METFORMIN, STATIN], [0, 1]),
    ],
)
def test_medicine_is_found_by_name_brand_slip_or_where_there_is_one(
    text: str, medicines: list[str], places: list[int]
) -> None:
    assert named_in(text, medicines, load_brands(NLU_DATA / "brands.yml")) == places


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("metformin at 8 and 8", [8, 20]),
        ("text me at 9pm to take my statin", [21]),
        ("change my metformin to 7 and 7", [7, 19]),
        ("a las 8 y a las 20", [8, 20]),
        ("twice a day", [8, 18]),
        ("every morning", [8]),
        ("at 8 instead of 7", [8]),
        ("metformin 500 mg", []),
        ("remind me at 8 at night", [20]),
    ],
)
def test_hours_are_read(text: str, hours: list[int]) -> None:
    assert read_hours(text, Day()) == tuple(time(hour) for hour in hours)


def test_other_than_daily_is_not_guessed() -> None:
    assert is_not_daily("every 6 hours")
    assert is_not_daily("los domingos")
    assert not is_not_daily("every day at 8")


def test_swapped_letters_are_one_slip() -> None:
    assert distance("metfromin", "metformin") == 1
