"""What people do in the console, as forms send it, and what the page says when it is done."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from api.console import times
from api.console.showing import Desk, Looking
from api.conversations import takeover
from api.conversations.takeover import Words
from api.core.errors import CareError
from api.core.ids import ConversationId
from api.escalations.kinds import Outcome
from api.staff import service as staff
from api.staff.kinds import Permission

MOST_REPLY_CHARS: Final = 1_600
MOST_NOTE_CHARS: Final = 4_000

# Longer than that, it is not put off but lost.
LONGEST_SNOOZE: Final = timedelta(days=366)

type Key = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
type Text = Annotated[str, Field(min_length=1, max_length=MOST_REPLY_CHARS)]


class AnyForm(BaseModel):
    """What every form carries."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True, str_strip_whitespace=True)

    csrf: str = ""


class Plain(AnyForm):
    """A form of buttons only."""


class Assign(AnyForm):
    """To whom."""

    to: str


class Resolve(AnyForm):
    """What came of it."""

    outcome: Outcome
    note: Annotated[str, Field(max_length=2_000)] = ""
    view: str = ""
    next: str = ""


class Snooze(AnyForm):
    """Until when: an hour, tomorrow morning, a reply, or the wall time of `at`."""

    until: Annotated[str, Field(pattern="^(1h|morning|reply|at)$")]
    at: str = ""
    reason: Annotated[str, Field(max_length=500)] = ""


class Reply(AnyForm):
    """Words for the patient."""

    id: Key
    text: Text
    seen: Annotated[int, Field(ge=0)]
    force: str = ""


class NoteForm(AnyForm):
    """Words for the team."""

    id: Key
    text: Annotated[str, Field(min_length=1, max_length=MOST_NOTE_CHARS)]


class UnknownColleague(CareError):
    """Nobody who may answer has that id."""

    code = "unknown_colleague"
    status = 422
    sentence = "That colleague can't take conversations."


class BadTime(CareError):
    """A snooze needs a time that is still to come, and not for ever."""

    code = "bad_time"
    status = 422
    sentence = "Choose a time that is still to come, within a year."


@dataclass(frozen=True)
class Done:
    """An act that was done. `can_undo`: by opening it again."""

    say: str = ""
    can_undo: bool = False


type Act[F: AnyForm] = Callable[[Desk, Looking, ConversationId, F], Awaitable[Done]]


async def claim(desk: Desk, at: Looking, id_: ConversationId, _form: Plain) -> Done:
    """Take it."""
    await takeover.claim(desk.console.line, id_, by=at.member)
    return Done("You have this conversation.")


async def release(desk: Desk, at: Looking, id_: ConversationId, _form: Plain) -> Done:
    """Let it go."""
    await takeover.release(desk.console.line, id_, by=at.member)
    return Done("Back in the inbox, for whoever takes it.")


async def give_back(desk: Desk, at: Looking, id_: ConversationId, _form: Plain) -> Done:
    """Let the assistant go on."""
    await takeover.give_back(desk.console.line, id_, by=at.member)
    return Done("The assistant answers again.")


async def reopen(desk: Desk, at: Looking, id_: ConversationId, _form: Plain) -> Done:
    """Undo that it was resolved."""
    await takeover.reopen(desk.console.line, id_, by=at.member)
    return Done("Opened again.")


async def assign(desk: Desk, at: Looking, id_: ConversationId, form: Assign) -> Done:
    """Give it to a colleague.

    Raises:
        UnknownColleague: nobody who may answer has that id.
    """
    async with desk.console.staff.database.transaction() as session:
        to = await staff.member_of(session, form.to)
    if to is None or not staff.may(to.role, Permission.ANSWER):
        raise UnknownColleague
    await takeover.assign(desk.console.line, id_, to=to, by=at.member)
    return Done("Given on.")


async def resolve(desk: Desk, at: Looking, id_: ConversationId, form: Resolve) -> Done:
    """Be done with it."""
    await takeover.resolve(
        desk.console.line, id_, outcome=form.outcome, note=form.note or None, by=at.member
    )
    return Done("Resolved.", can_undo=True)


async def snooze(desk: Desk, at: Looking, id_: ConversationId, form: Snooze) -> Done:
    """Put it off.

    Raises:
        BadTime: it is not in the future.
    """
    until = _until(desk, at, form)
    await takeover.snooze(
        desk.console.line, id_, until=until, reason=form.reason or None, by=at.member
    )
    zone = desk.console.clinic.zone
    words = f"until {times.stamp(until, at.now, zone)}" if until else "until the patient writes"
    return Done(f"Snoozed {words}.")


async def reply(desk: Desk, at: Looking, id_: ConversationId, form: Reply) -> Done:
    """Say something to the patient."""
    words = Words(form.id, form.text, form.seen, force=form.force == "yes")
    await takeover.reply(desk.console.line, id_, words, by=at.member)
    return Done()


async def note(desk: Desk, at: Looking, id_: ConversationId, form: NoteForm) -> Done:
    """Say something to the team."""
    await takeover.note(desk.console.line, id_, text=form.text, id_=form.id, by=at.member)
    return Done()


def _until(desk: Desk, at: Looking, form: Snooze) -> datetime | None:
    zone = desk.console.clinic.zone
    match form.until:
        case "1h":
            return at.now + timedelta(hours=1)
        case "morning":
            return times.tomorrow_morning(at.now, zone).astimezone(UTC)
        case "at":
            return _typed(form.at, at, zone=zone)
        case _:
            return None


def _typed(text: str, at: Looking, *, zone: ZoneInfo) -> datetime:
    try:
        typed = datetime.fromisoformat(text)
        until = (typed.replace(tzinfo=zone) if typed.tzinfo is None else typed).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTime from None
    if not at.now < until <= at.now + LONGEST_SNOOZE:
        raise BadTime
    return until
