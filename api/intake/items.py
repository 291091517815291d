"""A form as we know it: its items, their words, options and conditions."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from api.core.errors import CareError
from api.core.language import Language
from api.intake.kinds import ItemType
from api.intake.values import Coding, Value


class Unsupported(CareError):
    """A Questionnaire that cannot be asked in a conversation.

    Attributes:
        reasons: every reason, each with the item that it is about.
    """

    code = "unsupported_form"
    status = 422
    sentence = "This form cannot be asked in a conversation."

    def __init__(self, reasons: tuple[str, ...]) -> None:
        super().__init__()
        self.reasons = reasons


@dataclass(frozen=True)
class Words:
    """A text with its translations, by language tag in small letters ("es", "es-mx")."""

    text: str
    translations: Mapping[str, str] = field(default_factory=dict)

    def in_(self, language: Language) -> str:
        """Return the words in the language, a regional form of it, or as the form has them."""
        exact = self.translations.get(language.value)
        if exact is not None:
            return exact
        regional = f"{language.value}-"
        found = (text for tag, text in self.translations.items() if tag.startswith(regional))
        return next(found, self.text)


@dataclass(frozen=True)
class Option:
    """An answer that a question offers.

    Attributes:
        ordinal: what the answer counts in a score, where the form says so.
        exclusive: chosen alone ("none of these").
    """

    value: Value
    label: Words
    ordinal: Decimal | None = None
    exclusive: bool = False


@dataclass(frozen=True)
class Condition:
    """One enableWhen: the question, the operator, and what its answer is compared with."""

    question: str
    operator: str
    answer: Value


@dataclass(frozen=True)
class Item:
    """One item of a form.

    Attributes:
        short: a few words for it in a list, where the form gives them.
        behavior: "all" or "any" of `enable_when` must hold.
        minimum: smallest answer; `maximum` the largest; of the answer's own kind.
        max_length: characters of an answer.
        min_occurs: answers of a question, or times a group is filled in; `max_occurs` None means
            no limit.
        hidden: nobody sees it; `read_only` nobody may change it. Both hold
            for all that is inside of a group.
        initial: values that are there from the start.
        units: units that a quantity may be given in, the usual one first.
        known: which fact of the record gives a hidden item its value.
        sensitive: not to be asked on a phone that others may read.
        is_help: a text for who asks why; it says so of what it stands in, and is not said unasked.
    """

    link_id: str
    type: ItemType
    text: Words
    short: Words | None = None
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    options: tuple[Option, ...] = ()
    enable_when: tuple[Condition, ...] = ()
    behavior: str = "all"
    minimum: Value | None = None
    maximum: Value | None = None
    max_length: int | None = None
    min_occurs: int = 0
    max_occurs: int | None = None
    initial: tuple[Value, ...] = ()
    codes: tuple[Coding, ...] = ()
    units: tuple[Coding, ...] = ()
    known: str | None = None
    sensitive: bool = False
    is_help: bool = False
    items: tuple["Item", ...] = ()

    @property
    def unit(self) -> Coding | None:
        """The usual unit of the answer."""
        return self.units[0] if self.units else None

    @property
    def is_question(self) -> bool:
        """Tell whether the item is answered."""
        return self.type.is_question

    @property
    def is_asked(self) -> bool:
        """Tell whether people see the question and may answer it."""
        return self.is_question and not (self.hidden or self.read_only)

    @property
    def is_repeating_group(self) -> bool:
        """Tell whether the item is a group that may be filled in several times."""
        return self.repeats and self.type is ItemType.GROUP

    @property
    def least(self) -> int:
        """How many answers or instances there must be."""
        return max(self.min_occurs, int(self.required))

    @property
    def most(self) -> int | None:
        """How many answers or instances there may be; None means no limit."""
        return self.max_occurs if self.repeats else 1


@dataclass(frozen=True)
class Form:
    """A Questionnaire that can be asked.

    Attributes:
        url: its canonical address, without the version.
        language: the language tag of its own words, where it says so.
        ignored: what the Questionnaire also asks for and is left undone, such as the calculation
            of a total that nothing depends on.
    """

    url: str
    version: str | None
    title: Words
    items: tuple[Item, ...]
    codes: tuple[Coding, ...] = ()
    subject_types: tuple[str, ...] = ()
    language: str | None = None
    ignored: tuple[str, ...] = ()

    @cached_property
    def places(self) -> Mapping[str, tuple[Item, ...]]:
        """For every linkId the items from the root to it, itself the last; in document order."""
        return {line[-1].link_id: line for line in _lines(self.items, ())}

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The place of every linkId in the document."""
        return {link_id: place for place, link_id in enumerate(self.places)}


def _lines(items: tuple[Item, ...], above: tuple[Item, ...]) -> Iterator[tuple[Item, ...]]:
    for item in items:
        line = (*above, item)
        yield line
        yield from _lines(item.items, line)
