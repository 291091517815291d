"""What whoever takes over is told, and what the whole conversation looks like to them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from api.consent.kinds import ConsentState
from api.conversations import takeover, timeline
from api.conversations.hand import locked
from api.conversations.kinds import Act, Speaker
from api.conversations.packet import Verification, masked, packet
from api.conversations.takeover import Words
from api.conversations.transcript import Line, append
from api.core.ids import PatientId, new_id
from api.core.language import Language
from api.escalations.kinds import EventKind, Reason
from api.escalations.service import Escalate, open_escalation
from api.gateway.tokens import turn_access
from api.messaging.kinds import Channel, ExpectationKind, OutboundState
from api.messaging.models import OutboundRow
from api.messaging.words import FormView, Rendered
from api.scheduling import service as scheduling
from api.scheduling.desk import Asker
from tests.api.conversations.conftest import DANA, Floor
from tests.support.gateway import made


async def test_the_exact_words_that_led_here_are_told_with_the_rule(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("PERSON")
    await talk.patient_writes("i want to kill myself")
    told = await packet(talk.line, talk.id, by=DANA)
    assert [(each.reason, each.words) for each in told.causes] == [
        (Reason.CRISIS, "i want to kill myself"),
        (Reason.ASKED_FOR_PERSON, "PERSON"),
    ]
    assert told.causes[0].rule
    assert told.causes[0].asked is None
    assert told.consent is ConsentState.OPTED_IN
    assert told.phone is not None
    assert told.phone.startswith("(•••) •••-01")


async def test_answer_of_a_form_is_told_with_its_own_question_whatever_came_between(
    floor: Floor,
) -> None:
    talk, answer = await floor.opens(), new_id()
    await talk.patient_writes("hello")
    said = (
        Line(Speaker.ASSISTANT, Rendered("Trouble sleeping? 1) No 2) Yes", form=FormView())),
        Line(Speaker.PATIENT, Rendered("1")),
        Line(Speaker.ASSISTANT, Rendered("Thoughts of harm? 1) No 2) Yes", form=FormView())),
        Line(Speaker.ASSISTANT, Rendered("Time for your 8pm medicine.")),
        Line(Speaker.PATIENT, Rendered("2"), inbound_id=answer),
        Line(Speaker.ASSISTANT, Rendered("How difficult is it?", form=FormView())),
    )
    now = await talk.clock.now()
    async with talk.line.database.transaction() as session:
        row = await locked(session, talk.id)
        for line in said:
            await append(session, talk.line.keyring, row, line, now=now)
        wanted = Escalate(talk.id, f"{answer}.0", Reason.CRISIS, rule="form.self-harm")
        await open_escalation(session, talk.line.keyring, wanted, now=now)
    (cause,) = (await packet(talk.line, talk.id, by=DANA)).causes
    assert (cause.words, cause.asked) == ("2", "Thoughts of harm? 1) No 2) Yes")


def test_of_a_number_only_its_end_is_shown() -> None:
    assert masked("+12125550101") == "(•••) •••-0101"


@pytest.mark.usefixtures("clinic")
async def test_an_open_booking_is_told_as_it_was_asked(floor: Floor) -> None:
    talk = await floor.opens(Channel.WEB)
    patient = PatientId(await made(floor.line.gateway, {"resourceType": "Patient", "active": True}))
    access = turn_access(turn="t", conversation=talk.id, patient=patient, origin="web")
    asker = Asker(access, talk.id, patient, "t", Language.EN)
    await scheduling.open_booking(talk.line.desk, asker, "i need a visit")
    told = await packet(talk.line, talk.id, by=DANA)
    assert told.doing is not None
    assert "What is the visit for?" in told.doing
    assert (told.consent, told.phone) == (None, None)


async def test_how_sure_it_is_who_writes_lapses(floor: Floor) -> None:
    talk = await floor.opens()
    assert (await packet(talk.line, talk.id, by=DANA)).verification is Verification.NONE
    await talk.change(patient_id="p1", verified_at=await talk.clock.now())
    told = await packet(talk.line, talk.id, by=DANA)
    assert told.verification is Verification.PHONE_AND_BIRTH_DATE
    talk.passes(timedelta(hours=13))
    assert (await packet(talk.line, talk.id, by=DANA)).verification is Verification.LAPSED


async def test_what_else_stands_open_is_told(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("my chest was hurting last year, is that bad")
    told = await packet(talk.line, talk.id, by=DANA)
    assert set(told.waits_for) <= {ExpectationKind.RED_FLAG_CHECK}


async def test_everything_stands_in_one_line_of_time(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("PERSON")
    talk.passes(timedelta(minutes=1))
    await takeover.claim(talk.line, talk.id, by=DANA)
    talk.passes(timedelta(minutes=1))
    await takeover.note(talk.line, talk.id, text="Calls at five.", id_=new_id(), by=DANA)
    talk.passes(timedelta(minutes=1))
    words = Words(id=new_id(), text="I will call you.", seen=9)
    await takeover.reply(talk.line, talk.id, words, by=DANA)
    seen = await timeline.view(talk.line, talk.id, by=DANA)
    told = [_short(each) for each in seen.entries]
    assert told == [
        Speaker.PATIENT, Speaker.ASSISTANT, Act.HAND_OVER, EventKind.OPENED,
        Act.CLAIM, "Calls at five.", Speaker.COORDINATOR,
    ]  # fmt: skip


async def test_how_far_a_text_got_is_seen(floor: Floor) -> None:
    talk = await floor.opens()
    await takeover.reply(talk.line, talk.id, Words(new_id(), "Hello.", 0), by=DANA)
    async with talk.line.database.transaction() as session:
        id_ = await session.scalar(select(OutboundRow.id))
        await session.execute(
            update(OutboundRow)
            .where(OutboundRow.id == id_)
            .values(state=OutboundState.REFUSED, reason="opted_out")
        )
    seen = await timeline.view(talk.line, talk.id, by=DANA)
    (said,) = [each for each in seen.entries if isinstance(each, timeline.Said)]
    assert said.delivery is not None
    assert (said.delivery.state, said.delivery.reason) == (OutboundState.REFUSED, "opted_out")


async def test_a_page_that_refreshes_itself_is_no_new_look(floor: Floor) -> None:
    talk = await floor.opens()
    await timeline.view(talk.line, talk.id, by=DANA, is_new_look=False)
    await packet(talk.line, talk.id, by=DANA, is_new_look=False)
    assert await talk.audited() == []


def _short(item: timeline.Item) -> str:
    match item:
        case timeline.Said():
            return item.speaker
        case timeline.Note():
            return item.text
        case timeline.Event():
            return item.code
