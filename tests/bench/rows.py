"""The rows of the benchmark: a figure, what it is measured against, and whether the goal is met."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

COLUMNS: Final = ("id", "value", "unit", "peer", "peer value", "ratio", "goal", "met")


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        id: stable, so that runs can be compared.
        ratio: value by peer_value.
        goal: what the ratio should not exceed, or, where more is better, not fall below.
    """

    id: str
    what: str
    value: float
    unit: str
    peer: str
    peer_value: float
    ratio: float
    goal: float
    met: bool


@dataclass(frozen=True)
class Against:
    """What a figure is measured against, and how the ratio of the two should be."""

    name: str
    value: float
    goal: float
    more_is_better: bool = False


def row(id_: str, what: str, value: float, unit: str, against: Against) -> Row:
    """The row of a figure; the goal is judged on unrounded figures."""
    ratio = value / against.value
    met = ratio >= against.goal if against.more_is_better else ratio <= against.goal
    return Row(
        id=id_,
        what=what,
        value=_short(value),
        unit=unit,
        peer=against.name,
        peer_value=_short(against.value),
        ratio=round(ratio, 3),
        goal=against.goal,
        met=met,
    )


def percentile(values: Sequence[float], per_cent: float) -> float:
    """The smallest value that so many per cent of the values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * per_cent / 100) - 1)]


def table(rows: Sequence[Row]) -> str:
    """The rows as a table for a terminal; a miss says so."""
    cells = [COLUMNS, *(_cells(each) for each in rows)]
    widths = [max(len(line[n]) for line in cells) for n in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in cells
    )


def write_report(path: Path, rows: Sequence[Row], *, commit: str, machine: str) -> None:
    """Write the rows as JSON, in the promised shape."""
    path.parent.mkdir(parents=True, exist_ok=True)
    report = {"commit": commit, "machine": machine, "rows": [asdict(each) for each in rows]}
    path.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", "utf-8")


def _cells(each: Row) -> tuple[str, ...]:
    figures = (f"{each.peer_value:g}", f"{each.ratio:.2f}", f"{each.goal:g}")
    return (each.id, f"{each.value:g}", each.unit, each.peer, *figures, "yes" if each.met else "NO")


def _short(value: float) -> float:
    """Four significant digits: more would pretend."""
    return float(f"{value:.4g}")
