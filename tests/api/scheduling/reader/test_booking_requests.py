"""What patients write when they book, line by line, in both languages."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from api.core.language import Language
from api.scheduling.reader import Reading, read_when

NEW_YORK = ZoneInfo("America/New_York")
TUESDAY = datetime(2026, 3, 10, 9, 0, tzinfo=NEW_YORK)
HERE = Path(__file__).parent


def rows(name: str) -> list[tuple[str, str]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    told = [line.rpartition(" = ") for line in lines if line and not line.startswith("#")]
    return [(text, meaning) for text, _, meaning in told]


def _short(moment: datetime | None, pattern: str) -> str:
    return moment.strftime(pattern).removeprefix("2026-") if moment else ""


def summary(reading: Reading) -> str:
    day = reading.date.isoformat().removeprefix("2026-") if reading.date else ""
    hour = reading.time.strftime("%H:%M") if reading.time else ""
    span = ""
    if reading.earliest or reading.latest:
        form = "%Y-%m-%dT%H:%M"
        span = f"{_short(reading.earliest, form)}>{_short(reading.latest, form)}"
    parts = [
        day or ("-" if hour and not span else ""),
        hour,
        span,
        "?" if reading.ambiguous else "",
    ]
    return " ".join(part for part in parts if part) or "nothing"


@pytest.mark.parametrize(("text", "meaning"), rows("requests_en.txt"))
def test_english_request_means_what_the_patient_meant(text: str, meaning: str) -> None:
    reading = read_when(text, now=TUESDAY, zone=NEW_YORK, language=Language.EN)
    assert summary(reading) == meaning


@pytest.mark.parametrize(("text", "meaning"), rows("requests_es.txt"))
def test_spanish_request_means_what_the_patient_meant(text: str, meaning: str) -> None:
    reading = read_when(text, now=TUESDAY, zone=NEW_YORK, language=Language.ES)
    assert summary(reading) == meaning
