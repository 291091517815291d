"""What a message can come to, and all that decides it. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from api.consent.kinds import ConsentState
from api.conversations.kinds import Owner
from api.conversations.topics import Topic
from api.core.language import Language
from api.messaging.expectations import Expectation
from api.messaging.kinds import Channel
from api.messaging.replies import Word
from api.reminders.kinds import DoseAnswer, SkipReason, VisitAnswer
from api.safety.scan import Finding


@dataclass(frozen=True)
class Situation:
    """All that decides who answers, as it was when the message's turn came.

    `unexpected`: messages in the last ten minutes that answered no question of ours.
    `repeats`: how many of the last three messages said the same replies.
    """

    text: str
    channel: Channel
    owner: Owner
    language: Language
    consent: ConsentState
    expectations: tuple[Expectation, ...]
    unexpected: int
    repeats: int
    today: date
    wrote_before: datetime | None = None
    """When the patient's message before this one came."""
    unclear: str = ""
    """The reply that fitted two questions, while we ask which of them it was for."""
    of_medicine: frozenset[str] = frozenset()
    """Of these texts those that answer our question about a medicine."""
    came_at: datetime | None = None
    """When this message came."""
    whose: Mapping[str, str] = field(default_factory=dict)
    """Whose each of several open doses is, by its prompt."""


@dataclass(frozen=True)
class OptOut:
    """Stop texting this number. `by_carrier`: the carrier confirms and blocks by itself."""

    by_carrier: bool
    may_have_meant_visit: bool = False
    finding: Finding | None = None
    """A red flag in the same words: both are acted on."""


@dataclass(frozen=True)
class OptIn:
    """Text this number (again). `confirm`: nobody else confirms it and no request waits."""

    confirm: bool


@dataclass(frozen=True)
class Help:
    """Say who we are and how to stop."""


@dataclass(frozen=True)
class EndChat:
    """STOP on the web, where there is no carrier: the visitor wants to end."""


@dataclass(frozen=True)
class WrongNumber:
    """The number belongs to somebody else, who may be in danger all the same."""

    finding: Finding | None = None


@dataclass(frozen=True)
class RedFlag:
    """Help is needed now; with `finding.ask`, one question first."""

    finding: Finding


@dataclass(frozen=True)
class RedFlagCleared:
    """The one question was answered with a no."""


@dataclass(frozen=True)
class Loop:
    """We go in circles, or talk to a machine."""


@dataclass(frozen=True)
class HumanOwns:
    """A person answers here; the assistant is silent."""


@dataclass(frozen=True)
class WantsPerson:
    """They asked for a person."""


@dataclass(frozen=True)
class ChangeLanguage:
    """They named a language."""

    language: Language


@dataclass(frozen=True)
class AskOptIn:
    """Nobody on this number agreed to be texted yet. `language`: the one they just named."""

    language: Language | None = None


@dataclass(frozen=True)
class Declined:
    """They do not want to be texted."""


@dataclass(frozen=True)
class Silenced:
    """The number is opted out: keep the message, answer nothing."""


@dataclass(frozen=True)
class Identifier:
    """Their phone number or record number, as typed."""

    typed: str


@dataclass(frozen=True)
class BirthDates:
    """Every date that the answer to "date of birth?" may mean."""

    dates: tuple[date, ...]


@dataclass(frozen=True)
class BookingAnswer:
    """An exact answer to an open question of a booking: a number, or a word of its menu."""

    choice: int | None
    word: Word | None


@dataclass(frozen=True)
class DoseReply:
    """What was said of the doses of a prompt."""

    prompt: str
    what: DoseAnswer
    also: tuple[str, ...] = ()
    """Further prompts of the same person of which it was said too: "I took both"."""


@dataclass(frozen=True)
class DoseCheck:
    """A bare yes of which it is not clear that it is said of the dose of a prompt."""

    prompt: str


@dataclass(frozen=True)
class WhichDose:
    """Something that was said of one dose, of somebody who has several open."""

    prompts: tuple[str, ...]
    what: DoseAnswer | SkipReason


@dataclass(frozen=True)
class SkipReply:
    """Why the doses of a prompt were skipped."""

    prompt: str
    why: SkipReason
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class VisitReply:
    """What was said of the visit of a prompt."""

    prompt: str
    what: VisitAnswer


@dataclass(frozen=True)
class ReleaseReply:
    """Whether the time of a visit is given away."""

    prompt: str
    yes: bool


@dataclass(frozen=True)
class FormReply:
    """An exact answer to the open question of a form, or a word that is none, as it was said."""

    text: str


@dataclass(frozen=True)
class MedicineReply:
    """The answer to a question about a medicine: which one, or at what times."""

    text: str


@dataclass(frozen=True)
class NamesReply:
    """Whether a text may name their medicine."""

    yes: bool


@dataclass(frozen=True)
class NamesWish:
    """Unasked: from now on texts may, or may not, name their medicines."""

    yes: bool


@dataclass(frozen=True)
class OpenForm:
    """They want to begin their form, or to go on with it. `new`: rather one that was not sent."""

    new: bool = False


@dataclass(frozen=True)
class ChangeForm:
    """They want to change a form that they sent.

    `which`: how its id ends, where they chose it; `number`: of the answer, where they named it.
    """

    which: str | None = None
    number: int | None = None


@dataclass(frozen=True)
class PutOffForm:
    """Not now: the form that was offered can wait."""


@dataclass(frozen=True)
class Unclear:
    """It fits two open questions of ours, and nothing tells which.

    `prompts`: those of one topic, the earliest first; `about`: the reply, where it is an earlier
    message.
    """

    topics: tuple[Topic, ...]
    prompts: tuple[str, ...] = ()
    about: str | None = None


@dataclass(frozen=True)
class CodeWish:
    """Whether a one-time code (or a new one) shall be texted."""

    yes: bool


@dataclass(frozen=True)
class CodeReply:
    """The digits that were typed where a one-time code is asked for."""

    digits: str = field(repr=False)


@dataclass(frozen=True)
class Bot:
    """The dialogue engine answers."""


Decision = (
    OptOut | OptIn | Help | EndChat | WrongNumber | RedFlag | RedFlagCleared | Loop | HumanOwns
    | WantsPerson | ChangeLanguage | AskOptIn | Declined | Silenced | Identifier | BirthDates
    | BookingAnswer | DoseReply | SkipReply | VisitReply | ReleaseReply | MedicineReply | NamesReply
    | FormReply | OpenForm | ChangeForm | PutOffForm | Unclear | CodeWish | CodeReply | DoseCheck
    | WhichDose | NamesWish | Bot
)  # fmt: skip

# What answers a question of ours, or a person's: never part of a loop.
EXPECTED = (
    *(Identifier, BirthDates, BookingAnswer, RedFlagCleared, OptIn, HumanOwns),
    *(DoseReply, SkipReply, VisitReply, ReleaseReply, MedicineReply, NamesReply, Unclear),
    *(FormReply, PutOffForm, CodeWish, CodeReply, DoseCheck, WhichDose),
)
