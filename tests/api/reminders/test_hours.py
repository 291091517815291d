"""The times that a text asks for, in English and Spanish."""

import pytest

from api.reminders.hours import (
    is_not_daily,
    read_answer,
    read_change,
    read_hours,
    reads_often,
    reads_part,
)
from api.reminders.timing import Day


def _told(times: tuple[object, ...]) -> list[str]:
    return [str(at)[:5] for at in times]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("metformin at 8 and 8", ["08:00", "20:00"]),
        ("text me at 9pm to take my statin", ["21:00"]),
        ("change my metformin to 7 and 7", ["07:00", "19:00"]),
        ("a las 8 y a las 20", ["08:00", "20:00"]),
        ("a las 8 de la mañana y 8 de la noche", ["08:00", "20:00"]),
        ("a las ocho de la noche", ["20:00"]),
        ("at ten o'clock", ["10:00"]),
        ("set a pill alert 730pm", ["19:30"]),
        ("8 in the morning and 9 at night", ["08:00", "21:00"]),
        ("twice a day", ["08:00", "18:00"]),
        ("every morning", ["08:00"]),
        ("at 8 instead of 7", ["08:00"]),
        ("at midnight", ["00:00"]),
        ("at 12 at night", ["00:00"]),
        ("metformin 500 mg", []),
        ("give me 2 pills", []),
        ("for 2 weeks", []),
        ("remind me at 8 at night", ["20:00"]),
        ("remind me at half past seven", ["07:30"]),
        ("at seven thirty in the evening", ["19:30"]),
        ("at 8 30", ["08:30"]),
        ("at a quarter to nine", ["08:45"]),
        ("recuérdeme la pastilla a las 7 y media", ["07:30"]),
        ("a las siete y media de la tarde", ["19:30"]),
        ("a las nueve menos cuarto", ["08:45"]),
        ("a las 7 y 9 y media", ["07:00", "09:30"]),
        ("a las 19h", ["19:00"]),
        ("a las 8h30", ["08:30"]),
        ("take one ten mg tablet at 8", ["08:00"]),
        ("half a pill at 8", ["08:00"]),
    ],
)
def test_hours_are_read(text: str, hours: list[str]) -> None:
    assert _told(read_hours(text, Day())) == hours


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("change my 8am reminder to 9am", ["08:00"], ["09:00"]),
        ("from 8am to 9am", ["08:00"], ["09:00"]),
        ("cambie el recordatorio de las 8 a las 9", ["08:00"], ["09:00"]),
        ("9pm instead of 8pm", ["20:00"], ["21:00"]),
        ("change it to an 8am reminder", [], ["08:00"]),
        ("stop my 8am reminder", ["08:00"], []),
        ("the 9pm pill reminder should be 10pm", ["21:00"], ["22:00"]),
        ("at lunch not breakfast", [], ["12:00"]),
        ("the reminder is too late at night, do it earlier", [], []),
        ("only once a day in the morning", [], ["08:00"]),
        ("quite el de las 8 de la noche", ["20:00"], []),
        ("cambiar mi recordatorio para las 9", [], ["09:00"]),
        ("cambie el recordatorio de las 7 y media a las 8", ["07:30"], ["08:00"]),
        ("from half past seven to quarter to nine", ["07:30"], ["08:45"]),
        ("from ten to eight", [], ["08:00"]),
    ],
)
def test_times_that_are_there_are_told_from_those_that_shall_be(
    text: str, old: list[str], new: list[str]
) -> None:
    change = read_change(text, Day())
    assert (_told(change.old), _told(change.times)) == (old, new)


@pytest.mark.parametrize(
    ("text", "hours", "rest"),
    [
        ("8", ["08:00"], ""),
        ("8am y 8pm", ["08:00", "20:00"], ""),
        ("in the morning", ["08:00"], ""),
        ("mañana y noche", ["08:00", "20:30"], "y"),
        ("i took it at 8", ["08:00"], "i took it"),
        ("metformin at 9", ["09:00"], "metformin"),
        ("no idea", [], "no idea"),
    ],
)
def test_bare_number_is_a_time_in_an_answer(text: str, hours: list[str], rest: str) -> None:
    answer = read_answer(text, Day())
    assert (_told(answer.times), answer.rest.split()) == (hours, rest.split())


@pytest.mark.parametrize(
    "text",
    [
        *("every 6 hours", "los domingos", "every other day", "once a week", "weekly"),
        *("only when it hurts", "as needed", "cuando la necesite", "un día sí y otro no"),
    ],
)
def test_other_than_daily_is_not_guessed(text: str) -> None:
    assert is_not_daily(text)


def test_daily_is_daily() -> None:
    assert not is_not_daily("every day at 8")
    assert not is_not_daily("todos los días a las 8")


def test_half_of_the_day_may_stand_for_what_comes_in_it() -> None:
    change = read_change("move my evening pill alert to 9", Day())
    assert (change.late, _told(change.times)) == (True, ["21:00"])
    assert read_change("remind me in the evening", Day()).late is None


def test_how_often_is_no_time() -> None:
    assert reads_often("twice a day") == 2
    assert reads_often("tres veces al día") == 3
    assert reads_often("twice a day, at 8 and 9") is None


def test_half_of_the_day_is_read_only_where_it_is_one() -> None:
    assert reads_part("stop reminding me at night") is True
    assert reads_part("quite el de la mañana") is False
    assert reads_part("morning and night") is None
