"""A form that goes over to another conversation of its patient's, at the question where it is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId
from api.intake import asking, fillings, record, steps
from api.intake.desk import Desk, Filler
from api.intake.fillings import Filling
from api.intake.forms import Unsupported
from api.intake.models import FormRow
from api.intake.progress import next_question
from api.intake.states import FormState
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import NotFound

_BEGUN = frozenset({FormState.ASKING, FormState.REVIEW, FormState.PAUSED, FormState.EXPIRED})


@dataclass(frozen=True)
class Move:
    """A form that is ready to go over, and the question that is asked there."""

    filling: Filling
    question: EngineReply


async def prepare(desk: Desk, filler: Filler, form: str) -> Move | None:
    """What would be asked elsewhere now; None for what is over, or no form of this patient's.

    Raises:
        PortError: the record is away.
    """
    try:
        async with desk.database.transaction() as session:
            filling = await fillings.load(session, form)
        if filling.state not in _BEGUN or filling.patient != filler.patient:
            return None
        sheet = await record.read(desk, filler, filling)
    except (NoResultFound, Unsupported, NotFound):
        return None
    asked = steps.asked_at(filling, sheet) or next_question(sheet.form, sheet.answers)
    filling.ask(asked)
    filling.notice = None
    if asked is None:
        amending = filling.was_sent
        look = asking.review(sheet.form, sheet.answers, filler.language, amending=amending)
        return Move(filling, look)
    question = asking.question(sheet.form, sheet.answers, asked, filler.language)
    return Move(filling, question)


async def move(
    session: AsyncSession, move: Move, *, to: ConversationId, turn: str, now: datetime
) -> bool:
    """Let it go on there; False where somebody was at it meanwhile."""
    filling = move.filling
    row = await session.get_one(FormRow, filling.id, with_for_update=True)
    if row.last_turn != filling.last_turn or row.state == FormState.CLOSED:
        return False
    filling.conversation = to
    filling.was_heard_of(turn, now)
    await fillings.save(session, filling)
    return True
