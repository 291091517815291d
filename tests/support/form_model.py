"""A second, plain reading of a Questionnaire: all places as a tree, looked at until it rests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from api.intake.answers import Answers, Path
from api.intake.values import Coding, Date, Value
from integrations.ports.fhir import Resource
from tests.support.questionnaires import CORE

OPERATIONS = {"=": {0}, "!=": {-1, 1}, "<": {-1}, ">": {1}, "<=": {-1, 0}, ">=": {0, 1}}


@dataclass(eq=False)
class Place:
    """One item at one place, one answer of it, or the question about more of it."""

    raw: Resource
    path: Path
    above: "Place | None"
    kind: str
    is_enabled: bool = True
    inside: list["Place"] = field(default_factory=list)

    def line(self) -> list["Place"]:
        """From the root to this place."""
        return [*(self.above.line() if self.above else []), self]


class Model:
    """What a Questionnaire asks, given the answers."""

    def __init__(self, questionnaire: Resource, answers: Answers) -> None:
        self._answers = answers
        self._places: list[Place] = []
        self._grow(questionnaire["item"], (), None)
        changed = True
        while changed:
            changed = False
            for place in self._places:
                now = self._decide(place)
                changed = changed or now != place.is_enabled
                place.is_enabled = now

    def asked(self) -> list[Path]:
        """The questions that people are asked, in order."""
        return [one.path for one in self._places if one.is_enabled and _is_visible(one)]

    def kept(self) -> Answers:
        """The answers to what is enabled."""
        enabled = {one.path for one in self._places if one.is_enabled and one.kind != "answer"}
        return {path: entry for path, entry in self._answers.items() if path in enabled}

    def _grow(self, items: list[Resource], prefix: Path, above: Place | None) -> None:
        for raw in items:
            if raw["type"] == "group" and raw.get("repeats"):
                self._grow_instances(raw, prefix, above)
                continue
            place = self._add(raw, (*prefix, (raw["linkId"], 0)), above, "item")
            if raw["type"] == "group":
                self._grow(raw["item"], place.path, place)
            count = len(self._values(place.path))
            for index in range(count):
                path = (*prefix, (raw["linkId"], index))
                self._grow(raw.get("item", []), path, self._add(raw, path, place, "answer"))
            if not count and raw["type"] != "group":
                self._grow_absent(raw, place.path, place)

    def _grow_instances(self, raw: Resource, prefix: Path, above: Place | None) -> None:
        for index in range(_most(raw)):
            path = (*prefix, (raw["linkId"], index))
            if index >= int(raw.get("required", False)):
                self._add(raw, path, above, "more")
                if self._values(path) != (True,):
                    if index == 0:
                        self._grow_absent(raw, path, above)
                    return
            self._grow(raw["item"], path, self._add(raw, path, above, "instance"))

    def _grow_absent(self, raw: Resource, path: Path, above: Place | None) -> None:
        """What is inside of something that is not there: in its place all the same, unanswered.

        Else a condition would look at another answer's or another instance's question instead.
        """
        self._grow(raw.get("item", []), path, self._add(raw, path, above, "absent"))

    def _add(self, raw: Resource, path: Path, above: Place | None, kind: str) -> Place:
        place = Place(raw, path, above, kind)
        self._places.append(place)
        return place

    def _values(self, path: Path) -> tuple[Value, ...]:
        return self._answers[path].values if path in self._answers else ()

    def _decide(self, place: Place) -> bool:
        if place.kind == "absent" or (place.above is not None and not place.above.is_enabled):
            return False
        met = [self._is_met(one, place) for one in place.raw.get("enableWhen", [])]
        return not met or (any(met) if place.raw.get("enableBehavior") == "any" else all(met))

    def _is_met(self, condition: Resource, place: Place) -> bool:
        nearest = self._nearest(condition["question"], place)
        values = self._values(nearest.path) if nearest and nearest.is_enabled else ()
        if condition["operator"] == "exists":
            return (len(values) > 0) is bool(condition["answerBoolean"])
        return any(
            _order(value, condition) in OPERATIONS[condition["operator"]] for value in values
        )

    def _nearest(self, link_id: str, place: Place) -> Place | None:
        found = [p for p in self._places if p.raw["linkId"] == link_id and p.kind == "item"]
        shared = {id(one): len(set(one.line()) & set(place.line())) for one in found}
        most = max(shared.values(), default=0)
        close = [one for one in found if shared[id(one)] == most]
        before = [p for p in close if self._places.index(p) < self._places.index(place)]
        return before[-1] if before else (close[0] if close else None)


def _is_visible(place: Place) -> bool:
    if place.kind in {"answer", "instance", "absent"} or place.raw["type"] == "display":
        return False
    if place.kind == "item" and place.raw["type"] == "group":
        return False
    if any(_is_hidden(one.raw) for one in place.line()):
        return False
    groups = (one.raw for one in place.line() if one.raw["type"] == "group")
    return not place.raw.get("readOnly") and not any(raw.get("readOnly") for raw in groups)


def _is_hidden(raw: Resource) -> bool:
    return any(one["url"] == f"{CORE}questionnaire-hidden" for one in raw.get("extension", []))


def _most(raw: Resource) -> int:
    limits = (one["valueInteger"] for one in raw.get("extension", []) if "maxOccurs" in one["url"])
    return next(iter(limits), 1000)


def _order(value: Value, condition: Resource) -> int | None:
    name, expected = next((k, v) for k, v in condition.items() if k.startswith("answer"))
    if name == "answerCoding":
        assert isinstance(value, Coding)
        return 0 if (value.system, value.code) == (expected["system"], expected["code"]) else 1
    if name == "answerDate":
        assert isinstance(value, Date)
        return _order_of_spans(value.text, expected)
    if name == "answerString":
        return [str(value) < expected, value == expected, str(value) > expected].index(True) - 1
    assert isinstance(value, int | Decimal)
    return -1 if value < expected else int(value > expected)


def _order_of_spans(left: str, right: str) -> int | None:
    if left == right:
        return 0
    (first, last), (other_first, other_last) = _span(left), _span(right)
    if last < other_first:
        return -1
    return 1 if first > other_last else None


def _span(text: str) -> tuple[date, date]:
    first = date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    days = list(_same(first, text))
    return days[0], days[-1]


def _same(first: date, text: str) -> Iterator[date]:
    day = first
    while day.isoformat().startswith(text):
        yield day
        day += timedelta(days=1)
