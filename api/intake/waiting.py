"""Forms that wait for somebody: offered, asked after once, then put away, then ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import Database
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.intake import fillings, record, results
from api.intake.desk import Desk, Filler
from api.intake.fillings import EXPIRES_AFTER, KEPT_FOR, Filling
from api.intake.forms import Unsupported
from api.intake.models import FormRow
from api.intake.record import Sheet
from api.intake.states import FormState, Waiting
from api.intake.upcoming import effort
from api.messaging.gate import Refusal
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import Gone, NotFound

ABOUT = "form"
OFFER_IS_OF_USE = timedelta(hours=24)


@dataclass(frozen=True)
class Due:
    """A form of which a step is due."""

    form: str
    step: Waiting


@dataclass(frozen=True)
class Waited:
    """What is said to whoever a form waits for, and until when it is of use."""

    form: str
    conversation: ConversationId
    patient: PatientId
    words: EngineReply
    useful_until: datetime

    @property
    def about(self) -> str:
        """What must still be so when it is sent."""
        return f"{ABOUT}:{self.form}"


async def due(session: AsyncSession, now: datetime, *, limit: int = 200) -> list[Due]:
    """Forms of which something is due, the longest due first."""
    found = await session.execute(
        select(FormRow.id, FormRow.next_step)
        .where(FormRow.next_at <= now)
        .order_by(FormRow.next_at, FormRow.id)
        .limit(limit)
    )
    return [Due(form, Waiting(str(step))) for form, step in found]


async def words_of(desk: Desk, due: Due) -> EngineReply:
    """What is said with a step.

    Raises:
        PortError: the record is away. Unsupported: the form cannot be asked.
    """
    if due.step is Waiting.EXPIRE:
        return EngineReply("form_expired")
    async with desk.database.transaction() as session:
        filling = await fillings.load(session, due.form)
    if due.step is Waiting.NUDGE and filling.was_sent:
        return EngineReply("form_nudge_change")
    about = effort(await _sheet(desk, filling))
    if due.step is Waiting.NUDGE:
        return EngineReply("form_nudge", {"left": about["count"]})
    return EngineReply("form_offer", {**about, "before_visit": filling.before_visit})


async def _sheet(desk: Desk, filling: Filling) -> Sheet:
    filler = Filler(filling.conversation, None, f"form.{filling.id}", Language.EN)
    return await record.read(desk, filler, filling)


async def step(
    session: AsyncSession, due: Due, words: EngineReply, *, now: datetime
) -> Waited | None:
    """Take the step that is due; what is to be said with it, in the same commit.

    None: somebody else is at it, or it is not due any more.
    """
    row = await session.scalar(
        select(FormRow)
        .where(FormRow.id == due.form, FormRow.next_at <= now, FormRow.next_step == due.step)
        .with_for_update(skip_locked=True)
    )
    if row is None:
        return None
    match due.step:
        case Waiting.OFFER:
            until = now + OFFER_IS_OF_USE
            row.next_step = row.next_at = None
        case Waiting.NUDGE:
            until = row.changed_at + EXPIRES_AFTER
            row.next_step, row.next_at = Waiting.EXPIRE, until
        case _:
            until = row.changed_at + KEPT_FOR
            row.state, row.next_step, row.next_at = FormState.EXPIRED, Waiting.END, until
    return Waited(
        form=row.id,
        conversation=ConversationId(row.conversation_id),
        patient=PatientId(row.patient_id),
        words=words,
        useful_until=until,
    )


async def end(desk: Desk, form: str) -> bool:
    """Close a form that nobody came back to, here and in the record; False where none is due.

    Raises:
        PortError: the record is away; the next round is the retry.
    """
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        row = await session.get(FormRow, form)
    if row is None or row.next_step != Waiting.END or row.next_at is None or row.next_at > now:
        return False
    if row.sent_at is None:
        await record.stop(desk, row.response_id)
    else:
        await _settle(desk, form, now)
    async with desk.database.transaction() as session:
        row = await session.get_one(FormRow, form, with_for_update=True)
        if row.next_step == Waiting.END and row.next_at is not None and row.next_at <= now:
            row.state, row.at, row.next_step, row.next_at = FormState.CLOSED, None, None, None
    return True


async def _settle(desk: Desk, form: str, now: datetime) -> None:
    """What was changed stands; a score that could not follow it at once does so now."""
    async with desk.database.transaction() as session:
        filling = await fillings.load(session, form)
    try:
        sheet = await _sheet(desk, filling)
    except (NotFound, Gone, Unsupported):
        return
    await results.file_score(desk, filling, sheet, now=now)


async def give_up(session: AsyncSession, form: str) -> Waited | None:
    """Close a form that cannot be asked at all; whose it is, for a person to see to."""
    row = await session.get(FormRow, form, with_for_update=True)
    if row is None or row.state == FormState.CLOSED:
        return None
    row.state, row.next_step, row.next_at = FormState.CLOSED, None, None
    return Waited(
        form=form,
        conversation=ConversationId(row.conversation_id),
        patient=PatientId(row.patient_id),
        words=EngineReply("form_to_person"),
        useful_until=row.changed_at,
    )


async def why_untrue(database: Database, form: str) -> Refusal | None:
    """Why a word about a form must not be sent any more."""
    async with database.transaction() as session:
        row = await session.get(FormRow, form)
    if row is None or row.state == FormState.CLOSED:
        return Refusal.OVERTAKEN
    is_offered = row.state == FormState.OFFERED
    lies = is_offered or row.next_step in {Waiting.EXPIRE, Waiting.END}
    return None if lies else Refusal.ANSWERED
