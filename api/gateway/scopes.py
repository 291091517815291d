"""SMART v2 scopes: reading them, and what they cover.

Source: HL7 SMART App Launch 2.2.0, scopes and launch context,
https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import override
from urllib.parse import parse_qsl, urlencode

from api.gateway.errors import InvalidScope
from integrations.ports.fhir import Pairs

FORM = re.compile(
    r"(?P<level>patient|user|system)/(?P<type>[A-Z][A-Za-z]*|\*)"
    r"\.(?P<letters>c?r?u?d?s?)(?:\?(?P<query>.+))?"
)
VERSION_1 = {".read": ".rs", ".write": ".cud", ".*": ".cruds"}
IGNORED = frozenset({"openid", "fhirUser", "offline_access", "launch/patient"})


class Level(StrEnum):
    """Whose data a scope opens: one patient's, what the user may see, or all."""

    PATIENT = "patient"
    USER = "user"
    SYSTEM = "system"


@dataclass(frozen=True)
class Scope:
    """One scope. `query`: search parameters that narrow it."""

    level: Level
    type: str
    letters: str
    query: Pairs = ()

    def covers(self, type_: str, letter: str) -> bool:
        """Whether it opens one interaction (c, r, u, d or s) on a type."""
        return self.type in {"*", type_} and letter in self.letters

    @override
    def __str__(self) -> str:
        query = f"?{urlencode(self.query)}" if self.query else ""
        return f"{self.level}/{self.type}.{self.letters}{query}"


def parse_scopes(text: str) -> tuple[Scope, ...]:
    """Read a space-separated list; SMART v1 forms are understood, launch scopes passed over.

    Raises:
        InvalidScope: one of them is neither; letters out of the order `cruds` are not.
    """
    return tuple(_parse(one) for one in text.split() if one not in IGNORED)


def narrowed(asked: Iterable[Scope], allowed: Iterable[Scope]) -> tuple[Scope, ...]:
    """What of the asked scopes is allowed.

    Raises:
        InvalidScope: nothing is left.
    """
    granted = [
        common for one in asked for other in allowed if (common := _common(one, other)) is not None
    ]
    if not granted:
        raise InvalidScope
    return tuple(dict.fromkeys(granted))


def _parse(text: str) -> Scope:
    for old, new in VERSION_1.items():
        if text.endswith(old):
            text = text.removesuffix(old) + new
            break
    found = FORM.fullmatch(text)
    if found is None or not found["letters"]:
        raise InvalidScope
    query = tuple(parse_qsl(found["query"] or "", keep_blank_values=True))
    return Scope(Level(found["level"]), found["type"], found["letters"], query)


def _common(asked: Scope, allowed: Scope) -> Scope | None:
    types_meet = allowed.type in {"*", asked.type} or asked.type == "*"
    if asked.level is not allowed.level or not types_meet:
        return None
    letters = "".join(letter for letter in asked.letters if letter in allowed.letters)
    type_ = allowed.type if asked.type == "*" else asked.type
    query = tuple(dict.fromkeys((*allowed.query, *asked.query)))
    return Scope(asked.level, type_, letters, query) if letters else None
