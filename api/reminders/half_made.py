"""Half-made requests: one per conversation, with the turn that was answered last.

The row is locked while a turn is answered, so the same turn twice, also at once, has its effect
once and is answered the same.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring, Place
from api.core.ids import ConversationId, PatientId
from api.reminders.desk import Asking
from api.reminders.kinds import Blank
from api.reminders.meaning import Ask, Half, Medicine
from api.reminders.models import RequestRow
from api.reminders.timing import Refusal
from integrations.ports.dialogue import EngineReply

type Json = dict[str, Any]


@dataclass(frozen=True)
class Open:
    """A request that waits for an answer. `listed`: the medicines as they were then."""

    patient: PatientId
    blank: Blank
    half: Half
    listed: tuple[Medicine, ...]


async def take(session: AsyncSession, asking: Asking, *, now: datetime) -> RequestRow:
    """The conversation's row, locked; made where there is none."""
    values = {
        "conversation_id": asking.conversation,
        "patient_id": asking.patient,
        "changed_at": now,
    }
    await session.execute(insert(RequestRow).values(values).on_conflict_do_nothing())
    return await session.get_one(
        RequestRow, asking.conversation, with_for_update=True, populate_existing=True
    )


async def said_in(keyring: Keyring, row: RequestRow, turn: str) -> EngineReply | None:
    """What was said in a turn, where that is the one that was answered last."""
    if row.last_turn != turn or row.reply_sealed is None:
        return None
    stored = await _unsealed(keyring, row, "reply", row.reply_sealed)
    return EngineReply(stored["response"], stored["arguments"])


async def opened(keyring: Keyring, row: RequestRow) -> Open | None:
    """The request that waits for an answer, if one does."""
    if row.blank is None or row.half_sealed is None:
        return None
    stored = await _unsealed(keyring, row, "half", row.half_sealed)
    listed = tuple(_read(each) for each in stored["listed"])
    return Open(PatientId(row.patient_id), Blank(row.blank), Half.read(stored["half"]), listed)


async def open_in(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId
) -> Open | None:
    """The request of a conversation that waits for an answer, if one does."""
    row = await session.get(RequestRow, conversation)
    return await opened(keyring, row) if row else None


async def asker_in(session: AsyncSession, conversation: ConversationId) -> PatientId | None:
    """Who asked last in a conversation."""
    row = await session.get(RequestRow, conversation)
    return PatientId(row.patient_id) if row else None


async def remember(
    keyring: Keyring,
    row: RequestRow,
    asking: Asking,
    said: tuple[EngineReply, Ask | None],
    listed: Sequence[Medicine],
    *,
    now: datetime,
) -> None:
    """Keep what a turn came to: what was said, and what is still to be said."""
    reply, ask = said
    row.patient_id, row.last_turn, row.changed_at = asking.patient, asking.turn, now
    stored: Json = {"response": reply.response, "arguments": dict(reply.arguments)}
    row.reply_sealed = await _sealed(keyring, row, "reply", stored)
    row.blank = ask.blank if ask else None
    row.half_sealed = None
    if ask is not None:
        half: Json = {"half": ask.half.as_json(), "listed": [_json(each) for each in listed]}
        row.half_sealed = await _sealed(keyring, row, "half", half)


def _json(medicine: Medicine) -> Json:
    times = {name: [at.isoformat() for at in getattr(medicine, name)] for name in _TIMES}
    return {**vars(medicine), **times}


def _read(stored: Json) -> Medicine:
    times = {name: tuple(time.fromisoformat(at) for at in stored[name]) for name in _TIMES}
    refusal = Refusal(stored["refusal"]) if stored["refusal"] else None
    return Medicine(**{**stored, **times, "refusal": refusal})


_TIMES = ("planned", "prescribed")


async def _sealed(keyring: Keyring, row: RequestRow, column: str, value: Json) -> bytes:
    place = Place("reminder_request", column, row.conversation_id)
    return await keyring.seal(json.dumps(value), owner=_owner(row), place=place)


async def _unsealed(keyring: Keyring, row: RequestRow, column: str, sealed: bytes) -> Json:
    place = Place("reminder_request", column, row.conversation_id)
    read: Json = json.loads(await keyring.unseal(sealed, owner=_owner(row), place=place))
    return read


def _owner(row: RequestRow) -> str:
    return f"patient/{row.patient_id}"
