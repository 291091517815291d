"""The embedded store's tables.

Ids are the store's own UUIDs as text. No foreign keys between them: one function writes a
resource with all its index rows, and bulk loading stays fast.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP, TSTZRANGE, ExcludeConstraint

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Instant = TIMESTAMP(timezone=True)

resource = Table(
    "fhir_resource",
    metadata,
    Column("type", String, primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

# Versions that have been replaced; the current one is in fhir_resource.
history = Table(
    "fhir_history",
    metadata,
    Column("type", String, primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("updated_at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)


def _index_table(name: str, columns: Sequence[Column[Any]], searched: Sequence[str]) -> Table:
    table = Table(
        name,
        metadata,
        Column("type", String, nullable=False),
        Column("id", String(64), nullable=False),
        Column("param", String, nullable=False),
        *columns,
    )
    Index(None, table.c.id, table.c.type)
    Index(None, table.c.type, table.c.param, *(table.c[column] for column in searched))
    return table


token = _index_table(
    "fhir_token",
    [Column("system", String, nullable=False), Column("code", String, nullable=False)],
    ["code"],
)
reference = _index_table(
    "fhir_reference",
    [Column("target_type", String, nullable=False), Column("target_id", String, nullable=False)],
    ["target_id"],
)
date = _index_table(
    "fhir_date",
    [Column("start_at", Instant, nullable=False), Column("end_at", Instant, nullable=False)],
    ["start_at"],
)
string = _index_table(
    "fhir_string",
    [Column("folded", String, nullable=False), Column("exact", String, nullable=False)],
    ["folded"],
)

compartment = Table(
    "fhir_compartment",
    metadata,
    Column("patient_id", String(64), primary_key=True),
    Column("type", String, primary_key=True),
    Column("id", String(64), primary_key=True),
    Index(None, "id", "type"),
)

# Whoever's time can be taken (a practitioner, a device, a schedule). The number is what the
# exclusion constraint compares; the row is what booking locks.
actor = Table(
    "booking_actor",
    metadata,
    Column("key", BigInteger, Identity(), primary_key=True),
    Column("reference", String, nullable=False, unique=True),
)

# Each slot's time, once per actor.
slot_time = Table(
    "booking_slot",
    metadata,
    Column("slot_id", String(64), primary_key=True),
    Column("actor", BigInteger, primary_key=True),
    Column("schedule_id", String(64), nullable=False),
    Column("start_at", Instant, nullable=False),
    Column("end_at", Instant, nullable=False),
    Index(None, "start_at"),
)

# The authority on who has which time. A row is a claim: held until expires_at, or, where that
# is null, for good. Without btree_gist in the embedded Postgres, equality of actors is written
# as overlap of one-element ranges.
interval = Table(
    "booking_interval",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("actor", BigInteger, nullable=False),
    Column("during", TSTZRANGE, nullable=False),
    Column("state", String, nullable=False),
    Column("expires_at", Instant),
    Column("appointment_id", String(64), index=True),
    Column("slot_id", String(64), index=True),
    Column("patient_id", String(64), index=True),
    ExcludeConstraint(
        (text("int8range(actor, actor, '[]')"), "&&"),
        ("during", "&&"),
        name="no_overlap",
        using="gist",
    ),
)
