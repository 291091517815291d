"""The answers of a form as short lines of a text: to which question, and what was said. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from api.core.language import Language
from api.intake.items import Item, Words

# So many characters a text may have before its lines are made shorter: four segments of plain
# letters. A carrier takes no text of more than 1,600.
COMFORTABLE_CHARS: Final = 600
MOST_CHARS: Final = 1400
# What is shown at most of the question and of the answer, the longest that there is room for.
WIDTHS: Final = ((24, 34), (20, 24), (16, 16), (12, 12))
NARROWEST: Final = (0, 12)


@dataclass(frozen=True)
class ShortLine:
    """One answer under its number; `label` may be empty."""

    number: int
    label: str
    answer: str

    @property
    def chars(self) -> int:
        """How long it is in a text, with what stands between its parts."""
        return len(f"{self.number}) {self.label}: {self.answer}\n")


def label_in(item: Item, language: Language, most_chars: int) -> str:
    """A question in a few words: those that its form gives for lists, else its own first ones."""
    words = item.short.in_(language) if item.short is not None else ""
    return _first_words(words or item.text.in_(language), most_chars)


def short_lines(
    answered: Sequence[tuple[int, Item, str]], language: Language, *, hides: bool = False
) -> tuple[ShortLine, ...]:
    """Lines of answers that fit a text together, by number, question and what was said.

    `hides`: what a sensitive question asks is not told.
    """
    if hides:
        answered = [(number, _unnamed(item), said) for number, item, said in answered]
    for widths in WIDTHS:
        lines = _lines(answered, language, *widths)
        if sum(line.chars for line in lines) <= COMFORTABLE_CHARS:
            return lines
    lines = _lines(answered, language, *WIDTHS[-1])
    if sum(line.chars for line in lines) <= MOST_CHARS:
        return lines
    return _lines(answered, language, *NARROWEST)


def _unnamed(item: Item) -> Item:
    return replace(item, text=Words(""), short=None) if item.sensitive else item


def _lines(
    answered: Sequence[tuple[int, Item, str]], language: Language, label: int, answer: int
) -> tuple[ShortLine, ...]:
    return tuple(
        ShortLine(number, label_in(item, language, label), _cut(" ".join(said.split()), answer))
        for number, item, said in answered
    )


def _first_words(text: str, most_chars: int) -> str:
    text = " ".join(text.split()).lstrip("¿¡")
    if len(text) > most_chars:
        head, space, _ = text[: most_chars + 1].rpartition(" ")
        text = head if space else text[:most_chars]
    return text.rstrip(" ?!.,;:(-")


def _cut(text: str, most_chars: int) -> str:
    return text if len(text) <= most_chars else f"{text[: most_chars - 3].rstrip()}..."
