"""Chat sessions of the web."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class ChatSessionRow(Base):
    """One visitor's session. Only a hash of its token is kept."""

    __tablename__ = "chat_session"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), index=True)
    clinic: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
