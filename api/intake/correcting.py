"""Opening a form that was sent, so that its patient can correct it."""

from datetime import datetime
from typing import Final

from api.gateway.errors import IdentityRequired
from api.intake import fillings, record
from api.intake.desk import Desk, Filler
from api.intake.fillings import CORRECTED_FOR, Filling
from api.intake.forms import Unsupported
from api.intake.progress import question_at
from api.intake.states import FormState
from api.intake.steps import withhold
from api.intake.wording import day
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import NotFound

NOTHING_SENT: Final = EngineReply("form_none_sent", {})
# So many are offered to choose from, and so much of its id tells one from the others.
MOST_OFFERED: Final = 6
ID_CHARS: Final = 8


async def open_sent(
    desk: Desk, filler: Filler, which: str | None, number: int | None
) -> EngineReply | None:
    """Open the one form that was sent lately, for its review; None where that is open then.

    `which`: how the id of the form ends, where it was chosen from several; `number`: of the answer
    that is to be changed, where it was named.

    Returns:
        What to say instead: that nothing was sent lately, or which of several it shall be.

    Raises:
        IdentityRequired: nobody is known to write. PortError: the record is away.
    """
    if filler.patient is None:
        raise IdentityRequired
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        sent = await fillings.sent_by(session, filler.patient, now - CORRECTED_FOR)
        here = await fillings.open_in(session, filler.conversation)
    if here is not None and here.last_turn == filler.turn and here.was_sent:
        return None
    if which is not None:
        sent = [each for each in sent if each.id.endswith(which)]
    if not sent:
        return NOTHING_SENT
    if len(sent) > 1:
        return await _which(desk, filler, sent[:MOST_OFFERED])
    await _look_again(desk, filler, sent[0], number, now)
    await _put_in_place_of(desk, here, sent[0])
    return None


async def _look_again(
    desk: Desk, filler: Filler, filling: Filling, number: int | None, now: datetime
) -> None:
    try:
        sheet = await record.read(desk, filler, filling)
    except (Unsupported, NotFound):
        filling.close(EngineReply("form_to_person", {}))
        filling.last_turn = filler.turn
        return
    filling.sent_version = filling.sent_version or sheet.version
    filling.conversation, filling.notice = filler.conversation, None
    filling.ask(question_at(sheet.form, sheet.answers, number or 0))
    withhold(filling, sheet, filler)
    filling.was_heard_of(filler.turn, now)


async def _put_in_place_of(desk: Desk, here: Filling | None, filling: Filling) -> None:
    """Of two, one is open in a conversation at a time."""
    async with desk.database.transaction() as session:
        if here is not None and here.id != filling.id:
            here.state = FormState.PAUSED
            await fillings.save(session, here)
            await session.flush()
        await fillings.save(session, filling)


async def _which(desk: Desk, filler: Filler, sent: list[Filling]) -> EngineReply:
    options = []
    for each in sent:
        form = await desk.library.form(desk.gateway, each.questionnaire)
        on = each.sent_at.astimezone(desk.zone).date().isoformat() if each.sent_at else ""
        options.append(f"{form.title.in_(filler.language)}, {day(on, filler.language)}")
    return EngineReply(
        "form_which", {"options": options, "forms": [each.id[-ID_CHARS:] for each in sent]}
    )
