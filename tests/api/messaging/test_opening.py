"""Opening hours in words, and when somebody will be there next, by the clinic's wall clock."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from api.bootstrap import NLU_DATA
from api.core.language import Language
from api.messaging.clinic import Clinic, Period, load_clinics
from api.messaging.opening import hours_in_words, next_opening, opening_in_words

ENGLISH, SPANISH = Language.EN, Language.ES


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    """Monday to Friday, 8 to 12 and 13 to 17, in New York."""
    return load_clinics(NLU_DATA / "faq")["lakeside"]


def opened(clinic: Clinic, *periods: dict[str, object]) -> Clinic:
    opening = tuple(Period.model_validate(each) for each in periods)
    return replace(clinic, facts=clinic.facts.model_copy(update={"opening": opening}))


def local(text: str, clinic: Clinic) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=clinic.zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "english", "spanish"),
    [
        ("2027-03-03T06:30", "today at 8 am", "hoy a las 8 am"),  # a Wednesday
        ("2027-03-03T12:30", "today at 1 pm", "hoy a la 1 pm"),
        ("2027-03-03T17:00", "tomorrow at 8 am", "mañana a las 8 am"),
        ("2027-03-05T17:30", "on Monday at 8 am", "el lunes a las 8 am"),
        ("2027-03-07T23:59", "tomorrow at 8 am", "mañana a las 8 am"),
    ],
)
def test_next_opening_is_said_as_a_person_would(
    clinic: Clinic, at: str, english: str, spanish: str
) -> None:
    assert opening_in_words(clinic, local(at, clinic), ENGLISH) == english
    assert opening_in_words(clinic, local(at, clinic), SPANISH) == spanish


def test_next_opening_keeps_the_wall_time_over_a_change_of_clocks(clinic: Clinic) -> None:
    friday = local("2027-03-12T18:00", clinic)  # clocks go forward on Sunday the 14th
    assert next_opening(clinic, friday) == datetime(2027, 3, 15, 12, 0, tzinfo=UTC)


def test_weekly_opening_is_found_a_week_ahead(clinic: Clinic) -> None:
    rare = opened(clinic, {"days": [3], "opens": "12:00", "closes": "14:30"})
    at = local("2027-03-03T12:00", clinic)
    assert next_opening(rare, at) == local("2027-03-10T12:00", clinic)
    assert opening_in_words(rare, at, ENGLISH) == "on Wednesday at noon"
    assert opening_in_words(rare, at, SPANISH) == "el miércoles al mediodía"


def test_clinic_without_hours_never_opens(clinic: Clinic) -> None:
    assert next_opening(opened(clinic), local("2027-03-03T12:00", clinic)) is None
    assert opening_in_words(opened(clinic), local("2027-03-03T12:00", clinic), ENGLISH) is None


def test_hours_are_said_in_words(clinic: Clinic) -> None:
    assert hours_in_words(clinic, ENGLISH) == "Monday to Friday, 8 am to noon and 1 pm to 5 pm"
    assert (
        hours_in_words(clinic, SPANISH) == "de lunes a viernes, de 8 am a mediodía y de 1 pm a 5 pm"
    )


def test_days_apart_are_listed(clinic: Clinic) -> None:
    mixed = opened(
        clinic,
        {"days": [1, 3, 5], "opens": "09:30", "closes": "17:00"},
        {"days": [6], "opens": "10:00", "closes": "12:00"},
    )
    assert (
        hours_in_words(mixed, ENGLISH)
        == "Monday, Wednesday and Friday, 9:30 am to 5 pm; Saturday, 10 am to noon"
    )
