"""Back to the demo data: everything but the audit is emptied and written anew, in one commit."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.service import record_event
from api.core import jobs
from api.core.crypto import Keyring
from api.core.db import Database
from api.sandbox.clinic import CLINIC_SYSTEM
from api.sandbox.seed import seed
from integrations.ports.fhir import FhirBackend

# Kept: the audit, the schema's version, the clock as it was set, the job engine's own tables.
KEPT_PREFIXES = ("audit_", "alembic_", "pgqueuer")
KEPT_TABLES = frozenset({"sandbox_clock", "data_key", "booking_actor"})
FHIR_PREFIX = "fhir_"
TRIES = 5
DEADLOCK = "40P01"


async def reset(
    database: Database, backend: FhirBackend, keyring: Keyring, *, now: datetime
) -> None:
    """Empty everything but the audit and write the demo data for that present.

    Whoever is at work meanwhile may hold what is to be emptied; then it is tried again.
    """
    for left in reversed(range(TRIES)):
        try:
            async with database.transaction() as session:
                await _empty(session)
                await record_event(
                    session, tag="sandbox:data:reset", agent="service/sandbox", now=now
                )
                await seed(session, backend, keyring, now=now)
        except DBAPIError as failure:
            if left == 0 or getattr(failure.orig, "sqlstate", None) != DEADLOCK:
                raise
        else:
            break
    keyring.forget()


async def _empty(session: AsyncSession) -> None:
    tables = await _tables(session)
    fhir = [table for table in tables if table.startswith(FHIR_PREFIX)]
    others = [table for table in tables if not table.startswith(FHIR_PREFIX)]
    await session.execute(text(f"TRUNCATE {', '.join(sorted(others))}"))
    await _empty_fhir(session, fhir)
    # Owners with a slash are people and conversations, whose ids are never used again. The
    # others (the audit's key) go on being used by every process.
    await session.execute(text("DELETE FROM data_key WHERE owner LIKE '%/%'"))
    await jobs.drop_all(session)


async def _tables(session: AsyncSession) -> list[str]:
    found = await session.scalars(
        text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    )
    return [
        table for table in found if table not in KEPT_TABLES and not table.startswith(KEPT_PREFIXES)
    ]


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
