"""What changes when a question is answered, skipped, or answered anew."""

from collections.abc import Mapping

from api.intake.answers import Answers, Entry, Path
from api.intake.fitting import check_fits
from api.intake.items import Form, Item
from api.intake.standing import Standing
from api.intake.values import Value
from api.intake.walking import Asked, walk

type Given = Mapping[str, tuple[Value, ...]]


def start(form: Form, prefill: Given | None = None) -> Answers:
    """Return the answers that are there before the first question.

    Initial values count for items that nobody is asked about (hidden or read-only). A visible
    question is always asked: nothing is taken for granted because it was suggested. `prefill`
    gives values by linkId, for any question.

    Raises:
        ValueError: a value is given for what is no question, or does not fit it.
    """
    given = prefill or {}
    for link_id, values in given.items():
        if link_id not in form.places or not form.places[link_id][-1].is_question:
            raise ValueError("no such question")
        check_fits(form.places[link_id][-1], values)
    return _filled(form, {}, given)


def with_answer(form: Form, answers: Answers, path: Path, values: tuple[Value, ...]) -> Answers:
    """Return the answers with this one; what was nested under an answer that is gone goes too.

    Raises:
        ValueError: nothing is asked at the path, or the values do not fit.
    """
    asked = _asked_at(form, answers, path)
    if asked.is_more:
        return _filled(form, _with_more(answers, path, values), {})
    check_fits(asked.item, values)
    kept = _with_nested_moved(answers, path, values)
    return _filled(form, {**kept, path: Entry(values)}, {})


def with_declined(form: Form, answers: Answers, path: Path) -> Answers:
    """Return the answers with the question at the path asked and skipped.

    Raises:
        ValueError: nothing is asked at the path, or an answer is required.
    """
    if not _asked_at(form, answers, path).can_skip:
        raise ValueError("this question needs an answer")
    return {**_with_nested_moved(answers, path, ()), path: Entry(declined=True)}


def _asked_at(form: Form, answers: Answers, path: Path) -> Asked:
    found = next((one for one in walk(form, answers)[0] if one.path == path), None)
    if found is None:
        raise ValueError("nothing is asked there")
    return found


def _with_more(answers: Answers, path: Path, values: tuple[Value, ...]) -> dict[Path, Entry]:
    """Say that there is another instance, or that there is none, and so none after it."""
    if len(values) != 1 or not isinstance(values[0], bool):
        raise ValueError("whether there is more is yes or no")
    kept = dict(answers)
    if values[0] is False:
        kept = {other: entry for other, entry in answers.items() if not _is_from(other, path)}
    return {**kept, path: Entry(values)}


def _is_from(other: Path, path: Path) -> bool:
    """Tell whether the other path is in the instance at the path or in a later one."""
    depth = len(path) - 1
    if len(other) <= depth or other[:depth] != path[:depth]:
        return False
    return other[depth][0] == path[-1][0] and other[depth][1] >= path[-1][1]


def _with_nested_moved(
    answers: Answers, path: Path, values: tuple[Value, ...]
) -> dict[Path, Entry]:
    """Let what is nested below an answer follow it to its new place; drop what lost its answer.

    The dose of one medicine must never stand below another.
    """
    depth = len(path) - 1
    old = answers[path].values if path in answers else ()
    kept: dict[Path, Entry] = {}
    for other, entry in answers.items():
        is_nested = len(other) > len(path) and _is_from(other, (*path[:-1], (path[-1][0], 0)))
        if not is_nested:
            kept[other] = entry
        elif old[other[depth][1]] in values:
            place = values.index(old[other[depth][1]])
            kept[(*path[:-1], (path[-1][0], place), *other[len(path) :])] = entry
    return kept


def _filled(form: Form, answers: Answers, given: Given) -> Answers:
    """Return the answers with the values that are there without being asked for."""
    filled = dict(answers)
    standing = Standing(form, filled)
    for item in form.items:
        _fill(item, (), filled=filled, standing=standing, given=given)
    return filled


def _fill(
    item: Item, prefix: Path, *, filled: dict[Path, Entry], standing: Standing, given: Given
) -> None:
    """Fill the item in where it is empty, and then all that stands below it."""
    path = (*prefix, (item.link_id, 0))
    if item.is_question and path not in filled:
        values = given.get(item.link_id, () if item.is_asked else item.initial)
        if values:
            filled[path] = Entry(values)
    for index in range(standing.times(item, prefix)):
        for child in item.items:
            inside = (*prefix, (item.link_id, index))
            _fill(child, inside, filled=filled, standing=standing, given=given)
