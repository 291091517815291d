"""Decision records: one sequence, one shape."""

import re
from pathlib import Path

import pytest

RECORDS = sorted((Path(__file__).resolve().parents[2] / "docs" / "decisions").glob("*.md"))
PARTS = ("Context", "Decision", "Consequences", "Alternatives", "Enforced by")
ONE_PAGE_LINES = 60


def test_sequence_has_no_gap() -> None:
    numbers = [int(record.name[:4]) for record in RECORDS]
    assert numbers == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.stem)
def test_record_is_one_page_with_every_part(record: Path) -> None:
    text = record.read_text("utf-8")
    assert text.startswith(f"# {int(record.name[:4])}. ")
    assert re.findall(r"^\*\*([A-Z][a-z ]+)\.\*\*", text, re.MULTILINE) == list(PARTS)
    assert len(text.splitlines()) <= ONE_PAGE_LINES
