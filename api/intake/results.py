"""What a form that was sent brings with it: its score in the record, its Task done."""

from datetime import datetime

from api.gateway.access import service_access
from api.gateway.interactions import Create, Read, Search, Update
from api.gateway.service import perform
from api.intake import due
from api.intake.desk import Desk
from api.intake.fillings import Filling
from api.intake.observations import (
    STANDING,
    as_observation,
    same_score,
    says_same,
    score_of,
    without_total,
)
from api.intake.record import Sheet
from api.intake.scoring import Instrument, Score, instrument_of, score
from integrations.ports.fhir import Stored

_ACCESS = service_access("intake", "system/Observation.cus system/QuestionnaireResponse.r")


async def file(desk: Desk, filling: Filling, sheet: Sheet, *, now: datetime) -> None:
    """Write the score, where the form has one, and close the Task. Idempotent.

    Raises:
        PortError: the record is away; what is missing is written with the next try.
    """
    await file_score(desk, filling, sheet, now=now)
    if filling.task is not None:
        await due.complete(desk, filling.task, str(filling.response))


async def file_score(desk: Desk, filling: Filling, sheet: Sheet, *, now: datetime) -> None:
    """Let the one score of a sent form be that of its answers; without a total it has none.

    Raises:
        PortError: the record is away; what is missing is written with the next try.
    """
    instrument = instrument_of(sheet.form)
    if instrument is None:
        return
    result = score(sheet.form, sheet.answers)
    if result is not None:
        await _write(desk, str(filling.response), result, now)
    else:
        await _withdraw(desk, str(filling.response), instrument, now)


async def _write(desk: Desk, response: str, result: Score, now: datetime) -> None:
    answers = await perform(desk.gateway, _ACCESS, Read("QuestionnaireResponse", response))
    observation = as_observation(result, answers.body, issued_at=now)
    once = Create(observation, if_none_exist=same_score(observation))
    written = await perform(desk.gateway, _ACCESS, once)
    if written.created or says_same(written.stored.body, observation):
        return
    await _update(desk, written.stored, {**observation, "id": written.stored.id})


async def _withdraw(desk: Desk, response: str, instrument: Instrument, now: datetime) -> None:
    query = score_of(response, str(instrument.total.code))
    page = await perform(desk.gateway, _ACCESS, Search("Observation", query))
    for stored in page.entries:
        if stored.body["status"] in STANDING:
            await _update(desk, stored, without_total(stored.body, issued_at=now))


async def _update(desk: Desk, stored: Stored, body: dict[str, object]) -> None:
    await perform(desk.gateway, _ACCESS, Update(body, if_match=stored.version))
