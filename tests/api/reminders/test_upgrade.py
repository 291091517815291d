"""A database with messages in it gets the tables of reminders, loses them, and gets them again."""

from datetime import timedelta

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.clock import real_now
from api.migrations.tables import all_tables
from tests.support.upgrades import move

THREAD = """
    INSERT INTO thread (id, channel, address_lookup, address_sealed, created_at)
    VALUES ('conversation-1', 'sms', 'a', 'a', :now)
"""
OUTBOUND = """
    INSERT INTO outbound (id, thread_id, channel, responses, purpose, text_sealed, created_at,
        state, tries)
    VALUES (:state, 'conversation-1', 'sms', '[]', 'reply', 'a', :now, :state, 0)
"""
PLAN = """
    INSERT INTO reminder_plan (id, kind, patient_id, source, conversation_id, zone, schedule,
        is_own, facts_sealed, state, next_at, changed_at)
    VALUES ('plan-1', 'dose', 'john', 'MedicationRequest/1', 'conversation-1', 'UTC', '{}', false,
        'a', 'active', :now, :now)
"""
PROMPT = """
    INSERT INTO reminder_prompt (id, kind, patient_id, conversation_id, wall, due_at, useful_until,
        state, changed_at)
    VALUES ('prompt-1', 'dose', 'john', 'conversation-1', :wall, :now, :now, 'due', :now)
"""
STATES = ["delivered", "held", "ready", "sending", "unknown"]
NEW = "SELECT id, about, useful_until, hours, lease_holder FROM outbound ORDER BY id"
OLD = "SELECT id FROM outbound ORDER BY id"


async def test_messages_are_kept_over_an_upgrade_and_back_and_again(
    empty: AsyncConnection,
) -> None:
    await move(empty, "0006", up=True)
    now = real_now()
    await empty.execute(text(THREAD), {"now": now})
    await empty.execute(text(OUTBOUND), [{"state": state, "now": now} for state in STATES])
    await move(empty, "0007", up=True)
    kept = [tuple(row) for row in await empty.execute(text(NEW))]
    assert kept == [(state, None, None, "default", None) for state in STATES]
    await empty.execute(text(PLAN), {"now": now})
    wall = (now + timedelta(hours=1)).replace(tzinfo=None)
    await empty.execute(text(PROMPT), {"now": now, "wall": wall})
    await move(empty, "0006", up=False)
    assert list(await empty.scalars(text(OLD))) == STATES
    await move(empty, "0007", up=True)
    assert list(await empty.scalars(text(OLD))) == STATES
    assert await empty.scalar(text("SELECT count(*) FROM reminder_plan")) == 0


async def test_tables_after_all_upgrades_are_those_that_the_code_wants(
    empty: AsyncConnection,
) -> None:
    await move(empty, "head", up=True)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        wanted = all_tables()
        return list(compare_metadata(context, wanted))  # type: ignore[arg-type]  # takes several

    assert await empty.run_sync(differences) == []
