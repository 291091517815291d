"""Tables of staff: who may sign in, their sessions, and how often it went wrong."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant, Sealed


class MemberRow(Base):
    """Somebody who may sign in, or could once: the audit goes on naming the id."""

    __tablename__ = "staff_member"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    """In lower case."""
    name: Mapped[str]
    role: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str]
    totp_secret: Mapped[bytes] = mapped_column(Sealed)
    last_step: Mapped[int] = mapped_column(BigInteger)
    """The time step of the last one-time code that was taken; no code counts twice."""
    added_at: Mapped[datetime] = mapped_column(Instant)
    disabled_at: Mapped[datetime | None] = mapped_column(Instant)


class SessionRow(Base):
    """A sign-in. Only the hash of its token is here, so nobody signs in with what a row says."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_member_id", "member_id"),)

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    member_id: Mapped[str] = mapped_column(ForeignKey("staff_member.id"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    active_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    locked_at: Mapped[datetime | None] = mapped_column(Instant)
    wrong_unlocks: Mapped[int]
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class TriesRow(Base):
    """How often something went wrong in a row for one account or address, known by its hash."""

    __tablename__ = "staff_tries"

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    wrong: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Instant)
    blocked_until: Mapped[datetime | None] = mapped_column(Instant)
    forget_at: Mapped[datetime] = mapped_column(Instant, index=True)
