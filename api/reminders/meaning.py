"""What a request for reminders means, as far as it is clear; what is not clear is asked. Pure.

Nothing is guessed: no medicine that was not named, no time that nobody gave, no more times a day
than are prescribed, no day on which it is not taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from itertools import pairwise
from typing import Any, Self

from api.messaging.replies import Word, reads_choice, reads_no, reads_word, reads_yes
from api.reminders import medicines
from api.reminders.hours import (
    Hours,
    is_late,
    read_answer,
    read_change,
    read_hours,
    reads_often,
    reads_part,
)
from api.reminders.kinds import Blank, Request
from api.reminders.medicines import Vocabulary
from api.reminders.timing import Day, Refusal

# What a text has room for; of more they are asked for the name.
MOST_OFFERED = 3
CLOSEST_MINUTES = 60
# What the prescription itself does not fix to times of the day is a person's to set up.
_NOT_OURS = frozenset(Refusal) - {Refusal.NO_TIMING}


@dataclass(frozen=True)
class Medicine:
    """One that somebody is prescribed.

    Attributes:
        planned: when they are reminded of it; empty where they are not.
        prescribed: the times that the prescription gives, by their own hours.
        refusal: why it gives none.
    """

    id: str
    name: str
    planned: tuple[time, ...] = ()
    prescribed: tuple[time, ...] = ()
    refusal: Refusal | None = None

    @property
    def times(self) -> tuple[time, ...]:
        """By which it is told from the others where its name may not be printed."""
        return self.planned or self.prescribed


@dataclass(frozen=True)
class Half:
    """A request as far as it is understood.

    Attributes:
        is_all: it is about every medicine.
        times, old, late: as they were said (hours.Hours).
        often: how many times a day, where only that was said.
        meant: ids of the medicines that it may be about; one of them where that is clear.
        offered: ids of the medicines in the order in which they were numbered.
        offers_all: whether "all of them" is the number after these.
        misses: how often the open question was not answered.
    """

    what: Request
    is_all: bool = False
    times: tuple[time, ...] = ()
    old: tuple[time, ...] = ()
    late: bool | None = None
    often: int | None = None
    meant: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    offers_all: bool = False
    misses: int = 0

    @property
    def choices(self) -> int:
        """How many lines the numbered question has; the last is none of them. 0: it has none."""
        return len(self.offered) + self.offers_all + 1 if self.offered else 0

    def as_json(self) -> dict[str, object]:
        """The shape that is stored."""
        times = {name: [at.isoformat() for at in getattr(self, name)] for name in ("times", "old")}
        return {**vars(self), **times}

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Self:
        """A request as it was stored."""
        listed = {name: tuple(stored[name]) for name in ("meant", "offered")}
        times = {
            name: tuple(time.fromisoformat(at) for at in stored[name]) for name in ("times", "old")
        }
        return cls(**{**stored, **listed, **times, "what": Request(stored["what"])})


@dataclass(frozen=True)
class Ask:
    """Something is still to be said."""

    half: Half
    blank: Blank

    def says_no_more_than(self, other: Self) -> bool:
        """Whether it is the same question, about nothing that was not known when it was asked."""
        same = self.half.what is other.half.what and self.blank is other.blank
        new = set(self.half.times) | set(self.half.old)
        return same and new <= set(other.half.times) | set(other.half.old)


@dataclass(frozen=True)
class Keep:
    """Be reminded of a medicine. No `times`: at those of the prescription."""

    medicine: Medicine
    times: tuple[time, ...]


@dataclass(frozen=True)
class Drop:
    """Be reminded of these no more."""

    medicines: tuple[Medicine, ...]
    is_all: bool


@dataclass(frozen=True)
class ToPerson:
    """A person must answer it."""


type Step = Ask | Keep | Drop | ToPerson


@dataclass(frozen=True)
class Reader:
    """What a text is read with: the medicines in question, words, and the person's own hours."""

    listed: Sequence[Medicine]
    vocabulary: Vocabulary
    day: Day = field(default_factory=Day)

    def named(self, text: str) -> tuple[str, ...]:
        """Ids of the medicines that a text names."""
        names = [each.name for each in self.listed]
        places = medicines.named_in(text, names, self.vocabulary)
        return tuple(self.listed[place].id for place in places)

    def names_another(self, text: str) -> bool:
        """Whether it speaks of a medicine that is none of these, as far as that can be told."""
        names = [each.name for each in self.listed]
        return medicines.names_another(text, names, self.vocabulary)

    def planned_at(self, times: Sequence[time]) -> tuple[str, ...]:
        """Ids of those that they are reminded of at all of these times."""
        wanted = set(times)
        return tuple(each.id for each in self.listed if wanted and wanted <= set(each.planned))

    def told_by(self, times: Sequence[time]) -> tuple[str, ...]:
        """Ids of those that a numbered question tells from others by these times."""
        wanted = set(times)
        return tuple(each.id for each in self.listed if wanted and wanted <= set(each.times))

    def says_nothing_else(self, text: str) -> bool:
        """Whether it holds names of these and the words around an answer, and no more."""
        names = [each.name for each in self.listed]
        return medicines.says_no_other(text, names, self.vocabulary)


def begin(what: Request, text: str, reader: Reader) -> Half:
    """What a text asks for."""
    hours = _hours(what, text, reader.day)
    is_part = bool(hours.old) or hours.late is not None
    is_all = what is Request.STOP and medicines.says_all(text, reader.vocabulary) and not is_part
    often = reads_often(text) if what is Request.SET_UP else None
    half = Half(what, is_all, hours.times, hours.old, hours.late, often)
    return replace(half, meant=_meant(half, text, hours, reader))


def decide(half: Half, listed: Sequence[Medicine]) -> Step:
    """What is to be done, or asked first."""
    if half.is_all:
        return Drop(tuple(listed), is_all=True)
    meant = [each for each in listed if each.id in half.meant]
    if len(meant) != 1:
        return _ask_which(half, meant or _pool(half.what, listed))
    if half.what is Request.STOP:
        return _stop(half, meant[0])
    return _keep(half, meant[0])


def answers(text: str, half: Half, blank: Blank, reader: Reader) -> Half | ToPerson | None:
    """The request with what an answer to the open question adds; None where it is no answer.

    "None of these" is a person's.
    """
    hours = read_answer(text, reader.day)
    if blank is Blank.TIMES:
        fits = hours.times and reader.says_nothing_else(hours.rest)
        return replace(half, times=hours.times) if fits else None
    chosen = _chosen(text, half)
    if chosen is not None:
        return chosen
    return _named(hours, half, reader)


def _hours(what: Request, text: str, day: Day) -> Hours:
    """Of a first wish every time is a new one; of a change some stand for what is there."""
    change = read_change(text, day)
    if what is Request.SET_UP:
        return Hours(read_hours(text, day), (), change.rest)
    if what is Request.STOP:
        old = tuple(sorted({*change.old, *change.times}))
        return Hours((), old, change.rest, reads_part(text))
    return change


def _meant(half: Half, text: str, hours: Hours, reader: Reader) -> tuple[str, ...]:
    """By name, by the time at which it comes, or because there is but one."""
    named = reader.named(text)
    if named or reader.names_another(hours.rest):
        return named
    pool = [each for each in _pool(half.what, reader.listed) if _has_part(each, half)]
    speaks = medicines.says_any(hours.rest, reader.vocabulary)
    if half.what is not Request.SET_UP:
        is_part = bool(half.old) or half.late is not None
        only_reminders = medicines.says_reminders_only(hours.rest, reader.vocabulary)
        speaks = speaks or is_part or only_reminders
    return reader.planned_at(half.old) or (tuple(each.id for each in pool) if speaks else ())


def _has_part(medicine: Medicine, half: Half) -> bool:
    return half.late is None or any(_is_in(at, half) for at in medicine.planned)


def _pool(what: Request, listed: Sequence[Medicine]) -> list[Medicine]:
    """Those that it can be about: of reminders that are there, those that have some."""
    planned = [each for each in listed if each.planned]
    return planned if planned and what is not Request.SET_UP else list(listed)


def _ask_which(half: Half, some: Sequence[Medicine]) -> Step:
    offered = tuple(each.id for each in some) if len(some) <= MOST_OFFERED else ()
    offers_all = half.what is Request.STOP and len(offered) > 1
    return Ask(replace(half, offered=offered, offers_all=offers_all), Blank.WHICH)


def _stop(half: Half, medicine: Medicine) -> Step:
    """All its times, or those that were named; never more than they said."""
    if not half.old and half.late is None:
        return Drop((medicine,), is_all=False)
    gone = {at for at in medicine.planned if at in half.old or _is_in(at, half)}
    if not gone or not set(half.old) - gone <= set(medicine.planned) | _words_of(half):
        return ToPerson()
    left = tuple(at for at in medicine.planned if at not in gone)
    return Keep(medicine, left) if left else Drop((medicine,), is_all=False)


def _is_in(at: time, half: Half) -> bool:
    return half.late is not None and is_late(at) is half.late


def _words_of(half: Half) -> set[time]:
    """Times that only stand for the half of the day that was named ("at night")."""
    return {at for at in half.old if _is_in(at, half)}


def _keep(half: Half, medicine: Medicine) -> Step:
    if medicine.refusal in _NOT_OURS:
        return ToPerson()
    times = _changed(half, medicine) if half.what is Request.CHANGE else _wanted(half, medicine)
    if times is None or not (times or medicine.prescribed):
        return Ask(half, Blank.TIMES)
    given = medicine.prescribed
    # More reminders than doses, or close to each other, would have them take too much.
    is_too_much = bool(given) and max(len(times), half.often or 0) > len(given)
    return ToPerson() if is_too_much or _are_close(times) else Keep(medicine, times)


def _wanted(half: Half, medicine: Medicine) -> tuple[time, ...]:
    """As often as is prescribed says no time: those are the prescription's."""
    return () if half.often == len(medicine.prescribed) else half.times


def _changed(half: Half, medicine: Medicine) -> tuple[time, ...] | None:
    """The times from now on; None where they are not clear."""
    gone = {*half.old, *(at for at in medicine.planned if _is_in(at, half))}
    is_odd = not gone <= set(medicine.planned) or (half.late is not None and not gone)
    if not half.times or is_odd:
        return None
    if not gone and len(half.times) == 1 and len(medicine.planned) > 1:
        # One new time moves the one of its half of the day: no dose is dropped by silence.
        gone = {at for at in medicine.planned if is_late(at) is is_late(half.times[0])}
        if len(gone) != 1:
            return None
    kept = set(medicine.planned) - gone if gone else set()
    return tuple(sorted({*kept, *half.times}))


def _are_close(times: Sequence[time]) -> bool:
    minutes = [at.hour * 60 + at.minute for at in times]
    return any(after - before < CLOSEST_MINUTES for before, after in pairwise(minutes))


def _chosen(text: str, half: Half) -> Half | ToPerson | None:
    """By number, or by the word for none of them."""
    number = reads_choice(text, half.choices) if half.choices else None
    if len(half.offered) == 1 and reads_yes(text):
        number = 1  # it was asked whether it is that one
    if number == half.choices or reads_word(text) is Word.NONE or reads_no(text):
        return ToPerson()
    if number is None:
        return None
    if number > len(half.offered):
        return replace(half, is_all=True)
    return replace(half, meant=(half.offered[number - 1],))


def _named(hours: Hours, half: Half, reader: Reader) -> Half | None:
    """By name or by time; an answer may say at once when it shall come."""
    if not reader.says_nothing_else(hours.rest):
        return None
    if half.offers_all and reader.vocabulary.all & set(hours.rest.split()):
        return replace(half, is_all=True)
    named = reader.named(hours.rest)
    if len(named) == 1:
        return replace(half, meant=named, times=hours.times or half.times)
    at = tuple(id_ for id_ in reader.told_by(hours.times) if not named or id_ in named)
    return replace(half, meant=at) if len(at) == 1 else None
