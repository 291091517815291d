"""Wire shapes of the sandbox's controls; promised to testers."""

from datetime import datetime, timedelta
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from api.sandbox.faults import Fault, Service

MAX_TEXT_CHARS = 1600


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PhoneText(_In):
    """POST /sandbox/phone/<number>/messages."""

    text: str = Field(max_length=MAX_TEXT_CHARS)


class TextTaken(BaseModel):
    """202: the provider has it."""

    sid: str


class PhoneMessage(BaseModel):
    """One text of a phone's thread. `direction`: inbound (to the clinic) or outbound."""

    sid: str
    direction: str
    text: str
    at: datetime
    status: str


class PhoneThread(BaseModel):
    """Every text of a phone, in order."""

    messages: list[PhoneMessage]


class SetClock(_In):
    """POST /sandbox/clock: exactly one of the three."""

    now: AwareDatetime | None = None
    advance: timedelta | None = None
    real: Literal[True] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> "SetClock":
        if sum(each is not None for each in (self.now, self.advance, self.real)) != 1:
            raise ValueError("exactly one of now, advance, real")
        return self


class ClockState(BaseModel):
    """What time it is for care; `real`: whether that is the system's time."""

    now: datetime
    real: bool


class Idle(BaseModel):
    """Nothing is pending. `waiting`: what waits for a faulted service or a later time."""

    idle: bool
    waiting: int


class SetFaults(_In):
    """POST /sandbox/faults; what is not named stays as it is."""

    twilio: Literal["down", "timeout_after_accept", "429", "ok"] | None = None
    fhir: Literal["down", "slow", "412", "ok"] | None = None
    rasa: Literal["down", "slow", "ok"] | None = None
    webhooks: Literal["reordered", "doubled", "ok"] | None = None

    def chosen(self) -> dict[Service, Fault]:
        """The switches to move."""
        named = self.model_dump(exclude_none=True)
        return {Service(service): Fault(fault) for service, fault in named.items()}


class Faults(BaseModel):
    """How every switch stands."""

    twilio: str
    fhir: str
    rasa: str
    webhooks: str


class State(BaseModel):
    """Counts: messages by state, and what needs somebody."""

    inbox: dict[str, int]
    outbox: dict[str, int]
    dead_letters: int
    due_rows: int
    unacknowledged_escalations: int


class Process(BaseModel):
    """One of our processes."""

    name: str
    pid: int | None
    state: str
    restarts: int
    rss_mb: float


class Processes(BaseModel):
    """All of our processes."""

    processes: list[Process]


class Mail(BaseModel):
    """A mail that would have gone out."""

    to: str
    subject: str
    text: str
    at: datetime


class Mails(BaseModel):
    """All of them, in order."""

    messages: list[Mail]
