"""Wire shapes of the web chat; promised to integrators."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from api.conversations.transcript import Said
from api.core.language import Language

MAX_TEXT_CHARS = 4_000


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class OpenSession(_In):
    """POST /chat/sessions."""

    clinic: str = Field(max_length=40)
    language: Language = Language.EN


class SessionOpened(BaseModel):
    """201 of POST /chat/sessions."""

    session: str
    token: str
    expires_at: datetime


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
    at: datetime


class Messages(BaseModel):
    """200 of GET /chat/messages."""

    messages: list[Message]


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
        at=said.at,
    )
