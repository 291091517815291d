"""The FHIR extensions that a form is read with, and those that make it one we cannot ask."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from api.intake.items import Words
from api.intake.values import Value, read_value
from integrations.ports.fhir import Resource

_CORE: Final = "http://hl7.org/fhir/StructureDefinition/"
_SDC: Final = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"

TRANSLATION: Final = f"{_CORE}translation"
HIDDEN: Final = f"{_CORE}questionnaire-hidden"
USAGE_MODE: Final = f"{_CORE}questionnaire-usageMode"
MIN_OCCURS: Final = f"{_CORE}questionnaire-minOccurs"
MAX_OCCURS: Final = f"{_CORE}questionnaire-maxOccurs"
MINIMUM: Final = (f"{_CORE}minValue", f"{_SDC}sdc-questionnaire-minQuantity")
MAXIMUM: Final = (f"{_CORE}maxValue", f"{_SDC}sdc-questionnaire-maxQuantity")
UNITS: Final = (f"{_CORE}questionnaire-unit", f"{_CORE}questionnaire-unitOption")
CONTROL: Final = f"{_CORE}questionnaire-itemControl"
UNIT_VALUE_SET: Final = f"{_CORE}questionnaire-unitValueSet"
SHORT_TEXT: Final = f"{_SDC}sdc-questionnaire-shortText"
EXCLUSIVE: Final = f"{_CORE}questionnaire-optionExclusive"
ORDINAL: Final = (
    f"{_CORE}ordinalValue",
    f"{_CORE}itemWeight",
    f"{_CORE}questionnaire-ordinalValue",
    f"{_CORE}valueset-ordinalValue",
    f"{_CORE}codesystem-ordinalValue",
)
SENSITIVE: Final = "https://careline.example/fhir/StructureDefinition/sensitive-question"
# Source: code system http://hl7.org/fhir/questionnaire-item-control (R4): texts that are shown when
# somebody asks for help with the item that they stand in, and beside what is pointed at.
HELP: Final = frozenset({"help", "flyover"})
KNOWN: Final = "https://careline.example/fhir/StructureDefinition/known-from-record"

CALCULATED: Final = (
    f"{_SDC}sdc-questionnaire-calculatedExpression",
    f"{_CORE}cqf-calculatedValue",
    f"{_CORE}cqf-expression",
)

# What would change the questions or their answers and is not done: the form is refused, for to
# leave it out would ask something else than its author meant.
REFUSED: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{_SDC}sdc-questionnaire-initialExpression": "an initial value is calculated",
        f"{_CORE}cqf-initialValue": "an initial value is calculated",
        f"{_SDC}sdc-questionnaire-enableWhenExpression": "an expression decides if it is asked",
        f"{_CORE}cqf-condition": "an expression decides if it is asked",
        f"{_SDC}sdc-questionnaire-answerExpression": "its options are calculated",
        f"{_SDC}sdc-questionnaire-candidateExpression": "its options are calculated",
        f"{_SDC}sdc-questionnaire-answerOptionsToggleExpression": "its options are calculated",
        f"{_SDC}sdc-questionnaire-subQuestionnaire": "a part of it is in another form",
        f"{_SDC}sdc-questionnaire-questionnaireAdaptive": "a server decides its questions",
        f"{_CORE}questionnaire-constraint": "an expression checks its answers",
        f"{_SDC}targetConstraint": "an expression checks its answers",
        f"{_CORE}targetConstraint": "an expression checks its answers",
        f"{_CORE}questionnaire-signatureRequired": "a signature cannot be given in a conversation",
        f"{_CORE}regex": "answers by a pattern cannot be asked for",
        f"{_CORE}minLength": "answers of a least length cannot be asked for",
        f"{_CORE}maxDecimalPlaces": "answers of a fixed precision cannot be asked for",
    }
)


def extensions_of(element: Resource, *urls: str) -> list[Resource]:
    """Return the extensions of an element with one of the addresses."""
    return [one for one in element.get("extension", ()) if one.get("url") in urls]


def is_marked(element: Resource, url: str) -> bool:
    """Tell whether a boolean extension is there and true."""
    return any(one.get("valueBoolean") is True for one in extensions_of(element, url))


def code_of(element: Resource, url: str) -> str | None:
    """Return the code in an extension."""
    return next((one.get("valueCode") for one in extensions_of(element, url)), None)


def controls_of(element: Resource) -> frozenset[str]:
    """Return the codes that say how an item is to be shown."""
    shown = (one.get("valueCodeableConcept", {}) for one in extensions_of(element, CONTROL))
    return frozenset(coding.get("code", "") for one in shown for coding in one.get("coding", ()))


def whole_of(element: Resource, url: str) -> int | None:
    """Return the whole number in an extension."""
    found = next((one.get("valueInteger") for one in extensions_of(element, url)), None)
    return found if isinstance(found, int) else None


def value_of(element: Resource, *urls: str) -> Value | None:
    """Return the value in an extension.

    Raises:
        ValueError: it holds none that a conversation knows.
    """
    return next((read_value(one) for one in extensions_of(element, *urls)), None)


def ordinal_of(*elements: Resource) -> Decimal | None:
    """Return what an option counts in a score, said at any of the elements."""
    for element in elements:
        for one in extensions_of(element, *ORDINAL):
            value = read_value(one)
            if isinstance(value, int | Decimal):
                return Decimal(value)
    return None


def words_of(element: Resource, name: str) -> Words:
    """Return the text of an element with its translations; empty when there is none."""
    beside = element.get(f"_{name}") or {}
    return Words(element.get(name) or "", dict(_translations(beside)))


def short_text_of(element: Resource) -> Words | None:
    """Return the short form of an item's text, for lists (SDC, sdc-questionnaire-shortText)."""
    found = next(iter(extensions_of(element, SHORT_TEXT)), None)
    return words_of(found, "valueString") if found is not None else None


def _translations(beside: Resource) -> Iterator[tuple[str, str]]:
    for one in extensions_of(beside, TRANSLATION):
        parts = {part.get("url"): part for part in one.get("extension", ())}
        tag = parts.get("lang", {}).get("valueCode")
        content = parts.get("content", {})
        text = content.get("valueString") or content.get("valueMarkdown")
        if tag and text:
            yield tag.lower(), text
