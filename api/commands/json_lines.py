"""Filters: JSON lines in, JSON lines out, in the same order."""

import json
import sys
from collections.abc import Iterator, Mapping

import typer

type Line = Mapping[str, object]


def read_lines() -> Iterator[tuple[str, Line]]:
    """The text of each line of standard input, and the whole line; empty lines are passed over.

    Raises:
        typer.Exit: with 2, where a line is not an object with a text; its number is printed.
    """
    for number, raw in enumerate(sys.stdin, start=1):
        if raw.strip():
            line = _read(raw, number)
            yield str(line["text"]), line


def print_line(line: Line) -> None:
    """Print one answer."""
    typer.echo(json.dumps(line, ensure_ascii=False))


def refuse(number: int) -> typer.Exit:
    """Say which line cannot be read; its text is not repeated."""
    typer.echo(f"line {number} cannot be read", err=True)
    return typer.Exit(2)


def _read(raw: str, number: int) -> dict[str, object]:
    try:
        line = json.loads(raw)
    except ValueError:
        raise refuse(number) from None
    if not isinstance(line, dict) or not isinstance(line.get("text"), str):
        raise refuse(number)
    return line
