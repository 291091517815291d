"""Answers to a dose prompt leave exactly what they say, once, however often a turn is repeated."""

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.core.crypto import Place
from api.gateway import projection
from api.gateway.interactions import Search
from api.gateway.models import ProjectionRow
from api.gateway.projection import OWNER
from api.gateway.service import perform
from api.reminders import doses
from api.reminders.desk import Desk as AnsweringDesk, Saying
from api.reminders.kinds import DoseAnswer, PromptState, ReminderKind, SkipReason
from api.reminders.models import ItemRow, PromptRow
from api.reminders.schedule import Recurring
from api.reminders.statements import MESSAGE_SYSTEM
from api.reminders.wall import Pattern
from api.reminders.wishes import Person, Wish, of_medicine
from integrations.ports.dialogue import EngineReply
from tests.api.reminders.conftest import EARLY, NEW_YORK, Desk, answering_desk
from tests.support.gateway import STAFF, StoppedClock, made

NOW = datetime.fromisoformat(EARLY)
EIGHT = NOW.replace(hour=8)
REQUEST = {
    "resourceType": "MedicationRequest",
    "id": "metformin",
    "status": "active",
    "medicationCodeableConcept": {"text": "Metformin 500 mg"},
    "authoredOn": "2027-03-01",
    "dosageInstruction": [{"timing": {"repeat": {"timeOfDay": ["08:00:00", "20:00:00"]}}}],
}


@pytest.fixture
async def prompted(desk: Desk) -> tuple[Desk, AnsweringDesk, str]:
    """Somebody who was asked about the dose of eight in the morning."""
    wish = of_medicine(REQUEST, Person(NEW_YORK, wants_doses=True))
    assert isinstance(wish, Wish)
    await desk.keep(wish, NOW)
    await desk.claim_all(EIGHT)
    async with desk.database.transaction() as session:
        prompt = (await session.scalars(select(PromptRow))).one()
        prompt.state = PromptState.SAID
    clock = StoppedClock(EIGHT + timedelta(minutes=3))
    return desk, answering_desk(desk, clock), prompt.id


async def _shown(desk: Desk, type_: str = "MedicationStatement") -> list[dict[str, Any]]:
    """What the record will be told of doses, in order."""
    async with desk.database.transaction() as session:
        rows = await session.scalars(select(ProjectionRow).order_by(ProjectionRow.id))
        places = [(row, Place("projection", "resource", row.row_key)) for row in rows]
    told = [
        json.loads(await desk.keyring.unseal(row.resource_sealed, owner=OWNER, place=place))
        for row, place in places
    ]
    return [each for each in told if each["resourceType"] == type_]


async def _prompt(desk: Desk) -> PromptRow:
    async with desk.database.transaction() as session:
        return (await session.scalars(select(PromptRow))).one()


def _at(reply: EngineReply) -> datetime:
    return datetime.fromisoformat(str(reply.arguments["at"]))


async def test_taken_is_one_statement_at_the_time_it_was_due(
    prompted: tuple[Desk, AnsweringDesk, str],
) -> None:
    desk, answering, prompt = prompted
    for _ in range(3):
        reply = await doses.answer(answering, prompt, DoseAnswer.TAKEN, Saying("t1", "m1"))
        assert reply.response == "dose_taken"
    (statement,) = await _shown(desk)
    assert statement["status"] == "completed"
    assert statement["basedOn"] == [{"reference": "MedicationRequest/metformin"}]
    assert statement["effectiveDateTime"] == "2027-03-08T08:00:00-05:00"
    assert statement["informationSource"] == {"reference": "Patient/john"}
    assert statement["medicationCodeableConcept"] == {"text": "Metformin 500 mg"}
    assert statement["derivedFrom"][0]["reference"].endswith("|m1")
    assert "statusReason" not in statement
    assert (await _prompt(desk)).state == PromptState.ANSWERED


async def test_skipped_gets_its_reason_in_the_same_statement(
    prompted: tuple[Desk, AnsweringDesk, str],
) -> None:
    desk, answering, prompt = prompted
    asked = await doses.answer(answering, prompt, DoseAnswer.SKIPPED, Saying("t1", "m1"))
    assert (asked.response, asked.arguments) == ("dose_why", {"prompt": prompt})
    for _ in range(2):
        told = await doses.explain(answering, prompt, SkipReason.RAN_OUT, Saying("t2", "m2"))
        assert told.response == "dose_skipped_ran_out"
    first, second = await _shown(desk)
    assert first["identifier"] == second["identifier"]
    assert first["status"] == second["status"] == "not-taken"
    assert "statusReason" not in first
    assert second["statusReason"][0]["coding"][0]["code"] == "ran_out"


async def test_reason_that_comes_first_skips_the_dose(
    prompted: tuple[Desk, AnsweringDesk, str],
) -> None:
    desk, answering, prompt = prompted
    for _ in range(2):
        told = await doses.explain(answering, prompt, SkipReason.RAN_OUT, Saying("t1", "m1"))
        assert told.response == "dose_skipped_ran_out"
    last = (await _shown(desk))[-1]
    assert last["status"] == "not-taken"
    assert last["statusReason"][0]["coding"][0]["code"] == "ran_out"
    assert (await _prompt(desk)).state == PromptState.ANSWERED


async def test_later_comes_once_more_in_an_hour(prompted: tuple[Desk, AnsweringDesk, str]) -> None:
    desk, answering, prompt = prompted
    for _ in range(2):
        reply = await doses.answer(answering, prompt, DoseAnswer.LATER, Saying("t1", "m1"))
        assert reply.response == "dose_later"
        assert _at(reply) == EIGHT + timedelta(minutes=63)
    assert await _shown(desk) == []
    assert await desk.claim_all(EIGHT + timedelta(minutes=62)) == 0
    assert (await _prompt(desk)).state == PromptState.WAITING
    await desk.claim_all(EIGHT + timedelta(minutes=63))
    assert (await _prompt(desk)).state == PromptState.DUE


async def test_later_never_goes_past_the_next_dose(desk: Desk) -> None:
    pattern = Pattern((time(8), time(8, 45)), date(2027, 3, 8))
    facts = {"medicine": "x", "medication": "{}"}
    await desk.keep(Wish(ReminderKind.DOSE, "MedicationRequest/1", Recurring(pattern), facts), NOW)
    await desk.claim_all(EIGHT)
    answering = answering_desk(desk, StoppedClock(EIGHT))
    prompt = (await _prompt(desk)).id
    reply = await doses.answer(answering, prompt, DoseAnswer.LATER, Saying("t1", "m1"))
    assert reply.response == "dose_next_is_near"
    assert _at(reply) == EIGHT + timedelta(minutes=45)
    assert (await _prompt(desk)).state == PromptState.CLEARED


async def test_second_thoughts_correct_the_statement(
    prompted: tuple[Desk, AnsweringDesk, str],
) -> None:
    desk, answering, prompt = prompted
    await doses.answer(answering, prompt, DoseAnswer.SKIPPED, Saying("t1", "m1"))
    await doses.answer(answering, prompt, DoseAnswer.TAKEN, Saying("t2", "m2"))
    states = [statement["status"] for statement in await _shown(desk)]
    assert states == ["not-taken", "completed"]


async def test_statement_says_who_told_it_through_whom_and_where(
    prompted: tuple[Desk, AnsweringDesk, str],
) -> None:
    desk, answering, prompt = prompted
    await doses.answer(answering, prompt, DoseAnswer.SKIPPED, Saying("t1", "m1"))
    await doses.explain(answering, prompt, SkipReason.FORGOT, Saying("t2", "m2"))
    await doses.answer(answering, prompt, DoseAnswer.TAKEN, Saying("t3", "m3"))
    first, reason, second = await _shown(desk, "Provenance")
    assert first == reason
    assert first["agent"][0]["who"] == {"type": "Device", "display": "Careline assistant"}
    assert first["agent"][0]["onBehalfOf"] == {"reference": "Patient/john"}
    sources = [each["entity"][0]["what"]["reference"] for each in (first, second)]
    assert [each.rpartition("|")[2] for each in sources] == ["m1", "m3"]
    await _deliver(answering, desk)
    statement = (await _found(answering, "MedicationStatement"))[0]
    provenances = await _found(answering, "Provenance")
    assert [each["target"] for each in provenances] == [
        [{"reference": f"MedicationStatement/{statement['id']}"}]
    ] * 2
    assert statement["status"] == "completed"


async def _deliver(answering: AnsweringDesk, desk: Desk) -> None:
    """Let the record be told, with the messages in which it was said."""
    for message in ("m1", "m3"):
        identifier = [{"system": MESSAGE_SYSTEM, "value": message}]
        said = {"resourceType": "Communication", "status": "completed", "identifier": identifier}
        await made(answering.gateway, said)
    for _ in range(2):
        await projection.deliver(answering.gateway, f"conversation/{desk.whose.conversation}")


async def _found(answering: AnsweringDesk, type_: str) -> list[dict[str, Any]]:
    page = await perform(answering.gateway, STAFF, Search(type_, ()))
    return [each.body for each in page.entries]


async def test_free_words_are_about_the_latest_prompt(
    prompted: tuple[Desk, AnsweringDesk, str],
) -> None:
    desk, _, prompt = prompted
    async with desk.database.transaction() as session:
        found = await doses.latest_prompts(session, desk.whose.conversation, now=EIGHT)
        lapsed = await doses.latest_prompts(
            session, desk.whose.conversation, now=EIGHT + timedelta(hours=13)
        )
    assert [(each.id, each.state) for each in found] == [(prompt, PromptState.SAID)]
    assert lapsed == []


@pytest.fixture
async def twice(desk: Desk) -> tuple[Desk, AnsweringDesk, list[str]]:
    """Somebody who was asked about one medicine at eight and about another at nine."""
    for source, hour in (("MedicationRequest/1", 8), ("MedicationRequest/2", 9)):
        schedule = Recurring(Pattern((time(hour),), date(2027, 3, 8)))
        facts = {"medicine": source[-1], "medication": json.dumps({"text": source[-1]})}
        await desk.keep(Wish(ReminderKind.DOSE, source, schedule, facts), NOW)
    await desk.claim_all(EIGHT)
    await desk.claim_all(EIGHT + timedelta(hours=1))
    async with desk.database.transaction() as session:
        prompts = await session.scalars(select(PromptRow).order_by(PromptRow.due_at))
        asked = list(prompts)
        for each in asked:
            each.state = PromptState.SAID
    clock = StoppedClock(EIGHT + timedelta(minutes=65))
    return desk, answering_desk(desk, clock), [each.id for each in asked]


async def test_free_words_note_nothing_while_it_is_not_clear_of_which_dose(
    twice: tuple[Desk, AnsweringDesk, list[str]],
) -> None:
    desk, answering, prompts = twice
    conversation = desk.whose.conversation
    taken, saying = DoseAnswer.TAKEN, Saying("t1", "m1")
    reply = await doses.answer_latest(answering, conversation, taken, saying)
    assert (reply.response, reply.arguments["prompts"]) == (doses.UNCLEAR, prompts)
    assert await _shown(desk) == []
    await doses.answer(answering, prompts[1], DoseAnswer.SKIPPED, Saying("t2", "m2"))
    for _ in range(2):  # the second time the first one is open no more
        reply = await doses.answer_latest(answering, conversation, taken, Saying("t3", "m3"))
        assert reply.arguments == {"prompt": prompts[0]}
    assert [each["status"] for each in await _shown(desk)] == ["not-taken", "completed"]


async def test_what_was_skipped_in_one_breath_has_one_reason(
    twice: tuple[Desk, AnsweringDesk, list[str]],
) -> None:
    desk, answering, prompts = twice
    for each in prompts:
        await doses.answer(answering, each, DoseAnswer.SKIPPED, Saying("t1", "m1"))
    for _ in range(2):
        await doses.explain(answering, prompts[0], SkipReason.FORGOT, Saying("t2", "m2"))
    reasons = [
        each["statusReason"][0]["coding"][0]["code"]
        for each in await _shown(desk)
        if "statusReason" in each
    ]
    assert reasons == ["forgot", "forgot"]
    # Skipped in a breath of its own, it has a reason of its own.
    await doses.answer(answering, prompts[0], DoseAnswer.SKIPPED, Saying("t3", "m3"))
    await doses.explain(answering, prompts[0], SkipReason.RAN_OUT, Saying("t4", "m4"))
    last = (await _shown(desk))[-1]
    assert last["statusReason"][0]["coding"][0]["code"] == "ran_out"
    async with desk.database.transaction() as session:
        kept = await session.scalars(select(ItemRow.skip_reason).order_by(ItemRow.due_at))
        assert kept.all() == ["ran_out", "forgot"]
