"""Reading a request for a visit: what for, with whom, when.

A bodily complaint without a wish for a specialist is family medicine. What is not understood is
left open and asked for; nothing is guessed from a word that may mean two things.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from api.core.language import Language
from api.core.text import fold, words
from api.scheduling.reader import read_when, windows
from integrations.ports.fhir import Window

DEFAULT_SERVICE = "family-medicine"
SHORTEST_NAME = 3


@dataclass(frozen=True)
class Vocabulary:
    """Folded phrases by which patients name services, and words that carry no reason."""

    services: Mapping[str, tuple[str, ...]]
    anybody: tuple[str, ...]
    anytime: tuple[str, ...]
    other_times: tuple[str, ...]
    filler: frozenset[str]


@dataclass(frozen=True)
class Clinician:
    """Somebody visits are booked with. `services`: codes of what they offer."""

    id: str
    given: str
    family: str
    prefix: str
    services: frozenset[str]

    @property
    def full_name(self) -> str:
        """As on the door: "Dr Ana Ruiz"."""
        return " ".join(part for part in (self.prefix, self.given, self.family) if part)

    @property
    def short_name(self) -> str:
        """As in a text: "Dr Ruiz", "Tom Becker"."""
        return f"{self.prefix} {self.family}" if self.prefix else f"{self.given} {self.family}"


@dataclass(frozen=True)
class Directory:
    """Who and what can be booked at the clinic: names of services by code, and clinicians."""

    services: Mapping[str, str]
    clinicians: tuple[Clinician, ...]

    def clinician(self, id_: str | None) -> Clinician | None:
        """The clinician with that id."""
        return next((each for each in self.clinicians if each.id == id_), None)


@dataclass(frozen=True)
class Wish:
    """What a text asks for.

    Attributes:
        reason: the text, where it says why.
        service: code of the service, where one is named.
        practitioner: id of the clinician, where one is named.
        anybody: they said that any clinician will do.
        windows: None: it says nothing of when; empty: any time.
        wants_others: they want other times than those they were offered.
        is_ambiguous: it names a day that may be two.
    """

    reason: str | None
    service: str | None
    practitioner: str | None
    windows: tuple[Window, ...] | None
    anybody: bool = False
    wants_others: bool = False
    is_ambiguous: bool = False

    @property
    def says_something_new(self) -> bool:
        """Whether it names a time, a service or a clinician."""
        named = self.service is not None or self.practitioner is not None
        return named or self.windows is not None or self.anybody


def load_vocabulary(path: Path) -> Vocabulary:
    """Read the reviewed file of booking words."""
    read = yaml.safe_load(path.read_text("utf-8"))
    phrases = {
        code: tuple(fold(phrase) for each in by_language.values() for phrase in each)
        for code, by_language in read["services"].items()
    }
    filler = " ".join(read["filler"].values()).split()
    return Vocabulary(
        services=phrases,
        anybody=_folded(read["anybody"]),
        anytime=_folded(read["anytime"]),
        other_times=_folded(read["other_times"]),
        filler=frozenset(word for each in filler for word in words(each)),
    )


def read_wish(
    text: str,
    directory: Directory,
    vocabulary: Vocabulary,
    *,
    now: datetime,
    zone: ZoneInfo,
    language: Language,
) -> Wish:
    """What this text says about a visit."""
    tokens = words(text)
    clinician = _clinician(tokens, directory)
    service = _service(tokens, vocabulary) or _only_service(clinician)
    reason = text.strip() if service or _says_why(tokens, vocabulary, directory) else None
    reading = read_when(text, now=now, zone=zone, language=language)
    spans = windows(reading, now=now)
    return Wish(
        reason=reason,
        service=service,
        practitioner=clinician.id if clinician else None,
        windows=_any_time(tokens, vocabulary)
        if not spans
        else tuple(Window(each.start, each.end) for each in spans),
        anybody=_says(tokens, vocabulary.anybody),
        wants_others=_says(tokens, vocabulary.other_times),
        is_ambiguous=reading.ambiguous and not spans,
    )


def _service(tokens: Sequence[str], vocabulary: Vocabulary) -> str | None:
    named = (code for code, phrases in vocabulary.services.items() if _says(tokens, phrases))
    return next(named, None)


def _only_service(clinician: Clinician | None) -> str | None:
    if clinician is None or len(clinician.services) != 1:
        return None
    return next(iter(clinician.services))


def _clinician(tokens: Sequence[str], directory: Directory) -> Clinician | None:
    """The one clinician whose family name (or full name) is said; two of a name: none."""
    named = [
        each
        for each in directory.clinicians
        if fold(each.family) in tokens and len(each.family) >= SHORTEST_NAME
    ]
    if len(named) > 1:
        named = [each for each in named if fold(each.given) in tokens]
    return named[0] if len(named) == 1 else None


def _says_why(tokens: Sequence[str], vocabulary: Vocabulary, directory: Directory) -> bool:
    names = {fold(name) for each in directory.clinicians for name in (each.given, each.family)}
    return any(
        token.isalpha() and len(token) > 1 and token not in vocabulary.filler | names
        for token in tokens
    )


def _any_time(tokens: Sequence[str], vocabulary: Vocabulary) -> tuple[Window, ...] | None:
    return () if _says(tokens, vocabulary.anytime) else None


def _says(tokens: Sequence[str], phrases: Sequence[str]) -> bool:
    spoken = _spaced(tokens)
    return any(f" {phrase} " in spoken for phrase in phrases)


def _folded(by_language: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(fold(phrase) for each in by_language.values() for phrase in each)


def _spaced(tokens: Sequence[str]) -> str:
    return f" {' '.join(tokens)} "
