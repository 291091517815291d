"""The same turn twice, wherever the first try was cut off, changes nothing."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select

from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.gateway.interactions import Search
from api.gateway.service import Gateway, perform
from api.intake import service, waiting
from api.intake.assignments import as_task
from api.intake.desk import Desk, Filler
from api.intake.models import FormRow
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.sandbox.faults import Fault
from api.sandbox.faulty import FaultyBackend
from integrations.ports.dialogue import EngineReply
from integrations.ports.errors import PortError
from integrations.ports.fhir import Resource
from tests.support.fhir import NOW, Clinic
from tests.support.forms import FORMS
from tests.support.gateway import STAFF, StoppedClock, made
from tests.support.questionnaires import item, questionnaire

MOOD, VISIT = FORMS["phq-9"], FORMS["visit-intake"]
LIST = questionnaire(
    item("names", repeats=True, required=True),
    item("visits", "group", item("where"), repeats=True),
    item("last"),
)
# Said while none is open: the patient wants to correct the form that was sent.
CHANGE = "CHANGE MY FORM"
RECORDED = ("QuestionnaireResponse", "Observation", "Task")
ALL_MOOD = ("2", "1", "3", "1", "4", "1", "1", "2", "1", "2")
ALL_VISIT = ("my knee", "SKIP", "7", "none", "none", "SKIP", "4", "N", "SKIP")


@dataclass
class Patient:
    """Somebody who fills in a form, turn by turn."""

    desk: Desk
    filler: Filler
    turns: int = 0

    async def opens(self) -> tuple[EngineReply, ...]:
        """Ask for the form, in a turn of its own."""
        filler = self._next()
        await service.open_form(self.desk, filler)
        return await service.prompt(self.desk, filler)

    async def says(self, *texts: str) -> tuple[EngineReply, ...]:
        """Say one text after the other, each in a turn of its own; what the last one is told."""
        replies: tuple[EngineReply, ...] = ()
        for text in texts:
            self._next()
            replies = await self.says_again(text)
        return replies

    async def says_again(self, text: str) -> tuple[EngineReply, ...]:
        """Put the text in the same turn as the last one."""
        if text == CHANGE:
            return await service.change_sent(self.desk, self.filler)
        await service.take(self.desk, self.filler, text)
        return await service.prompt(self.desk, self.filler)

    async def row(self) -> dict[str, Any] | None:
        """Our row of the form, column by column."""
        async with self.desk.database.transaction() as session:
            found = await session.scalar(select(FormRow))
            if found is None:
                return None
            columns = FormRow.__table__.columns
            return {column.name: getattr(found, column.name) for column in columns}

    async def forgets(self, row: dict[str, Any] | None) -> None:
        """Let our row be as it was: the process died before it could be written."""
        async with self.desk.database.transaction() as session:
            await session.execute(delete(FormRow))
            if row is not None:
                session.add(FormRow(**row))

    def _next(self) -> Filler:
        self.turns += 1
        self.filler = replace(self.filler, turn=f"turn-{self.turns}")
        return self.filler


async def on_record(gateway: Gateway) -> list[Resource]:
    pages = [await perform(gateway, STAFF, Search(type_)) for type_ in RECORDED]
    return [stored.body for page in pages for stored in page.entries]


def without_versions(bodies: list[Resource]) -> list[Resource]:
    """The same, however often it was written."""
    return [{**body, "meta": None} for body in bodies]


async def somebody(desk: Desk, clinic: Clinic, form: Resource) -> Patient:
    """A patient with a form that is due."""
    if form is LIST:
        await made(desk.gateway, LIST)
    async with desk.database.transaction() as session:
        thread = await find_or_open(session, desk.keyring, Channel.SMS, "+12125550101", now=NOW)
    canonical = f"{form['url']}|{form['version']}"
    requester = f"Practitioner/{clinic.ruiz}"
    await made(desk.gateway, as_task(canonical, clinic.sam, requester=requester, now=NOW))
    filler = Filler(ConversationId(thread), PatientId(clinic.sam), "", Language.EN, "sms")
    return Patient(desk, filler)


STEPS = pytest.mark.parametrize(
    ("form", "before", "text"),
    [
        pytest.param(MOOD, (), "2", id="first answer"),
        pytest.param(MOOD, ("2", "1"), "several days", id="answer"),
        pytest.param(MOOD, ("2", "1"), "kinda", id="no answer"),
        pytest.param(MOOD, ("2", "1"), "BACK", id="back"),
        pytest.param(MOOD, ("2", "1", "BACK", "BACK"), "1", id="answer after back"),
        pytest.param(MOOD, ("2", "1"), "SKIP", id="skip what is required"),
        pytest.param(VISIT, ("my knee",), "SKIP", id="skip"),
        pytest.param(MOOD, ALL_MOOD[:9], "2", id="last answer"),
        pytest.param(MOOD, ALL_MOOD, "CHANGE 3", id="change"),
        pytest.param(MOOD, ALL_MOOD, "3", id="change by number"),
        pytest.param(MOOD, (*ALL_MOOD, "3"), "2", id="changed answer"),
        pytest.param(MOOD, ALL_MOOD, "SEND", id="send with a score"),
        pytest.param(VISIT, ALL_VISIT, "SEND", id="send"),
        pytest.param(MOOD, ALL_MOOD[:8], "2", id="alarm"),
        pytest.param(MOOD, ("2",), "PAUSE", id="pause"),
        pytest.param(MOOD, (*ALL_MOOD, "SEND"), CHANGE, id="look again"),
        pytest.param(MOOD, (*ALL_MOOD, "SEND", CHANGE, "3"), "4", id="correct"),
        pytest.param(MOOD, (*ALL_MOOD, "SEND", CHANGE, "3", "4"), "SEND", id="send again"),
        pytest.param(LIST, (), "a", id="first of several"),
        pytest.param(LIST, ("a",), "b", id="second of several"),
        pytest.param(LIST, ("a", "b"), "b", id="the same once more"),
        pytest.param(LIST, ("a", "b"), "DONE", id="done"),
        pytest.param(LIST, ("a", "b", "DONE"), "BACK", id="back to several"),
        pytest.param(LIST, ("a", "b", "DONE", "BACK"), "c", id="several anew"),
        pytest.param(LIST, ("a", "DONE"), "yes", id="one of a group"),
        pytest.param(LIST, ("a", "DONE", "yes"), "here", id="answer in a group"),
        pytest.param(LIST, ("a", "DONE", "yes", "here"), "no", id="no more of a group"),
    ],
)


@STEPS
async def test_same_turn_again_changes_nothing_wherever_the_first_was_cut_off(
    desk: Desk, clinic: Clinic, form: Resource, before: tuple[str, ...], text: str
) -> None:
    patient = await somebody(desk, clinic, form)
    await patient.opens()
    await patient.says(*before)
    unheard = await patient.row()
    told = await patient.says(text)
    row, recorded = await patient.row(), await on_record(desk.gateway)
    assert row != unheard
    assert await patient.says_again(text) == told
    assert (await patient.row(), await on_record(desk.gateway)) == (row, recorded)
    await patient.forgets(unheard)
    assert await patient.says_again(text) == told
    assert await patient.row() == row
    assert without_versions(await on_record(desk.gateway)) == without_versions(recorded)


async def test_form_that_was_not_seen_to_be_opened_is_opened_once(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await somebody(desk, clinic, MOOD)
    told = await patient.opens()
    await service.open_form(desk, patient.filler)
    assert await service.prompt(desk, patient.filler) == told
    await patient.forgets(None)
    await service.open_form(desk, patient.filler)
    assert await service.prompt(desk, patient.filler) == told
    assert [body["resourceType"] for body in await on_record(desk.gateway)] == ["Task"]


async def test_form_is_sent_once_however_often_its_end_is_cut_off(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await somebody(desk, clinic, MOOD)
    await patient.opens()
    await patient.says(*ALL_MOOD)
    row = await patient.row()
    for _ in range(3):
        await patient.forgets(row)
        assert [each.response for each in await patient.says("SEND")] == ["form_done"]
    response, score, task = await on_record(desk.gateway)
    assert score["valueInteger"] == 7
    assert (score["meta"]["versionId"], task["meta"]["versionId"]) == ("1", "2")
    assert task["status"] == response["status"] == "completed"
    assert [each["valueReference"] for each in task["output"]] == [
        {"reference": f"QuestionnaireResponse/{response['id']}"}
    ]


class Outage:
    """A switch between the desk and the record."""

    def __init__(self, desk: Desk) -> None:
        self.fault = Fault.OK
        backend = FaultyBackend(desk.gateway.backend, self._read)
        self.desk = replace(desk, gateway=replace(desk.gateway, backend=backend))

    async def _read(self) -> Fault:
        return self.fault


async def test_alarm_is_heard_while_the_record_is_away_and_its_question_stays_open(
    desk: Desk, clinic: Clinic
) -> None:
    outage = Outage(desk)
    patient = await somebody(outage.desk, clinic, MOOD)
    await patient.opens()
    await patient.says(*ALL_MOOD[:8])
    recorded = await on_record(desk.gateway)
    outage.fault = Fault.DOWN
    (told,) = await patient.says("2")
    assert told.response == "crisis"
    row = await patient.row()
    assert await patient.says_again("2") == (told,)
    outage.fault = Fault.OK
    assert await patient.says_again("2") == (told,)
    assert await patient.row() == row
    assert await on_record(desk.gateway) == recorded
    (asked,) = await patient.says("1")
    assert asked.arguments["number"] == 10


@pytest.mark.parametrize("text", ["2", "SKIP", "BACK", "kinda"])
async def test_nothing_is_taken_while_the_record_is_away(
    desk: Desk, clinic: Clinic, text: str
) -> None:
    outage = Outage(desk)
    patient = await somebody(outage.desk, clinic, MOOD)
    await patient.opens()
    await patient.says("2", "1")
    row, recorded = await patient.row(), await on_record(desk.gateway)
    outage.fault = Fault.DOWN
    with pytest.raises(PortError):
        await patient.says(text)
    outage.fault = Fault.OK
    assert await patient.row() == row
    assert await on_record(desk.gateway) == recorded


async def test_list_that_was_put_off_goes_on_with_what_was_named(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await somebody(desk, clinic, LIST)
    await patient.opens()
    await patient.says("a", "b", "PAUSE")
    await patient.opens()
    await patient.says("c")
    response = next(iter(await on_record(desk.gateway)))
    assert [each["valueString"] for each in response["item"][0]["answer"]] == ["a", "b", "c"]


async def test_why_is_no_answer_and_the_question_comes_once_more(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await somebody(desk, clinic, VISIT)
    await patient.opens()
    told, reason = await patient.says("why?")
    assert (told.response, told.arguments["can_skip"]) == ("form_why_not_said", False)
    await patient.says("my knee", "SKIP", "7")
    (asked,) = await patient.says("none")
    told, again = await patient.says("WHY")
    assert (reason.response, again) == ("form_question", asked)
    assert told == EngineReply("form_why", {"help": again.arguments["form"]["help"]})  # type: ignore[index]
    assert await patient.says_again("WHY") == (told, again)
    answers = str(await on_record(desk.gateway)).lower()
    assert "knee" in answers
    assert "why" not in answers.replace("-why", "")


async def lies_until_it_ends(desk: Desk, clock: StoppedClock) -> None:
    """Nobody comes back to the form: it is asked after, put away, ended."""
    for _ in range(2):
        clock.time += timedelta(days=3)
        due = await next_due(desk, clock)
        words = await waiting.words_of(desk, due)
        async with desk.database.transaction() as session:
            assert await waiting.step(session, due, words, now=clock.time)
    clock.time += timedelta(days=15)
    assert await waiting.end(desk, (await next_due(desk, clock)).form)


async def next_due(desk: Desk, clock: StoppedClock) -> waiting.Due:
    async with desk.database.transaction() as session:
        (due,) = await waiting.due(session, clock.time)
        return due


async def test_form_that_was_ended_can_be_begun_anew_while_it_is_asked_for(
    desk: Desk, clinic: Clinic, clock: StoppedClock
) -> None:
    patient = await somebody(desk, clinic, MOOD)
    await patient.opens()
    await patient.says("2")
    await lies_until_it_ends(desk, clock)
    (asked,) = await patient.opens()
    assert asked.arguments["number"] == 1
    await patient.says(*ALL_MOOD, "SEND")
    bodies = await on_record(desk.gateway)
    task = next(body for body in bodies if body["resourceType"] == "Task")
    assert task["status"] == "completed"
