"""Tables of the web chat: visitors' sessions, and the tokens that open them."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class ChatSessionRow(Base):
    """One visitor's session: a conversation that a browser may come back to."""

    __tablename__ = "chat_session"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), index=True)
    clinic: Mapped[str] = mapped_column(String(40))
    resume_hash: Mapped[bytes | None] = mapped_column(unique=True)
    """Of what the browser keeps to come back with; none once the session was ended."""
    opened_from: Mapped[bytes | None]
    """The network of whoever opened it, as a keyed hash."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """Real time, like every token's end."""
    active_at: Mapped[datetime] = mapped_column(Instant)
    """Care's time of the last sign of life: opened, wrote, "I am still here"."""
    wrong_tries: Mapped[int] = mapped_column(default=0)
    """Wrong birth dates given to come back to it."""
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class ChatTokenRow(Base):
    """What one page of a browser speaks with. Only a hash of the token is kept."""

    __tablename__ = "chat_token"

    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("chat_session.id"), index=True)
    is_confirmed: Mapped[bool]
    """False: it opens nothing before the birth date is given."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
