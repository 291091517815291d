"""Conversations that were under way before people could take them over are where they belong."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.clock import real_now
from tests.support.upgrades import move

THREAD = """
    INSERT INTO thread (id, channel, address_lookup, address_sealed, created_at)
    VALUES (CAST(:id AS text), 'sms', decode(CAST(:id AS text), 'escape'), '\\x00', :now)
"""
CONVERSATION = """
    INSERT INTO conversation (id, channel, owner, language, created_at, last_position,
        phone_is_shared, identity_tries, episode, episode_turns, misses)
    VALUES (:id, 'sms', :owner, 'en', :now, 2, false, 0, 0, 0, 0)
"""
MESSAGE = """
    INSERT INTO message (id, conversation_id, position, speaker, body_sealed, at)
    VALUES (CAST(:id AS text) || :speaker, CAST(:id AS text), :position,
        CAST(:speaker AS text), '\\x00', :now)
"""
ESCALATION = """
    INSERT INTO escalation (id, conversation_id, turn_id, reason, priority, state, opened_at,
        changed_at)
    VALUES (CAST(:reason AS text), :id, CAST(:reason AS text), CAST(:reason AS text), :priority,
        :state, :now, :now)
"""
QUEUE = """
    SELECT id, state, owner, queue_rank, queue_reason, patient_position, version
    FROM conversation ORDER BY id
"""
OWNERS = {"alone": "bot", "crisis": "human", "taken": "human"}


async def test_what_waits_for_people_is_in_their_queue_after_every_upgrade(
    empty: AsyncConnection,
) -> None:
    await move(empty, "0001", up=True)
    now = real_now() - timedelta(hours=1)
    for id_, owner in OWNERS.items():
        await empty.execute(text(THREAD), {"id": id_, "now": now})
        await empty.execute(text(CONVERSATION), {"id": id_, "owner": owner, "now": now})
        for position, speaker in ((1, "patient"), (2, "assistant")):
            values = {"id": id_, "position": position, "speaker": speaker, "now": now}
            await empty.execute(text(MESSAGE), values)
    for reason, priority, state in (
        ("no_answer", "routine", "open"),
        ("crisis", "stat", "open"),
        ("identity_failed", "urgent", "resolved"),
    ):
        values = {"id": "crisis", "reason": reason, "priority": priority, "state": state}
        await empty.execute(text(ESCALATION), {**values, "now": now})
    await move(empty, "head", up=True)
    assert [tuple(row) for row in await empty.execute(text(QUEUE))] == [
        ("alone", "bot", "bot", None, None, 1, 0),
        ("crisis", "open", "human", 0, "crisis", 1, 0),
        ("taken", "open", "human", 3, None, 1, 0),
    ]
    events = await empty.execute(
        text("SELECT count(*) FROM escalation_event WHERE kind = 'opened'")
    )
    assert events.scalar() == 3
    await move(empty, "0001", up=False)
    assert (await empty.execute(text("SELECT count(*) FROM message"))).scalar() == 6
