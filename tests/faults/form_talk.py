"""What people say to a form, turn by turn, and what must come of it: a plain second reading."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from api.sandbox.forms import questionnaires
from integrations.ports.fhir import Resource

type Said = str | int | None
"""A code, a number, words; None: skipped."""

# Every question is known by how its own text begins.
LEAD_CHARS: Final = 24
REVIEW, DONE = "Reply SEND", "Thank you. "
MOOD, VISIT = "phq-9", "visit-intake"
SELF_HARM: Final = "/44260-8"
HARDER: Final = "/69722-7"
NEVER_ASKED: Final = frozenset({"may-be-pregnant", "pregnant"})
POINTS: Final = {"LA6568-5": 0, "LA6569-3": 1, "LA6570-1": 2, "LA6571-9": 3}
WORDS: Final[Mapping[str, tuple[tuple[str, Said], ...]]] = {
    "reason": (("my knee hurts when i walk", "my knee hurts when i walk"),),
    "since": (("2 weeks", "2 weeks"), ("march 2026", "march 2026")),
    "severity": (("7", 7), ("3", 3), ("seven", 7)),
    "allergies": (("penicillin", "penicillin"), ("nothing", "nothing")),
    "medicines": (("none", "none"), ("ibuprofen and vitamin d", "ibuprofen and vitamin d")),
    "past-illness": (("my appendix came out", "my appendix came out"),),
    "anything-else": (("i use a cane", "i use a cane"),),
}


@dataclass(frozen=True)
class Question:
    """One that is asked, with the ways to answer it: what is said, and what that means."""

    link_id: str
    text: str
    is_required: bool
    answers: tuple[tuple[str, Said], ...]

    @property
    def lead(self) -> str:
        return self.text[:LEAD_CHARS]


@dataclass(frozen=True)
class Turn:
    """A text, and what stands in its one answer. `hurried`: sent before the last was answered."""

    says: str
    expects: str
    hurried: bool = False


@dataclass
class Talk:
    """One person's way through a form, made by chance: `turns` and, at the end, `answers`."""

    form: str
    dice: random.Random
    turns: list[Turn] = field(default_factory=list)
    answers: dict[str, Said] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._all = asked_by(self.form)
        self._at = self._next()
        self._turns_aside = 2
        self._say("FORM")
        while self._at is not None or self._looks_again():
            self._step(self._at)
        self.turns.append(Turn("SEND", DONE))
        self.answers = {each.link_id: self.answers[each.link_id] for each in self._open()}

    @property
    def score(self) -> int | None:
        """The total of the nine questions about mood."""
        if self.form != MOOD:
            return None
        return sum(POINTS[str(said)] for link, said in self.answers.items() if link != HARDER)

    @property
    def leads(self) -> tuple[str, ...]:
        """How each question of the form begins."""
        return tuple(each.lead for each in self._all)

    def _step(self, at: Question | None) -> None:
        if at is None:
            return
        chance = self.dice.random()
        before = self._open()[: self._open().index(at)]
        if chance < 0.08 and before:
            self._at = before[-1]
            self._say("BACK")
        elif chance < 0.16 and self._turns_aside:
            self._turns_aside -= 1
            self._say("what are your hours")
        elif chance < 0.24:
            self._skip(at)
        else:
            said, means = self.dice.choice(at.answers)
            self.answers[at.link_id] = means
            self._at = self._next()
            self._say(said)

    def _skip(self, at: Question) -> None:
        """What is required cannot be skipped: the question stays."""
        if not at.is_required:
            self.answers[at.link_id] = None
            self._at = self._next()
        self._say("SKIP")

    def _looks_again(self) -> bool:
        """In the review some change an answer before they send it."""
        if self.dice.random() < 0.6:
            return False
        asked = self._open()
        number = self.dice.randrange(len(asked))
        self._at = asked[number]
        self._say(self.dice.choice((str(number + 1), f"CHANGE {number + 1}")))
        return True

    def _say(self, text: str) -> None:
        """Two texts in a row only where neither needs the engine: numbers and our own words."""
        is_quick = text.isdigit() or text.isupper()
        was_quick = bool(self.turns) and self.turns[-1].says.isdigit()
        hurried = is_quick and was_quick and self.dice.random() < 0.2
        self.turns.append(Turn(text, self._at.lead if self._at else REVIEW, hurried))

    def _next(self) -> Question | None:
        return next((each for each in self._open() if each.link_id not in self.answers), None)

    def _open(self) -> list[Question]:
        """How hard it is, is asked where anything at all is the matter."""
        codes = [self.answers.get(each.link_id) for each in self._all if each.link_id != HARDER]
        is_well = all(code in {None, "LA6568-5"} for code in codes)
        return [each for each in self._all if each.link_id != HARDER or not is_well]


def asked_by(form: str) -> tuple[Question, ...]:
    """The questions of one of the demo clinic's forms, groups opened."""
    (found,) = (each for each in questionnaires() if each["url"].endswith(f"/{form}"))
    return tuple(_questions(found["item"]))


def _questions(items: list[Resource]) -> list[Question]:
    found: list[Question] = []
    for item in items:
        if item["type"] == "group":
            found += _questions(item["item"])
        elif item["linkId"] not in NEVER_ASKED:
            required = bool(item.get("required"))
            found.append(Question(item["linkId"], item["text"], required, _ways(item)))
    return found


def _ways(item: Resource) -> tuple[tuple[str, Said], ...]:
    if "answerOption" not in item:
        return WORDS[item["linkId"]]
    options = [each["valueCoding"] for each in item["answerOption"]]
    if item["linkId"] == SELF_HARM:
        options = options[:1]  # above it, a person takes over
    numbers = [(str(place), each["code"]) for place, each in enumerate(options, start=1)]
    words = [(each["display"].lower(), each["code"]) for each in options]
    return (*numbers, *numbers, *words)
