"""Where resources are that were found by their identifiers: a search less for each that is named.

Identifiers of ours are made once and never used again, so what is remembered stays true.
"""

from typing import Final

from integrations.ports.fhir import Pairs

MOST_REMEMBERED: Final = 10_000


class References:
    """One process's memory of literal references."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Pairs], str] = {}

    def recall(self, type_: str, token: Pairs) -> str | None:
        """Where the resource with that identifier is, if that was known once."""
        return self._known.get((type_, token))

    def remember(self, type_: str, token: Pairs, reference: str) -> None:
        """Keep where it is."""
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[type_, token] = reference
