"""A one-time code opens the record in the web chat, and nothing else does."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.audit.models import AuditRow
from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.conversations import code_limits, takeover, visitors
from api.conversations.kinds import Owner, Speaker
from api.conversations.returning import came_back
from api.core.clock import real_now
from api.core.ids import PatientId
from api.core.language import Language
from api.escalations.kinds import Reason
from api.gateway.access import Assurance
from api.gateway.service import Gateway
from api.gateway.tokens import read_turn_token
from api.messaging import outbox
from api.messaging.gate import Purpose
from api.messaging.kinds import Channel
from api.messaging.models import OutboundRow
from api.messaging.segments import segments
from api.messaging.threads import find, find_or_open
from integrations.ports.dialogue import EngineReply, EngineTurn
from tests.api.conversations.conftest import DANA, Floor, Talk
from tests.support.fhir import a_patient
from tests.support.gateway import StoppedClock, made

NUMBER = "+12125550104"
EMAIL = [{"system": "email", "value": "sam@careline.example"}]
WANTED = "what medications am i on"


def level_of(turn: EngineTurn) -> Assurance:
    """What the turn's token says."""
    return read_turn_token(turn.metadata["token"], key="t" * 40, now=real_now()).level


def needs_code(turn: EngineTurn) -> tuple[EngineReply, ...]:
    """An engine whose action is refused before the code; whatever else is said is thanked for."""
    if turn.text == WANTED and level_of(turn) is not Assurance.CODE:
        return (EngineReply("code_required"),)
    return (EngineReply("thank"),)


@dataclass
class Asking:
    """Somebody in the web chat who is known by number and birth date, and the phone on file."""

    floor: Floor
    talk: Talk
    patient: PatientId

    async def texted(self) -> list[OutboundRow]:
        """What went to the phone, the oldest first."""
        async with self.talk.line.database.transaction() as session:
            rows = await session.scalars(
                select(OutboundRow)
                .where(OutboundRow.channel == Channel.SMS)
                .order_by(OutboundRow.seq)
            )
            return list(rows)

    async def code(self) -> str:
        """The digits of the last text."""
        line, row = self.talk.line, (await self.texted())[-1]
        async with line.database.transaction() as session:
            text = await outbox.text_of(session, line.keyring, row.id)
        assert segments(text) == 1
        return next(word.strip(".") for word in text.split() if word.strip(".").isdigit())

    async def writes(self, *texts: str) -> str:
        """Send some messages; the assistant's last answer."""
        for text in texts:
            await self.talk.patient_writes(text)
        return (await self.talk.texts(Speaker.ASSISTANT))[-1]

    async def audited(self) -> list[tuple[str, str, str | None]]:
        async with self.talk.line.database.transaction() as session:
            rows = await session.scalars(
                select(AuditRow).where(AuditRow.tag.like("identity:code:%")).order_by(AuditRow.id)
            )
            return [(row.tag, row.agent_id, row.patient_id) for row in rows]

    async def opens_another(self) -> "Asking":
        return Asking(self.floor, await known_in_chat(self.floor, self.patient), self.patient)

    async def asked(self) -> list[str]:
        """What was put to the engine at the level that reads the record."""
        return [
            each.text
            for each in self.floor.engine.turns
            if level_of(each) is Assurance.CODE and each.sender.startswith(self.talk.id)
        ]


async def known_in_chat(floor: Floor, patient: PatientId) -> Talk:
    talk = await floor.opens(Channel.WEB)
    await talk.change(patient_id=patient, verified_at=await floor.clock.now())
    return talk


@pytest.fixture
async def asking(floor: Floor, gateway: Gateway) -> Asking:
    telecom = [{"system": "phone", "value": NUMBER}]
    patient = PatientId(await made(gateway, a_patient("1005", telecom=telecom)))
    floor.engine.answer = needs_code
    return Asking(floor, await known_in_chat(floor, patient), patient)


async def asking_code(asking: Asking) -> str:
    """The code, once it was asked for."""
    await asking.writes(WANTED, "Y")
    return await asking.code()


def another(code: str, by: int = 1) -> str:
    """A code that it is not."""
    return f"{(int(code) + by) % 1_000_000:06d}"


async def comes_back(asking: Asking) -> None:
    """The birth date was given anew, after the chat was still."""
    line, now = asking.talk.line, await asking.floor.clock.now()
    async with line.database.transaction() as session:
        await came_back(line, session, asking.talk.id, mobile=NUMBER, now=now)


async def test_code_shows_again_what_was_said_before_the_chat_was_still(asking: Asking) -> None:
    await asking.writes("hello")
    hidden_to = (await asking.talk.row()).last_position
    await comes_back(asking)
    assert (await asking.talk.row()).hidden_to == hidden_to > 0
    assert "6 digits" in await asking.writes("Y")
    code = await asking.code()
    await asking.writes(another(code))
    assert (await asking.talk.row()).hidden_to == hidden_to
    assert "sure it is you" in await asking.writes(code)
    row = await asking.talk.row()
    assert (row.hidden_to, row.level) == (0, Assurance.CODE)
    await comes_back(asking)
    row = await asking.talk.row()
    assert (row.hidden_to, row.level) == (row.last_position - 1, Assurance.BIRTH_DATE)


@pytest.mark.parametrize("answer", ["N", "what are your hours"])
async def test_who_wants_no_code_goes_on_and_sees_nothing_earlier(
    asking: Asking, answer: str
) -> None:
    await asking.writes("hello")
    await comes_back(asking)
    await asking.writes(answer, "and then")
    row = await asking.talk.row()
    assert (row.owner, row.hidden_to > 0) == (Owner.BOT, True)
    assert await asking.texted() == []


async def test_who_gets_no_texts_is_offered_no_code_for_what_was_said(asking: Asking) -> None:
    await stands(asking, ConsentState.OPTED_OUT)
    await asking.writes("hello")
    await comes_back(asking)
    assert "not shown" in (await asking.talk.texts(Speaker.ASSISTANT))[-1]
    assert (await asking.talk.row()).hidden_to > 0


async def stands(asking: Asking, state: ConsentState) -> None:
    """The number on file has said so before."""
    line, now = asking.talk.line, await asking.floor.clock.now()
    async with line.database.transaction() as session:
        thread = await find_or_open(session, line.keyring, Channel.SMS, NUMBER, now=now)
        lookup = line.keyring.lookup(NUMBER)
        act = consent.Act(thread, lookup, state, Channel.SMS, Language.EN, "test")
        await consent.record(session, line.keyring, act, now=now)


async def test_code_opens_what_was_asked_and_nothing_is_said_twice(asking: Asking) -> None:
    offer = await asking.writes(WANTED)
    assert "ending in 04" in offer
    assert NUMBER[2:-2] not in offer
    assert await asking.texted() == []
    assert "6 digits" in await asking.writes("Y")
    (row,) = await asking.texted()
    assert (row.purpose, row.patient_id) == (Purpose.CODE, asking.patient)
    code = await asking.code()
    assert await asking.writes(f"{code[:3]} {code[3:]}") == "You're welcome."
    assert await asking.asked() == [WANTED]
    assert await asking.writes("and once more") == "You're welcome."
    assert (await asking.talk.row()).level == Assurance.CODE


async def test_code_is_in_the_phone_and_nowhere_that_people_read(asking: Asking) -> None:
    await asking.writes(WANTED, "Y")
    code, line = await asking.code(), asking.talk.line
    async with line.database.transaction() as session:
        thread = await find(session, line.keyring, Channel.SMS, NUMBER)
    assert thread is not None
    shown = await replace(asking.talk, id=thread).texts(Speaker.ASSISTANT)
    assert len(shown) == 1
    assert "your code is ******" in shown[0]
    assert code not in "".join(shown + await asking.talk.texts(Speaker.ASSISTANT))


async def test_code_is_used_up_by_its_use(asking: Asking) -> None:
    code = await asking_code(asking)
    await asking.writes(code)
    await asking.talk.change(level=Assurance.BIRTH_DATE)
    await asking.writes(code)
    assert asking.floor.engine.turns[-1].text == code
    assert "Shall I?" in await asking.writes(WANTED)
    assert (await asking.talk.row()).level == Assurance.BIRTH_DATE


async def test_five_wrong_codes_void_it_and_ten_bring_a_person(asking: Asking) -> None:
    code = await asking_code(asking)
    for by in range(1, 5):
        assert "not the code" in await asking.writes(another(code, by))
    assert "Shall I?" in await asking.writes(another(code, 5))
    await asking.writes("Y")
    second = await asking.code()
    await asking.writes(*(another(second, by) for by in range(1, 6)))
    row = await asking.talk.row()
    assert (row.owner, row.level) == (Owner.HUMAN, Assurance.BIRTH_DATE)
    assert [each.reason for each in await asking.talk.escalated()] == [Reason.IDENTITY_FAILED]
    assert await asking.asked() == []


async def test_right_code_after_five_wrong_ones_opens_nothing(asking: Asking) -> None:
    code = await asking_code(asking)
    await asking.writes(*(another(code, by) for by in range(1, 6)), code)
    assert await asking.asked() == []
    assert (await asking.talk.row()).level == Assurance.BIRTH_DATE


async def test_digits_that_cannot_be_a_code_cost_no_try(asking: Asking) -> None:
    code = await asking_code(asking)
    await asking.writes(*(code[:5],) * 7)
    await asking.writes(code)
    assert await asking.asked() == [WANTED]


async def test_code_that_comes_too_late_is_offered_anew(asking: Asking) -> None:
    code = await asking_code(asking)
    await asking.talk.change(code_expires_at=real_now() - timedelta(seconds=1))
    assert "not good any more" in await asking.writes(code)
    assert await asking.asked() == []
    await asking.writes("Y")
    await asking.writes(await asking.code())
    assert await asking.asked() == [WANTED]


async def test_set_clock_makes_no_code_old_and_no_code_young(asking: Asking) -> None:
    code = await asking_code(asking)
    asking.talk.passes(timedelta(minutes=40))
    await asking.writes(code)
    assert await asking.asked() == [WANTED]


async def test_new_code_voids_the_one_before(asking: Asking) -> None:
    first = await asking_code(asking)
    await asking.writes("NEW CODE")
    second = await asking.code()
    assert len(await asking.texted()) == 2
    if first != second:
        assert "not the code" in await asking.writes(first)
    await asking.writes(second)
    assert await asking.asked() == [WANTED]


async def test_code_of_one_chat_opens_no_other(asking: Asking) -> None:
    code = await asking_code(asking)
    other = await asking.opens_another()
    await other.writes(WANTED, "Y")
    if await other.code() != code:
        assert "not the code" in await other.writes(code)
    assert await other.asked() == []


@pytest.mark.parametrize("state", [ConsentState.OPTED_OUT, ConsentState.DECLINED])
async def test_number_that_wants_no_texts_gets_none_and_a_person_is_offered(
    asking: Asking, state: ConsentState
) -> None:
    await stands(asking, state)
    await asking.writes(WANTED)
    last = (await asking.talk.said())[-1].rendered
    assert "are off" in last.text
    assert "PERSON" in [choice.send for choice in last.choices]
    assert await asking.texted() == []


async def test_number_that_opts_out_while_we_ask_gets_no_code(asking: Asking) -> None:
    await asking.writes(WANTED)
    await stands(asking, ConsentState.OPTED_OUT)
    assert "are off" in await asking.writes("Y")
    assert await asking.texted() == []


async def test_who_has_no_number_on_file_is_a_persons(asking: Asking, gateway: Gateway) -> None:
    patient = PatientId(await made(gateway, a_patient("1010", telecom=EMAIL)))
    talk = await known_in_chat(asking.floor, patient)
    await talk.patient_writes(WANTED)
    assert (await talk.row()).owner == Owner.HUMAN
    assert "no mobile on file" in (await talk.texts(Speaker.ASSISTANT))[-1]


async def test_no_leaves_it_closed_and_what_was_asked_is_not_answered_later(
    asking: Asking,
) -> None:
    assert "stays closed" in await asking.writes(WANTED, "N")
    assert await asking.texted() == []
    await asking.writes("what else do you know of me")
    code = await asking_code(asking)
    await asking.writes(code)
    assert await asking.asked() == [WANTED]


async def test_other_questions_are_answered_while_the_code_is_awaited(asking: Asking) -> None:
    code = await asking_code(asking)
    answer = await asking.writes("what are your hours")
    assert answer.startswith("You're welcome.")
    assert "I still need the code" in answer
    await asking.writes(code)
    assert await asking.asked() == [WANTED]


async def test_three_codes_in_an_hour_and_then_a_person(asking: Asking) -> None:
    await asking.writes(WANTED, "Y", "NEW CODE", "NEW CODE")
    assert len(await asking.texted()) == 3
    assert "can't send one more code" in await asking.writes("NEW CODE")
    assert len(await asking.texted()) == 3
    assert (await asking.talk.row()).owner == Owner.HUMAN


async def test_patient_gets_five_codes_a_day_however_many_chats_ask_at_once(
    asking: Asking,
) -> None:
    chats = [await asking.opens_another() for _ in range(7)]
    await asyncio.gather(*(each.writes(WANTED, "Y") for each in chats))
    assert len(await asking.texted()) == 5


async def test_turn_that_is_tried_again_counts_once(asking: Asking) -> None:
    talk, now = asking.talk, real_now()
    for turn in ("t1", "t1", "t1", "t2", "t3"):
        async with talk.line.database.transaction() as session:
            assert await code_limits.reserve(session, talk.id, asking.patient, turn=turn, now=now)
    async with talk.line.database.transaction() as session:
        again = await code_limits.reserve(session, talk.id, asking.patient, turn="t4", now=now)
    assert not again


async def test_level_holds_no_longer_than_who_it_is(asking: Asking) -> None:
    await asking.writes(await asking_code(asking))
    asking.talk.passes(timedelta(hours=1, minutes=1))
    await asking.writes(WANTED)
    assert await asking.asked() == [WANTED]
    assert (await asking.talk.said())[-1].rendered.text.startswith("Who is this for?")
    assert "Shall I?" in await asking.writes("1005", "3/9/1979")


async def test_birth_date_given_anew_closes_the_record_again(asking: Asking) -> None:
    await asking.writes(await asking_code(asking))
    now = await asking.floor.clock.now()
    async with asking.talk.line.database.transaction() as session:
        await visitors.identified_again(session, asking.talk.id, now=now)
    assert "Shall I?" in await asking.writes(WANTED)


async def test_who_it_is_is_asked_first_when_that_has_lapsed_meanwhile(asking: Asking) -> None:
    code = await asking_code(asking)
    await asking.talk.change(verified_at=await asking.floor.clock.now() - timedelta(hours=2))
    assert "Who is this for?" in await asking.writes(code)
    born = await asking.writes("1005", "3/9/1979")
    assert "Shall I?" in born
    assert await asking.asked() == []


async def test_person_who_takes_over_ends_the_question(asking: Asking) -> None:
    code = await asking_code(asking)
    await takeover.claim(asking.talk.line, asking.talk.id, by=DANA)
    await asking.talk.patient_writes(code)
    row = await asking.talk.row()
    assert (row.owner, row.level) == (Owner.HUMAN, Assurance.BIRTH_DATE)


async def test_audit_tells_of_codes_sent_refused_and_confirmed(asking: Asking) -> None:
    code = await asking_code(asking)
    await asking.writes(another(code), code)
    whose = (asking.talk.id, asking.patient)
    assert await asking.audited() == [
        ("identity:code:send", *whose),
        ("identity:code:refuse", *whose),
        ("identity:code:confirm", *whose),
    ]


async def test_nobody_known_is_asked_who_first(floor: Floor, clock: StoppedClock) -> None:
    del clock
    floor.engine.answer = needs_code
    talk = await floor.opens(Channel.WEB)
    await talk.patient_writes(WANTED)
    assert "Who is this for?" in (await talk.texts(Speaker.ASSISTANT))[-1]


async def test_end_of_the_chat_leaves_nothing_behind_that_a_later_code_would_open(
    asking: Asking,
) -> None:
    await asking.writes(WANTED, "Y", "STOP", WANTED)
    await asking.writes(await asking.code())
    assert await asking.asked() == [WANTED]


async def test_second_wish_while_the_code_is_awaited_waits_with_the_first(asking: Asking) -> None:
    code = await asking_code(asking)
    assert "I still need the code" in await asking.writes(WANTED)
    assert len(await asking.texted()) == 1
    await asking.writes(code)
    assert await asking.asked() == [WANTED, WANTED]
