"""The form that is due after one was sent, and how much there is to it."""

from datetime import datetime
from typing import Final

from api.core.ids import PatientId
from api.intake import due, fillings, record
from api.intake.desk import Desk, Filler
from api.intake.forms import Unsupported
from api.intake.progress import questions
from api.intake.record import Sheet
from integrations.ports.errors import PortError

# An estimate, with time to read and to type; said as "about".
SECONDS_A_QUESTION: Final = 25


def effort(sheet: Sheet) -> dict[str, int]:
    """How many questions of a form have no answer yet, and about how many minutes they take."""
    asked = questions(sheet.form, sheet.answers)
    left = sum(each.path not in sheet.answers for each in asked)
    return {"count": left, "minutes": max(1, round(left * SECONDS_A_QUESTION / 60))}


async def next_form(
    desk: Desk, filler: Filler, patient: PatientId, now: datetime
) -> dict[str, int] | None:
    """What there is to the form that a patient is to fill in now; None where there is none.

    While the record is away there is none: it is offered when its own time comes.
    """
    try:
        wanted = await due.due_for(desk, patient)
        if wanted is None:
            return None
        filling = fillings.begin(filler, patient, wanted.questionnaire, now)
        return effort(await record.read(desk, filler, filling))
    except (PortError, Unsupported):
        return None
