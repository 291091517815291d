"""What an answer means at each question of a booking, and which free times to offer. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from api.messaging.replies import Word
from api.scheduling.booking import Booking
from api.scheduling.models import BookingState
from api.scheduling.request import Wish
from integrations.ports.fhir import Proposal

OFFERS = 3


@dataclass(frozen=True)
class Hold:
    """Keep the offer with this number, counted from 1."""

    choice: int


@dataclass(frozen=True)
class Book:
    """Book what is held."""


@dataclass(frozen=True)
class More:
    """Offer the next times."""


@dataclass(frozen=True)
class Drop:
    """They want none of it."""


@dataclass(frozen=True)
class Search:
    """Look for times with what is known now; changes of mind are in `wish`."""

    wish: Wish


@dataclass(frozen=True)
class Again:
    """Not understood: ask the same question again."""


@dataclass(frozen=True)
class Ambiguous:
    """A day that may be two: ask which."""


Step = Hold | Book | More | Drop | Search | Again | Ambiguous


def exact_step(booking: Booking, choice: int | None, word: Word | None) -> Step:
    """What a number or a menu word means at the question that is open."""
    if choice is not None and booking.state is BookingState.OFFERED:
        return Hold(choice) if 1 <= choice <= len(booking.offers) else Again()
    match word:
        case Word.BOOK:
            return Book() if booking.state is BookingState.HELD else Again()
        case Word.MORE if booking.state in {BookingState.OFFERED, BookingState.HELD}:
            return More()
        case Word.NONE:
            return Drop()
        case _:
            return Again()


def free_step(booking: Booking, wish: Wish) -> Step:
    """What free words mean at the question that is open."""
    if wish.is_ambiguous:
        return Ambiguous()
    if wish.says_something_new:
        return Search(wish)
    if wish.wants_others and booking.state in {BookingState.OFFERED, BookingState.HELD}:
        return More()
    asks_why = booking.state is BookingState.REASON
    return Search(wish) if asks_why and wish.reason is not None else Again()


def next_question(booking: Booking) -> BookingState | None:
    """What must still be asked before times can be looked for; None: nothing."""
    if booking.service is None:
        return BookingState.REASON
    return BookingState.WHEN if booking.windows is None else None


def spread(proposals: Sequence[Proposal], zone: ZoneInfo) -> tuple[Proposal, ...]:
    """Three of the free times: on different days where there are enough, in order of time.

    Three neighbouring half hours are no choice for somebody who cannot come that morning.
    """
    picked: list[Proposal] = []
    for is_new in (_on_new_day, _at_new_time):
        for proposal in proposals:
            if len(picked) < OFFERS and is_new(proposal, picked, zone):
                picked.append(proposal)
    return tuple(sorted(picked, key=lambda each: (each.start_at, each.slot_ids)))


def _on_new_day(proposal: Proposal, picked: Sequence[Proposal], zone: ZoneInfo) -> bool:
    return _day(proposal.start_at, zone) not in {_day(each.start_at, zone) for each in picked}


def _at_new_time(proposal: Proposal, picked: Sequence[Proposal], zone: ZoneInfo) -> bool:
    del zone
    return proposal.start_at not in {each.start_at for each in picked}


def _day(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).date().isoformat()
