"""A form that was sent and is corrected: one response and one score, of what was said last."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from api.core.ids import ConversationId, PatientId
from api.gateway.interactions import History
from api.gateway.service import Gateway, perform
from api.intake import results, service, waiting
from api.intake.assignments import as_task
from api.intake.desk import Desk
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from integrations.ports.dialogue import EngineReply
from integrations.ports.errors import PortError
from integrations.ports.fhir import Resource, Stored
from tests.api.intake.test_service import (
    ALL_MOOD,
    ALL_VISIT,
    CHANGE,
    MOOD,
    VISIT,
    Patient,
    next_due,
    on_record,
    somebody,
)
from tests.support.fhir import NOW, Clinic
from tests.support.gateway import STAFF, StoppedClock, made

WELL = ("1",) * 9
HARDER = "/69722-7"


def names(replies: Sequence[EngineReply]) -> list[str]:
    return [each.response for each in replies]


async def only(gateway: Gateway, type_: str) -> Resource:
    (found,) = (each for each in await on_record(gateway) if each["resourceType"] == type_)
    return found


async def versions(gateway: Gateway, resource: Resource) -> tuple[Stored, ...]:
    """All that were ever written of it, the oldest first."""
    asked = History(resource["resourceType"], resource["id"])
    found: tuple[Stored, ...] = await perform(gateway, STAFF, asked)
    return tuple(reversed(found))


def codes(response: Resource) -> dict[str, str]:
    """The code that each question was answered with, groups opened."""
    found: dict[str, str] = {}
    for item in response.get("item", ()):
        for answer in item.get("answer", ()):
            found[item["linkId"]] = answer["valueCoding"]["code"]
        found |= codes(item)
    return found


async def sent(desk: Desk, clinic: Clinic, answers: Sequence[str] = ALL_MOOD) -> Patient:
    """Somebody who has sent the form about mood."""
    patient = await somebody(desk, clinic, MOOD)
    await patient.opens()
    await patient.says(*answers)
    assert names(await patient.says("SEND")) == ["form_done"]
    return patient


async def test_correction_is_the_next_version_of_the_same_response_and_of_the_same_score(
    desk: Desk, clinic: Clinic, clock: StoppedClock
) -> None:
    patient = await sent(desk, clinic)
    before = await only(desk.gateway, "QuestionnaireResponse")
    clock.time += timedelta(days=13)
    (look,) = await patient.says(CHANGE)
    assert (look.response, look.arguments["amending"]) == ("form_review", True)
    (asked,) = await patient.says("CHANGE 3")
    assert asked.arguments["number"] == 3
    (look,) = await patient.says("4")
    assert look.response == "form_review"
    response = await only(desk.gateway, "QuestionnaireResponse")
    score = await only(desk.gateway, "Observation")
    assert (response["id"], response["status"]) == (before["id"], "amended")
    assert (score["status"], score["valueInteger"]) == ("amended", 8)
    (done,) = await patient.says("SEND")
    assert (done.response, done.arguments["amended"]) == ("form_done", True)
    assert await only(desk.gateway, "QuestionnaireResponse") == response
    written = await versions(desk.gateway, response)
    assert [each.body["status"] for each in written][-2:] == ["completed", "amended"]
    task = await only(desk.gateway, "Task")
    assert (task["status"], len(task["output"])) == ("completed", 1)


async def test_look_that_changes_nothing_writes_nothing(desk: Desk, clinic: Clinic) -> None:
    patient = await sent(desk, clinic)
    recorded = await on_record(desk.gateway)
    assert names(await patient.says(CHANGE, "2", "1", "SEND")) == ["form_kept"]
    assert await on_record(desk.gateway) == recorded


async def test_word_that_sends_or_goes_back_leaves_an_answer_as_it_was(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await somebody(desk, clinic, VISIT)
    await patient.opens()
    (asked,) = await patient.says("SEND")
    assert (asked.response, asked.arguments["number"]) == ("form_question", 1)
    await patient.says(*ALL_VISIT)
    assert names(await patient.says("1", "BACK")) == ["form_review"]
    assert names(await patient.says("SEND")) == ["form_done"]
    recorded = await on_record(desk.gateway)
    for number, word in (("5", "send it"), ("1", "Enviar"), ("1", "BACK")):
        assert names(await patient.says(CHANGE, number, word)) == ["form_review"]
    assert names(await patient.says("SEND")) == ["form_kept"]
    assert await on_record(desk.gateway) == recorded


async def test_what_a_correction_brings_up_is_asked_and_what_it_takes_away_is_gone(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await sent(desk, clinic, WELL)
    (asked,) = await patient.says(CHANGE, "1", "3")
    assert asked.arguments["number"] == 10
    assert names(await patient.says("SKIP")) == ["form_review"]
    await patient.says("10", "2")
    assert HARDER in codes(await only(desk.gateway, "QuestionnaireResponse"))
    await patient.says("1", "1")
    response = await only(desk.gateway, "QuestionnaireResponse")
    assert codes(response) == dict.fromkeys(codes(response), "LA6568-5")
    assert HARDER not in json.dumps(response)
    score = await only(desk.gateway, "Observation")
    assert [each.body["valueInteger"] for each in await versions(desk.gateway, score)] == [0, 2, 0]


async def test_answer_is_named_with_the_wish_and_what_has_none_yet_is_not_called_skipped(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await sent(desk, clinic, WELL)
    (asked,) = await service.change_sent(desk, patient._next(), number=4)
    assert (asked.response, asked.arguments["number"]) == ("form_question", 4)
    (asked,) = await patient.says("2")
    assert asked.arguments["number"] == 10
    (look,) = await patient.says("CHANGE")
    lines = look.arguments["lines"]
    assert isinstance(lines, list)
    assert [each["answer"] for each in lines][-1] == "No answer yet"
    (asked,) = await patient.says("SEND")
    assert asked.arguments["number"] == 10


async def test_correction_that_is_given_up_leaves_what_was_told_and_ends_in_silence(
    desk: Desk, clinic: Clinic, clock: StoppedClock
) -> None:
    patient = await sent(desk, clinic)
    await patient.says(CHANGE, "3", "4")
    recorded = await on_record(desk.gateway)
    clock.time += timedelta(hours=73)
    due = await next_due(desk, clock)
    assert due.step == "end"
    assert await waiting.end(desk, due.form)
    assert await on_record(desk.gateway) == recorded
    row = await patient.row()
    assert row is not None
    assert (row["state"], row["next_at"]) == ("closed", None)
    assert names(await patient.says(CHANGE)) == ["form_review"]


async def test_correction_that_lacks_an_answer_is_asked_after_and_can_be_gone_on_with(
    desk: Desk, clinic: Clinic, clock: StoppedClock
) -> None:
    patient = await sent(desk, clinic, WELL)
    await patient.says(CHANGE, "1", "3", "PAUSE")
    clock.time += timedelta(hours=25)
    words = await waiting.words_of(desk, await next_due(desk, clock))
    assert words.response == "form_nudge_change"
    (_, asked) = (None, *await patient.opens())
    assert asked.arguments["number"] == 10
    response = await only(desk.gateway, "QuestionnaireResponse")
    assert response["status"] == "amended"


async def test_word_for_a_form_opens_the_one_that_is_due_not_a_correction(
    desk: Desk, clinic: Clinic
) -> None:
    patient = await sent(desk, clinic)
    await patient.says(CHANGE, "PAUSE")
    await is_due(desk, clinic, VISIT)
    await service.open_form(desk, patient._next(), new=True)
    (asked,) = await service.prompt(desk, patient.filler)
    assert (asked.response, asked.arguments["of"]) == ("form_question", 9)


async def test_score_that_no_longer_adds_up_is_withdrawn_and_comes_back(
    desk: Desk, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(MOOD["item"][0]["item"][2], "required")
    monkeypatch.setitem(MOOD, "version", "2.0")
    await made(desk.gateway, MOOD)
    patient = await sent(desk, clinic)
    await patient.says(CHANGE, "3", "SKIP")
    score = await only(desk.gateway, "Observation")
    assert score["status"] == "cancelled"
    assert not {"valueInteger", "interpretation"} & score.keys()
    assert score["dataAbsentReason"]["coding"][0]["code"] == "unknown"
    await patient.says("3", "4", "SEND")
    score = await only(desk.gateway, "Observation")
    assert (score["status"], score["valueInteger"]) == ("amended", 8)
    assert "dataAbsentReason" not in score


async def test_alarm_in_a_correction_is_one_at_that_moment_and_its_score_follows(
    desk: Desk, clinic: Clinic, clock: StoppedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient = await sent(desk, clinic)

    async def cut_off(*_: object, **__: object) -> None:
        raise PortError("away")

    await patient.says(CHANGE, "9")
    with monkeypatch.context() as patched:
        patched.setattr(results, "file_score", cut_off)
        assert names(await patient.says("3")) == ["crisis"]
    response = await only(desk.gateway, "QuestionnaireResponse")
    assert response["status"] == "amended"
    assert (await only(desk.gateway, "Observation"))["valueInteger"] == 7
    for _ in range(3):  # nobody comes back to it: asked after, put away, ended
        clock.time += timedelta(days=15)
        due = await next_due(desk, clock)
        if due.step == "end":
            assert await waiting.end(desk, due.form)
            break
        async with desk.database.transaction() as session:
            await waiting.step(session, due, EngineReply("form_expired"), now=clock.time)
    assert (await only(desk.gateway, "Observation"))["valueInteger"] == 9
    assert await only(desk.gateway, "QuestionnaireResponse") == response


async def is_due(desk: Desk, clinic: Clinic, form: Resource) -> None:
    canonical = f"{form['url']}|{form['version']}"
    requester = f"Practitioner/{clinic.ruiz}"
    await made(desk.gateway, as_task(canonical, clinic.sam, requester=requester, now=NOW))


async def test_next_form_is_offered_with_the_thanks_and_either_can_be_corrected(
    desk: Desk, clinic: Clinic, clock: StoppedClock
) -> None:
    patient = await somebody(desk, clinic, MOOD)
    await is_due(desk, clinic, VISIT)
    await patient.opens()
    done, more = await patient.says(*ALL_MOOD, "SEND")
    assert names((done, more)) == ["form_done", "form_next"]
    assert more.arguments == {"count": 9, "minutes": 4}
    clock.time += timedelta(minutes=1)
    await service.open_form(desk, patient._next(), new=True)
    assert names(await patient.says(*ALL_VISIT, "SEND")) == ["form_done"]
    (which,) = await patient.says(CHANGE)
    assert which.response == "form_which"
    options, ends = which.arguments["options"], which.arguments["forms"]
    assert isinstance(options, list)
    assert isinstance(ends, list)
    assert [each.partition(",")[0] for each in options] == [
        "Before your visit",
        "Mood check (PHQ-9)",
    ]
    (look,) = await service.change_sent(desk, patient._next(), ends[1])
    lines = look.arguments["lines"]
    assert isinstance(lines, list)
    assert len(lines) == 10
    # On another channel it is the same form, and the one that was open here is put off.
    (look,) = await service.change_sent(desk, patient._next(), ends[0])
    assert look.response == "form_review"
    async with desk.database.transaction() as session:
        other = await find_or_open(session, desk.keyring, Channel.WEB, "visitor", now=NOW)
    patient.filler = replace(patient.filler, conversation=ConversationId(other), channel="web")
    (look,) = await service.change_sent(desk, patient._next(), ends[0])
    assert look.response == "form_review"


async def test_what_was_sent_long_ago_or_by_somebody_else_is_not_opened(
    desk: Desk, clinic: Clinic, clock: StoppedClock
) -> None:
    patient = await sent(desk, clinic)
    row = await patient.row()
    assert row is not None
    stranger = replace(patient.filler, patient=PatientId(clinic.grace), turn="stranger")
    assert names(await service.change_sent(desk, stranger, row["id"][-8:])) == ["form_none_sent"]
    clock.time += timedelta(days=14, seconds=1)
    assert names(await patient.says(CHANGE)) == ["form_none_sent"]


@pytest.mark.parametrize(
    ("text", "minutes", "is_for_it"),
    [
        ("8", 5, True),
        ("8", 60 * 24 * 9, True),
        ("it hurts at night", 5, True),
        ("it hurts at night", 60, False),
    ],
)
async def test_answer_after_a_pause_is_known_for_one(
    desk: Desk, clinic: Clinic, clock: StoppedClock, *, text: str, minutes: int, is_for_it: bool
) -> None:
    patient = await somebody(desk, clinic, MOOD)
    await patient.opens()
    await patient.says("1")
    assert not await service.is_for_paused(desk, patient.filler.conversation, text)
    await patient.says("PAUSE")
    clock.time += timedelta(minutes=minutes)
    is_for_paused = await service.is_for_paused(desk, patient.filler.conversation, text)
    assert is_for_paused is is_for_it
