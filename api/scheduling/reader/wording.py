"""Owns saying what was understood, in the patient's language, for read-back and for evaluation."""

from dataclasses import dataclass
from datetime import date, time

from api.core.language import Language
from api.scheduling.reader.days import WORKING_DAYS, Days
from api.scheduling.reader.hours import Hours
from api.scheduling.reader.reading import Choice, Reading


@dataclass(frozen=True, slots=True)
class _Words:
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str
    at: str
    after: str
    before: str
    between: str
    days_between: str
    days_from: str
    days_until: str
    any_day: str
    on_days: str
    joint: str
    unclear: str
    working_days: str


_EN = _Words(
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    day="{weekday}, {month} {day}, {year}",
    at=" at {0}",
    after=" after {0}",
    before=" before {0}",
    between=" between {0} and {1}",
    days_between="{0} to {1}",
    days_from="from {0}",
    days_until="until {0}",
    any_day="any day",
    on_days="{1}, {0}",
    joint=" or ",
    unclear="unclear",
    working_days="weekdays",
)
_ES = _Words(
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    day="{weekday} {day} de {month} de {year}",
    at=" a las {0}",
    after=" después de las {0}",
    before=" antes de las {0}",
    between=" entre las {0} y las {1}",
    days_between="{0} a {1}",
    days_from="desde {0}",
    days_until="hasta {0}",
    any_day="cualquier día",
    on_days="{1}, {0}",
    joint=" o ",
    unclear="no está claro",
    working_days="entre semana",
)
_MOST_CHOICES = 4


def describe(reading: Reading, language: Language, *, today: date) -> str:
    """Say what was understood; empty when the text spoke of no time."""
    words = _words(language)
    said = [
        _choice(_undated(choice, today), words, language)
        for choice in reading.choices[:_MOST_CHOICES]
    ]
    if said:
        return words.joint.join(said)
    if reading.options:
        return words.joint.join(_date(day, words) for day in reading.options[:_MOST_CHOICES])
    return words.unclear if reading.ambiguous else ""


def _undated(choice: Choice, today: date) -> Choice:
    return Choice(Days(), choice.hours) if choice.days == Days(today, None) else choice


def _words(language: Language) -> _Words:
    match language:
        case Language.EN:
            return _EN
        case Language.ES:
            return _ES


def _choice(choice: Choice, words: _Words, language: Language) -> str:
    return _days(choice.days, words) + _hours(choice.hours, words, language)


def _days(days: Days, words: _Words) -> str:
    if days.only:
        return _date(days.only, words)
    span = _span(days, words)
    if days.weekdays is None:
        return span
    names = ", ".join(words.weekdays[day] for day in sorted(days.weekdays))
    names = words.working_days if days.weekdays == WORKING_DAYS else names
    return names if span == words.any_day else words.on_days.format(names, span)


def _span(days: Days, words: _Words) -> str:
    if days.first and days.last:
        return words.days_between.format(_date(days.first, words), _date(days.last, words))
    if days.first:
        return words.days_from.format(_date(days.first, words))
    return words.days_until.format(_date(days.last, words)) if days.last else words.any_day


def _hours(hours: Hours, words: _Words, language: Language) -> str:
    if hours.at:
        return words.at.format(_time(hours.at, language))
    if hours.start and hours.end:
        return words.between.format(_time(hours.start, language), _time(hours.end, language))
    if hours.start:
        return words.after.format(_time(hours.start, language))
    return words.before.format(_time(hours.end, language)) if hours.end else ""


def _date(day: date, words: _Words) -> str:
    return words.day.format(
        weekday=words.weekdays[day.weekday()],
        month=words.months[day.month - 1],
        day=day.day,
        year=day.year,
    )


def _time(wall: time, language: Language) -> str:
    match language:
        case Language.EN:
            half = "AM" if wall.hour < 12 else "PM"
            return f"{(wall.hour - 1) % 12 + 1}:{wall.minute:02d} {half}"
        case Language.ES:
            return f"{wall.hour}:{wall.minute:02d}"
