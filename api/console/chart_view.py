"""The patient's record as the pane shows it; what could not be read is said, never left out."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

from api.console import times, words
from api.people.chart import Card, CardKind, Chart, Facts, Item, State, Trend

NOT_RECORDED: Final = "None recorded"
UNREAD: Final = "record not read yet"
_TREND_ICONS: Final = {Trend.UP: "trending-up", Trend.DOWN: "trending-down", Trend.SAME: ""}


@dataclass(frozen=True)
class ItemView:
    """One line of a card."""

    text: str
    detail: str
    when: str
    flag: str
    trend: str
    trend_icon: str
    is_severe: bool
    is_sensitive: bool
    ref: str


@dataclass(frozen=True)
class CardView:
    """A card. `none`: what it says when it has no lines."""

    key: str
    title: str
    icon: str
    state: str
    entries: list[ItemView]
    none: str
    more: bool


@dataclass(frozen=True)
class PaneView:
    """All that the pane says of a record."""

    cards: list[CardView]
    withheld: list[str]
    source: str


def pane(chart: Chart, now: datetime, zone: tzinfo) -> PaneView:
    """The pane of a chart."""
    withheld = [f"{words.CARDS[each.kind][0]}: {each.reason}" for each in chart.withheld]
    source = next((each.source for each in chart.cards), "")
    return PaneView(
        cards=[_card(each, now, zone) for each in chart.cards],
        withheld=withheld,
        source=f"{source} · read {times.clock(chart.read_at, zone)}" if source else "",
    )


def facts_line(facts: Facts, today: date) -> str:
    """Birth date, age, gender and record number: "Born March 9, 1979 (47) · female · MRN 1001"."""
    parts = []
    if facts.born_on:
        parts.append(f"Born {day_of_year(facts.born_on)} ({age(facts.born_on, today)})")
    if facts.gender:
        parts.append(facts.gender.capitalize())
    if facts.mrn:
        parts.append(f"MRN {facts.mrn}")
    return " · ".join(parts)


def second_identifiers(facts: Facts) -> str:
    """What, beside the name, says who it is."""
    born = f"born {day_of_year(facts.born_on)}" if facts.born_on else "birth date not recorded"
    return f"{born} · MRN {facts.mrn}" if facts.mrn else born


def next_visits(chart: Chart, zone: tzinfo) -> list[str]:
    """The next two visits: when, and what."""
    card = chart.card(CardKind.VISITS)
    if card is None:
        return []
    coming = [each for each in card.items if each.at is not None and each.at > chart.read_at]
    return [
        f"{times.stamp(each.at, chart.read_at, zone)}, {each.text}"
        for each in coming[:2]
        if each.at is not None
    ]


def day_of_year(on: date) -> str:
    """A date without its weekday: "March 9, 1979"."""
    return f"{on:%B} {on.day}, {on.year}"


def age(born_on: date, today: date) -> int:
    """Whole years."""
    return today.year - born_on.year - ((today.month, today.day) < (born_on.month, born_on.day))


def _card(card: Card, now: datetime, zone: tzinfo) -> CardView:
    title, icon, nothing = words.CARDS[card.kind]
    return CardView(
        key=card.kind.value,
        title=title,
        icon=icon,
        state=card.state.value,
        entries=[_item(each, now, zone) for each in card.items],
        none=nothing if card.state is State.EMPTY_KNOWN else NOT_RECORDED,
        more=card.more,
    )


def _item(item: Item, now: datetime, zone: tzinfo) -> ItemView:
    return ItemView(
        text=item.text,
        detail=item.detail,
        when=times.stamp(item.at, now, zone) if item.at else "",
        flag=words.FLAGS[item.flag] if item.flag else "",
        trend=words.TRENDS[item.trend] if item.trend else "",
        trend_icon=_TREND_ICONS[item.trend] if item.trend else "",
        is_severe=item.is_severe,
        is_sensitive=item.is_sensitive,
        ref=item.ref,
    )
