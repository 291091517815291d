"""Taking what is due, in bulk: every due plan becomes an item of a prompt, and moves to its next.

Nothing is sent here. One commit takes a batch whole. Any number of workers may sweep: one does so
at a time, so that what one person is reminded of at one time is taken together. A plan that cannot
be read is stopped: it must not keep the others waiting.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId, PatientId, new_id
from api.core.logging import describe, get_logger
from api.reminders.kinds import PlanState, PromptState, Stopped
from api.reminders.schedule import Schedule, read_schedule
from api.reminders.wall import instant_of

BATCH = 1000
TOO_LATE = "too_late"
# What a stored schedule or zone that makes no sense raises.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
SCHEDULES_KEPT = 10_000

_PLANS: Final = """
SELECT id, kind, patient_id, conversation_id, zone, schedule::text AS schedule, next_wall, next_at
FROM reminder_plan WHERE state = 'active'
"""
_DUE: Final = text(f"""
{_PLANS} AND next_at <= :now
ORDER BY next_at, conversation_id LIMIT :limit FOR UPDATE SKIP LOCKED
""")
_REST: Final = text(f"""
{_PLANS} AND next_at = :at AND conversation_id = :conversation AND id <> ALL(:known)
FOR UPDATE SKIP LOCKED
""")
# A sweeper that freezes is cut off by Postgres, or nobody would be reminded any more.
_MAY_SWEEP: Final = text("""
SELECT pg_try_advisory_xact_lock(hashtextextended('reminders.claims', 0)),
    set_config('idle_in_transaction_session_timeout', '60s', true)
""")
# Each one statement for a whole batch: a column comes as one array.
_PROMPTS: Final = text("""
INSERT INTO reminder_prompt (id, kind, patient_id, conversation_id, wall, due_at, useful_until,
    state, reason, changed_at)
SELECT *, CAST(:now AS timestamptz) FROM unnest(CAST(:id AS text[]), CAST(:kind AS text[]),
    CAST(:patient AS text[]), CAST(:conversation AS text[]), CAST(:wall AS timestamp[]),
    CAST(:due_at AS timestamptz[]), CAST(:useful_until AS timestamptz[]), CAST(:state AS text[]),
    CAST(:reason AS text[]))
""")
# A time that was taken once is not taken again, also where its plan was moved back to it.
_ITEMS: Final = text("""
INSERT INTO reminder_item (id, plan_id, prompt_id, wall, due_at)
SELECT * FROM unnest(CAST(:id AS text[]), CAST(:plan AS text[]), CAST(:prompt AS text[]),
    CAST(:wall AS timestamp[]), CAST(:due_at AS timestamptz[]))
ON CONFLICT (plan_id, wall) DO NOTHING
""")
_EMPTY: Final = text("""
DELETE FROM reminder_prompt p WHERE id = ANY(CAST(:id AS text[]))
AND NOT EXISTS (SELECT FROM reminder_item i WHERE i.prompt_id = p.id)
""")
_NEXT: Final = text("""
UPDATE reminder_plan p SET next_wall = n.wall, next_at = n.at, state = n.state,
    stopped_because = n.because, changed_at = :now
FROM unnest(CAST(:id AS text[]), CAST(:wall AS timestamp[]), CAST(:at AS timestamptz[]),
    CAST(:state AS text[]), CAST(:because AS text[])) AS n (id, wall, at, state, because)
WHERE p.id = n.id
""")
_WAKE: Final = text("""
UPDATE reminder_prompt SET state = 'due', changed_at = :now
WHERE state = 'waiting' AND due_at <= :now
""")


@dataclass(frozen=True)
class _Taken:
    """A plan at one time that is due, and where it goes from there."""

    plan: str
    kind: str
    patient: str
    conversation: str
    wall: datetime
    due_at: datetime
    useful_until: datetime
    next_wall: datetime | None
    next_at: datetime | None


@dataclass(frozen=True)
class Unreadable:
    """A plan that made no sense any more and was stopped; a person must see to it."""

    plan: str
    patient: PatientId
    conversation: ConversationId


@dataclass(frozen=True)
class Claimed:
    """How many plans were due, and which of them could not be read."""

    count: int
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True)
class _Prompt:
    """What one person is reminded of at one time."""

    id: str
    some: tuple[_Taken, ...]


async def claim_due(session: AsyncSession, *, now: datetime, limit: int = BATCH) -> Claimed:
    """Take plans that are due, the longest due first.

    A plan that was due several times (everything stood still) is taken once a call, so that each
    time gets its own row; what is too late to be of use is stored as expired and never said.
    While another worker takes some, there is nothing to do here.
    """
    if not await session.scalar(_MAY_SWEEP):
        return Claimed(0, ())
    due = await _due(session, now, limit)
    taken = [each for each in due if isinstance(each, _Taken)]
    unreadable = tuple(each for each in due if isinstance(each, Unreadable))
    if taken:
        await _write(session, taken, now)
    if unreadable:
        await _run(session, _NEXT, [_stopped_row(each) for each in unreadable], now=now)
    await session.execute(_WAKE, {"now": now})
    return Claimed(len(due), unreadable)


async def _due(session: AsyncSession, now: datetime, limit: int) -> list[_Taken | Unreadable]:
    """At least so many, where there are: the last person's are not split in two prompts."""
    found = list(await session.execute(_DUE, {"now": now, "limit": limit}))
    if len(found) == limit:
        at, conversation = found[-1].next_at, found[-1].conversation_id
        known = [
            row.id for row in found if (row.next_at, row.conversation_id) == (at, conversation)
        ]
        of_last = {"at": at, "conversation": conversation, "known": known}
        found += await session.execute(_REST, of_last)
    return [_read(*row) for row in found]


def _read(
    id_: str, kind: str, patient: str, conversation: str, zone: str, *due: object
) -> _Taken | Unreadable:
    written, wall, due_at = due
    try:
        if not (isinstance(wall, datetime) and isinstance(due_at, datetime)):
            raise TypeError("an active plan without a next time")
        schedule = _schedule(str(written))
        following = schedule.next_after(wall)
        return _Taken(
            plan=id_,
            kind=kind,
            patient=patient,
            conversation=conversation,
            wall=wall,
            due_at=due_at,
            useful_until=schedule.useful_until(due_at),
            next_wall=following,
            next_at=instant_of(following, ZoneInfo(zone)) if following else None,
        )
    except UNREADABLE as failure:
        get_logger().error("plan_unreadable", plan=id_, **describe(failure))
        return Unreadable(id_, PatientId(patient), ConversationId(conversation))


@lru_cache(SCHEDULES_KEPT)
def _schedule(written: str) -> Schedule:
    """Many people take their medicines at the same hours."""
    return read_schedule(json.loads(written))


async def _write(session: AsyncSession, taken: Sequence[_Taken], now: datetime) -> None:
    prompts = list(_prompts(taken))
    rows = [_prompt_row(each, now) for each in prompts]
    items = [_item_row(each, prompt.id) for prompt in prompts for each in prompt.some]
    await _run(session, _PROMPTS, rows, now=now)
    written = await _run(session, _ITEMS, items)
    if written < len(items):
        await session.execute(_EMPTY, {"id": [each.id for each in prompts]})
    await _run(session, _NEXT, [_next_row(each) for each in taken], now=now)


def _prompts(taken: Sequence[_Taken]) -> Iterator[_Prompt]:
    """One prompt for what one person is reminded of at one time."""
    for _, together in groupby(sorted(taken, key=_hour_of), key=_hour_of):
        yield _Prompt(new_id(), tuple(together))


def _hour_of(each: _Taken) -> tuple[object, ...]:
    # A visit's prompt speaks of one visit.
    alone = each.plan if each.kind == "visit" else ""
    return (each.due_at, each.conversation, each.patient, each.kind, alone)


def _prompt_row(prompt: _Prompt, now: datetime) -> dict[str, object]:
    first = prompt.some[0]
    is_late = now > first.useful_until
    return {
        "id": prompt.id,
        "kind": first.kind,
        "patient": first.patient,
        "conversation": first.conversation,
        "wall": first.wall,
        "due_at": first.due_at,
        "useful_until": first.useful_until,
        "state": PromptState.EXPIRED.value if is_late else PromptState.DUE.value,
        "reason": TOO_LATE if is_late else None,
    }


def _item_row(each: _Taken, prompt: str) -> dict[str, object]:
    return {
        "id": new_id(),
        "plan": each.plan,
        "prompt": prompt,
        "wall": each.wall,
        "due_at": each.due_at,
    }


def _next_row(each: _Taken) -> dict[str, object]:
    """Every plan to its next time; one with nothing left has ended."""
    return {
        "id": each.plan,
        "wall": each.next_wall,
        "at": each.next_at,
        "state": PlanState.ACTIVE.value if each.next_wall else PlanState.ENDED.value,
        "because": None,
    }


def _stopped_row(each: Unreadable) -> dict[str, object]:
    return {
        "id": each.plan,
        "wall": None,
        "at": None,
        "state": PlanState.STOPPED.value,
        "because": Stopped.UNREADABLE.value,
    }


async def _run(
    session: AsyncSession,
    statement: TextClause,
    rows: Sequence[dict[str, object]],
    **single: object,
) -> int:
    """One statement over the columns of all rows; how many rows it wrote."""
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    ended = await session.execute(statement, columns | single)
    return int(getattr(ended, "rowcount", 0))
