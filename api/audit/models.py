"""Audit rows: written once, in the transaction of what they record, never changed."""

from datetime import datetime

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant, Sealed


class AuditRow(Base):
    """One act on one patient's data, or on none's."""

    __tablename__ = "audit_event"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    writer: Mapped[str] = mapped_column(String)
    tag: Mapped[str] = mapped_column(String)
    action: Mapped[str] = mapped_column(String(1))
    subtype: Mapped[str] = mapped_column(String)
    outcome: Mapped[str] = mapped_column(String(2))
    agent_kind: Mapped[str] = mapped_column(String)
    agent_id: Mapped[str] = mapped_column(String)
    on_behalf_of: Mapped[str | None] = mapped_column(String)
    resource_type: Mapped[str | None] = mapped_column(String)
    resource_id: Mapped[str | None] = mapped_column(String)
    resource_version: Mapped[int | None] = mapped_column(Integer)
    patient_id: Mapped[str | None] = mapped_column(String)
    purpose: Mapped[str | None] = mapped_column(String)
    origin: Mapped[str | None] = mapped_column(String)
    request_id: Mapped[str | None] = mapped_column(String)
    turn_id: Mapped[str | None] = mapped_column(String)
    query: Mapped[bytes | None] = mapped_column(Sealed)

    __table_args__ = (
        Index(None, "patient_id", "id"),
        Index(None, "agent_id", "id"),
        Index(None, "resource_id", "id"),
        Index(None, "at"),
    )


class AuditPendingRow(Base):
    """A row that is not sealed into the tree yet."""

    __tablename__ = "audit_pending"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
