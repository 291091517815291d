"""What a known instrument's answers add up to, and which single answer needs a person at once.

Sources: Kroenke, Spitzer, Williams 2001, https://doi.org/10.1046/j.1525-1497.2001.016009606.x
(PHQ-9); Spitzer and others 2006, https://doi.org/10.1001/archinte.166.10.1092 (GAD-7). Codes are
LOINC's (http://loinc.org). Read 2026-11-25.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from api.intake.answers import Answers, Path
from api.intake.comparing import holds
from api.intake.items import Form, Item
from api.intake.progress import questions
from api.intake.values import Coding, Value

LOINC: Final = "http://loinc.org"
# The question about being better off dead or hurting oneself.
SELF_HARM: Final = "44260-8"
# Both instruments' answers; one question of the GAD-7 has an answer of its own for two points.
WEIGHTS: Final[Mapping[str, Decimal]] = {
    "LA6568-5": Decimal(0),
    "LA6569-3": Decimal(1),
    "LA6570-1": Decimal(2),
    "LA18938-3": Decimal(2),
    "LA6571-9": Decimal(3),
}
MOST: Final = Decimal(3)


@dataclass(frozen=True)
class Band:
    """How severe a total from `least` points on is."""

    least: int
    code: str
    name: str


@dataclass(frozen=True)
class Instrument:
    """A questionnaire that is scored: its panel, its total, and the questions that count."""

    panel: str
    total: Coding
    items: tuple[str, ...]
    bands: tuple[Band, ...]


@dataclass(frozen=True)
class Score:
    """A total.

    Attributes:
        code: what was measured.
        value: the points.
        band, band_code: how severe that is, in words and as a code.
        item_values: the points of each question, by its LOINC code.
    """

    code: Coding
    value: Decimal
    band: str
    band_code: str
    item_values: Mapping[str, Decimal]


PHQ_9: Final = Instrument(
    panel="44249-1",
    total=Coding(
        LOINC, "44261-6", "Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]"
    ),
    items=(
        *("44250-9", "44255-8", "44259-0", "44254-1", "44251-7"),
        *("44258-2", "44252-5", "44253-3", SELF_HARM),
    ),
    bands=(
        Band(0, "minimal", "Minimal"),
        Band(5, "mild", "Mild"),
        Band(10, "moderate", "Moderate"),
        Band(15, "moderately-severe", "Moderately severe"),
        Band(20, "severe", "Severe"),
    ),
)
GAD_7: Final = Instrument(
    panel="69737-5",
    total=Coding(
        LOINC, "70274-6", "Generalized anxiety disorder 7 item (GAD-7) total score [Reported.PHQ]"
    ),
    items=("69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"),
    bands=(
        Band(0, "minimal", "Minimal"),
        Band(5, "mild", "Mild"),
        Band(10, "moderate", "Moderate"),
        Band(15, "severe", "Severe"),
    ),
)
INSTRUMENTS: Final = (PHQ_9, GAD_7)


def score(form: Form, answers: Answers) -> Score | None:
    """The total, if the form is an instrument known here and every question of it is answered.

    A partly answered one has no score, not a lower one; nor has one whose points are in doubt.
    """
    instrument = instrument_of(form)
    if instrument is None:
        return None
    points = _points(form, answers, instrument)
    if points is None:
        return None
    total = sum(points.values(), Decimal(0))
    band = [band for band in instrument.bands if band.least <= total][-1]
    return Score(instrument.total, total, band.name, band.code, points)


def alarms(form: Form, path: Path, values: tuple[Value, ...]) -> bool:
    """Whether this answer speaks of self-harm: a person must know now, whatever the total.

    An answer that cannot be read as "not at all" counts as one that does.
    """
    item = _item_at(form, path)
    if item is None or not _asks_about_self_harm(item):
        return False
    return any(_points_of(item, value) != 0 for value in values)


def instrument_of(form: Form) -> Instrument | None:
    """The instrument that a form is: by its own code, without one by its questions."""
    panels = {code.code for code in form.codes if code.system == LOINC}
    named = [one for one in INSTRUMENTS if one.panel in panels]
    if named:
        return named[0]
    asked = {code for line in form.places.values() for code in _loinc_codes(line[-1])}
    return next((one for one in INSTRUMENTS if asked.issuperset(one.items)), None)


def _points(form: Form, answers: Answers, instrument: Instrument) -> dict[str, Decimal] | None:
    """By question; None where one is missing, is asked twice or has no points."""
    points: dict[str, Decimal] = {}
    for asked in questions(form, answers):
        for code in _loinc_codes(asked.item) & set(instrument.items):
            entry = answers.get(asked.path)
            values = entry.values if entry is not None else ()
            found = _points_of(asked.item, values[0]) if len(values) == 1 else None
            if found is None or code in points:
                return None
            points[code] = found
    return points if len(points) == len(instrument.items) else None


def _points_of(item: Item, value: Value) -> Decimal | None:
    """The option's own weight and LOINC's for its code; None if they differ or there is none."""
    chosen = [one for one in item.options if holds("=", value, one.value)]
    listed = {one.ordinal for one in chosen if one.ordinal is not None}
    known = _known_weight(value)
    found = listed | ({known} if known is not None else set())
    if len(found) != 1:
        return None
    (weight,) = found
    return weight if weight in range(int(MOST) + 1) else None


def _known_weight(value: Value) -> Decimal | None:
    if isinstance(value, Coding) and value.system == LOINC and value.code is not None:
        return WEIGHTS.get(value.code)
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return None


def _asks_about_self_harm(item: Item) -> bool:
    """By its code; public forms without codes carry it in their linkId."""
    return SELF_HARM in _loinc_codes(item) or item.link_id.rpartition("/")[2] == SELF_HARM


def _loinc_codes(item: Item) -> set[str]:
    return {code.code for code in item.codes if code.system == LOINC and code.code is not None}


def _item_at(form: Form, path: Path) -> Item | None:
    line = form.places.get(path[-1][0]) if path else None
    return line[-1] if line else None
