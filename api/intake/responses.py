"""Answers to and from a FHIR R4 QuestionnaireResponse."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from api.core.language import Language
from api.intake.answers import Answers, Entry, Path
from api.intake.fitting import fits
from api.intake.items import Form, Item
from api.intake.kinds import ItemType
from api.intake.standing import Standing
from api.intake.values import read_value, value_json
from integrations.ports.fhir import Resource

# On what holds a repeating group: that there is no (other) one of it, by its linkId.
NO_MORE: Final = "https://careline.example/fhir/StructureDefinition/no-more"
ABSENT: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
DECLINED: Final = "asked-declined"
# A response that is done holds no answers to questions that were not to be asked in the end.
DONE: Final = frozenset({"completed", "amended"})


def as_response(  # noqa: PLR0913 - the elements of one resource
    form: Form,
    answers: Answers,
    *,
    subject: str,
    source: str,
    author: str | None,
    status: str,
    authored: datetime,
    language: Language,
    base: Resource | None,
) -> Resource:
    """Return the answers as a QuestionnaireResponse.

    Args:
        form: the form that was asked.
        answers: what was said to it.
        subject: reference to whom the answers are about.
        source: reference to who gave them.
        author: reference to who wrote them down, if that is somebody else.
        status: of the response; completed or amended, it leaves out what is disabled.
        authored: when it was last changed, with its offset.
        language: of the texts of the questions.
        base: the response as it is stored; its other elements are kept.
    """
    writer = _Writer(form, answers, language, is_done=status in DONE)
    said = {
        "status": status,
        "questionnaire": f"{form.url}|{form.version}" if form.version else form.url,
        "language": language.value,
        "subject": {"reference": subject},
        "authored": authored.isoformat(timespec="seconds"),
        "author": {"reference": author} if author else None,
        "source": {"reference": source},
        "extension": _others((base or {}).get("extension", ())) + writer.no_more(form.items, ()),
        "item": writer.items(form.items, ()),
    }
    whole = {"resourceType": "QuestionnaireResponse", **(base or {}), **said}
    return {name: content for name, content in whole.items() if content not in (None, [])}


def _others(extensions: Sequence[Resource]) -> list[Resource]:
    return [one for one in extensions if one.get("url") != NO_MORE]


class _Writer:
    """Writes items in the order of the form."""

    def __init__(self, form: Form, answers: Answers, language: Language, *, is_done: bool) -> None:
        self._answers = answers
        self._language = language
        self._is_done = is_done
        self._standing = Standing(form, answers)

    def items(self, items: Sequence[Item], prefix: Path) -> list[Resource]:
        """Return what was said to the items at one place."""
        return [
            written
            for item in items
            if self._is_kept((*prefix, (item.link_id, 0)))
            for written in self._item(item, prefix)
        ]

    def no_more(self, items: Sequence[Item], prefix: Path) -> list[Resource]:
        """Return, for what holds the items, of which groups there is no more."""
        return [
            {"url": NO_MORE, "valueString": item.link_id}
            for item in items
            if item.is_repeating_group and self._is_kept((*prefix, (item.link_id, 0)))
            for path in [(*prefix, (item.link_id, self._standing.times(item, prefix)))]
            if self._standing.values(path) == (False,)
        ]

    def _is_kept(self, path: Path) -> bool:
        return not self._is_done or self._standing.is_enabled(path)

    def _item(self, item: Item, prefix: Path) -> list[Resource]:
        if item.is_question:
            return self._question(item, (*prefix, (item.link_id, 0)))
        if item.type is ItemType.DISPLAY:
            return []
        times = self._standing.times(item, prefix)
        inside = [self._inside(item, (*prefix, (item.link_id, n))) for n in range(times)]
        # An instance that nobody was asked about is only there when something is in it, or in a
        # later one, whose place it keeps.
        unasked = item.least if item.is_repeating_group else 1
        while inside and not inside[-1] and len(inside) <= unasked:
            inside.pop()
        return [self._head(item) | one for one in inside]

    def _question(self, item: Item, path: Path) -> list[Resource]:
        entry = self._answers.get(path)
        if entry is None:
            return []
        if not entry.values:
            absent = {"url": ABSENT, "valueCode": DECLINED}
            return [self._head(item) | {"extension": [absent]}]
        answers = [
            dict([value_json(value)]) | self._inside(item, (*path[:-1], (item.link_id, place)))
            for place, value in enumerate(entry.values)
        ]
        return [self._head(item) | {"answer": answers}]

    def _inside(self, item: Item, path: Path) -> Resource:
        """Return what is nested in an instance of a group or in an answer of a question."""
        parts = {
            "extension": self.no_more(item.items, path),
            "item": self.items(item.items, path),
        }
        return {name: content for name, content in parts.items() if content}

    def _head(self, item: Item) -> Resource:
        text = item.text.in_(self._language)
        return {"linkId": item.link_id} | ({"text": text} if text else {})


def read_response(form: Form, response: Resource) -> Answers:
    """Return the answers that a QuestionnaireResponse holds; the inverse of `as_response`.

    Raises:
        ValueError: it answers another form, or what this form does not ask.
    """
    if str(response.get("questionnaire") or form.url).partition("|")[0] != form.url:
        raise ValueError("this answers another form")
    reader = _Reader()
    reader.inside(form.items, response, ())
    return reader.answers


class _Reader:
    """Reads items wherever the form has them."""

    def __init__(self) -> None:
        self.answers: dict[Path, Entry] = {}

    def inside(self, items: Sequence[Item], holder: Resource, prefix: Path) -> None:
        """Read what is nested in a response, in an instance of a group, or in an answer."""
        known = {item.link_id: item for item in items}
        seen = dict.fromkeys(known, 0)
        for raw in holder.get("item", ()):
            item = known.get(raw.get("linkId", ""))
            if item is None:
                raise ValueError("an item that the form does not have there")
            self._item(item, raw, (*prefix, (item.link_id, seen[item.link_id])))
            seen[item.link_id] += 1
        for one in holder.get("extension", ()):
            if one.get("url") == NO_MORE:
                self._no_more(known.get(one.get("valueString", "")), seen, prefix)

    def _item(self, item: Item, raw: Resource, path: Path) -> None:
        index = path[-1][1]
        if index and (not item.is_repeating_group or item.most == index):
            raise ValueError("an item comes more often than the form has it")
        if item.is_question:
            self._question(item, raw, path)
            return
        if "answer" in raw or (item.type is ItemType.DISPLAY and "item" in raw):
            raise ValueError("an answer to what is no question")
        if item.is_repeating_group and index >= item.least:
            self.answers[path] = Entry((True,))
        self.inside(item.items, raw, path)

    def _question(self, item: Item, raw: Resource, path: Path) -> None:
        if "item" in raw:
            raise ValueError("what is nested in a question stands beneath its answers")
        values = tuple(read_value(answer) for answer in raw.get("answer", ()))
        if not all(fits(item, value) for value in values):
            raise ValueError("an answer that the question does not have")
        if item.most is not None and len(values) > item.most:
            raise ValueError("more answers than the question has")
        if values:
            self.answers[path] = Entry(values)
        elif any(one.get("valueCode") == DECLINED for one in raw.get("extension", ())):
            self.answers[path] = Entry(declined=True)
        for place, answer in enumerate(raw.get("answer", ())):
            self.inside(item.items, answer, (*path[:-1], (item.link_id, place)))

    def _no_more(self, item: Item | None, seen: dict[str, int], prefix: Path) -> None:
        if item is None or not item.is_repeating_group:
            raise ValueError("no more of what the form does not have there")
        count = max(seen[item.link_id], item.least)
        self.answers[(*prefix, (item.link_id, count))] = Entry((False,))
