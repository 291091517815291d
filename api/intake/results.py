"""What a finished form brings with it: its score in the record, its Task done."""

from datetime import datetime

from api.gateway.access import service_access
from api.gateway.interactions import Create, Read
from api.gateway.service import perform
from api.intake import due
from api.intake.desk import Desk
from api.intake.fillings import Filling
from api.intake.observations import as_observation, same_score
from api.intake.record import Sheet
from api.intake.scoring import score

_ACCESS = service_access("intake", "system/Observation.c system/QuestionnaireResponse.r")


async def file(desk: Desk, filling: Filling, sheet: Sheet, *, now: datetime) -> None:
    """Write the score, where the form has one, and close the Task. Idempotent.

    Raises:
        PortError: the record is away; what is missing is written with the next try.
    """
    response = str(filling.response)
    result = score(sheet.form, sheet.answers)
    if result is not None:
        stored = await perform(desk.gateway, _ACCESS, Read("QuestionnaireResponse", response))
        observation = as_observation(result, stored.body, issued_at=now)
        found = same_score(observation)
        await perform(desk.gateway, _ACCESS, Create(observation, if_none_exist=found))
    if filling.task is not None:
        await due.complete(desk, filling.task, response)
