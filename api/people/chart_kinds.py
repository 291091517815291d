"""What a patient's chart is made of: cards that stand or fail each on its own."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from api.core.ids import PatientId
from api.core.language import Language

SOURCE = "FHIR R4 · Careline store"
NOT_FOR_ROLE = "Your role does not include clinical details."


class CardKind(StrEnum):
    """The cards, in the order in which they are shown: what can harm comes first."""

    ALLERGIES = "allergies"
    PROBLEMS = "problems"
    MEDICINES = "medicines"
    READINGS = "readings"
    FORMS = "forms"
    VISITS = "visits"
    CONSENTS = "consents"


class State(StrEnum):
    """What is known of a card's subject. `EMPTY` is not knowledge that there is nothing."""

    OK = "ok"
    EMPTY_KNOWN = "empty_known"
    EMPTY = "empty"
    FAILED = "failed"


class Flag(StrEnum):
    """What the record itself says of a reading against its reference range."""

    LOW = "low"
    HIGH = "high"
    CRITICAL = "critical"
    ABNORMAL = "abnormal"


class Trend(StrEnum):
    """How a reading stands to the one before it."""

    UP = "up"
    DOWN = "down"
    SAME = "same"


@dataclass(frozen=True)
class Item:
    """One line of a card.

    Attributes:
        text: what it is, such as a medicine with its strength.
        detail: what else is to be known of it; empty where nothing is.
        at: when it was or will be, in the zone that was asked for.
        flag: only where the record says so; nothing is judged here.
        trend: against the reading before.
        is_severe: an allergy of high criticality or with a severe reaction on record, or a form
            in which the patient speaks of self-harm.
        is_sensitive: the record marks it as restricted (such as mental health).
        ref: id of what can be opened, where something can.
    """

    text: str
    detail: str = ""
    at: datetime | None = None
    flag: Flag | None = None
    trend: Trend | None = None
    is_severe: bool = False
    is_sensitive: bool = False
    ref: str = ""


@dataclass(frozen=True)
class Card:
    """One part of the chart. `more`: the record holds more than is shown here."""

    kind: CardKind
    state: State
    items: tuple[Item, ...]
    read_at: datetime
    more: bool = False
    source: str = SOURCE


@dataclass(frozen=True)
class Withheld:
    """A card that this member of staff may not see, and why."""

    kind: CardKind
    reason: str = NOT_FOR_ROLE


@dataclass(frozen=True)
class Facts:
    """Who the patient is. `phone` shows its last four digits only."""

    id: PatientId
    name: str
    born_on: date | None
    gender: str | None
    mrn: str | None
    phone: str | None
    language: Language | None
    zone: str | None


@dataclass(frozen=True)
class Chart:
    """A patient's record as one member of staff may see it. `facts` is None when unreadable."""

    facts: Facts | None
    cards: tuple[Card, ...]
    withheld: tuple[Withheld, ...]
    read_at: datetime

    def card(self, kind: CardKind) -> Card | None:
        """The card of a kind, unless it is withheld."""
        return next((each for each in self.cards if each.kind is kind), None)
