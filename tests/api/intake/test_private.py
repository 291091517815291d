"""A sensitive question on a phone that others may read: not in words, and not answered there."""

from dataclasses import replace

import pytest

from api.core.ids import ConversationId, PatientId
from api.gateway.service import Gateway
from api.intake import moving, service
from api.intake.desk import Desk
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.sandbox.faults import Fault
from integrations.ports.dialogue import EngineReply
from integrations.ports.errors import PortError
from tests.api.intake.test_service import MOOD, VISIT, Outage, Patient, on_record, somebody
from tests.support.fhir import NOW, Clinic

TO_PREGNANT = ("my knee", "SKIP", "7", "none", "none", "SKIP", "4")
EIGHT = ("1",) * 8


def shared(patient: Patient, *, withholds: bool = True) -> Patient:
    """The same person; others may, or may not, read along from now on."""
    patient.filler = replace(patient.filler, withholds=withholds)
    return patient


def private(*, wants_link: bool, can_skip: bool = True) -> EngineReply:
    told = {"wants_link": wants_link, "can_skip": can_skip, "input": "private"}
    return EngineReply("form_private", told)


async def test_nothing_of_a_private_question_is_said_and_nothing_answers_it(
    desk: Desk, clinic: Clinic, gateway: Gateway
) -> None:
    patient = shared(await somebody(desk, clinic, VISIT))
    await patient.opens()
    assert await patient.says(*TO_PREGNANT) == (private(wants_link=True),)
    assert await patient.says_again("4") == (private(wants_link=True),)
    before = await on_record(gateway)
    for text in ("Y", "no", "WHY", "3", "CHANGE 1", "i am pregnant"):
        told, asked = await patient.says(text)
        assert (told.response, told.arguments["notice"]) == ("form_not_in_texts", "again")
        assert asked == private(wants_link=False)
    assert await on_record(gateway) == before
    assert await patient.says("link") == (private(wants_link=True),)
    assert await service.open_question(desk, patient.filler) == private(wants_link=False)
    (smoking,) = await patient.says("BACK")
    assert smoking.arguments["question"] == "Do you smoke?"
    assert await patient.says("4") == (private(wants_link=True),)
    (last,) = await patient.says("SKIP")
    assert last.response == "form_question"
    assert await patient.says("LINK") == (last,)  # no answer to a free question either
    (paused,) = await patient.says("BACK", "PAUSE")
    assert paused.response == "form_paused"
    assert await patient.opens() == (private(wants_link=True),)


async def test_review_hides_the_answer_where_others_read_it_and_nowhere_else(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await somebody(desk, clinic, VISIT)
    await patient.opens()
    (review,) = await patient.says(*TO_PREGNANT, "Y", "SKIP")
    look = str(review.arguments["lines"]), str(review.arguments["form"])
    assert "'Yes'" in look[0]
    (hidden,) = await shared(patient).says("BACK", "SKIP")
    for said in (str(hidden.arguments["lines"]), str(hidden.arguments["form"])):
        assert "(private)" in said
        assert "'Yes'" not in said
    assert await patient.says("8") == (private(wants_link=True),)
    shown = await service.open_question(desk, replace(patient.filler, withholds=False))
    assert shown is not None
    assert shown.arguments["question"] == "Are you pregnant, or could you be?"


async def test_correcting_what_was_sent_puts_no_private_question_in_words(
    desk: Desk, clinic: Clinic, gateway: Gateway
) -> None:
    patient = await somebody(desk, clinic, VISIT)
    await patient.opens()
    await patient.says(*TO_PREGNANT, "Y", "SKIP", "SEND")
    before = await on_record(gateway)
    there = replace(shared(patient).filler, turn="change")
    assert await service.change_sent(desk, there, number=8) == (private(wants_link=True),)
    told, _ = await patient.says("N")
    assert told.response == "form_not_in_texts"
    assert await on_record(gateway) == before


async def test_question_that_was_put_in_words_is_answered_though_the_proof_has_lapsed(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await somebody(desk, clinic, MOOD)
    await patient.opens()
    await patient.says(*EIGHT)
    (told,) = await shared(patient).says("2")
    assert told.response == "crisis"


@pytest.mark.parametrize("withholds", [True, False])
async def test_alarm_is_heard_while_the_record_is_away_if_it_answers_what_was_asked(
    desk: Desk, clinic: Clinic, *, withholds: bool
) -> None:
    outage = Outage(desk)
    patient = shared(await somebody(outage.desk, clinic, MOOD), withholds=withholds)
    await patient.opens()
    await patient.says(*EIGHT)
    outage.fault = Fault.DOWN
    if withholds:
        with pytest.raises(PortError):
            await patient.says("2")
    else:
        (told,) = await patient.says("2")
        assert told.response == "crisis"


async def test_form_goes_over_to_another_conversation_at_the_very_question(
    desk: Desk, clinic: Clinic
) -> None:
    patient = shared(await somebody(desk, clinic, VISIT))
    await patient.opens()
    await patient.says(*TO_PREGNANT)
    row = await patient.row()
    assert row is not None
    async with desk.database.transaction() as session:
        chat = await find_or_open(session, desk.keyring, Channel.WEB, "chat", now=NOW)
    there = replace(shared(patient, withholds=False).filler, turn="link", channel="web")
    move, late = [await moving.prepare(desk, there, row["id"]) for _ in range(2)]
    assert move is not None
    assert late is not None
    assert move.question.arguments["question"] == "Are you pregnant, or could you be?"
    async with desk.database.transaction() as session:
        to = ConversationId(chat)
        assert await moving.move(session, move, to=to, turn="link", now=NOW)
        assert not await moving.move(session, late, to=to, turn="again", now=NOW)
    stranger = replace(there, patient=PatientId(clinic.ruiz))
    assert await moving.prepare(desk, stranger, row["id"]) is None
    (not_here,) = await patient.says("Y")
    assert not_here.response == "form_not_here"
    patient.filler = replace(patient.filler, conversation=to)
    (last,) = await patient.says("Y")
    assert last.arguments["number"] == 9
    await patient.says("SKIP", "SEND")
    assert await moving.prepare(desk, there, row["id"]) is None
