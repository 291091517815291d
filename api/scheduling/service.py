"""The booking desk: what a patient says goes in, the next question or the booked visit comes out.

One desk serves the dialogue engine's form (free words, through `/internal`) and the exact answers
that go the short way. Every step is idempotent by turn id.
"""

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import BookingId, ConversationId, PatientId, new_id
from api.core.language import Language
from api.messaging.replies import Word, reads_choice, reads_word
from api.people import service as people
from api.scheduling import booking as bookings, visits
from api.scheduling.booking import Booking
from api.scheduling.desk import Asker, Desk
from api.scheduling.models import BookingRow, BookingState
from api.scheduling.request import DEFAULT_SERVICE, Wish, read_wish
from api.scheduling.rules import (
    Again,
    Ambiguous,
    Book,
    Drop,
    Hold,
    More,
    Search,
    Step,
    exact_step,
    free_step,
    next_question,
    spread,
)
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import HoldExpired, NotAllowedNow, NotFound, SlotTaken

HOLD_LASTS = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(hours=72)


async def is_open(session: AsyncSession, conversation: ConversationId) -> bool:
    """Whether a booking is being made in this conversation."""
    found = await session.scalar(
        select(BookingRow.id).where(
            BookingRow.conversation_id == conversation, BookingRow.state != BookingState.CLOSED
        )
    )
    return found is not None


async def mover_of(
    session: AsyncSession, conversation: ConversationId, *, turn: str | None = None
) -> PatientId | None:
    """Whose visit is being moved here, at the clinic's own question whether they come.

    `turn`: also whose was moved just now, by this turn.
    """
    found = await session.scalar(
        select(BookingRow.patient_id).where(
            BookingRow.conversation_id == conversation,
            or_(BookingRow.state != BookingState.CLOSED, BookingRow.last_turn == turn),
            BookingRow.moves_id.is_not(None),
        )
    )
    return PatientId(found) if found else None


async def read(desk: Desk, text: str, language: Language) -> Wish:
    """What a text says about a visit, whoever said it."""
    now = await desk.clock.now()
    directory = await visits.directory(desk, now)
    return read_wish(text, directory, desk.vocabulary, now=now, zone=desk.zone, language=language)


async def open_booking(desk: Desk, asker: Asker, text: str) -> None:
    """Begin a booking with what the first words say of it, or go on with the open one."""
    now = await desk.clock.now()
    booking = await _load_open(desk, asker)
    if booking is None:
        booking = await _fresh(desk, asker, now)
    elif booking.last_turn == asker.turn:
        return
    booking.last_turn = asker.turn
    wish = await read(desk, text, asker.language)
    await _apply(desk, asker, booking, Search(wish), now)
    await _save(desk, booking, now)


async def open_move(desk: Desk, asker: Asker, visit: str) -> EngineReply:
    """Begin to move a visit: other times with the same clinician, and the first question.

    The visit keeps its time until another one is won.
    """
    now = await desk.clock.now()
    found = await visits.booked(desk, asker, visit)
    if found is None:
        return EngineReply("visit_is_over", {})
    booking = await _load_open(desk, asker)
    if booking is None or booking.moves != visit:
        if booking is not None:
            await _release(desk, asker, booking)
            _close(booking, "booking_none")
            await _save(desk, booking, now)
        booking = await _fresh(desk, asker, now)
        booking.moves = visit
        booking.service, booking.practitioner = visits.kind_of(found)
        booking.last_turn = asker.turn
        await _offer(desk, asker, booking, now)
        await _save(desk, booking, now)
    return reply_of(booking, desk.zone.key, now)


async def answer(desk: Desk, asker: Asker, text: str) -> bool:
    """Take an answer in free words; whether a question is still open afterwards."""
    now = await desk.clock.now()
    booking = await _load_open(desk, asker)
    if booking is None:
        return await _reopen_or_stay_closed(desk, asker, text)
    if booking.last_turn == asker.turn:
        return booking.is_open
    step = _menu_step(booking, text) or free_step(booking, await read(desk, text, asker.language))
    await _take_step(desk, asker, booking, step, now)
    return booking.is_open


async def answer_exactly(
    desk: Desk, asker: Asker, *, choice: int | None, word: Word | None
) -> EngineReply:
    """Take a number or a word of the menu, and answer with the next question or the outcome."""
    now = await desk.clock.now()
    booking = await _load_open(desk, asker)
    if booking is not None and booking.last_turn != asker.turn:
        await _take_step(desk, asker, booking, exact_step(booking, choice, word), now)
    return await prompt(desk, asker)


async def prompt(desk: Desk, asker: Asker) -> EngineReply:
    """What to say now: the open question, or how the last booking ended."""
    async with desk.database.transaction() as session:
        booking = await bookings.load_latest(session, desk.keyring, asker)
    if booking is None:
        return EngineReply("booking_ask_reason", {"notice": None})
    return reply_of(booking, desk.zone.key, await desk.clock.now())


async def displaced(desk: Desk, appointment_id: str) -> tuple[ConversationId, EngineReply] | None:
    """Staff took a held time: offer others. None when no open booking held it.

    Asked again (the worker died before the patient was told), it answers the same.
    """
    now = await desk.clock.now()
    turn = visits.displaced_turn(appointment_id)
    async with desk.database.transaction() as session:
        booking = await bookings.load_displaced(session, desk.keyring, appointment_id, turn)
    if booking is None:
        return None
    if booking.last_turn == turn:
        return booking.conversation, reply_of(booking, desk.zone.key, now)
    asker = visits.on_behalf(booking, turn)
    booking.last_turn = turn
    _lose(booking, "displaced")
    await _offer(desk, asker, booking, now)
    await _save(desk, booking, now)
    return booking.conversation, reply_of(booking, desk.zone.key, now)


async def open_question(
    session: AsyncSession, desk: Desk, conversation: ConversationId
) -> EngineReply | None:
    """The question of this conversation's booking that is still open, if there is one."""
    booking = await bookings.load_open(session, desk.keyring, conversation)
    if booking is None:
        return None
    return reply_of(booking, desk.zone.key, await desk.clock.now())


def reply_of(booking: Booking, zone: str, now: datetime) -> EngineReply:
    """The open question of a booking, or its outcome, as a response."""
    lapsed = booking.held_until is not None and booking.held_until <= now
    is_held = booking.state is BookingState.HELD
    notice = "lapsed" if is_held and lapsed else booking.notice
    shared = {"notice": notice, "zone": zone, "patient_zone": booking.patient_zone}
    match booking.state:
        case BookingState.REASON:
            return EngineReply("booking_ask_reason", {"notice": booking.notice})
        case BookingState.WHEN:
            return EngineReply("booking_ask_when", {"notice": booking.notice})
        case BookingState.OFFERED:
            offers = [each.as_json() for each in booking.offers]
            return EngineReply("booking_offers", {"offers": offers, **shared})
        case BookingState.HELD:
            return EngineReply("booking_held", _held(booking) | shared)
        case BookingState.CLOSED:
            return EngineReply(booking.outcome or "booking_none", _held(booking) | shared)


def _held(booking: Booking) -> dict[str, object]:
    if booking.held is None or booking.held_until is None:
        return {}
    return {**booking.held.as_json(), "held_until": booking.held_until.isoformat()}


async def _take_step(desk: Desk, asker: Asker, booking: Booking, step: Step, now: datetime) -> None:
    booking.last_turn = asker.turn
    await _apply(desk, asker, booking, step, now)
    await _save(desk, booking, now)


async def _apply(desk: Desk, asker: Asker, booking: Booking, step: Step, now: datetime) -> None:
    booking.notice = None
    match step:
        case Hold(choice):
            await _hold(desk, asker, booking, choice, now)
        case Book():
            await _book(desk, asker, booking, now)
        case Again():
            booking.notice = "again"
        case More() | Drop() | Search() | Ambiguous():
            await _release(desk, asker, booking)
            if booking.is_open:
                await _go_elsewhere(desk, asker, booking, step, now)


async def _go_elsewhere(
    desk: Desk,
    asker: Asker,
    booking: Booking,
    step: More | Drop | Search | Ambiguous,
    now: datetime,
) -> None:
    match step:
        case More():
            booking.seen += tuple(each for offer in booking.offers for each in offer.slot_ids)
            booking.notice = "more"
            await _offer(desk, asker, booking, now)
        case Drop():
            _close(booking, "booking_none")
        case Search(wish):
            _take(booking, wish)
            await _proceed(desk, asker, booking, now)
        case Ambiguous():
            booking.state, booking.notice = BookingState.WHEN, "ambiguous"


def _take(booking: Booking, wish: Wish) -> None:
    """A later wish changes only what it speaks of."""
    booking.reason = booking.reason or wish.reason
    booking.service = wish.service or booking.service
    if booking.service is None and booking.reason is not None:
        booking.service = DEFAULT_SERVICE
    booking.practitioner = None if wish.anybody else wish.practitioner or booking.practitioner
    booking.windows = booking.windows if wish.windows is None else wish.windows
    booking.seen = ()


async def _proceed(desk: Desk, asker: Asker, booking: Booking, now: datetime) -> None:
    question = next_question(booking)
    if question is None:
        await _offer(desk, asker, booking, now)
    else:
        booking.state = question


async def _offer(desk: Desk, asker: Asker, booking: Booking, now: datetime) -> None:
    """Offer three free times; where none is left then, the next ones after it."""
    found = await visits.find(desk, asker, booking, booking.windows or (), now=now)
    if not found and booking.windows:
        booking.notice = booking.notice or "none_then"
        later = visits.from_then_on(booking.windows[0].start_at, now)
        found = await visits.find(desk, asker, booking, later, now=now)
    picked = spread(found, desk.zone)
    if not picked:
        _close(booking, "booking_no_times")
        return
    directory = await visits.directory(desk, now)
    booking.offers = tuple(visits.as_offer(each, directory, booking) for each in picked)
    booking.state = BookingState.OFFERED


async def _hold(desk: Desk, asker: Asker, booking: Booking, choice: int, now: datetime) -> None:
    offer = booking.offers[choice - 1]
    until = now + HOLD_LASTS
    try:
        appointment = await visits.hold(desk, asker, booking, offer, until=until)
    except (SlotTaken, HoldExpired, NotAllowedNow, NotFound):
        booking.notice = "taken"
        await _offer(desk, asker, booking, now)
        return
    booking.appointment_id, booking.held, booking.held_until = appointment, offer, until
    booking.state = BookingState.HELD


async def _book(desk: Desk, asker: Asker, booking: Booking, now: datetime) -> None:
    """Booked only once the gateway has said so and the visit was read back as booked."""
    try:
        booked = await _win(desk, asker, booking)
    except (SlotTaken, HoldExpired, NotFound, NotAllowedNow):
        booked = False
    if booked:
        _close(booking, "booking_moved" if booking.moves else "booking_booked")
        return
    _lose(booking, "taken")
    await _offer(desk, asker, booking, now)


async def _win(desk: Desk, asker: Asker, booking: Booking) -> bool:
    """Book what is held, or move the visit there that is to be moved."""
    hold = booking.appointment_id or ""
    if booking.moves is None or booking.held is None:
        return await visits.book(desk, asker, hold)
    return await visits.move(desk, asker, booking.moves, hold, booking.held.start_at)


async def _release(desk: Desk, asker: Asker, booking: Booking) -> None:
    """Give a held time back; one that staff have booked meanwhile stays booked."""
    if booking.state is not BookingState.HELD or booking.appointment_id is None:
        return
    if await visits.is_booked(desk, asker, booking.appointment_id):
        _close(booking, "booking_booked")
        return
    await visits.release(desk, asker, booking.appointment_id)
    _lose(booking, None)


def _lose(booking: Booking, notice: str | None) -> None:
    booking.appointment_id = booking.held = booking.held_until = None
    booking.notice = notice


def _close(booking: Booking, outcome: str) -> None:
    """A visit that was to be moved, and was not, stays as it was."""
    kept = booking.moves is not None and outcome in {"booking_none", "booking_no_times"}
    booking.state = BookingState.CLOSED
    booking.outcome = "booking_kept" if kept else outcome


async def _reopen_or_stay_closed(desk: Desk, asker: Asker, text: str) -> bool:
    """An answer without an open booking: this turn closed it, or it is a new request."""
    async with desk.database.transaction() as session:
        latest = await bookings.load_latest(session, desk.keyring, asker)
    if latest is not None and latest.last_turn == asker.turn:
        return False
    await open_booking(desk, asker, text)
    return True


def _menu_step(booking: Booking, text: str) -> Step | None:
    """A number or a menu word is exact in free words too, also after its question lapsed."""
    choice = reads_choice(text, len(booking.offers)) if booking.offers else None
    word = reads_word(text)
    if choice is None and word is None:
        return None
    return exact_step(booking, choice, word)


async def _fresh(desk: Desk, asker: Asker, now: datetime) -> Booking:
    person = await people.person(desk.gateway, asker.patient, asker.access)
    return Booking(
        id=BookingId(new_id()),
        conversation=asker.conversation,
        patient=asker.patient,
        state=BookingState.REASON,
        opened_at=now,
        changed_at=now,
        last_turn="",
        patient_zone=person.zone if person else None,
        is_new=True,
    )


async def _load_open(desk: Desk, asker: Asker) -> Booking | None:
    async with desk.database.transaction() as session:
        found = await bookings.load_open(session, desk.keyring, asker.conversation)
    if found is None:
        return None
    now = await desk.clock.now()
    if found.patient == asker.patient and now - found.changed_at <= FORGOTTEN_AFTER:
        return found
    # Somebody else's on the same phone, or one that was let lie: it colours nothing of the new.
    await _release(desk, visits.on_behalf(found), found)
    if found.is_open:
        _close(found, "booking_none")
    await _save(desk, found, now)
    return None


async def _save(desk: Desk, booking: Booking, now: datetime) -> None:
    async with desk.database.transaction() as session:
        await bookings.save(session, desk.keyring, booking, now=now)
