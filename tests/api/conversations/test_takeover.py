"""People take a conversation, answer, put it off, finish it and give it back."""

import asyncio
from datetime import timedelta

import pytest

from api.conversations import departed, takeover, timeline, waking
from api.conversations.errors import (
    HeldByColleague,
    MayNotReassign,
    NotNow,
    OptedOut,
    PatientWroteMeanwhile,
    ReasonNeeded,
    UnknownConversation,
)
from api.conversations.kinds import Act, Owner, Speaker, State
from api.conversations.takeover import Words
from api.conversations.undelivered import Undelivered
from api.core.ids import ConversationId, new_id
from api.escalations.kinds import EscalationState, Outcome, Reason
from api.messaging import inbox
from api.messaging.kinds import Channel, InboundState
from api.messaging.outbox import Lost
from api.staff.kinds import Member
from tests.api.conversations.conftest import DANA, NOAH, SOFIA, Floor, Talk


async def reply(talk: Talk, text: str, *, by: Member = DANA, seen: int | None = None) -> int:
    position = (await talk.row()).last_position if seen is None else seen
    words = Words(id=new_id(), text=text, seen=position)
    return await takeover.reply(talk.line, talk.id, words, by=by)


async def test_of_many_who_claim_at_once_one_has_it(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("hello")
    claims = [takeover.claim(talk.line, talk.id, by=by) for by in (DANA, NOAH, SOFIA) * 3]
    results = await asyncio.gather(*claims, return_exceptions=True)
    row = await talk.row()
    refused = [each for each in results if isinstance(each, HeldByColleague)]
    assert len(refused) == 6
    assert {each.name for each in refused} == {row.assignee_name}
    assert row.owner == Owner.HUMAN


async def test_a_claim_acknowledges_and_assigns_what_was_escalated(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("PERSON")
    await takeover.claim(talk.line, talk.id, by=DANA)
    (escalation,) = await talk.escalated()
    assert escalation.state is EscalationState.ACKNOWLEDGED
    assert (escalation.acknowledged_by, escalation.assignee) == (DANA.id, DANA.id)


async def test_acknowledging_takes_nothing(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("PERSON")
    await takeover.acknowledge(talk.line, talk.id, by=DANA)
    (escalation,) = await talk.escalated()
    assert escalation.state is EscalationState.ACKNOWLEDGED
    assert (await talk.row()).assignee_id is None


async def test_a_reply_takes_a_conversation_over_by_itself(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("hello")
    await reply(talk, "This is Dana.")
    await talk.patient_writes("oh, a person")
    row = await talk.row()
    assert (row.owner, row.state, row.assignee_id) == (Owner.HUMAN, State.OPEN, DANA.id)
    assert [each.speaker for each in await talk.said()] == [
        Speaker.PATIENT, Speaker.ASSISTANT, Speaker.COORDINATOR, Speaker.PATIENT,
    ]  # fmt: skip


async def test_the_same_reply_twice_is_sent_once(floor: Floor) -> None:
    talk = await floor.opens()
    words = Words(id=new_id(), text="This is Dana.", seen=0)
    sent = [takeover.reply(talk.line, talk.id, words, by=DANA) for _ in range(5)]
    assert set(await asyncio.gather(*sent)) == {1}
    assert await talk.texts(Speaker.COORDINATOR) == ["This is Dana."]


async def test_a_reply_is_held_back_when_the_patient_wrote_meanwhile(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("hello")
    seen = (await talk.row()).last_position
    await talk.patient_writes("wait, one more thing")
    with pytest.raises(PatientWroteMeanwhile) as refused:
        await reply(talk, "This is Dana.", seen=seen)
    assert refused.value.position == seen + 1
    assert await talk.texts(Speaker.COORDINATOR) == []
    forced = Words(id=new_id(), text="This is Dana.", seen=seen, force=True)
    assert await takeover.reply(talk.line, talk.id, forced, by=DANA) == seen + 3


async def test_nobody_answers_over_a_colleague(floor: Floor) -> None:
    talk = await floor.opens()
    await takeover.claim(talk.line, talk.id, by=DANA)
    acts = (
        reply(talk, "This is Noah.", by=NOAH),
        takeover.snooze(talk.line, talk.id, until=None, by=NOAH),
        takeover.resolve(talk.line, talk.id, outcome=Outcome.ANSWERED, by=NOAH),
        takeover.give_back(talk.line, talk.id, by=NOAH),
        takeover.release(talk.line, talk.id, by=NOAH),
    )
    for act in acts:
        with pytest.raises(HeldByColleague):
            await act
    await takeover.note(talk.line, talk.id, text="I know her.", id_=new_id(), by=NOAH)


async def test_only_a_supervisor_moves_a_colleagues_conversation(floor: Floor) -> None:
    talk = await floor.opens()
    await takeover.claim(talk.line, talk.id, by=DANA)
    with pytest.raises(MayNotReassign):
        await takeover.assign(talk.line, talk.id, to=NOAH, by=NOAH)
    await takeover.assign(talk.line, talk.id, to=NOAH, by=SOFIA)
    assert (await talk.row()).assignee_id == NOAH.id
    await takeover.assign(talk.line, talk.id, to=DANA, by=NOAH)
    assert (await talk.row()).assignee_id == DANA.id


async def test_a_released_conversation_keeps_the_assistant_silent(floor: Floor) -> None:
    talk = await floor.opens()
    await takeover.claim(talk.line, talk.id, by=DANA)
    await takeover.release(talk.line, talk.id, by=DANA)
    await talk.patient_writes("anybody there?")
    row = await talk.row()
    assert (row.state, row.assignee_id, row.queue_rank) == (State.OPEN, None, 3)
    assert await talk.texts(Speaker.ASSISTANT) == []
    with pytest.raises(NotNow):
        await takeover.release(talk.line, (await floor.opens()).id, by=DANA)


async def test_a_number_that_opted_out_gets_no_reply(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("STOP")
    with pytest.raises(OptedOut):
        await reply(talk, "Are you sure?")
    assert await talk.texts(Speaker.COORDINATOR) == []


async def test_a_note_is_written_once_and_never_said(floor: Floor) -> None:
    talk = await floor.opens(Channel.WEB)
    note = {"text": "Daughter calls back at five.", "id_": new_id()}
    for _ in range(2):
        await takeover.note(talk.line, talk.id, by=DANA, **note)
    seen = await timeline.view(talk.line, talk.id, by=DANA)
    notes = [each for each in seen.entries if isinstance(each, timeline.Note)]
    assert [(each.name, each.text) for each in notes] == [(DANA.name, note["text"])]
    assert await talk.said() == []


async def test_what_is_resolved_goes_back_to_the_assistant_when_the_patient_writes(
    floor: Floor,
) -> None:
    talk = await floor.opens()
    await talk.patient_writes("PERSON")
    await takeover.claim(talk.line, talk.id, by=DANA)
    before = (await talk.row()).episode
    await takeover.resolve(talk.line, talk.id, outcome=Outcome.CALLED, note="All well.", by=DANA)
    row = await talk.row()
    assert (row.state, row.owner, row.queue_rank) == (State.RESOLVED, Owner.BOT, None)
    assert await talk.escalated() == []
    await talk.patient_writes("thanks")
    row = await talk.row()
    assert (row.state, row.assignee_id, row.queue_rank) == (State.BOT, None, None)
    assert row.episode == before + 1
    assert (await talk.texts(Speaker.ASSISTANT))[-1] == "You're welcome."


async def test_resolving_can_be_undone(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("PERSON")
    await takeover.claim(talk.line, talk.id, by=DANA)
    await takeover.resolve(talk.line, talk.id, outcome=Outcome.OTHER, by=DANA)
    await takeover.reopen(talk.line, talk.id, by=DANA)
    row = await talk.row()
    assert (row.state, row.assignee_id) == (State.OPEN, DANA.id)
    assert row.queue_reason == Reason.ASKED_FOR_PERSON
    assert [each.reason for each in await talk.escalated()] == [Reason.ASKED_FOR_PERSON]


async def test_opening_again_takes_back_the_last_resolving_and_no_older_one(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("I want to kill myself")
    await takeover.resolve(talk.line, talk.id, outcome=Outcome.CALLED, by=DANA)
    talk.passes(timedelta(days=3))
    await takeover.claim(talk.line, talk.id, by=DANA)
    await takeover.resolve(talk.line, talk.id, outcome=Outcome.CALLED, by=DANA)
    talk.passes(timedelta(seconds=9))
    await takeover.reopen(talk.line, talk.id, by=DANA)
    assert (await talk.row()).state == State.OPEN
    assert await talk.escalated() == []


async def test_what_somebody_had_who_is_gone_is_the_teams_and_its_alert_climbs_on(
    floor: Floor,
) -> None:
    talk, other, done = await floor.opens(), await floor.opens(), await floor.opens()
    for each in (talk, other, done):
        await each.patient_writes("I want to kill myself")
    await takeover.claim(talk.line, talk.id, by=DANA)
    await takeover.claim(talk.line, other.id, by=NOAH)
    await takeover.claim(talk.line, done.id, by=DANA)
    await takeover.resolve(talk.line, done.id, outcome=Outcome.CALLED, by=DANA)
    assert await departed.let_go(talk.line, DANA) == 2
    assert await departed.let_go(talk.line, DANA) == 0
    row = await talk.row()
    assert (row.state, row.owner, row.assignee_id) == (State.OPEN, Owner.HUMAN, None)
    (alert,) = await talk.escalated()
    assert (alert.state, alert.assignee) == (EscalationState.OPEN, None)
    assert (await other.row()).assignee_id == NOAH.id
    assert ((await done.row()).state, await done.escalated()) == (State.RESOLVED, [])
    await takeover.claim(talk.line, talk.id, by=NOAH)


async def test_what_is_put_off_comes_back_at_its_time(floor: Floor) -> None:
    talk = await floor.opens()
    await takeover.claim(talk.line, talk.id, by=DANA)
    until = await talk.clock.now() + timedelta(hours=1)
    await takeover.snooze(talk.line, talk.id, until=until, by=DANA)
    talk.passes(timedelta(minutes=59))
    await waking.wake_due(talk.line)
    assert (await talk.row()).state == State.SNOOZED
    talk.passes(timedelta(minutes=1))
    await waking.wake_due(talk.line)
    await waking.wake_due(talk.line)
    row = await talk.row()
    assert (row.state, row.assignee_id, row.snoozed_until) == (State.OPEN, DANA.id, None)
    seen = await timeline.view(talk.line, talk.id, by=DANA)
    assert [each.code for each in seen.entries if isinstance(each, timeline.Event)] == [
        Act.CLAIM, Act.SNOOZE, Act.WAKE,
    ]  # fmt: skip


@pytest.mark.parametrize("hours", [None, 5])
async def test_a_patient_who_writes_ends_every_putting_off(floor: Floor, hours: int | None) -> None:
    talk = await floor.opens()
    await takeover.claim(talk.line, talk.id, by=DANA)
    until = None if hours is None else await talk.clock.now() + timedelta(hours=hours)
    await takeover.snooze(talk.line, talk.id, until=until, by=DANA)
    await talk.patient_writes("it is me again")
    assert (await talk.row()).state == State.OPEN


async def test_a_safety_matter_is_not_put_off_without_a_word(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("i want to kill myself")
    await takeover.claim(talk.line, talk.id, by=DANA)
    with pytest.raises(ReasonNeeded):
        await takeover.snooze(talk.line, talk.id, until=None, by=DANA)
    await takeover.snooze(talk.line, talk.id, until=None, reason="With her sister.", by=DANA)
    assert (await talk.row()).state == State.SNOOZED


async def test_what_the_assistant_has_cannot_be_put_off(floor: Floor) -> None:
    talk = await floor.opens()
    with pytest.raises(NotNow):
        await takeover.snooze(talk.line, talk.id, until=None, by=DANA)


async def test_who_takes_over_is_named_in_the_chat_once(floor: Floor) -> None:
    talk = await floor.opens(Channel.WEB)
    await takeover.claim(talk.line, talk.id, by=DANA)
    await reply(talk, "Hello!")
    assert await talk.texts(Speaker.SYSTEM) == [
        "Dana Reed, RN, from Lakeside Clinic joined the chat."
    ]


async def test_no_text_says_who_joined(floor: Floor) -> None:
    talk = await floor.opens(Channel.SMS)
    await takeover.claim(talk.line, talk.id, by=DANA)
    assert await talk.said() == []


async def test_what_never_arrived_is_in_the_queue_while_the_assistant_goes_on(
    floor: Floor,
) -> None:
    talk = await floor.opens()
    await talk.patient_writes("hello")
    undelivered = Undelivered(talk.line.keyring, talk.clock)
    async with talk.line.database.transaction() as session:
        await undelivered.tell(session, Lost(new_id(), talk.id, None))
    row = await talk.row()
    assert (row.owner, row.queue_reason) == (Owner.BOT, Reason.NOT_DELIVERED)
    await takeover.resolve(talk.line, talk.id, outcome=Outcome.CALLED, by=DANA)
    row = await talk.row()
    assert (row.state, row.queue_rank) == (State.BOT, None)


async def test_a_failure_of_the_engine_opens_the_conversation_with_the_reason(
    floor: Floor,
) -> None:
    talk = await floor.opens()
    talk.engine.is_down = True
    await talk.patient_writes("hello")
    talk.passes(timedelta(minutes=11))
    async with talk.line.database.transaction() as session:
        await inbox.release(session, talk.id, InboundState.WAITING)
    await talk.patient_writes("still there?")
    row = await talk.row()
    assert (row.state, row.queue_reason) == (State.OPEN, Reason.ENGINE_DOWN)
    assert row.waiting_since is not None


async def test_every_act_is_audited_with_who_and_whose(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.change(patient_id="patient-1")
    await takeover.claim(talk.line, talk.id, by=DANA)
    await reply(talk, "Hello!")
    await takeover.note(talk.line, talk.id, text="Knows me.", id_=new_id(), by=DANA)
    await takeover.give_back(talk.line, talk.id, by=DANA)
    await timeline.view(talk.line, talk.id, by=NOAH)
    acts = [each for each in await talk.audited() if each[0].startswith("conversation:")]
    assert acts == [
        ("conversation:person:claim", DANA.id, "patient-1"),
        ("conversation:person:reply", DANA.id, "patient-1"),
        ("conversation:person:note", DANA.id, "patient-1"),
        ("conversation:person:give_back", DANA.id, "patient-1"),
        ("conversation:transcript:read", NOAH.id, "patient-1"),
    ]


async def test_colleagues_see_who_looks_and_who_writes(floor: Floor) -> None:
    talk = await floor.opens()
    assert await takeover.look(talk.line, talk.id, writing=False, by=DANA) == ()
    (dana,) = await takeover.look(talk.line, talk.id, writing=True, by=NOAH)
    assert (dana.name, dana.writing) == (DANA.name, False)
    (noah,) = await takeover.look(talk.line, talk.id, writing=False, by=DANA)
    assert (noah.name, noah.writing) == (NOAH.name, True)


async def test_reading_never_goes_back(floor: Floor) -> None:
    talk = await floor.opens()
    await talk.patient_writes("hello")
    for position in (1, 0, 99):
        await takeover.mark_read(talk.line, talk.id, position=position, by=DANA)
    assert (await talk.row()).read_position == 2


async def test_a_conversation_that_is_not_there_is_nobodys(floor: Floor) -> None:
    with pytest.raises(UnknownConversation):
        await takeover.claim(floor.line, ConversationId(new_id()), by=DANA)
