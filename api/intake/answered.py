"""The questions and answers of a form as staff read them: in English, numbered as they are asked.

What was said in the patient's own words stays as it was said.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from api.core.language import Language
from api.intake.answers import Answers, Entry, Path
from api.intake.comparing import holds
from api.intake.denials import says_none
from api.intake.forms import Form, Item
from api.intake.kinds import ItemType
from api.intake.progress import Asked, questions
from api.intake.scoring import LOINC, alarms
from api.intake.values import Value, read_value
from api.intake.wording import plain_label, shown_all
from integrations.ports.fhir import Resource


class Target(StrEnum):
    """What in the record an answer may become, once somebody of the staff wants it."""

    ALLERGY = "allergy"
    MEDICINE = "medicine"
    CONDITION = "condition"


# Source: LOINC (http://loinc.org): allergies and adverse reactions, history of allergies;
# history of medication use, medications; history of past illness, problem list reported.
TARGETS: Final = {
    **dict.fromkeys(("48765-2", "10155-0"), Target.ALLERGY),
    **dict.fromkeys(("10160-0", "52471-0"), Target.MEDICINE),
    **dict.fromkeys(("11348-0", "11450-4"), Target.CONDITION),
}
TELLING: Final = frozenset(
    {ItemType.STRING, ItemType.TEXT, ItemType.CHOICE, ItemType.OPEN_CHOICE, ItemType.BOOLEAN}
)
IN_OWN_WORDS: Final = frozenset({ItemType.STRING, ItemType.TEXT, ItemType.OPEN_CHOICE})


@dataclass(frozen=True)
class Answered:
    """One question with what was answered.

    Attributes:
        number: its place among the questions as they are asked.
        key: which question, also among those of groups that repeat.
        intro: titles and texts that stand before it.
        answer: in English, or in the patient's words where these are free; empty without one.
        in_own_words: whether the answer may be in the patient's own words.
        is_skipped: it was asked and not answered.
        is_yes_or_no: it says no more than that.
        target: what the answer may become in the record.
        says_none: the answer says that there is nothing.
        is_alarm: it speaks of self-harm.
    """

    number: int
    key: str
    question: str
    answer: str
    intro: tuple[str, ...] = ()
    in_own_words: bool = False
    is_skipped: bool = False
    is_yes_or_no: bool = False
    target: Target | None = None
    says_none: bool = False
    is_alarm: bool = False

    @property
    def can_be_added(self) -> bool:
        """Whether there is something in it that the record may take."""
        tells = bool(self.answer) and not (self.says_none or self.is_yes_or_no)
        return self.target is not None and tells


def answered(form: Form, answers: Answers) -> tuple[Answered, ...]:
    """Return all questions of a form as they are asked, with the answers that are there."""
    return tuple(
        _answered(form, asked, answers.get(asked.path)) for asked in questions(form, answers)
    )


def as_written(response: Resource) -> tuple[Answered, ...]:
    """Return what a response says by itself, where its form is not known here."""
    found = [each for each in _items(response) if "answer" in each]
    return tuple(
        Answered(number, str(each["linkId"]), str(each.get("text") or each["linkId"]), _said(each))
        for number, each in enumerate(found, start=1)
    )


def speaks_of_self_harm(form: Form, answers: Answers) -> bool:
    """Tell whether any answer is one that a person must know of."""
    return any(alarms(form, path, entry.values) for path, entry in answers.items())


def key_of(path: Path) -> str:
    """Return a short name of the question at a path; no other question of its form has it."""
    link_id, indexes = path[-1][0], [index for _, index in path]
    return f"{link_id}#{'-'.join(map(str, indexes))}" if any(indexes) else link_id


def _answered(form: Form, asked: Asked, entry: Entry | None) -> Answered:
    values = entry.values if entry is not None else ()
    text = shown_all(asked.item, entry, Language.EN) if entry is not None else ""
    return Answered(
        number=asked.number,
        key=key_of(asked.path),
        question=_question(asked),
        answer=text,
        intro=tuple(each.in_(Language.EN) for each in asked.intro),
        in_own_words=asked.item.type in IN_OWN_WORDS,
        is_skipped=entry is not None and not values,
        is_yes_or_no=asked.is_more or asked.item.type is ItemType.BOOLEAN,
        target=None if asked.is_more else _target(form, asked),
        says_none=says_none(text) or (bool(values) and _is_exclusive(asked.item, values)),
        is_alarm=not asked.is_more and alarms(form, asked.path, values),
    )


def _question(asked: Asked) -> str:
    text = asked.item.text.in_(Language.EN)
    if not asked.is_more:
        return text
    return f"{text}: is there one?" if asked.is_first else f"{text}: is there another one?"


def _target(form: Form, asked: Asked) -> Target | None:
    """By the code of the question, else of the nearest group around it."""
    if asked.item.type not in TELLING:
        return None
    for item in reversed(form.places[asked.item.link_id]):
        for code in item.codes:
            if code.system == LOINC and code.code in TARGETS:
                return TARGETS[code.code]
    return None


def _is_exclusive(item: Item, values: tuple[Value, ...]) -> bool:
    alone = [option.value for option in item.options if option.exclusive]
    return all(any(holds("=", value, each) for each in alone) for value in values)


def _items(holder: Resource) -> Iterator[Resource]:
    for item in holder.get("item", ()):
        yield item
        yield from _items(item)
        for answer in item.get("answer", ()):
            yield from _items(answer)


def _said(item: Resource) -> str:
    said = []
    for answer in item["answer"]:
        try:
            said.append(plain_label(read_value(answer)).in_(Language.EN))
        except ValueError:
            said.append("(not shown here)")
    return ", ".join(said)
