"""The desk of forms: what a patient says goes in, the next question or the review comes out.

One desk serves the dialogue engine's form (through `/internal`) and the exact answers that go the
short way. Each step names the question that it answers and says its answer in full, so the same
turn again changes nothing, wherever it was cut off.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId, PatientId
from api.gateway.errors import IdentityRequired
from api.intake import asking, correcting, due, fillings, inputs, record, steps
from api.intake.desk import Desk, Filler
from api.intake.exact import is_exact
from api.intake.fillings import Filling
from api.intake.forms import Unsupported
from api.intake.progress import next_question, questions
from api.intake.record import Sheet
from api.intake.states import FormState
from integrations.ports.dialogue import EngineReply
from integrations.ports.errors import PortError
from integrations.ports.fhir import NotFound

CORRECTED_FOR = fillings.CORRECTED_FOR
"""For so long after it was sent a form can be corrected by its patient."""
_TO_PERSON = EngineReply("form_to_person", {})
_NOT_HERE = EngineReply("form_not_here", {})
# What comes right after PAUSE and is nothing else is meant for the form.
SOON = timedelta(minutes=30)
# More options than any question has: how many there were is not known without the record.
MANY = 99


@dataclass(frozen=True)
class OpenForm:
    """The form that is asked in a conversation.

    `takes_words`: its question is a free one; `last_turn`: whose step it went on by.
    """

    id: str
    patient: PatientId
    takes_words: bool
    last_turn: str


async def open_form_in(session: AsyncSession, conversation: ConversationId) -> OpenForm | None:
    """The form that is asked here now, if there is one."""
    filling = await fillings.open_in(session, conversation)
    if filling is None:
        return None
    takes_words = filling.input in inputs.WORDS
    return OpenForm(filling.id, filling.patient, takes_words, filling.last_turn)


async def open_form(desk: Desk, filler: Filler, *, new: bool = False) -> None:
    """Begin the form that is due, or go on with the one that was begun, here or elsewhere.

    `new`: rather than with the correction of one that was sent.

    Raises:
        IdentityRequired: nobody is known to write. PortError: the record is away.
    """
    if filler.patient is None:
        raise IdentityRequired
    here = await _open_here(desk, filler)
    if here is not None and here.last_turn == filler.turn:
        return
    if here is not None and here.patient != filler.patient:
        here.state = FormState.PAUSED  # another's, on the same phone
        await _save(desk, here)
        here = None
    now = await desk.clock.now()
    filling = here or await _begun_or_due(desk, filler, filler.patient, now, new=new)
    if filling is not None:
        await _go_on(desk, filler, filling, now)


async def change_sent(
    desk: Desk, filler: Filler, which: str | None = None, *, number: int | None = None
) -> tuple[EngineReply, ...]:
    """Let a form that was sent lately be corrected; what to say now.

    `which`: how its id ends, where it was chosen from several; `number`: of the answer to change.

    Raises:
        IdentityRequired: nobody is known to write. PortError: the record is away.
    """
    instead = await correcting.open_sent(desk, filler, which, number)
    return (instead,) if instead is not None else await prompt(desk, filler)


async def is_for_paused(desk: Desk, conversation: ConversationId, text: str) -> bool:
    """Whether a text looks like an answer to the form that was put off here.

    Soon after that, whatever it says.
    """
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        if await fillings.open_in(session, conversation) is not None:
            return False
        filling = await fillings.paused_in(session, conversation)
    if filling is None:
        return False
    is_soon = now - filling.changed_at <= SOON
    return is_soon or (filling.input not in inputs.WORDS and is_exact(text, filling.input, MANY))


async def take(desk: Desk, filler: Filler, text: str) -> None:
    """Take an answer, or a word that is none, to the question that is open here.

    Raises:
        PortError: the record is away; nothing was taken.
    """
    filling = await _open_here(desk, filler)
    if filling is None or filling.last_turn == filler.turn:
        return
    now = await desk.clock.now()
    try:
        sheet = await record.read(desk, filler, filling)
    except PortError:
        # What may mean danger is heard all the same; the question stays open.
        if not await steps.means_danger(desk, filler, filling, text, now=now):
            raise
        filling.notice = steps.CRISIS
    else:
        step = steps.Step(desk, filler, filling, sheet, now)
        await steps.take(step, text)
        steps.withhold(filling, step.sheet, filler)
    await _heard(desk, filler, filling, now)


async def prompt(desk: Desk, filler: Filler) -> tuple[EngineReply, ...]:
    """What to say now: the open question and what its last answer is told, or how it ended."""
    filling = await _open_here(desk, filler)
    if filling is None:
        return await _closed(desk, filler)
    notice = filling.notice if filling.last_turn == filler.turn else None
    if notice == steps.CRISIS:
        return (notice,)
    sheet = await record.read(desk, filler, filling)
    asked = _question(filling, sheet, filler, is_new=filling.last_turn == filler.turn)
    return asking.after(notice, asked)


async def _closed(desk: Desk, filler: Filler) -> tuple[EngineReply, ...]:
    """How the form ended that this turn worked on; without one, where there is another."""
    since = await desk.clock.now() - CORRECTED_FOR
    async with desk.database.transaction() as session:
        worked_on = await fillings.of_turn(session, filler)
        known = filler.patient
        elsewhere = await fillings.begun_by(session, known) if known else None
        sent = await fillings.sent_by(session, known, since) if known else []
    if worked_on is not None and worked_on.notice is not None:
        return _with_next(worked_on.notice)
    none_due = EngineReply("form_none_due", {"sent": bool(sent)})
    return (none_due if elsewhere is None else _NOT_HERE,)


def _with_next(told: EngineReply) -> tuple[EngineReply, ...]:
    """How it ended, and what there is to the next one that is due."""
    more = told.arguments.get("more")
    return (told, EngineReply("form_next", more)) if isinstance(more, dict) else (told,)


async def open_question(desk: Desk, filler: Filler) -> EngineReply | None:
    """The question that is open in a conversation, without what any turn is told."""
    filling = await _open_here(desk, filler)
    if filling is None:
        return None
    return _question(filling, await record.read(desk, filler, filling), filler)


async def _begun_or_due(
    desk: Desk, filler: Filler, patient: PatientId, now: datetime, *, new: bool
) -> Filling | None:
    """What was begun; else what is due first, offered or not; a correction last where `new`."""
    async with desk.database.transaction() as session:
        begun = await fillings.begun_by(session, patient, new=new)
    if begun is None or begun.state is FormState.OFFERED:
        begun = await _due_first(desk, filler, patient, now) or begun
    if begun is None and new:
        return await _begun_or_due(desk, filler, patient, now, new=False)
    if begun is not None:
        begun.conversation = filler.conversation
    return begun


async def _due_first(
    desk: Desk, filler: Filler, patient: PatientId, now: datetime
) -> Filling | None:
    wanted = await due.due_for(desk, patient)
    if wanted is None:
        return None
    async with desk.database.transaction() as session:
        offered = await fillings.offered_for(session, wanted.task)
    if offered is not None:
        return offered
    filling = fillings.begin(filler, patient, wanted.questionnaire, now)
    filling.task = wanted.task
    return filling


async def _go_on(desk: Desk, filler: Filler, filling: Filling, now: datetime) -> None:
    """Ask where it stood; a form that cannot be asked is a person's to see to."""
    filling.notice = None
    try:
        sheet = await record.read(desk, filler, filling)
    except (Unsupported, NotFound):
        filling.close(_TO_PERSON)
        await _heard(desk, filler, filling, now)
        return
    open_now = {each.path: each for each in questions(sheet.form, sheet.answers)}
    asked = open_now.get(filling.at) if filling.at is not None else None
    filling.ask(asked or next_question(sheet.form, sheet.answers))
    filling.notice = steps.ANOTHER if filling.given else None
    steps.withhold(filling, sheet, filler)
    await _heard(desk, filler, filling, now)


def _question(
    filling: Filling, sheet: Sheet, filler: Filler, *, is_new: bool = False
) -> EngineReply:
    """What is open. `is_new`: this turn came to it; a way to a private one is given with it."""
    asked = steps.asked_at(filling, sheet)
    if filling.state is FormState.REVIEW or asked is None:
        told = {"amending": filling.was_sent, "hides": filler.withholds}
        return asking.review(sheet.form, sheet.answers, filler.language, **told)
    if asked.item.sensitive and filler.withholds:
        return asking.private(asked, wants_link=is_new and filling.notice is None)
    return asking.question(sheet.form, sheet.answers, asked, filler.language)


async def _heard(desk: Desk, filler: Filler, filling: Filling, now: datetime) -> None:
    filling.was_heard_of(filler.turn, now)
    await _save(desk, filling)


async def _open_here(desk: Desk, filler: Filler) -> Filling | None:
    async with desk.database.transaction() as session:
        return await fillings.open_in(session, filler.conversation)


async def _save(desk: Desk, filling: Filling) -> None:
    async with desk.database.transaction() as session:
        await fillings.save(session, filling)
