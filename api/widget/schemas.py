"""Wire shapes of the web chat; promised to integrators."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from api.conversations.kinds import Owner
from api.conversations.transcript import Said
from api.core.language import Language
from api.messaging.words import Tone
from api.widget.sessions import IDLE_AFTER, Opened, Standing
from api.widget.streams import Attended

MAX_TEXT_CHARS = 4_000


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenSession(_In):
    """POST /chat/sessions. `resume`: what an earlier answer gave to come back with."""

    clinic: str = Field(max_length=40)
    language: Language = Language.EN
    resume: str | None = Field(default=None, max_length=64)


class SessionOpened(BaseModel):
    """201 of POST /chat/sessions. `idle_s`: seconds of silence after which the session rests."""

    session: str
    token: str
    expires_at: datetime
    resume: str
    idle_s: int
    standing: Standing


class Confirm(_In):
    """POST /chat/sessions/confirm."""

    born: date


class Confirmed(BaseModel):
    """200 of POST /chat/sessions/confirm."""

    confirmed: bool


class SendMessage(_In):
    """POST /chat/messages. `id` is the client's own; sending it again has no second effect."""

    id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9-]+$")
    text: str = Field(min_length=1, max_length=MAX_TEXT_CHARS)


class MessageTaken(BaseModel):
    """202 of POST /chat/messages."""

    id: str
    position: int


class ChoiceOut(BaseModel):
    """A quick reply: what the button says and what tapping it sends."""

    label: str
    send: str


class Progress(BaseModel):
    """How far a form is."""

    step: int
    of: int


class Message(BaseModel):
    """One message of the transcript. `from`: patient, assistant, coordinator or system."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: str
    position: int
    from_: str = Field(alias="from")
    name: str | None
    text: str
    choices: list[ChoiceOut]
    progress: Progress | None
    input: str
    tone: Tone
    at: datetime


class StandingOut(BaseModel):
    """Who answers: `name` of a person, and whether somebody is at the clinic (`open`)."""

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    owner: Owner
    name: str | None
    is_open: bool = Field(alias="open")


class Messages(BaseModel):
    """200 of GET /chat/messages."""

    messages: list[Message]
    standing: StandingOut | None


def as_opened(opened: Opened) -> SessionOpened:
    """A session as its page gets it."""
    return SessionOpened(
        session=opened.session,
        token=opened.token,
        expires_at=opened.expires_at,
        resume=opened.resume,
        idle_s=int(IDLE_AFTER.total_seconds()),
        standing=opened.standing,
    )


def as_standing(attended: Attended) -> StandingOut:
    """Who answers, as the chat shows it."""
    return StandingOut(owner=attended.owner, name=attended.name, is_open=attended.is_open)


def as_message(said: Said) -> Message:
    """A message of the transcript as the chat shows it."""
    return Message(
        id=said.id,
        position=said.position,
        from_=said.speaker.value,
        name=said.name,
        text=said.rendered.text,
        choices=[ChoiceOut(label=c.label, send=c.send) for c in said.rendered.choices],
        progress=None,
        input=said.rendered.input,
        tone=said.rendered.tone,
        at=said.at,
    )
