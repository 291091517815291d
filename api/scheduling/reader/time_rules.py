"""Owns the rules for clocks, spans of hours and parts of the day."""

import re

from api.scheduling.reader.grammar import Rule, rule
from api.scheduling.reader.items import PARTS, Bound, Clock, ClockItem, HoursItem, PartItem, Scene


def _clock(text: str) -> Clock:
    hour, minute, half = text.split(":")
    return Clock(int(hour), int(minute), "u" if half == "b" else half, bare=half == "b")


def _at(match: re.Match[str], scene: Scene) -> ClockItem:
    word = match["bound"] or Bound.AT
    return ClockItem(_clock(match["ck"]), Bound.AFTER if word == "past" else Bound(word))


def _between(match: re.Match[str], scene: Scene) -> HoursItem:
    return HoursItem(_clock(match["start"]), _clock(match["end"]))


def _part(match: re.Match[str], scene: Scene) -> PartItem | None:
    return PartItem(match["pt"]) if match["pt"] in PARTS else None


def rules() -> tuple[Rule, ...]:
    """Give the rules in the order in which they must be tried."""
    clock = r"\d+:\d+:\w"
    return (
        rule(rf"hrs:(?P<start>{clock}):(?P<end>{clock})", _between),
        rule(rf"(?:(?P<bound>{'|'.join(Bound)}|past) )?(?:at )?ck:(?P<ck>{clock})(?: ish)?", _at),
        rule(r"(?:in |on |at )?(?:the )?pt:(?P<pt>\w+)", _part),
    )
