"""The answers that a question offers: its own options, or those of a value set."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from api.intake.extensions import EXCLUSIVE, is_marked, ordinal_of, words_of
from api.intake.items import Option, Words
from api.intake.values import Coding, read_value
from api.intake.wording import plain_label
from integrations.ports.fhir import Resource


@dataclass(frozen=True)
class ValueSets:
    """The value sets that a form can use: contained in it, or given beside it."""

    contained: Mapping[str, Resource]
    given: Mapping[str, Resource]

    def options(self, address: str) -> tuple[Option, ...]:
        """Return what a value set lists.

        Raises:
            ValueError: it is not there, or does not list its codes one by one.
        """
        return self._listed(address, frozenset())

    def _listed(self, address: str, above: frozenset[str]) -> tuple[Option, ...]:
        found = self._find(address)
        if found is None or address in above:
            msg = f"the codes of value set {address} are not known"
            raise ValueError(msg)
        if "expansion" in found:
            return _whole(found["expansion"])
        compose = found.get("compose", {})
        left_out = {option.value for option in self._all(compose, "exclude", above | {address})}
        included = self._all(compose, "include", above | {address})
        return tuple(option for option in included if option.value not in left_out)

    def _find(self, address: str) -> Resource | None:
        if address.startswith("#"):
            return self.contained.get(address[1:])
        bare = address.partition("|")[0]
        return self.given.get(address) or self.given.get(bare)

    def _all(self, compose: Resource, name: str, above: frozenset[str]) -> list[Option]:
        parts = compose.get(name, ())
        return [option for part in parts for option in self._part(part, above)]

    def _part(self, part: Resource, above: frozenset[str]) -> Iterator[Option]:
        others = part.get("valueSet", ())
        if "filter" in part or len(others) > 1 or bool(others) == bool(part.get("concept")):
            raise ValueError("a value set does not list its codes one by one")
        for address in others:
            yield from self._listed(address, above)
        for concept in part.get("concept", ()):
            yield _option(part.get("system"), concept)


def _whole(expansion: Resource) -> tuple[Option, ...]:
    options = tuple(_expanded(expansion.get("contains", ())))
    if expansion.get("total", 0) > len(options) or expansion.get("offset"):
        raise ValueError("a value set is given in part only")
    return options


def _expanded(contains: Iterable[Resource]) -> Iterator[Option]:
    for one in contains:
        if one.get("code") and not one.get("abstract"):
            yield _option(one.get("system"), one)
        yield from _expanded(one.get("contains", ()))


def _option(system: str | None, concept: Resource) -> Option:
    words = words_of(concept, "display")
    said = {
        one["language"].lower(): one["value"]
        for one in concept.get("designation", ())
        if one.get("language")
    }
    value = Coding(system, concept["code"], concept.get("display"))
    label = Words(words.text or value.code or "", {**said, **words.translations})
    return Option(value, label, ordinal_of(concept))


def option_of(raw: Resource) -> Option:
    """Return one answerOption.

    Raises:
        ValueError: its value cannot be given in a conversation.
    """
    value = read_value(raw)
    name = next(name for name in raw if name.startswith("value"))
    element = raw[name] if isinstance(raw[name], dict) else {}
    beside = raw.get(f"_{name}") or {}
    words = words_of(element, "display") if isinstance(value, Coding) else words_of(raw, name)
    label = plain_label(value)
    if words.translations:
        label = replace(label, translations=words.translations)
    is_alone = is_marked(raw, EXCLUSIVE) or is_marked(element, EXCLUSIVE)
    return Option(value, label, ordinal_of(raw, element, beside), is_alone)
