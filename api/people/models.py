"""Failed attempts to say who one is."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class IdentityFailureRow(Base):
    """One wrong birth date for a number or record number, whoever gave it, wherever."""

    __tablename__ = "identity_failure"
    __table_args__ = (Index("ix_identity_failure_typed", "typed_lookup", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    typed_lookup: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(Instant)
