"""Registered OAuth clients, and the assertions that were used once."""

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class OAuthClientRow(Base):
    """A partner's client: what it may ask for, and its public keys."""

    __tablename__ = "oauth_client"

    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    scopes: Mapped[str] = mapped_column(String)
    jwks: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_active: Mapped[bool] = mapped_column(Boolean)


class OAuthAssertionRow(Base):
    """A client assertion that has been presented; kept until it has lapsed."""

    __tablename__ = "oauth_assertion"

    client_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    jti: Mapped[str] = mapped_column(String(200), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(Instant)
