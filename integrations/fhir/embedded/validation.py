"""Whether a resource is valid R4: required elements, JSON types, codes, reference targets.

Table-driven by HL7's own definitions (definitions.py); invariants beyond them are in
invariants.py. Nothing found here quotes the resource.
"""

import re
from collections.abc import Iterator, Mapping

from integrations.fhir.embedded.definitions import Definitions, Element, definitions
from integrations.fhir.embedded.invariants import broken_invariants
from integrations.fhir.embedded.primitives import is_primitive
from integrations.ports.fhir import InvalidResource, Issue, Resource

RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/[A-Za-z0-9\-.]{1,64}(?:/_history/[A-Za-z0-9\-.]{1,64})?")
MOST_DEPTH = 32
MOST_ISSUES = 20


def validate(resource: Resource) -> None:
    """Return if the resource may be stored.

    Raises:
        InvalidResource: with at most MOST_ISSUES issues.
    """
    issues: list[Issue] = []
    for issue in _problems(resource):
        issues.append(issue)
        if len(issues) == MOST_ISSUES:
            break
    if issues:
        raise InvalidResource(issues)


def _problems(resource: Resource) -> Iterator[Issue]:
    table = definitions()
    yield from _resource(table, resource, str(resource.get("resourceType")))
    yield from broken_invariants(resource)


def _resource(table: Definitions, value: Mapping[str, object], path: str) -> Iterator[Issue]:
    type_ = value.get("resourceType")
    elements = table.elements(type_) if isinstance(type_, str) else None
    if elements is None or not isinstance(type_, str) or "id" not in elements:
        yield Issue("structure", path, "Not a resource type that is known here.")
        return
    body = {key: item for key, item in value.items() if key != "resourceType"}
    yield from _object(table, elements, body, path)


def _object(
    table: Definitions, elements: Mapping[str, Element], value: Mapping[str, object], path: str
) -> Iterator[Issue]:
    if path.count(".") > MOST_DEPTH:
        yield Issue("too-costly", path, "Nested too deeply.")
        return
    if not value:
        yield Issue("structure", path, "An object must not be empty.")
    yield from _missing(elements, value, path)
    yield from _doubled_choices(elements, value, path)
    for name, item in value.items():
        element = elements.get(name.removeprefix("_"))
        if element is None:
            # The name is the sender's own text: the path ends above it.
            yield Issue("structure", path, "Has an element that R4 does not know.")
        elif name.startswith("_"):
            yield from _sibling(table, item, f"{path}.{name[1:]}")
        else:
            yield from _items(table, element, item, f"{path}.{name}")


def _missing(
    elements: Mapping[str, Element], value: Mapping[str, object], path: str
) -> Iterator[Issue]:
    for name, element in elements.items():
        if not element.required or name in value or f"_{name}" in value:
            continue
        if element.choice is None:
            yield Issue("required", f"{path}.{name}", "A required element is missing.")
        elif element.choice not in _choices(elements, value):
            yield Issue("required", f"{path}.{element.choice}", "A required element is missing.")
            return


def _choices(elements: Mapping[str, Element], value: Mapping[str, object]) -> list[str]:
    used = [elements[name].choice for name in value if name in elements]
    return [choice for choice in used if choice is not None]


def _doubled_choices(
    elements: Mapping[str, Element], value: Mapping[str, object], path: str
) -> Iterator[Issue]:
    used = _choices(elements, value)
    for choice in sorted({name for name in used if used.count(name) > 1}):
        yield Issue("structure", f"{path}.{choice}", "Only one form of a choice may be given.")


def _items(table: Definitions, element: Element, item: object, path: str) -> Iterator[Issue]:
    if not element.many:
        yield from _one(table, element, item, path)
    elif not isinstance(item, list) or not item:
        yield Issue("structure", path, "Must be a list that is not empty.")
    else:
        for place, part in enumerate(item):
            # A null keeps the place of a primitive that has only an extension.
            if part is not None or not _is_primitive_type(table, element):
                yield from _one(table, element, part, f"{path}[{place}]")


def _one(table: Definitions, element: Element, item: object, path: str) -> Iterator[Issue]:
    if _is_primitive_type(table, element):
        yield from _primitive(table, element, item, path)
    elif not isinstance(item, dict):
        yield Issue("structure", path, "Must be a JSON object.")
    elif element.type == "Resource":
        yield from _resource(table, item, path)
    else:
        yield from _object(table, table.elements(element.type) or {}, item, path)
        if element.type == "Reference":
            yield from _reference(element, item, path)
        elif element.codes is not None:
            yield from _concept(table.codes[element.codes], element.codes, item, path)


def _is_primitive_type(table: Definitions, element: Element) -> bool:
    return element.type != "Resource" and table.elements(element.type) is None


def _primitive(table: Definitions, element: Element, item: object, path: str) -> Iterator[Issue]:
    if not is_primitive(element.type, item):
        yield Issue("value", path, f"Not a valid {element.type}.")
    elif element.codes is not None and item not in table.codes[element.codes]:
        yield Issue("code-invalid", path, f"Not a code of {element.codes}.")


def _concept(
    codes: frozenset[str], named: str, item: Mapping[str, object], path: str
) -> Iterator[Issue]:
    """A CodeableConcept of a required value set needs one coding of it; others may translate."""
    codings = item.get("coding")
    listed = codings if isinstance(codings, list) else []
    if not any(isinstance(one, dict) and one.get("code") in codes for one in listed):
        yield Issue("code-invalid", path, f"No code of {named}.")


def _sibling(table: Definitions, item: object, path: str) -> Iterator[Issue]:
    """The `_name` beside a primitive: its id and extensions."""
    for part in item if isinstance(item, list) else [item]:
        if isinstance(part, dict):
            yield from _object(table, _ELEMENT, part, path)
        elif part is not None or not isinstance(item, list):
            yield Issue("structure", path, "Must be a JSON object.")


def _reference(element: Element, item: Mapping[str, object], path: str) -> Iterator[Issue]:
    literal = item.get("reference")
    if not isinstance(literal, str) or literal.startswith("#"):
        return
    found = RELATIVE.fullmatch(literal)
    if found is None:
        # Absolute addresses would name records of other servers that nothing here can protect.
        yield Issue("value", f"{path}.reference", "Must be a relative reference, Type/id.")
    elif element.targets and found[1] not in element.targets:
        yield Issue("value", f"{path}.reference", "Must not point to a resource of this type.")


_ELEMENT = {
    "id": Element("string", required=False, many=False, codes=None, targets=(), choice=None),
    "extension": Element(
        "Extension", required=False, many=True, codes=None, targets=(), choice=None
    ),
}
