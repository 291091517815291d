"""The conditions of a form's items: what they ask, and whether they can be decided."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from api.intake.comparing import OPERATORS, ORDERING
from api.intake.fitting import KINDS
from api.intake.items import Condition, Form, Item
from api.intake.values import Coding, Date, DateTime, Uri, read_value
from integrations.ports.fhir import Resource

# Kinds that compare with each other though they are not the same.
_ALIKE: Final[tuple[frozenset[type], ...]] = (
    frozenset({int, Decimal}),
    frozenset({Date, DateTime}),
)


def condition_of(raw: Resource) -> Condition:
    """Return one enableWhen.

    Raises:
        ValueError: it says what no answer can be compared with.
    """
    operator = raw.get("operator", "")
    if operator != "exists" and operator not in OPERATORS:
        msg = f"its condition has no operator {operator!r}"
        raise ValueError(msg)
    answer = read_value(raw, "answer")
    if operator == "exists" and not isinstance(answer, bool):
        raise ValueError("whether an answer exists is true or false (que-7)")
    if operator in ORDERING and isinstance(answer, bool | Coding | Uri):
        raise ValueError("its condition orders what has no order")
    return Condition(raw.get("question", ""), operator, answer)


def undecidable(form: Form) -> Iterator[tuple[str, str]]:
    """Yield the linkId of every item whose conditions cannot be decided, and why."""
    for link_id, line in form.places.items():
        for condition in line[-1].enable_when:
            why = _why_not(condition, form)
            if why:
                yield link_id, why
    yield from _circles(form)


def _why_not(condition: Condition, form: Form) -> str | None:
    if condition.question not in form.places:
        return f"its condition asks for {condition.question!r}, which is not in the form"
    question = form.places[condition.question][-1]
    if not question.is_question:
        return f"its condition asks for {condition.question!r}, which is no question"
    if condition.operator != "exists" and not _compares(question, condition):
        return f"its condition compares {condition.question!r} with a value of another type"
    return None


def _compares(question: Item, condition: Condition) -> bool:
    kinds = {*KINDS[question.type], *(type(option.value) for option in question.options)}
    for alike in _ALIKE:
        if kinds & alike:
            kinds |= alike
    return type(condition.answer) in kinds


def _circles(form: Form) -> Iterator[tuple[str, str]]:
    """Yield the first item of every circle: its conditions depend on whether it is enabled."""
    needs = {link_id: _needs(line) for link_id, line in form.places.items()}
    seen: set[str] = set()
    for link_id in needs:
        circle = _circle_from(link_id, needs)
        if circle and not seen.intersection(circle):
            seen.update(circle)
            yield link_id, f"its conditions go round in a circle: {' - '.join(circle)}"


def _needs(line: tuple[Item, ...]) -> tuple[str, ...]:
    """Return what decides whether the last item is enabled: its conditions, what it stands in."""
    asked = tuple(condition.question for condition in line[-1].enable_when)
    return asked + tuple(item.link_id for item in line[-2:-1])


def _circle_from(link_id: str, needs: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Return the shortest way from the item back to itself; empty when there is none."""
    ways: list[tuple[str, ...]] = [(link_id,)]
    reached: set[str] = set()
    for way in ways:
        for needed in needs.get(way[-1], ()):
            if needed == link_id:
                return (*way, link_id)
            if needed not in reached:
                reached.add(needed)
                ways.append((*way, needed))
    return ()
