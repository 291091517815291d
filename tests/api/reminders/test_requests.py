"""Requests for reminders: what is clear is done, what is not is asked, nothing is guessed."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from api.audit.models import AuditRow
from api.bootstrap import NLU_DATA
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId, PatientId, new_id
from api.gateway.service import Gateway
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.reminders import agreements, requests
from api.reminders.desk import Asking, Desk
from api.reminders.kinds import Request
from api.reminders.medicines import load_vocabulary
from api.reminders.models import PlanRow, RequestRow
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import Resource
from tests.api.reminders.conftest import EARLY, NEW_YORK
from tests.support.gateway import StoppedClock, made

NUMBER = "+12125550104"
SET_UP, CHANGE, STOP, LIST = Request.SET_UP, Request.CHANGE, Request.STOP, Request.LIST
METFORMIN, STATIN = "Metformin 500 mg tablet", "atorvastatin 20 MG Oral Tablet"


def at(*times: str, **repeat: object) -> Resource:
    """A dosage at these times of the day."""
    return {"timing": {"repeat": {"timeOfDay": [f"{each}:00" for each in times], **repeat}}}


MORNING, NIGHT, TWICE = at("08:00"), at("21:00"), at("08:00", "20:00")
WEEKLY = at("08:00", frequency=1, period=1, periodUnit="wk", dayOfWeek=["mon"])


@dataclass
class Person:
    """Somebody who texts about their reminders."""

    desk: Desk
    patient: PatientId
    conversation: ConversationId
    turns: int = field(default=0)

    async def is_prescribed(self, name: str, dosage: Resource | None = None) -> None:
        request: Resource = {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "medicationCodeableConcept": {"text": name},
            "subject": {"reference": f"Patient/{self.patient}"},
            "authoredOn": "2027-03-01",
        }
        if dosage is not None:
            request["dosageInstruction"] = [dosage]
        await made(self.desk.gateway, request)

    async def asks(self, what: Request, text: str, turn: str | None = None) -> EngineReply:
        asking = Asking(self.patient, self.conversation, turn or self._turn())
        return await requests.ask(self.desk, asking, what, text)

    async def answers(self, text: str, turn: str | None = None) -> EngineReply:
        return await requests.answer(self.desk, self.conversation, turn or self._turn(), text)

    async def fits(self, text: str) -> bool:
        """Whether the router takes a text for an answer to the open question."""
        async with self.desk.database.transaction() as session:
            return await requests.is_answer(session, self.desk, self.conversation, text)

    async def says(self, *, allows: bool) -> str:
        """What they say to whether a text may name their medicine."""
        turn = self._turn()
        told = await agreements.to_names(self.desk, self.conversation, turn, allows=allows)
        return told.response

    async def planned(self) -> list[list[str]]:
        """The times of each plan that runs."""
        async with self.desk.database.transaction() as session:
            running = select(PlanRow).where(PlanRow.state == "active").order_by(PlanRow.id)
            schedules: list[Any] = [row.schedule for row in await session.scalars(running)]
        return [[str(each)[:5] for each in schedule["times"]] for schedule in schedules]

    def _turn(self) -> str:
        self.turns += 1
        return f"turn-{self.turns}"


@pytest.fixture
async def person(database: Database) -> Person:
    keyring = Keyring(database, kek="k" * 32, lookup_key="l" * 32)
    now = datetime.fromisoformat(EARLY)
    gateway = Gateway(database, EmbeddedBackend(new_id), keyring, StoppedClock(now))
    words = load_vocabulary(NLU_DATA)
    desk = Desk(database, keyring, gateway.clock, gateway, NEW_YORK, words)
    record = {
        "resourceType": "Patient",
        "name": [{"family": "Doe", "given": ["Dana"]}],
        "telecom": [{"system": "phone", "use": "mobile", "value": NUMBER}],
    }
    patient = PatientId(await made(gateway, record))
    async with database.transaction() as session:
        thread = await find_or_open(session, keyring, Channel.SMS, NUMBER, now=now)
    return Person(desk, patient, thread)


@pytest.fixture
async def two(person: Person) -> Person:
    """Somebody with two medicines, one in the morning and one at night."""
    await person.is_prescribed(METFORMIN, MORNING)
    await person.is_prescribed(STATIN, NIGHT)
    return person


def _times(reply: EngineReply) -> list[str]:
    times: Any = reply.arguments["times"]
    return [str(each)[11:16] for each in times]


def _names(reply: EngineReply) -> list[str]:
    options: Any = reply.arguments["options"]
    return [str(each["medicine"]) for each in options]


async def test_brand_name_and_times_set_up_a_plan(person: Person) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    reply = await person.asks(SET_UP, "remind me to take my glucophage at 7 and 9pm")
    assert (reply.response, _times(reply)) == ("medicine_set_may_name", ["07:00", "21:00"])
    assert await person.planned() == [["07:00", "21:00"]]


async def test_without_times_they_are_the_prescriptions(person: Person) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    assert _times(await person.asks(SET_UP, "remind me of my pills")) == ["08:00", "20:00"]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("remind me of my heart pills", "2"),
        ("remind me to take my asprin", "the lipitor one"),
        ("remind me of my pills", "atorvastatn"),
        ("remind me of metformin and lipitor", "the 9pm one"),
    ],
)
async def test_which_medicine_is_asked_and_the_answer_is_taken(
    two: Person, text: str, answer: str
) -> None:
    asked = await two.asks(SET_UP, text)
    assert (asked.response, asked.arguments["choices"]) == ("medicine_which", 3)
    assert await two.planned() == []
    assert await two.fits(answer)
    assert (await two.answers(answer)).response == "medicine_set_may_name"
    assert await two.planned() == [["21:00"]]


async def test_times_of_the_first_text_are_kept_for_the_answer(two: Person) -> None:
    await two.asks(SET_UP, "remind me of my pills at 7pm")
    assert _times(await two.answers("2")) == ["19:00"]


async def test_names_are_printed_only_for_who_agreed(two: Person) -> None:
    asked = await two.asks(SET_UP, "remind me of my pills")
    assert _names(asked) == ["", ""]
    await two.says(allows=True)
    assert _names(await two.asks(SET_UP, "remind me of my pills")) == [METFORMIN, STATIN]


async def test_medicines_that_no_line_would_tell_apart_are_asked_for_by_name(
    person: Person,
) -> None:
    await person.is_prescribed(METFORMIN, MORNING)
    await person.is_prescribed(STATIN, MORNING)
    asked = await person.asks(SET_UP, "remind me of my pills")
    assert asked.response == "medicine_which_name"
    assert not await person.fits("1")
    assert await person.fits("lipitor")
    assert (await person.answers("lipitor")).response == "medicine_set_may_name"


async def test_second_answer_that_is_none_is_a_persons(two: Person) -> None:
    await two.asks(SET_UP, "remind me of my pills")
    assert not await two.fits("the round white ones")
    again = await two.answers("the round white ones")
    assert (again.response, again.arguments["notice"]) == ("medicine_which", "again")
    assert (await two.answers("i told you")).response == "medicine_to_person"
    assert not await two.fits("1")
    assert await two.planned() == []


@pytest.mark.parametrize("answer", ["3", "none of these", "ninguna", "no"])
async def test_none_of_these_is_a_persons(two: Person, answer: str) -> None:
    await two.asks(SET_UP, "remind me of my aspirin at 9")
    assert await two.fits(answer)
    assert (await two.answers(answer)).response == "medicine_to_person"
    assert await two.planned() == []


async def test_times_are_asked_for_where_nobody_gave_any(person: Person) -> None:
    await person.is_prescribed(METFORMIN)
    asked = await person.asks(SET_UP, "remind me of my metformin")
    assert asked.response == "medicine_which_times"
    assert not await person.fits("i took it at 8")
    assert await person.fits("8 y 8")
    assert _times(await person.answers("8 y 8")) == ["08:00", "20:00"]


@pytest.mark.parametrize(
    "dosage",
    [
        {"asNeededBoolean": True},
        {"text": "Take 1 tablet by mouth once weekly"},
        {"timing": {"repeat": {"frequency": 1, "period": 8, "periodUnit": "h"}}},
    ],
)
async def test_what_is_not_taken_daily_is_a_persons(person: Person, dosage: Resource) -> None:
    await person.is_prescribed(METFORMIN, dosage)
    reply = await person.asks(SET_UP, "remind me of my metformin at 8")
    assert reply.response == "medicine_to_person"
    assert await person.planned() == []


async def test_own_hour_keeps_the_days_of_the_prescription(person: Person) -> None:
    await person.is_prescribed("methotrexate 2.5 MG Oral Tablet", WEEKLY)
    reply = await person.asks(SET_UP, "remind me of my methotrexate at 9am")
    assert (reply.response, reply.arguments["daily"]) == ("medicine_set_may_name", False)
    async with person.desk.database.transaction() as session:
        schedule: Any = (await session.scalars(select(PlanRow))).one().schedule
    assert (schedule["weekdays"], schedule["times"]) == ([1], ["09:00:00"])


async def test_more_reminders_than_doses_are_a_persons(person: Person) -> None:
    await person.is_prescribed(METFORMIN, MORNING)
    reply = await person.asks(SET_UP, "remind me of my metformin at 8, 12 and 6pm")
    assert reply.response == "medicine_to_person"


@pytest.mark.parametrize(
    "text",
    [
        *("remind my mom to take her metformin", "remind me of my metformin every other day"),
        *("remind me of my metformin as needed", "recuérdele a mi esposo la metformina"),
    ],
)
async def test_somebody_elses_and_other_days_are_a_persons(person: Person, text: str) -> None:
    await person.is_prescribed(METFORMIN, MORNING)
    assert (await person.asks(SET_UP, text)).response == "medicine_to_person"
    assert await person.planned() == []


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("change my 8am reminder to 9am", ["09:00", "20:00"]),
        ("change my reminder to 7 and 7", ["07:00", "19:00"]),
        ("metformin at 9pm instead of 8pm", ["08:00", "21:00"]),
        ("cambie el recordatorio de las 8 a las 9", ["09:00", "20:00"]),
        ("cambiar mi recordatorio para las 9", ["09:00", "20:00"]),
        ("change my metformin reminder to 9:30 at night", ["08:00", "21:30"]),
        ("my evening reminder should come at 7", ["08:00", "19:00"]),
    ],
)
async def test_times_that_were_not_named_stay(person: Person, text: str, times: list[str]) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    await person.asks(SET_UP, "remind me of my metformin")
    changed = await person.asks(CHANGE, text)
    assert (changed.response, _times(changed)) == ("medicine_set", times)
    assert not changed.arguments["only"]


async def test_as_often_as_prescribed_is_at_the_prescriptions_times(person: Person) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    set_up = await person.asks(SET_UP, "remind me of my metformin twice a day")
    assert _times(set_up) == ["08:00", "20:00"]
    more = await person.asks(SET_UP, "remind me of my metformin three times a day")
    assert more.response == "medicine_to_person"
    close = await person.asks(CHANGE, "metformin at 8 and 8:30")
    assert close.response == "medicine_to_person"


async def test_the_only_medicine_is_not_taken_for_another_that_is_named(person: Person) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    await person.asks(SET_UP, "remind me of my metformin")
    for what, text in (
        (SET_UP, "pill reminder for crestor at bedtime"),
        (CHANGE, "have my zestril reminder come at 6 instead of 8"),
        (STOP, "ya no quiero el recordatorio de la insulina"),
    ):
        assert (await person.asks(what, text)).response == "medicine_is_it"
    assert await person.planned() == [["08:00", "20:00"]]


async def test_where_there_is_one_medicine_it_is_asked_whether_that_is_it(person: Person) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    asked = await person.asks(SET_UP, "remind me of my sugar pill at 9 and 9")
    assert (asked.response, _times(asked)) == ("medicine_is_it", ["08:00", "20:00"])
    assert await person.fits("yes")
    assert _times(await person.answers("yes")) == ["09:00", "21:00"]


@pytest.mark.parametrize("answer", ["no", "N", "none"])
async def test_one_medicine_that_is_not_it_is_a_persons(person: Person, answer: str) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    await person.asks(SET_UP, "remind me of my sugar pill")
    assert await person.fits(answer)
    assert (await person.answers(answer)).response == "medicine_to_person"
    assert await person.planned() == []


@pytest.mark.parametrize("what", [SET_UP, STOP])
async def test_what_sounds_like_a_new_wish_and_says_nothing_new_is_no_way_round(
    person: Person, what: Request
) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    said = [await person.asks(what, f"the pill for my {each}") for each in ("dog", "cat", "cow")]
    names = [each.response for each in said]
    assert names == ["medicine_is_it", "medicine_is_it", "medicine_to_person"]
    assert [each.arguments.get("notice") for each in said] == [None, "again", None]
    # What stands open no more is not counted.
    assert (await person.asks(what, "the pill for my hen")).arguments["notice"] is None


async def test_new_wish_that_says_more_is_asked_about_anew(person: Person) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    await person.asks(SET_UP, "remind me of my sugar pill")
    asked = await person.asks(SET_UP, "remind me of my heart pill at 9")
    assert (asked.response, asked.arguments["notice"]) == ("medicine_is_it", None)


async def test_names_that_are_allowed_or_refused_unasked_are_not_asked_about(two: Person) -> None:
    asking = Asking(two.patient, two.conversation, "t")
    told = await agreements.wish_names(two.desk, asking, allows=False)
    assert told.response == "medicine_not_named"
    assert (await two.asks(SET_UP, "remind me of my metformin")).response == "medicine_set"
    assert (await agreements.wish_names(two.desk, asking, allows=True)).response == "medicine_named"
    listed: Any = (await two.asks(LIST, "what am i on")).arguments["medicines"]
    assert [each["medicine"] for each in listed] == [METFORMIN, STATIN]
    async with two.desk.database.transaction() as session:
        tags = select(AuditRow.tag).where(AuditRow.tag.startswith("reminders:names"))
        told_of = (await session.scalars(tags.order_by(AuditRow.id))).all()
    assert told_of == ["reminders:names:refuse", "reminders:names:allow"]


async def test_new_time_is_asked_for_and_put_in_the_place_of_the_old(person: Person) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    await person.asks(SET_UP, "remind me of my metformin")
    asked = await person.asks(CHANGE, "change my 8am reminder")
    assert asked.response == "medicine_which_times"
    assert _times(await person.answers("9am")) == ["09:00", "20:00"]


@pytest.mark.parametrize(
    ("text", "planned"),
    [
        ("stop reminding me at night", [["08:00"]]),
        ("stop my 8am reminder", [["20:00"]]),
        ("turn off my reminders", []),
        ("no more med reminders", []),
        ("no me recuerde más", []),
    ],
)
async def test_no_more_is_stopped_than_was_said(
    person: Person, text: str, planned: list[list[str]]
) -> None:
    await person.is_prescribed(METFORMIN, TWICE)
    await person.asks(SET_UP, "remind me of my metformin")
    await person.asks(STOP, text)
    assert await person.planned() == planned


async def test_which_to_stop_is_asked_and_may_be_all(two: Person) -> None:
    await two.asks(SET_UP, "remind me of my metformin")
    await two.asks(SET_UP, "remind me of my lipitor")
    asked = await two.asks(STOP, "stop my reminders")
    assert (asked.arguments["all"], asked.arguments["choices"]) == (True, 4)
    assert len(await two.planned()) == 2
    stopped = await two.answers("3")
    assert (stopped.response, stopped.arguments["all"]) == ("medicine_stopped", True)
    assert await two.planned() == []


async def test_names_are_asked_about_once_and_the_answer_is_audited(two: Person) -> None:
    first = await two.asks(SET_UP, "remind me of my metformin")
    second = await two.asks(SET_UP, "remind me of my lipitor")
    assert (first.response, second.response) == ("medicine_set_may_name", "medicine_set")
    assert await two.says(allows=False) == "medicine_not_named"
    assert await two.says(allows=True) == "medicine_named"
    listed: Any = (await two.asks(LIST, "what am i on")).arguments["medicines"]
    assert [each["medicine"] for each in listed] == [METFORMIN, STATIN]
    async with two.desk.database.transaction() as session:
        tags = select(AuditRow.tag).where(AuditRow.tag.startswith("reminders:"))
        told = (await session.scalars(tags.order_by(AuditRow.id))).all()
    assert told == ["reminders:doses:agree", "reminders:names:refuse", "reminders:names:allow"]


async def test_same_turn_again_changes_nothing_and_is_answered_the_same(two: Person) -> None:
    texts = ((SET_UP, "remind me of my metformin at 9am"), (CHANGE, "metformin to 10am"))
    for turn, (what, text) in enumerate(texts):
        first = await two.asks(what, text, f"t{turn}")
        again = await asyncio.gather(*(two.asks(what, text, f"t{turn}") for _ in range(3)))
        assert again == [first] * 3
    await two.asks(SET_UP, "remind me of my pills")
    missed = await two.answers("hm", "t9")
    assert await two.answers("hm", "t9") == missed
    assert missed.response == "medicine_which"
    assert await two.planned() == [["10:00"]]


async def test_half_made_request_is_stored_sealed(two: Person) -> None:
    await two.says(allows=True)
    await two.asks(SET_UP, "remind me of my pills")
    async with two.desk.database.transaction() as session:
        row = (await session.scalars(select(RequestRow))).one()
    assert row.half_sealed is not None
    assert row.reply_sealed is not None
    assert not any(b"etformin" in each for each in (row.half_sealed, row.reply_sealed))


async def test_who_has_no_medicine_or_no_phone_is_told_or_handed_over(person: Person) -> None:
    assert (await person.asks(LIST, "my meds?")).response == "medicine_none"
    nobody = Person(person.desk, PatientId("nobody"), person.conversation, turns=90)
    assert (await nobody.asks(LIST, "my meds?")).response == "medicine_to_person"
