"""From the name of a response to words: the one catalogue, in each language.

`catalogue/<language>.yml` maps a response's name to `text` (and `web`, `choices`, `input`, `tone`
where the chat page differs). All of them are Jinja templates over the response's arguments; a
missing argument or translation is an error, never an empty sentence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml
from jinja2 import StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from pydantic import BaseModel, ConfigDict, TypeAdapter

from api.core.language import Language
from api.messaging.clinic import Clinic
from api.messaging.kinds import Channel
from api.messaging.opening import hours_in_words, opening_in_words
from integrations.ports.dialogue import EngineReply

WHEN = "when_answered"
CHOICE_ARROW = " => "
MONTHS = {
    Language.EN: "Jan,Feb,Mar,Apr,May,Jun,Jul,Aug,Sep,Oct,Nov,Dec",
    Language.ES: "ene,feb,mar,abr,may,jun,jul,ago,sep,oct,nov,dic",
}
WEEKDAYS = {
    Language.EN: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    Language.ES: ["lun", "mar", "mié", "jue", "vie", "sáb", "dom"],
}


class Tone(StrEnum):
    """How a message stands out: an emergency's one clear action stays in sight."""

    NORMAL = "normal"
    EMERGENCY = "emergency"


class Entry(BaseModel):
    """One response in one language."""

    model_config = ConfigDict(extra="forbid")

    text: str
    web: str | None = None
    choices: str = ""
    input: str = "text"
    tone: Tone = Tone.NORMAL


@dataclass(frozen=True)
class Choice:
    """A button: what it says, and what tapping it sends."""

    label: str
    send: str


@dataclass(frozen=True)
class ReviewLine:
    """One answer of a form, as it is looked over before it is sent."""

    number: int
    question: str
    answer: str


@dataclass(frozen=True)
class FormView:
    """What a chat page shows around a form's question, or the answers to look over.

    `number` counts from 1; `of` is 0 where nothing is counted. `minimum` and `maximum` are hints in
    words, in the `unit` if there is one. `help` says why it is asked.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    number: int = 0
    of: int = 0
    multiple: bool = False
    can_skip: bool = False
    can_go_back: bool = False
    unit: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    help: str | None = None
    review: tuple[ReviewLine, ...] = ()


_FORM_VIEW: TypeAdapter[FormView] = TypeAdapter(FormView)


def form_view(given: object) -> FormView | None:
    """A form's view from its JSON shape; None stays None.

    Raises:
        ValueError: it is no such shape.
    """
    return None if given is None else _FORM_VIEW.validate_python(given)


@dataclass(frozen=True)
class Rendered:
    """A message in words. `input` is what the chat page offers for the answer."""

    text: str
    choices: tuple[Choice, ...] = ()
    input: str = "text"
    tone: Tone = Tone.NORMAL
    form: FormView | None = None

    def as_json(self) -> dict[str, object]:
        """The shape that is stored, sealed, with the transcript."""
        return asdict(self)


class Catalogue:
    """All words of the assistant."""

    def __init__(self, folder: Path) -> None:
        self._entries = {language: _load(folder, language) for language in Language}
        self._jinja = {language: _environment(language) for language in Language}
        self._templates: dict[tuple[Language, str], Template] = {}

    def names(self, language: Language) -> set[str]:
        """The responses that exist in a language; the same set in each, or the build fails."""
        return set(self._entries[language])

    def entry(self, language: Language, name: str) -> Entry:
        """One response, for checks of the catalogue itself."""
        return self._entries[language][name]

    def render(
        self,
        replies: Sequence[EngineReply],
        language: Language,
        *,
        channel: Channel,
        clinic: Clinic,
        at: datetime | None = None,
    ) -> Rendered:
        """One turn's replies as one message; the last one says what may be answered.

        A form's question does so even if something is said after it.

        `at`: when it is said; with it a text can tell when somebody is at the clinic next.

        Raises:
            KeyError: there is no such response.
            jinja2.UndefinedError: an argument is missing.
        """
        known = {**_clinic_values(clinic, language), **_hours_values(clinic, language, at)}
        known["when_answered"] = self._fill(self._entries[language][WHEN].text, known, language)
        parts = [self._one(reply, language, channel=channel, known=known) for reply in replies]
        text = "\n\n".join(part.text for part in parts)
        is_emergency = any(part.tone is Tone.EMERGENCY for part in parts)
        tone = Tone.EMERGENCY if is_emergency else Tone.NORMAL
        asking = next((part for part in reversed(parts) if part.form), parts[-1])
        choices = _all_choices(parts) if _leaves_ways_out(asking) else asking.choices
        return Rendered(text, choices, asking.input, tone, asking.form)

    def _one(
        self,
        reply: EngineReply,
        language: Language,
        *,
        channel: Channel,
        known: Mapping[str, object],
    ) -> Rendered:
        entry = self._entries[language][reply.response]
        values = {**known, **reply.arguments}
        template = entry.web if channel is Channel.WEB and entry.web else entry.text
        text = self._fill(template, values, language)
        choices = _choices(self._fill(entry.choices, values, language))
        input_ = self._fill(entry.input, values, language)
        form = form_view(reply.arguments.get("form"))
        return Rendered(text, choices, input_, entry.tone, form)

    def _fill(self, template: str, values: Mapping[str, object], language: Language) -> str:
        """Only the catalogue's own texts come here as templates, so there are a few hundred."""
        compiled = self._templates.get((language, template))
        if compiled is None:
            compiled = self._jinja[language].from_string(template)
            self._templates[language, template] = compiled
        return compiled.render(values).strip()


def _load(folder: Path, language: Language) -> dict[str, Entry]:
    raw = yaml.safe_load((folder / f"{language.value}.yml").read_text("utf-8"))
    return {
        name: Entry.model_validate({"text": body} if isinstance(body, str) else body)
        for name, body in raw.items()
    }


def _environment(language: Language) -> SandboxedEnvironment:
    """Sandboxed: an argument may carry what a patient typed."""
    jinja = SandboxedEnvironment(
        undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True
    )
    jinja.filters["visit_time"] = lambda instant, zone: visit_time(instant, zone, language)
    jinja.filters["clock_time"] = clock_time
    jinja.filters["wall_time"] = wall_time
    jinja.filters["zone_name"] = zone_name
    jinja.filters["hours_off"] = hours_off
    return jinja


def _clinic_values(clinic: Clinic, language: Language) -> dict[str, object]:
    facts = clinic.facts
    answers = {topic: answer.words(language) for topic, answer in clinic.answers.items()}
    return {
        "clinic": facts.name,
        "clinic_short": facts.short_name,
        "clinic_phone": facts.phone,
        "emergency_number": facts.emergency_number,
        "greeting": facts.greeting.words(language) if facts.greeting else "",
        "faq": answers,
    }


def _hours_values(clinic: Clinic, language: Language, at: datetime | None) -> dict[str, object]:
    """`opens`: when somebody is there next, in words; empty while it is open, or not known."""
    is_open = at is not None and clinic.is_open(at)
    opens = opening_in_words(clinic, at, language) if at is not None and not is_open else None
    return {"hours": hours_in_words(clinic, language), "is_open": is_open, "opens": opens or ""}


def _leaves_ways_out(asking: Rendered) -> bool:
    """Not where boxes stand for the answer, nor among a form's own choices."""
    return asking.input != "date" and asking.form is None


def _all_choices(parts: Sequence[Rendered]) -> tuple[Choice, ...]:
    """The last one's come first; an earlier part may still offer a way out of a question."""
    return tuple(choice for part in reversed(parts) for choice in part.choices)


def _choices(text: str) -> tuple[Choice, ...]:
    pairs = (line.split(CHOICE_ARROW, 1) for line in text.splitlines() if CHOICE_ARROW in line)
    return tuple(Choice(label.strip(), send.strip()) for label, send in pairs)


def visit_time(instant: str, zone: str, language: Language) -> str:
    """An ISO instant as weekday, date and time: "Tue Mar 9 2:30pm", "mar 9 mar 2:30pm"."""
    local = _local(instant, zone)
    weekday = WEEKDAYS[language][local.weekday()]
    month = MONTHS[language].split(",")[local.month - 1]
    day = f"{month} {local.day}" if language is Language.EN else f"{local.day} {month}"
    return f"{weekday} {day} {clock_time(instant, zone)}"


def clock_time(instant: str, zone: str) -> str:
    """An ISO instant as a wall time: "3:14pm"."""
    local = _local(instant, zone)
    return f"{local.hour % 12 or 12}:{local.minute:02d}{'am' if local.hour < 12 else 'pm'}"


def wall_time(wall: str) -> str:
    """A wall time in the fewest letters: "8am", "8:30pm"."""
    at = datetime.fromisoformat(wall)
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % 12 or 12}{minutes}{'am' if at.hour < 12 else 'pm'}"


def zone_name(instant: str, zone: str) -> str:
    """The abbreviation in force at that instant: "EST", "EDT"; UTC offsets where none exists."""
    return _local(instant, zone).tzname() or zone


def hours_off(instant: str, zone: str, other: str) -> str:
    """How far the other zone's wall clock is from this one's then: "+3", "-3", "+5:30"."""
    gap = (_offset_minutes(instant, other) - _offset_minutes(instant, zone)) / 60
    whole, rest = divmod(abs(gap), 1)
    return f"{'-' if gap < 0 else '+'}{int(whole)}" + (f":{int(rest * 60):02d}" if rest else "")


def _offset_minutes(instant: str, zone: str) -> float:
    offset = _local(instant, zone).utcoffset()
    return offset.total_seconds() / 60 if offset is not None else 0.0


def _local(instant: str, zone: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone))
