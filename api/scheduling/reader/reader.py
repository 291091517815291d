"""Owns reading a booking request from its words to a date, a time or a range."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from api.core.language import Language
from api.scheduling.reader import calendar_rules, grammar, relative_rules, time_rules
from api.scheduling.reader.builder import build
from api.scheduling.reader.context import Placed, place
from api.scheduling.reader.items import Board, DayItem, MomentItem, Scene
from api.scheduling.reader.reading import Reading
from api.scheduling.reader.rewrites import rewrite
from api.scheduling.reader.symbols import speaks, symbols
from api.scheduling.reader.wording import describe

_RULES = (
    *calendar_rules.RULES,
    *relative_rules.RULES,
    *time_rules.RULES,
)
_OTHER = {Language.EN: Language.ES, Language.ES: Language.EN}


def read_when(text: str, *, now: datetime, zone: ZoneInfo, language: Language) -> Reading:
    """Read when a patient wants to come; never raises on any text.

    Dates without a year go forward, bare hours mean office hours, "3/4" is read in the order of
    the language and marked ambiguous. Words of the other language are understood where the
    patient's own language finds nothing.

    Raises:
        ValueError: `now` is naive.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    scene = Scene(now.astimezone(zone), day_first=language is Language.ES)
    placed = _placed(text, scene, language)
    other = _OTHER[language]
    if not any(_names_day(p) for p in placed) and speaks(text, other):
        placed = _completed(placed, _placed(text, scene, other))
    reading = build(placed, scene, zone)
    return replace(reading, reading=describe(reading, language, today=scene.today))


def _placed(text: str, scene: Scene, language: Language) -> list[Placed]:
    board = Board(rewrite(symbols(text, language), language))
    grammar.run(board, _RULES, scene)
    return place(board.symbols, board.found)


def _names_day(placed: Placed) -> bool:
    return isinstance(placed.found.item, DayItem | MomentItem)


def _completed(own: list[Placed], other: list[Placed]) -> list[Placed]:
    """Take the days from the other language: "monday a las 3", "mañana at 10"."""
    if any(not _names_day(p) for p in other):
        return other
    return [*own, *other]
