"""The table of projections: what FHIR must show too."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class ProjectionRow(Base):
    """One state of one resource, to be shown in the FHIR store."""

    __tablename__ = "projection"
    __table_args__ = (Index("ix_projection_open", "key", postgresql_where="done_at IS NULL"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    row_key: Mapped[str] = mapped_column(String(36), unique=True)
    key: Mapped[str] = mapped_column(String(80))
    resource_sealed: Mapped[bytes]
    written_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
