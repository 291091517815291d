"""The table of forms that are being filled in: where each stands; its answers are in the record."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class FormRow(Base):
    """One form that somebody fills in."""

    __tablename__ = "intake_form"
    __table_args__ = (
        Index(
            "uq_intake_form_open",
            "conversation_id",
            unique=True,
            postgresql_where="state IN ('asking', 'review')",
        ),
        # A Task asks for one form, once.
        Index("uq_intake_form_task", "task_id", unique=True),
        Index("ix_intake_form_due", "next_at", postgresql_where="next_at IS NOT NULL"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), index=True)
    patient_id: Mapped[str] = mapped_column(String(64), index=True)
    questionnaire: Mapped[str] = mapped_column(String(512))
    """Its canonical address, with the version that was begun."""
    task_id: Mapped[str | None] = mapped_column(String(64))
    """The Task by which the form is due."""
    before_visit: Mapped[bool] = mapped_column(default=False)
    response_id: Mapped[str | None] = mapped_column(String(64))
    """The QuestionnaireResponse; none before the first answer."""
    state: Mapped[str] = mapped_column(String(8))
    at: Mapped[list[list[object]] | None] = mapped_column(JSONB(none_as_null=True))
    """Which question is asked: `[[linkId, index], …]` from the root."""
    input: Mapped[str] = mapped_column(String(8), default="")
    """What kind of answer that question takes."""
    given: Mapped[int] = mapped_column(default=0)
    """How many answers to a question that takes several were given since it was asked."""
    notice: Mapped[dict[str, object] | None] = mapped_column(JSONB(none_as_null=True))
    """What the last turn is told before the question: `{"response", "arguments"}`."""
    last_turn: Mapped[str] = mapped_column(String(64))
    next_step: Mapped[str | None] = mapped_column(String(8))
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    """When it was sent last; from then on it can only be corrected."""
    sent_version: Mapped[int | None]
    """The version of the response that was sent last."""
    opened_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
