"""A form in the hands of whoever fills it in: in memory, and how it is kept."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId, PatientId, new_id
from api.intake.answers import Path
from api.intake.desk import Filler
from api.intake.inputs import REVIEW, input_of
from api.intake.models import FormRow
from api.intake.progress import Asked
from api.intake.states import FormState, Waiting
from integrations.ports.dialogue import EngineReply

# A form that is let lie is asked after once, then put away, then ended; all after the last answer.
NUDGE_AFTER = timedelta(hours=24)
EXPIRES_AFTER = timedelta(hours=72)
KEPT_FOR = timedelta(days=14)
# For so long after it was sent an answer can be corrected by the patient.
CORRECTED_FOR = timedelta(days=14)
OPEN = (FormState.ASKING, FormState.REVIEW)
PUT_OFF = (FormState.PAUSED, FormState.EXPIRED)


@dataclass
class Filling:
    """One form while a turn works on it. `at`: the question that is asked; None in the review."""

    id: str
    conversation: ConversationId
    patient: PatientId
    questionnaire: str
    state: FormState
    opened_at: datetime
    changed_at: datetime
    task: str | None = None
    before_visit: bool = False
    response: str | None = None
    at: Path | None = None
    input: str = ""
    given: int = 0
    notice: EngineReply | None = None
    last_turn: str = ""
    next_step: Waiting | None = None
    next_at: datetime | None = None
    sent_at: datetime | None = None
    sent_version: int | None = None
    is_new: bool = field(default=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether a question of it, or its review, waits for an answer."""
        return self.state in OPEN

    @property
    def is_over(self) -> bool:
        """Whether nobody is at it any more."""
        return self.state is FormState.CLOSED

    @property
    def was_sent(self) -> bool:
        """Whether it is with the team already, so that answers to it are corrections."""
        return self.sent_at is not None

    def ask(self, asked: Asked | None) -> None:
        """Let this question be asked next; None: all are answered, the review is.

        Asked once more, it goes on with the answers that were given to it.
        """
        path = asked.path if asked else None
        if path != self.at:
            self.at, self.given = path, 0
        self.input = input_of(asked) if asked else REVIEW
        self.state = FormState.ASKING if asked else FormState.REVIEW

    def was_heard_of(self, turn: str, now: datetime) -> None:
        """Somebody is at it: the clock of what is let lie begins anew.

        What was sent and lacks nothing is not asked after.
        """
        self.last_turn = turn
        self.changed_at = now
        self.next_step, self.next_at = Waiting.NUDGE, now + NUDGE_AFTER
        if self.was_sent and self.state is FormState.REVIEW:
            self.next_step, self.next_at = Waiting.END, now + EXPIRES_AFTER

    def close(self, outcome: EngineReply) -> None:
        """It is over; the turn that ended it is told so."""
        self.state, self.notice = FormState.CLOSED, outcome
        self.at = self.next_step = self.next_at = None

    def send(self, version: int, now: datetime) -> None:
        """It is with the team, as that version of its response."""
        self.sent_at, self.sent_version = now, version


def begin(filler: Filler, patient: PatientId, questionnaire: str, now: datetime) -> Filling:
    """A form that nobody has answered yet."""
    return Filling(
        id=new_id(),
        conversation=filler.conversation,
        patient=patient,
        questionnaire=questionnaire,
        state=FormState.ASKING,
        opened_at=now,
        changed_at=now,
        is_new=True,
    )


async def open_in(session: AsyncSession, conversation: ConversationId) -> Filling | None:
    """The form that is asked in a conversation now."""
    row = await session.scalar(
        select(FormRow).where(FormRow.conversation_id == conversation, FormRow.state.in_(OPEN))
    )
    return _opened(row) if row is not None else None


async def load(session: AsyncSession, form: str) -> Filling:
    """A form by its id.

    Raises:
        NoResultFound: there is none.
    """
    return _opened(await session.get_one(FormRow, form))


async def known(session: AsyncSession, form: str) -> Filling | None:
    """A form by its id; None for one that is not of here."""
    row = await session.get(FormRow, form)
    return _opened(row) if row is not None else None


async def begun_by(
    session: AsyncSession, patient: PatientId, *, new: bool = False
) -> Filling | None:
    """The form that a patient began last, anywhere, or was offered, and can go on with.

    `new`: none that was sent before.
    """
    wanted = [FormRow.patient_id == patient, FormRow.state != FormState.CLOSED]
    row = await session.scalar(
        select(FormRow)
        .where(*wanted, *((FormRow.sent_at.is_(None),) if new else ()))
        .order_by(FormRow.state == FormState.OFFERED, FormRow.changed_at.desc(), FormRow.id.desc())
        .limit(1)
    )
    return _opened(row) if row is not None else None


async def offered_for(session: AsyncSession, task: str) -> Filling | None:
    """The offer of the form that a Task asks for."""
    row = await session.scalar(
        select(FormRow).where(FormRow.task_id == task, FormRow.state == FormState.OFFERED)
    )
    return _opened(row) if row is not None else None


async def sent_by(session: AsyncSession, patient: PatientId, since: datetime) -> list[Filling]:
    """The forms that a patient has sent since then, the newest first."""
    found = await session.scalars(
        select(FormRow)
        .where(FormRow.patient_id == patient, FormRow.sent_at >= since)
        .order_by(FormRow.sent_at.desc(), FormRow.id.desc())
    )
    return [_opened(row) for row in found]


async def paused_in(session: AsyncSession, conversation: ConversationId) -> Filling | None:
    """The form that was put off last in a conversation."""
    row = await session.scalar(
        select(FormRow)
        .where(FormRow.conversation_id == conversation, FormRow.state.in_(PUT_OFF))
        .order_by(FormRow.changed_at.desc(), FormRow.id.desc())
        .limit(1)
    )
    return _opened(row) if row is not None else None


async def of_turn(session: AsyncSession, filler: Filler) -> Filling | None:
    """The form that this turn worked on, open or not."""
    row = await session.scalar(
        select(FormRow)
        .where(FormRow.conversation_id == filler.conversation, FormRow.last_turn == filler.turn)
        .order_by(FormRow.id.desc())
        .limit(1)
    )
    return _opened(row) if row is not None else None


async def save(session: AsyncSession, filling: Filling) -> None:
    """Write a form's place as it is now."""
    if filling.is_new:
        await _let_go(session, filling.task)
        row = FormRow(id=filling.id)
    else:
        row = await session.get_one(FormRow, filling.id, with_for_update=True)
    row.conversation_id = filling.conversation
    row.patient_id = filling.patient
    row.questionnaire = filling.questionnaire
    row.task_id, row.response_id = filling.task, filling.response
    row.before_visit = filling.before_visit
    row.state, row.input, row.given = filling.state, filling.input, filling.given
    row.at = [list(step) for step in filling.at] if filling.at is not None else None
    row.notice = _notice_json(filling.notice)
    row.last_turn = filling.last_turn
    row.next_step, row.next_at = filling.next_step, filling.next_at
    row.sent_at, row.sent_version = filling.sent_at, filling.sent_version
    row.opened_at, row.changed_at = filling.opened_at, filling.changed_at
    session.add(row)
    filling.is_new = False


async def _let_go(session: AsyncSession, task: str | None) -> None:
    """What ended without being sent is asked for still: its Task goes over to the new try."""
    if task is not None:
        is_over = (FormRow.task_id == task, FormRow.state == FormState.CLOSED)
        await session.execute(update(FormRow).where(*is_over).values(task_id=None))


def _opened(row: FormRow) -> Filling:
    return Filling(
        id=row.id,
        conversation=ConversationId(row.conversation_id),
        patient=PatientId(row.patient_id),
        questionnaire=row.questionnaire,
        state=FormState(row.state),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        task=row.task_id,
        before_visit=row.before_visit,
        response=row.response_id,
        at=path_of(row.at) if row.at is not None else None,
        input=row.input,
        given=row.given,
        notice=_notice(row.notice),
        last_turn=row.last_turn,
        next_step=Waiting(row.next_step) if row.next_step else None,
        next_at=row.next_at,
        sent_at=row.sent_at,
        sent_version=row.sent_version,
    )


def path_of(stored: list[list[object]]) -> Path:
    """A path as it is kept in a row."""
    return tuple((str(link_id), int(str(index))) for link_id, index in stored)


def _notice_json(notice: EngineReply | None) -> dict[str, object] | None:
    if notice is None:
        return None
    return {"response": notice.response, "arguments": dict(notice.arguments)}


def _notice(stored: dict[str, object] | None) -> EngineReply | None:
    if stored is None:
        return None
    arguments = stored["arguments"]
    return EngineReply(str(stored["response"]), arguments if isinstance(arguments, dict) else {})
