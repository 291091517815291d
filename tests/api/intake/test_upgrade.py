"""Forms that were sent before an upgrade can be corrected after it; those that were not, cannot."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.clock import real_now
from tests.support.upgrades import empty, move

__all__ = ["empty"]

BEFORE, AFTER = "0010", "0011"
THREAD = """
    INSERT INTO thread (id, channel, address_lookup, address_sealed, created_at)
    VALUES (:id, 'sms', :address, 'a', :now)
"""
FORM = """
    INSERT INTO intake_form (id, conversation_id, patient_id, questionnaire, before_visit, state,
        input, given, notice, last_turn, opened_at, changed_at)
    VALUES (:id, :thread, 'grace', 'x', false, :state, '', 0, cast(:notice AS jsonb), '', :now,
        :now)
"""
FORMS = (
    ("asked", "asking", None),
    ("ended", "closed", None),
    ("sent", "closed", '{"response": "form_done", "arguments": {"amended": false}}'),
    ("undone", "closed", '{"response": "form_to_person", "arguments": {}}'),
)


async def test_only_what_was_sent_is_known_to_be(empty: AsyncConnection) -> None:
    await move(empty, BEFORE, up=True)
    now = real_now()
    for id_, state, notice in FORMS:
        await empty.execute(text(THREAD), {"id": id_, "address": id_.encode(), "now": now})
        row = {"id": id_, "thread": id_, "state": state, "notice": notice, "now": now}
        await empty.execute(text(FORM), row)
    await move(empty, AFTER, up=True)
    found = await empty.execute(text("SELECT id, sent_at FROM intake_form ORDER BY id"))
    assert {row.id: row.sent_at for row in found} == {
        **dict.fromkeys(("asked", "ended", "undone")),
        "sent": now,
    }
    await move(empty, BEFORE, up=False)
    await move(empty, AFTER, up=True)
