"""The rules of FHIR R4 that a Questionnaire must keep (que-1 to que-13).

Source: http://hl7.org/fhir/R4/questionnaire.html#invs, read 2026-11-25.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from integrations.ports.fhir import Resource

_WITH_VALUE_SET: Final = frozenset(
    {"choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string"}
) | {"quantity"}
_WITH_LENGTH: Final = frozenset(
    {"boolean", "decimal", "integer", "string", "text", "url", "open-choice"}
)

_ITEM_RULES: Final[tuple[tuple[str, Callable[[Resource], bool]], ...]] = (
    ("a group needs items (que-1)", lambda i: _is(i, "group") and not i.get("item")),
    ("a display has no items (que-1)", lambda i: _is(i, "display") and "item" in i),
    ("a display has no code (que-3)", lambda i: _is(i, "display") and "code" in i),
    (
        "options are given once: answerOption or answerValueSet (que-4)",
        lambda i: "answerOption" in i and "answerValueSet" in i,
    ),
    (
        "answers of this type have no options (que-5)",
        lambda i: (
            i.get("type") not in _WITH_VALUE_SET and ("answerOption" in i or "answerValueSet" in i)
        ),
    ),
    (
        "a display is neither required nor repeated (que-6)",
        lambda i: _is(i, "display") and ("required" in i or "repeats" in i),
    ),
    (
        "a group or display has no initial value (que-8)",
        lambda i: _is(i, "group", "display") and "initial" in i,
    ),
    ("a display cannot be read-only (que-9)", lambda i: _is(i, "display") and "readOnly" in i),
    (
        "answers of this type have no greatest length (que-10)",
        lambda i: "maxLength" in i and i.get("type") not in _WITH_LENGTH,
    ),
    (
        "beside options there is no initial value (que-11)",
        lambda i: "answerOption" in i and "initial" in i,
    ),
    (
        "several conditions need an enableBehavior (que-12)",
        lambda i: len(i.get("enableWhen", ())) > 1 and "enableBehavior" not in i,
    ),
    (
        "several initial values are for what repeats (que-13)",
        lambda i: len(i.get("initial", ())) > 1 and i.get("repeats") is not True,
    ),
)


def _is(item: Resource, *types: str) -> bool:
    return item.get("type") in types


def broken_rules(item: Resource) -> list[str]:
    """Return the rules of R4 that an item breaks by itself."""
    return [why for why, breaks in _ITEM_RULES if breaks(item)]


def repeated_links(questionnaire: Resource) -> list[str]:
    """Return the linkIds that several items have (que-2)."""
    counted = Counter(item["linkId"] for item in _all_items(questionnaire) if "linkId" in item)
    return [link_id for link_id, times in counted.items() if times > 1]


def asked_for(questionnaire: Resource) -> frozenset[str]:
    """Return the linkIds whose answers a condition looks at."""
    return frozenset(
        condition.get("question", "")
        for item in _all_items(questionnaire)
        for condition in item.get("enableWhen", ())
    )


def _all_items(element: Resource) -> Iterator[Resource]:
    for item in element.get("item", ()):
        yield item
        yield from _all_items(item)
