"""Shows what the model understands: JSON lines in, JSON lines out, in the same order.

`{"text"}` becomes `{"text", "intent", "confidence", "entities"}`. Needs the model that `train.py`
names as current, and no server.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import sys
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from run_engine import DEFAULTS, FORCED

BOT: Final = Path(__file__).resolve().parent
UNCLEAR: Final = "?"


class BadLine(Exception):
    """A line is not an object with a text."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def main() -> int:
    """Answer every line of standard input; 2 where a line or the model cannot be read."""
    os.environ.update({**DEFAULTS, **FORCED})
    try:
        texts = list(read_texts(sys.stdin))
        model = json.loads((BOT / "models" / "current.json").read_text(encoding="utf-8"))["model"]
    except BadLine as error:
        return _refuse(f"line {error.number} is no object with a text")
    except OSError:
        return _refuse("there is no model; run `careline train` first")
    for answer in asyncio.run(parse_all(BOT / "models" / model, texts)):
        print(json.dumps(answer, ensure_ascii=False))  # noqa: T201 - the filter's output
    return 0


def read_texts(lines: Iterable[str]) -> Iterator[str]:
    """Take the text of each line; empty lines are passed over.

    Raises:
        BadLine: A line is not an object with a text; only its number is told.
    """
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
        except ValueError:
            raise BadLine(number) from None
        if not isinstance(asked, dict) or not isinstance(asked.get("text"), str):
            raise BadLine(number)
        yield asked["text"]


async def parse_all(model: Path, texts: list[str]) -> list[dict[str, Any]]:
    """Parse every text with one model, in order. What the engine prints meanwhile is dropped."""
    os.chdir(BOT)
    sys.path.insert(0, str(BOT))
    nowhere = io.StringIO()
    with contextlib.redirect_stdout(nowhere), contextlib.redirect_stderr(nowhere):
        agent = import_module("rasa.core.agent").Agent.load(str(model))
        return [answer(text, await agent.parse_message(as_line(text))) for text in texts]


def as_line(text: str) -> str:
    """The text as the line's channel hands it over: the engine takes a slash for a command."""
    return text.lstrip("/ \t\r\n") or UNCLEAR


def answer(text: str, parsed: dict[str, Any]) -> dict[str, Any]:
    """What is printed of a parse; a topic of a group is named as one intent."""
    intent = parsed["intent"]
    return {
        "text": text,
        "intent": (intent["name"] or "").replace("/", "_") or None,
        "confidence": round(float(intent["confidence"]), 4),
        "entities": parsed.get("entities", []),
    }


def _refuse(reason: str) -> int:
    print(f"parse_lines: {reason}", file=sys.stderr)  # noqa: T201 - for whoever called
    return 2


if __name__ == "__main__":
    sys.exit(main())
