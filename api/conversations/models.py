"""Tables of conversations: their state, and the transcript."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.conversations.kinds import Owner
from api.core.db import Base, Instant


class ConversationRow(Base):
    """The state of one conversation; its id is its thread's."""

    __tablename__ = "conversation"

    id: Mapped[str] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str] = mapped_column(String(8), default=Owner.BOT)
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_position: Mapped[int] = mapped_column(default=0)

    patient_id: Mapped[str | None] = mapped_column(String(64))
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    phone_is_shared: Mapped[bool] = mapped_column(default=False)
    """Several people are on this number: who it is holds for one topic, and not for long."""
    identity_tries: Mapped[int] = mapped_column(default=0)
    identifier_sealed: Mapped[bytes | None]
    """What an unknown web visitor gave as number or MRN, until the birth date is checked."""

    episode: Mapped[int] = mapped_column(default=1)
    """The engine's sender is `<conversation>:<episode>`."""
    episode_turns: Mapped[int] = mapped_column(default=0)
    misses: Mapped[int] = mapped_column(default=0)
    holding_since: Mapped[datetime | None] = mapped_column(Instant)
    """Since when the engine could not be reached for this conversation."""

    lease_holder: Mapped[int | None]
    """The worker at it (`core.presence`); void when that worker is dead."""
    lease_token: Mapped[str | None] = mapped_column(String(36))
    lease_message: Mapped[str | None] = mapped_column(String(36))


class MessageRow(Base):
    """One message of the transcript. Positions count up by one within a conversation."""

    __tablename__ = "message"
    __table_args__ = (UniqueConstraint("conversation_id", "position"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    position: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(12))
    name: Mapped[str | None] = mapped_column(String(80))
    body_sealed: Mapped[bytes]
    """`{"text", "choices", "input"}` as JSON, sealed under the conversation's key."""
    at: Mapped[datetime] = mapped_column(Instant)
    inbound_id: Mapped[str | None] = mapped_column(String(36), unique=True)
    outbound_id: Mapped[str | None] = mapped_column(String(36))
