"""Tables of the sandbox: the fake SMS provider, fault switches, mail that would have gone out."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class TwilioMessageRow(Base):
    """One text at the fake provider. It is not sealed: these are invented phones."""

    __tablename__ = "twilio_message"
    __table_args__ = (Index("ix_twilio_message_phone", "phone", "seq"),)

    sid: Mapped[str] = mapped_column(String(34), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    phone: Mapped[str] = mapped_column(String(16))
    """The patient's side, whichever way the text went."""
    clinic_number: Mapped[str] = mapped_column(String(16))
    direction: Mapped[str] = mapped_column(String(16))
    body: Mapped[str]
    status: Mapped[str] = mapped_column(String(16))
    status_callback: Mapped[str | None]
    sent_at: Mapped[datetime] = mapped_column(Instant)
    """Real time: what the provider lists and is searched by."""
    at: Mapped[datetime] = mapped_column(Instant)
    """The set clock's time: what the phone shows."""


class TwilioBlockRow(Base):
    """A phone that opted out of a number at the provider."""

    __tablename__ = "twilio_block"

    phone: Mapped[str] = mapped_column(String(16), primary_key=True)
    clinic_number: Mapped[str] = mapped_column(String(16), primary_key=True)


class TwilioWebhookRow(Base):
    """A webhook that the provider owes us; a row, so that killing `api` loses none.

    Rows of one lane (a phone's texts, a text's states) go one after the other.
    """

    __tablename__ = "twilio_webhook"
    __table_args__ = (Index("ix_twilio_webhook_lane", "lane", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    lane: Mapped[str] = mapped_column(String(40))
    url: Mapped[str]
    fields: Mapped[dict[str, str]] = mapped_column(JSONB)
    tries: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)


class SandboxFaultRow(Base):
    """One switch and how it stands; no row: ok."""

    __tablename__ = "sandbox_fault"

    service: Mapped[str] = mapped_column(String(16), primary_key=True)
    fault: Mapped[str] = mapped_column(String(24))


class SandboxMailRow(Base):
    """A mail that would have gone out; one with a Message-ID, as a mailbox shows it."""

    __tablename__ = "sandbox_mail"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64), unique=True)
    to: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    at: Mapped[datetime] = mapped_column(Instant)
