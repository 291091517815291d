"""Builds a form out of a Questionnaire, and gathers every reason why that cannot be done."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

from api.intake import extensions as known
from api.intake.checking import wrong_with
from api.intake.conditions import condition_of, undecidable
from api.intake.items import Condition, Form, Item, Option, Unsupported, Words
from api.intake.kinds import ItemType
from api.intake.options import ValueSets, option_of
from api.intake.rules import asked_for, broken_rules, repeated_links
from api.intake.values import Coding, Value, read_value
from integrations.ports.fhir import Resource


class Loader:
    """Reads one Questionnaire."""

    def __init__(self, questionnaire: Resource, value_sets: Mapping[str, Resource]) -> None:
        self._raw = questionnaire
        contained = {one.get("id", ""): one for one in questionnaire.get("contained", ())}
        self._sets = ValueSets(contained, value_sets)
        self._asked_for = asked_for(questionnaire)
        self._reasons: list[str] = []
        self._ignored: list[str] = []
        self._places: dict[str, str] = {}

    def form(self) -> Form:
        """Return the form.

        Raises:
            Unsupported: with every reason why there is none.
        """
        self._check_head()
        form = Form(
            url=self._raw.get("url", ""),
            version=self._raw.get("version"),
            title=_title(self._raw),
            items=self._items(self._raw, "", _NOTHING),
            codes=_codes(self._raw),
            subject_types=tuple(self._raw.get("subjectType", ())),
            language=self._raw.get("language"),
            ignored=tuple(self._ignored),
        )
        for link_id, why in undecidable(form):
            self._reasons.append(f"{self._places[link_id]}: {why}")
        if self._reasons:
            raise Unsupported(tuple(self._reasons))
        return form

    def _check_head(self) -> None:
        raw = self._raw
        if raw.get("resourceType") != "Questionnaire":
            self._reasons.append("form: it is no Questionnaire")
        if not raw.get("url"):
            self._reasons.append("form: it has no url, so no answer can say what it answers")
        if not raw.get("item"):
            self._reasons.append("form: it has no items")
        self._reasons += [f"form: {why}" for why in _unknown(raw)]
        twice = repeated_links(raw)
        self._reasons += [f"form: several items have the linkId {one!r} (que-2)" for one in twice]

    def _items(self, raw: Resource, above: str, inherited: Item) -> tuple[Item, ...]:
        items = (
            self._item(one, f"{above}item[{place}]", inherited)
            for place, one in enumerate(raw.get("item", ()))
        )
        return tuple(item for item in items if item is not None)

    def _item(self, raw: Resource, above: str, inherited: Item) -> Item | None:
        """Return the item; None when it has no type that we know, which is a reason then."""
        link_id = raw.get("linkId", "")
        where = f"{above} ({link_id})"
        self._places[link_id] = where
        reasons = [*broken_rules(raw), *_unknown(raw), *_unknown_inside(raw)]
        if not link_id:
            reasons.append("it has no linkId")
        self._reasons += [f"{where}: {why}" for why in reasons]
        kind = _type_of(raw)
        if kind is None:
            given = raw.get("type") or "untyped"
            self._reasons.append(f"{where}: {given} answers cannot be given in a conversation")
            self._items(raw, f"{above}.", inherited)
            return None
        item = self._with_limits(self._bare(raw, kind, inherited), raw, where)
        self._check_item(item, raw, where)
        return replace(item, items=self._items(raw, f"{above}.", item))

    def _bare(self, raw: Resource, kind: ItemType, inherited: Item) -> Item:
        usage = known.code_of(raw, known.USAGE_MODE) or ""
        is_hidden = known.is_marked(raw, known.HIDDEN) or usage.startswith("display")
        is_group = inherited.type is ItemType.GROUP
        return Item(
            link_id=raw.get("linkId", ""),
            type=kind,
            text=_text(raw),
            short=known.short_text_of(raw),
            required=raw.get("required") is True,
            repeats=raw.get("repeats") is True,
            read_only=raw.get("readOnly") is True or (inherited.read_only and is_group),
            hidden=is_hidden or inherited.hidden,
            behavior=raw.get("enableBehavior", "all"),
            max_length=raw.get("maxLength"),
            min_occurs=known.whole_of(raw, known.MIN_OCCURS) or 0,
            max_occurs=known.whole_of(raw, known.MAX_OCCURS),
            codes=_codes(raw),
            known=known.code_of(raw, known.KNOWN),
            sensitive=known.is_marked(raw, known.SENSITIVE) or inherited.sensitive,
            is_help=kind is ItemType.DISPLAY and not known.HELP.isdisjoint(known.controls_of(raw)),
        )

    def _with_limits(self, item: Item, raw: Resource, where: str) -> Item:
        """Add what may be wrong in itself: options, conditions, values and units."""
        tried = partial(self._tried, where)
        conditions = (
            tried(partial(_conditions, one), NO_CONDITIONS) for one in raw.get("enableWhen", ())
        )
        return replace(
            item,
            options=tried(partial(self._options, raw), NO_OPTIONS),
            enable_when=tuple(condition for one in conditions for condition in one),
            minimum=tried(partial(known.value_of, raw, *known.MINIMUM), None),
            maximum=tried(partial(known.value_of, raw, *known.MAXIMUM), None),
            initial=tried(partial(_initial, raw), NO_VALUES),
            units=tried(partial(self._units, raw), NO_UNITS),
        )

    def _tried[T](self, where: str, read: Callable[[], T], otherwise: T) -> T:
        try:
            return read()
        except ValueError as error:
            self._reasons.append(f"{where}: {error}")
            return otherwise

    def _options(self, raw: Resource) -> tuple[Option, ...]:
        if raw.get("answerValueSet"):
            return self._sets.options(raw["answerValueSet"])
        return tuple(option_of(one) for one in raw.get("answerOption", ()))

    def _units(self, raw: Resource) -> tuple[Coding, ...]:
        units: list[Value] = [read_value(one) for one in known.extensions_of(raw, *known.UNITS)]
        for one in known.extensions_of(raw, known.UNIT_VALUE_SET):
            units += [option.value for option in self._sets.options(one["valueCanonical"])]
        return tuple(dict.fromkeys(unit for unit in units if isinstance(unit, Coding)))

    def _check_item(self, item: Item, raw: Resource, where: str) -> None:
        reasons = list(wrong_with(item, is_listed="answerOption" in raw or "answerValueSet" in raw))
        if known.extensions_of(raw, *known.CALCULATED):
            if item.is_asked or item.link_id in self._asked_for:
                reasons.append("its answer is calculated")
            elif item.required and not item.initial:
                reasons.append("its answer is calculated and required")
            else:
                self._ignored.append(f"{where}: its answer is not calculated")
        self._reasons += [f"{where}: {why}" for why in reasons]


_NOTHING: Final = Item(link_id="", type=ItemType.GROUP, text=Words(""))
NO_CONDITIONS: Final[tuple[Condition, ...]] = ()
NO_OPTIONS: Final[tuple[Option, ...]] = ()
NO_VALUES: Final[tuple[Value, ...]] = ()
NO_UNITS: Final[tuple[Coding, ...]] = ()


def _conditions(raw: Resource) -> tuple[Condition, ...]:
    return (condition_of(raw),)


def _type_of(raw: Resource) -> ItemType | None:
    try:
        return ItemType(raw.get("type", ""))
    except ValueError:
        return None


def _codes(raw: Resource) -> tuple[Coding, ...]:
    return tuple(
        Coding(one.get("system"), one.get("code"), one.get("display"))
        for one in raw.get("code", ())
    )


def _title(raw: Resource) -> Words:
    return known.words_of(raw, "title" if raw.get("title") else "name")


def _text(raw: Resource) -> Words:
    """Return what is asked: the item's text, else the words of its code."""
    words = known.words_of(raw, "text")
    if words.text or raw.get("type") in {"group", "display"}:
        return words
    named = (one for one in raw.get("code", ()) if one.get("display"))
    return next((known.words_of(one, "display") for one in named), words)


def _initial(raw: Resource) -> tuple[Value, ...]:
    given = [read_value(one) for one in raw.get("initial", ())]
    chosen = [one for one in raw.get("answerOption", ()) if one.get("initialSelected") is True]
    return (*given, *(read_value(one) for one in chosen))


def _unknown(element: Resource) -> list[str]:
    """Return what an element asks for that would change its meaning, and that we cannot do."""
    reasons = [
        known.REFUSED[one["url"]]
        for one in element.get("extension", ())
        if one.get("url") in known.REFUSED
    ]
    if element.get("modifierExtension"):
        reasons.append("an extension that we do not know changes its meaning")
    if element.get("implicitRules"):
        reasons.append("rules from elsewhere change its meaning")
    beside = element.get("_text") or {}
    if known.extensions_of(beside, *known.CALCULATED):
        reasons.append("its text is calculated")
    return list(dict.fromkeys(reasons))


def _unknown_inside(raw: Resource) -> list[str]:
    parts = [*raw.get("enableWhen", ()), *raw.get("answerOption", ()), *raw.get("initial", ())]
    return list(dict.fromkeys(why for part in parts for why in _unknown(part)))
