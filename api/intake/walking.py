"""The way through a form: the questions in order, and the texts that come before each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from api.intake.answers import Answers, Path
from api.intake.items import Form, Item, Words
from api.intake.kinds import ItemType
from api.intake.standing import Standing
from api.intake.wording import label_of


@dataclass(frozen=True)
class Asked:
    """A question as it is put.

    Attributes:
        item: the question; the repeating group when `is_more`.
        number: its place among all questions as things stand, from 1; `of` how many these are.
        intro: titles of groups and texts that come right before it.
        help: why it is asked, in the words of the form; empty where it does not say.
        is_more: it asks whether there is another one (the first time: one) of a repeating group.
    """

    path: Path
    item: Item
    number: int = 0
    of: int = 0
    intro: tuple[Words, ...] = ()
    help: tuple[Words, ...] = ()
    is_more: bool = False

    @property
    def is_first(self) -> bool:
        """Tell, of a question about more, whether there is none so far."""
        return self.is_more and self.path[-1][1] == 0

    @property
    def can_skip(self) -> bool:
        """Tell whether it may be left unanswered."""
        return not self.is_more and not self.item.required


def walk(form: Form, answers: Answers) -> tuple[tuple[Asked, ...], tuple[Words, ...]]:
    """Return the questions that are asked as things stand, numbered, and the texts after them."""
    way = _Walk(form, Standing(form, answers))
    way.go(form.items, ())
    found = way.found
    numbered = (replace(one, number=n, of=len(found)) for n, one in enumerate(found, start=1))
    return tuple(numbered), tuple(way.pending)


class _Walk:
    """One pass over the form: the questions found, and the texts that wait for the next one."""

    def __init__(self, form: Form, standing: Standing) -> None:
        self._form = form
        self._standing = standing
        self.found: list[Asked] = []
        self.pending: list[Words] = []

    def go(self, items: Sequence[Item], prefix: Path) -> None:
        for item in items:
            path = (*prefix, (item.link_id, 0))
            if item.hidden or item.is_help or not self._standing.is_enabled(path):
                continue
            if item.type is ItemType.DISPLAY:
                self.pending.append(item.text)
            elif item.is_question:
                self._question(item, prefix)
            elif not item.read_only:
                self._group(item, prefix)

    def _question(self, item: Item, prefix: Path) -> None:
        path = (*prefix, (item.link_id, 0))
        if not item.read_only:
            self.pending.extend(child.text for child in item.items if _is_of_question(child))
            self._ask(path, item)
        nested = tuple(child for child in item.items if not _is_of_question(child))
        values = self._standing.values(path)
        for place, value in enumerate(values):
            heading = label_of(item, value) if len(values) > 1 else None
            self._under(heading, nested, (*prefix, (item.link_id, place)))

    def _group(self, item: Item, prefix: Path) -> None:
        if not item.is_repeating_group:
            self._under(item.text, item.items, (*prefix, (item.link_id, 0)))
            return
        count = self._standing.times(item, prefix)
        for index in range(count):
            if index >= item.least:
                self._ask((*prefix, (item.link_id, index)), item, is_more=True)
            self._under(item.text, item.items, (*prefix, (item.link_id, index)))
        if self._standing.may_be_more(item, count):
            self._ask((*prefix, (item.link_id, count)), item, is_more=True)

    def _under(self, heading: Words | None, items: Sequence[Item], prefix: Path) -> None:
        """Go on below a heading, which is not said when there is nothing below it."""
        before = len(self.found), len(self.pending)
        if heading is not None and heading.text:
            self.pending.append(heading)
            before = before[0], len(self.pending)
            self.go(items, prefix)
            if before == (len(self.found), len(self.pending)):
                self.pending.pop()
        else:
            self.go(items, prefix)

    def _ask(self, path: Path, item: Item, *, is_more: bool = False) -> None:
        intro = tuple(self.pending)
        self.pending = []
        found = Asked(path, item, intro=intro, help=self._help(path), is_more=is_more)
        self.found.append(found)

    def _help(self, path: Path) -> tuple[Words, ...]:
        """Of what a question stands in, the nearest that says why it is asked; itself first."""
        for depth in range(len(path), -1, -1):
            around = path[:depth]
            items = self._form.places[around[-1][0]][-1].items if around else self._form.items
            said = tuple(
                item.text
                for item in items
                if item.is_help and self._standing.is_enabled((*around, (item.link_id, 0)))
            )
            if said:
                return said
        return ()


def _is_of_question(child: Item) -> bool:
    """Tell whether a text below a question belongs to the question, not to its answer."""
    is_plain = child.type is ItemType.DISPLAY and not child.is_help
    return is_plain and not child.enable_when and not child.hidden
