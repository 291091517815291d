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


class OpenByLink(_In):
    """POST /chat/sessions/link. `link`: what stood in the address of a text's link."""

    clinic: str = Field(max_length=40)
    language: Language = Language.EN
    link: str = Field(max_length=64)
    born: date


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


class ReviewLineOut(BaseModel):
    """One answer of a form to look over; CHANGE and its number asks it again."""

    model_config = ConfigDict(from_attributes=True)

    number: int
    question: str
    answer: str


class FormOut(BaseModel):
    """A form's question, or its answers to look over (`review`).

    `number` of `of`: how far the form is; 0 of 0 where nothing is counted. `minimum`, `maximum`:
    hints in words. `help`: why it is asked. `multiple`: several choices may be sent at once, as
    "1 3".
    """

    model_config = ConfigDict(from_attributes=True)

    number: int
    of: int
    multiple: bool
    can_skip: bool
    can_go_back: bool
    unit: str | None
    minimum: str | None
    maximum: str | None
    help: str | None
    review: list[ReviewLineOut]


class Message(BaseModel):
    """One message of the transcript. `from`: patient, assistant, coordinator or system.

    `input`: what the answer is given with, one of `text`, `none`, `date` (a birth date), `choices`,
    and in forms `many`, `number`, `day` (any date), `long` and `review`.
    """

    model_config = ConfigDict(populate_by_name=True, serialize_by_alias=True)

    id: str
    position: int
    from_: str = Field(alias="from")
    name: str | None
    text: str
    choices: list[ChoiceOut]
    progress: Progress | None
    form: FormOut | None
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
    form = said.rendered.form
    return Message(
        id=said.id,
        position=said.position,
        from_=said.speaker.value,
        name=said.name,
        text=said.rendered.text,
        choices=[ChoiceOut(label=c.label, send=c.send) for c in said.rendered.choices],
        progress=Progress(step=form.number, of=form.of) if form and form.of else None,
        form=FormOut.model_validate(form) if form else None,
        input=said.rendered.input,
        tone=said.rendered.tone,
        at=said.at,
    )
