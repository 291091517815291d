"""Back to the demo data: everything but the audit is emptied and written anew, in one commit."""

import asyncio
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.service import record_event
from api.core import jobs
from api.core.crypto import Keyring
from api.core.db import Database
from api.sandbox.clinic import CLINIC_SYSTEM
from api.sandbox.faults import clear_faults
from api.sandbox.seed import seed
from integrations.ports.fhir import FhirBackend

# Kept: the audit, the schema's version, the clock as it was set, the job engine's own tables.
KEPT_PREFIXES = ("audit_", "alembic_", "pgqueuer")
# The last three are read beside the main pool: truncating would lock their readers out, whom the
# seed itself needs.
KEPT_TABLES = frozenset({"booking_actor", "sandbox_clock", "sandbox_fault", "data_key"})
FHIR_PREFIX = "fhir_"
TRIES = 200
LOCKS_WITHIN = "250ms"
REST_S = 0.05
# Of Postgres: lock_not_available, deadlock_detected.
HELD_BY_OTHERS = frozenset({"55P03", "40P01"})


async def reset(
    database: Database, backend: FhirBackend, keyring: Keyring, *, now: datetime
) -> None:
    """Empty everything but the audit and write the demo data for that present."""
    for left in reversed(range(TRIES)):
        try:
            async with database.transaction() as session:
                await _empty(session)
                await record_event(
                    session, tag="sandbox:data:reset", agent="service/sandbox", now=now
                )
                await seed(session, backend, keyring, now=now)
        except DBAPIError as failure:
            if left == 0 or getattr(failure.orig, "sqlstate", None) not in HELD_BY_OTHERS:
                raise
            await asyncio.sleep(REST_S)
        else:
            break
    keyring.forget()


async def _empty(session: AsyncSession) -> None:
    tables = await _tables(session)
    await _lock(session, tables)
    fhir = [table for table in tables if table.startswith(FHIR_PREFIX)]
    others = [table for table in tables if not table.startswith(FHIR_PREFIX)]
    await session.execute(text(f"TRUNCATE {', '.join(others)}"))
    await _empty_fhir(session, fhir)
    await clear_faults(session)
    # Owners with a slash are people and conversations, whose ids are never used again. The
    # others (the audit's key) go on being used by every process.
    await session.execute(text("DELETE FROM data_key WHERE owner LIKE '%/%'"))
    await jobs.drop_all(session)


async def _lock(session: AsyncSession, tables: list[str]) -> None:
    """Have every table to ourselves, or give all of them back soon and try again.

    Who is at work holds some of them and waits for others: waiting long while we hold some too
    would be a deadlock.
    """
    await session.execute(text(f"SET LOCAL lock_timeout = '{LOCKS_WITHIN}'"))
    await session.execute(text(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE"))
    await session.execute(text("SET LOCAL lock_timeout = 0"))


async def _tables(session: AsyncSession) -> list[str]:
    found = await session.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    )
    return sorted(
        table for table in found if table not in KEPT_TABLES and not table.startswith(KEPT_PREFIXES)
    )


async def _empty_fhir(session: AsyncSession, tables: list[str]) -> None:
    """All but the clinic itself, which the seed brings back to its words under the same ids."""
    kept = await session.scalars(
        text("SELECT id FROM fhir_token WHERE param = 'identifier' AND system = :system"),
        {"system": CLINIC_SYSTEM},
    )
    ids = list(kept.all())
    for table in tables:
        await session.execute(
            text(f"DELETE FROM {table} WHERE id <> ALL(:kept)"),  # noqa: S608 -- from the catalogue
            {"kept": ids},
        )
