"""Chats that were open before the tables changed go on after it, and the other way."""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from api.core.clock import real_now
from api.widget.sessions import hash_of
from tests.support.upgrades import move

THREAD = """
    INSERT INTO thread (id, channel, address_lookup, address_sealed, created_at)
    VALUES ('conversation-1', 'web', 'a', 'a', :now)
"""
SESSION = """
    INSERT INTO chat_session (id, token_hash, conversation_id, clinic, opened_at, expires_at)
    VALUES ('session-1', :token, 'conversation-1', 'lakeside', :now, :ends)
"""


async def test_open_chat_keeps_its_token_over_an_upgrade_and_back(empty: AsyncConnection) -> None:
    await move(empty, "0001", up=True)
    now, token = real_now(), hash_of("token")
    await empty.execute(text(THREAD), {"now": now})
    values = {"token": token, "now": now, "ends": now + timedelta(hours=12)}
    await empty.execute(text(SESSION), values)
    await move(empty, "0002", up=True)
    kept = await empty.execute(
        text(
            "SELECT t.token_hash, t.is_confirmed, t.expires_at, s.active_at, s.wrong_tries"
            " FROM chat_token t JOIN chat_session s ON s.id = t.session_id"
        )
    )
    assert kept.one() == (token, True, values["ends"], now, 0)
    await move(empty, "0001", up=False)
    back = await empty.execute(text("SELECT id, token_hash FROM chat_session"))
    assert back.one() == ("session-1", token)
