"""What a form says next, as a response by name: its question, its review. Pure."""

from dataclasses import asdict

from api.core.language import Language
from api.intake.answers import Answers
from api.intake.forms import Form, Item
from api.intake.inputs import PRIVATE, REVIEW, input_of
from api.intake.progress import Asked, closing, question_before, questions
from api.intake.short_lines import short_lines
from api.intake.wording import shown_all
from integrations.ports.dialogue import EngineReply

UNSAID = {Language.EN: "No answer yet", Language.ES: "Sin respuesta"}
HIDDEN = {Language.EN: "(private)", Language.ES: "(privado)"}
SKIPPED = {Language.EN: "Skipped", Language.ES: "Omitida"}


def question(form: Form, answers: Answers, asked: Asked, language: Language) -> EngineReply:
    """The question itself."""
    item = asked.item
    options = [] if asked.is_more else [each.label.in_(language) for each in item.options]
    arguments: dict[str, object] = {
        "question": item.text.in_(language),
        "intro": [each.in_(language) for each in asked.intro],
        "options": options,
        "input": input_of(asked),
        "number": asked.number,
        "of": asked.of,
        "notice": "",
        "form": {
            "number": asked.number,
            "of": asked.of,
            "multiple": item.repeats and not asked.is_more,
            "can_skip": not item.required and not asked.is_more,
            "can_go_back": question_before(form, answers, asked.path) is not None,
            "unit": item.unit.display or item.unit.code if item.unit else None,
            "minimum": _bound(item.minimum),
            "maximum": _bound(item.maximum),
            "help": _help(asked, language),
        },
    }
    return EngineReply(_name(asked), arguments)


def private(asked: Asked, *, wants_link: bool) -> EngineReply:
    """That the next question is private, and nothing of what it is about.

    `wants_link`: a way to it is given with it, rather than on asking.
    """
    told = {"wants_link": wants_link, "can_skip": asked.can_skip, "input": PRIVATE}
    return EngineReply("form_private", told)


def why(asked: Asked, language: Language) -> EngineReply:
    """Why a question is asked, as its form says; else that people of the clinic can say it."""
    help_ = _help(asked, language)
    if help_ is None:
        return EngineReply("form_why_not_said", {"can_skip": asked.can_skip})
    return EngineReply("form_why", {"help": help_})


def _help(asked: Asked, language: Language) -> str | None:
    return " ".join(each.in_(language) for each in asked.help) or None


def _name(asked: Asked) -> str:
    if not asked.is_more:
        return "form_question"
    return "form_any" if asked.is_first else "form_more"


def review(
    form: Form, answers: Answers, language: Language, *, amending: bool = False, hides: bool = False
) -> EngineReply:
    """All that was answered, by number; a number changes one.

    `amending`: of what was sent; `hides`: what a sensitive question asks, and what was said to it,
    is not told.
    """
    asked = questions(form, answers)
    said = [
        (each.number, each.item, _told(each, answers, language, hides=hides))
        for each in asked
        if not each.is_more
    ]
    whole = [
        {"number": number, "question": item.text.in_(language), "answer": answer}
        for number, item, answer in said
    ]
    last = {"number": len(asked), "of": len(asked), "multiple": False}
    look = {**last, "can_skip": False, "can_go_back": bool(asked), "review": whole}
    intro = [each.in_(language) for each in closing(form, answers)]
    lines = [asdict(line) for line in short_lines(said, language, hides=hides)]
    told = {"intro": intro, "lines": lines, "input": REVIEW, "form": look, "amending": amending}
    return EngineReply("form_review", told)


def _told(asked: Asked, answers: Answers, language: Language, *, hides: bool) -> str:
    is_hidden = hides and asked.item.sensitive
    return HIDDEN[language] if is_hidden else answer_of(asked, answers, language)


def answer_of(asked: Asked, answers: Answers, language: Language) -> str:
    """What was answered, in words; or that it was skipped, or not said yet."""
    entry = answers.get(asked.path)
    if entry is None:
        return UNSAID[language]
    return shown_all(asked.item, entry, language) or SKIPPED[language]


def miss_arguments(item: Item, language: Language) -> dict[str, object]:
    """What would be acceptable, for the sentence that says so."""
    return {
        "count": len(item.options),
        "options": [each.label.in_(language) for each in item.options],
        "minimum": _bound(item.minimum),
        "maximum": _bound(item.maximum),
        "longest": item.max_length,
        "min_occurs": item.least,
        "units": [each.display or each.code for each in item.units],
        "required": item.required,
    }


def after(notice: EngineReply | None, asked: EngineReply) -> tuple[EngineReply, ...]:
    """A question, and before it what its last answer is told."""
    return (asked,) if notice is None else (notice, asked)


def _bound(value: object) -> str | None:
    return None if value is None else str(value)
