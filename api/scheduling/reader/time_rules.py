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


def _compact(match: re.Match[str], scene: Scene) -> ClockItem | None:
    """Read "6th april 1045" and "thurs 5"."""
    hour, minute = int(match["hour"]), int(match.groupdict().get("minute") or 0)
    if hour > 23 or minute > 59:
        return None
    return ClockItem(Clock(hour, minute, "x" if hour > 12 else "u"))


def _between(match: re.Match[str], scene: Scene) -> HoursItem:
    return HoursItem(_clock(match["start"]), _clock(match["end"]))


def _part(match: re.Match[str], scene: Scene) -> PartItem | None:
    return PartItem(match["pt"]) if match["pt"] in PARTS else None


_CLOCK = r"\d+:\d+:\w"

# In the order in which they must be tried.
RULES: tuple[Rule, ...] = (
    rule(rf"hrs:(?P<start>{_CLOCK}):(?P<end>{_CLOCK})", _between),
    rule(rf"(?:(?P<bound>{'|'.join(Bound)}|past) )?(?:at )?ck:(?P<ck>{_CLOCK})(?: ish)?", _at),
    rule(r"(?<=D )(?:, )?hm:(?P<hour>\d+):(?P<minute>\d\d)(?= (?:[.,] |$))", _compact),
    rule(r"(?<=D )n:(?P<hour>1[0-2]|[1-9])(?= (?:[.,] |$|works|or ))", _compact),
    rule(r"(?:in |on |at )?(?:the )?pt:(?P<pt>\w+)", _part),
)
