"""Where a person is in a form: the next question, the one before, and whether all is said."""

from collections.abc import Iterator, Sequence

from api.intake.answers import Answers, Path
from api.intake.changing import start, with_answer, with_declined
from api.intake.items import Form, Item, Words
from api.intake.standing import Standing
from api.intake.walking import Asked, walk

__all__ = [
    "Asked",
    "closing",
    "is_complete",
    "next_question",
    "question_at",
    "question_before",
    "questions",
    "start",
    "with_answer",
    "with_declined",
]


def questions(form: Form, answers: Answers) -> tuple[Asked, ...]:
    """Return all questions that are enabled, visible and may be answered, in order, numbered."""
    return walk(form, answers)[0]


def closing(form: Form, answers: Answers) -> tuple[Words, ...]:
    """Return the texts that come after the last question."""
    return walk(form, answers)[1]


def next_question(form: Form, answers: Answers) -> Asked | None:
    """Return the first question that was neither answered nor declined.

    One with fewer answers than it must have is not answered yet.
    """
    return next((one for one in questions(form, answers) if _is_open(one, answers)), None)


def _is_open(asked: Asked, answers: Answers) -> bool:
    entry = answers.get(asked.path)
    if entry is None or entry.declined or asked.is_more:
        return entry is None
    return len(entry.values) < asked.item.min_occurs


def question_before(form: Form, answers: Answers, path: Path | None) -> Asked | None:
    """Return the question before the one at the path; without a path, the last one.

    The path may be of a question that is not asked any more: what stands before it then.
    """
    asked = questions(form, answers)
    if path is not None:
        here = _order_of(form, path)
        asked = tuple(one for one in asked if _order_of(form, one.path) < here)
    return asked[-1] if asked else None


def question_at(form: Form, answers: Answers, number: int) -> Asked | None:
    """Return the question with the number in the list of all questions."""
    asked = questions(form, answers)
    return asked[number - 1] if 0 < number <= len(asked) else None


def is_complete(form: Form, answers: Answers) -> bool:
    """Tell whether every question was answered or declined, and no required value is missing."""
    if next_question(form, answers) is not None:
        return False
    standing = Standing(form, answers)
    return not any(_lacks(item, path, standing) for item, path in _places(form.items, (), standing))


def _lacks(item: Item, path: Path, standing: Standing) -> bool:
    is_needed = item.required and item.is_question and standing.is_enabled(path)
    return is_needed and not standing.values(path)


def _places(items: Sequence[Item], prefix: Path, standing: Standing) -> Iterator[tuple[Item, Path]]:
    for item in items:
        yield item, (*prefix, (item.link_id, 0))
        for index in range(standing.times(item, prefix)):
            yield from _places(item.items, (*prefix, (item.link_id, index)), standing)


def _order_of(form: Form, path: Path) -> tuple[tuple[int, int], ...]:
    return tuple((form.order[link_id], index) for link_id, index in path)
