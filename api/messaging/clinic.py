"""What the clinic writes itself: its name and numbers, and its answers to common questions.

Files in `nlu_data/faq/<clinic>/`: `clinic.yml` and one file per topic with owner and review date.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from api.core.language import Language
from api.messaging.branding import plain_svg, readable


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Ladder(_Wire):
    """Who is told of a safety alert, by their sign-in e-mail, one after the other."""

    primary: str
    backup: str
    on_call: str


class Period(_Wire):
    """When the clinic is staffed: ISO weekdays (Monday is 1), from and to as local wall times."""

    days: tuple[int, ...]
    opens: time
    closes: time


class Spoken(_Wire):
    """A sentence of the clinic's own in each language."""

    en: str
    es: str

    def words(self, language: Language) -> str:
        """The sentence in that language."""
        return (self.es if language is Language.ES else self.en).strip()


class ClinicFile(_Wire):
    """`clinic.yml`.

    Attributes:
        brand: the colour of its page's buttons; white text must be readable on it.
        logo: the name of an SVG file beside this one.
        emergency_number: whom patients call in an emergency.
        greeting: a sentence of its own in the chat's first message.
    """

    id: str
    name: str
    short_name: str
    phone: str
    zone: str
    default_language: Language
    languages: tuple[Language, ...]
    allowed_origins: tuple[str, ...] = ()
    ladder: Ladder
    opening: tuple[Period, ...]
    brand: Annotated[str, AfterValidator(readable)] = "#0a625e"
    logo: str | None = Field(default=None, pattern=r"^[a-z0-9-]+\.svg$")
    emergency_number: str = Field(default="911", pattern=r"^\+?[0-9]{2,15}$")
    greeting: Spoken | None = None


class AnswerWords(_Wire):
    """One language's answer."""

    answer: str


class AnswerFile(_Wire):
    """One topic: what is asked, in each language, who owns the answer and until when it holds."""

    id: str
    owner: str
    review_by: date
    audience: str
    en: AnswerWords
    es: AnswerWords

    def words(self, language: Language) -> str:
        """The answer in that language."""
        return (self.es if language is Language.ES else self.en).answer.strip()


@dataclass(frozen=True)
class Clinic:
    """A clinic as it presents itself to patients."""

    facts: ClinicFile
    answers: Mapping[str, AnswerFile]
    logo: bytes | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which its times are told."""
        return ZoneInfo(self.facts.zone)

    def is_open(self, at: datetime) -> bool:
        """Whether somebody is at the clinic then, by its own wall clock."""
        local = at.astimezone(self.zone)
        return any(
            local.isoweekday() in period.days and period.opens <= local.time() < period.closes
            for period in self.facts.opening
        )

    def has_current_answer(self, topic: str, today: date) -> bool:
        """Whether there is an answer that nobody needs to review before it is given."""
        found = self.answers.get(topic)
        return found is not None and today <= found.review_by


def load_clinics(folder: Path) -> dict[str, Clinic]:
    """Every clinic by its id.

    Raises:
        ValueError: a file has an unknown key, lacks one, or a language is missing; the colour
            cannot be read on, or the logo is more than a picture.
        FileNotFoundError: there is no logo of that name.
    """
    return {each.name: _load(each) for each in sorted(folder.iterdir()) if each.is_dir()}


def _load(folder: Path) -> Clinic:
    read = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in folder.glob("*.yml")}
    facts = ClinicFile.model_validate(read.pop("clinic"))
    answers = {topic: AnswerFile.model_validate(body) for topic, body in read.items()}
    return Clinic(
        facts, answers, plain_svg((folder / facts.logo).read_bytes()) if facts.logo else None
    )
