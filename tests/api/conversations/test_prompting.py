"""Saying what is due: what cannot be said keeps nobody else waiting, and a person is told."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from api.conversations import prompting
from api.conversations.kinds import Speaker
from api.conversations.models import ConversationRow
from api.core.crypto import Keyring
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.escalations.kinds import Reason
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.reminders import plans
from api.reminders.kinds import PromptState, ReminderKind, Stopped
from api.reminders.models import PlanRow, PromptRow
from api.reminders.plans import Whose
from api.reminders.schedule import Recurring
from api.reminders.wall import Pattern
from api.reminders.wishes import Wish
from integrations.ports.errors import Unreachable
from integrations.ports.fhir import Resource
from tests.api.conversations.conftest import Floor, Talk

NEW_YORK = ZoneInfo("America/New_York")
JOHN = PatientId("john")
FACTS = {"medicine": "metformin", "medication": "{}"}


@dataclass
class Day:
    """A clinic's day: who is reminded of what."""

    floor: Floor

    async def plans(
        self, conversation: ConversationId, source: str, hour: int, patient: PatientId = JOHN
    ) -> None:
        now = await self.floor.clock.now()
        pattern = Pattern((time(hour),), date(2027, 3, 1))
        wish = Wish(ReminderKind.DOSE, source, Recurring(pattern), dict(FACTS))
        whose = Whose(patient, conversation, NEW_YORK)
        line = self.floor.line
        async with line.database.transaction() as session:
            await plans.keep(session, line.keyring, whose, wish, now=now)

    async def comes_to(self, hour: int) -> None:
        """Claim and say what is due on the next day at that hour."""
        self.floor.clock.time = datetime(2027, 3, 9, hour, tzinfo=NEW_YORK)
        while await prompting.claim(self.floor.line):
            pass
        await prompting.say_due(self.floor.line)

    async def spoils(self, source: str, **values: object) -> None:
        async with self.floor.line.database.transaction() as session:
            spoil = update(PlanRow).where(PlanRow.source == source).values(values)
            await session.execute(spoil)

    async def prompts(self) -> list[str]:
        """The states of the latest day's prompts, in order."""
        async with self.floor.line.database.transaction() as session:
            rows = await session.scalars(select(PromptRow).order_by(PromptRow.due_at, PromptRow.id))
            return [row.state for row in rows if row.state != PromptState.EXPIRED]


@pytest.fixture
def day(floor: Floor) -> Day:
    floor.clock.time = datetime(2027, 3, 8, 21, tzinfo=NEW_YORK)
    return Day(floor)


async def _said(talk: Talk) -> list[str]:
    return await talk.texts(Speaker.ASSISTANT)


async def test_prompts_of_one_person_are_said_in_the_order_in_which_they_are_due(
    day: Day,
) -> None:
    talk = await day.floor.opens()
    await day.plans(talk.id, "MedicationRequest/2", 9)
    await day.plans(talk.id, "MedicationRequest/1", 8)
    await day.comes_to(9)
    first, second = await _said(talk)
    assert "8am" in first
    assert "9am" in second
    assert await day.prompts() == [PromptState.SAID] * 2


async def test_prompt_that_cannot_be_said_is_set_aside_and_a_person_told(day: Day) -> None:
    bad, good = await day.floor.opens(), await day.floor.opens()
    await day.plans(bad.id, "MedicationRequest/1", 8)
    await day.plans(bad.id, "MedicationRequest/2", 9)
    await day.plans(good.id, "MedicationRequest/3", 9)
    await day.spoils("MedicationRequest/1", facts_sealed=b"spoilt")
    await day.comes_to(9)
    assert ["9am" in text for text in await _said(bad)] == [True]
    assert ["9am" in text for text in await _said(good)] == [True]
    (opened,) = await bad.escalated()
    assert opened.reason is Reason.SYSTEM_FAILURE
    assert await good.escalated() == []
    assert sorted(await day.prompts()) == [PromptState.FAILED, PromptState.SAID, PromptState.SAID]


async def test_plan_that_cannot_be_read_becomes_a_persons_matter(day: Day) -> None:
    talk = await day.floor.opens()
    await day.plans(talk.id, "MedicationRequest/1", 8)
    await day.plans(talk.id, "MedicationRequest/2", 9)
    await day.spoils("MedicationRequest/1", zone="Nowhere/At_all")
    await day.comes_to(9)
    assert len(await _said(talk)) == 1
    (opened,) = await talk.escalated()
    assert opened.reason is Reason.SYSTEM_FAILURE
    async with day.floor.line.database.transaction() as session:
        stopped = await session.scalars(select(PlanRow.stopped_because))
        assert set(stopped) == {Stopped.UNREADABLE, None}


async def test_saying_again_says_nothing_twice(day: Day) -> None:
    talk = await day.floor.opens()
    await day.plans(talk.id, "MedicationRequest/1", 8)
    await day.comes_to(8)
    await prompting.say_due(day.floor.line)
    assert len(await _said(talk)) == 1


async def test_what_passes_is_waited_for_and_keeps_nobody_else_waiting(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, other = await day.floor.opens(), await day.floor.opens()
    await day.plans(stuck.id, "MedicationRequest/1", 8)
    await day.plans(other.id, "MedicationRequest/2", 8, PatientId("grace"))
    unseal = Keyring.unseal

    async def is_away(self: Keyring, sealed: bytes, *, owner: str, place: object) -> str:
        if owner == f"patient/{JOHN}":
            raise Unreachable
        return await unseal(self, sealed, owner=owner, place=place)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Keyring, "unseal", is_away)
        await day.comes_to(8)
    assert (len(await _said(stuck)), len(await _said(other))) == (0, 1)
    await prompting.say_due(day.floor.line)
    assert (len(await _said(stuck)), len(await _said(other))) == (1, 1)
    assert await stuck.escalated() == []


async def test_somebody_who_never_wrote_is_spoken_to_in_the_language_of_their_record(
    day: Day,
) -> None:
    line, now = day.floor.line, await day.floor.clock.now()
    spanish = {"coding": [{"system": "urn:ietf:bcp:47", "code": "es"}]}
    body: Resource = {
        "resourceType": "Patient",
        "active": True,
        "communication": [{"language": spanish, "preferred": True}],
    }
    async with line.database.transaction() as session:
        fhir = line.gateway.backend.on(await session.connection())
        patient = PatientId((await fhir.create(body, now=now)).stored.id)
        thread = await find_or_open(session, line.keyring, Channel.SMS, "+12125550188", now=now)
    await day.plans(thread, "MedicationRequest/1", 8, patient)
    await day.comes_to(8)
    async with line.database.transaction() as session:
        row = await session.get_one(ConversationRow, thread)
    assert row.language == Language.ES


async def test_what_became_too_late_while_it_waited_is_not_said(day: Day) -> None:
    talk = await day.floor.opens()
    await day.plans(talk.id, "MedicationRequest/1", 8)
    day.floor.clock.time = datetime(2027, 3, 9, 8, tzinfo=NEW_YORK)
    await prompting.claim(day.floor.line)
    talk.passes(timedelta(minutes=91))
    await prompting.say_due(day.floor.line)
    assert await _said(talk) == []
    assert await day.prompts() == []


async def test_two_doses_of_one_person_are_open_side_by_side_and_told_apart_by_number(
    day: Day,
) -> None:
    talk = await day.floor.opens()
    await day.plans(talk.id, "MedicationRequest/1", 8)
    await day.plans(talk.id, "MedicationRequest/2", 9)
    await day.comes_to(8)
    await day.comes_to(9)
    await talk.patient_writes("T")
    assert (await _said(talk))[-1].splitlines() == [
        *("Which did you take? Reply 1 to 3.", "1) 8am", "2) 9am", "3) both"),
    ]
    assert await day.prompts() == [PromptState.SAID] * 2
    await talk.patient_writes("2")
    assert await day.prompts() == [PromptState.SAID, PromptState.ANSWERED]
    await talk.patient_writes("S")
    assert "Why?" in (await _said(talk))[-1]
    assert await day.prompts() == [PromptState.ANSWERED] * 2


async def test_both_doses_are_noted_at_once(day: Day) -> None:
    talk = await day.floor.opens()
    await day.plans(talk.id, "MedicationRequest/1", 8)
    await day.plans(talk.id, "MedicationRequest/2", 9)
    await day.comes_to(9)
    await talk.patient_writes("I took both")
    assert (await _said(talk))[-1] == "Thank you, I noted that you took them all."
    assert await day.prompts() == [PromptState.ANSWERED] * 2


async def test_yes_long_after_a_dose_is_asked_about_and_then_noted(day: Day) -> None:
    talk = await day.floor.opens()
    await day.plans(talk.id, "MedicationRequest/1", 8)
    await day.comes_to(8)
    talk.passes(timedelta(hours=4))
    await talk.patient_writes("yes")
    assert (await _said(talk))[-1].startswith("Did you take your 8am medicine?")
    assert await day.prompts() == [PromptState.SAID]
    talk.passes(timedelta(minutes=1))
    await talk.patient_writes("yes")
    assert (await _said(talk))[-1] == "Thank you, I noted that you took it."
    assert await day.prompts() == [PromptState.ANSWERED]
