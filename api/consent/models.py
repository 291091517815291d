"""The consent ledger: append-only; the newest row of a number is its state."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class ConsentRow(Base):
    """One act of consent, with the exact words shown and said."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_number", "number_lookup", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    number_lookup: Mapped[bytes]
    conversation_id: Mapped[str] = mapped_column(String(36), index=True)
    state: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(8))
    language: Mapped[str] = mapped_column(String(2))
    evidence: Mapped[str] = mapped_column(String(128))
    """The id of the message that said it, or where else it comes from."""
    words_sealed: Mapped[bytes | None]
    """`{"shown": …, "said": …}`, sealed under the conversation's key."""
    row_key: Mapped[str] = mapped_column(String(36), unique=True)
    patient_id: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
