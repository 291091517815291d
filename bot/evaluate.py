"""Measures the current model on held-out texts, and says whether the floors are kept.

`python evaluate.py [--data ../nlu_data/heldout] [--models models]` prints one JSON report. It asks
the same pipeline that answers patients. Exit code 1: a floor is not kept, 2: nothing to measure.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import os
import sys
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

BOT: Final = Path(__file__).resolve().parent
ASKED: Final = "nlu_fallback"  # the patient is asked again
OUT_OF_SCOPE: Final = "out_of_scope"

# Least share of an intent's texts that must be understood; highest where a miss costs most.
FLOORS: Final[Mapping[str, float]] = MappingProxyType(
    {
        "book_appointment": 0.85,
        "cancel_appointment": 0.9,
        "dose_skipped": 0.9,
        "dose_taken": 0.9,
        "human_handoff": 0.9,
        "stop_med_reminder": 0.9,
    }
)
RIGHT_FLOOR: Final = 0.9
MISROUTED_CEILING: Final = 0.03


@dataclass(frozen=True)
class Example:
    """A held-out text, what it means and its language."""

    text: str
    intent: str
    language: str


@dataclass(frozen=True)
class Understood:
    """What was meant, and what the pipeline took it for."""

    example: Example
    intent: str

    @property
    def is_right(self) -> bool:
        """Whether it is the intent that was meant."""
        return self.intent == self.example.intent or (
            # Asking again does nothing, which is all that is wanted here.
            self.example.intent == OUT_OF_SCOPE and self.intent == ASKED
        )

    @property
    def is_misrouted(self) -> bool:
        """Whether something else is done than was meant, without asking."""
        return not self.is_right and self.intent != ASKED


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the report; 0 when every floor is kept, 1 when one is not, 2 without texts."""
    parser = argparse.ArgumentParser(description="Measure the current model on held-out texts.")
    parser.add_argument("--data", type=Path, default=BOT / "../nlu_data/heldout")
    parser.add_argument("--models", type=Path, default=BOT / "models")
    parser.add_argument(
        "--misses", action="store_true", help="print the texts that are not understood"
    )
    options = parser.parse_args(arguments)
    examples = read_examples(options.data.resolve())
    if not examples:
        sys.stderr.write("evaluate: no held-out texts\n")
        return 2
    current = json.loads((options.models / "current.json").read_text(encoding="utf-8"))
    understood = understand(examples, options.models.resolve() / current["model"])
    report = summarize(understood)
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    if options.misses:
        sys.stdout.writelines(_misses(understood))
    return 1 if report["not_kept"] else 0


def read_examples(folder: Path) -> list[Example]:
    """Read the texts of all files of the folder; the language is in the name: topic.en.yml."""
    read_yaml = import_module("ruamel.yaml").YAML(typ="safe", pure=True).load
    examples = []
    for path in sorted(folder.glob("*.yml")):
        for block in read_yaml(path.read_text(encoding="utf-8"))["nlu"]:
            texts = [line.strip()[2:] for line in block["examples"].splitlines() if line.strip()]
            language = path.suffixes[0].lstrip(".")
            examples += [Example(text.strip(), block["intent"], language) for text in texts]
    return examples


def understand(examples: Iterable[Example], model: Path) -> list[Understood]:
    """Ask the model's pipeline for each text."""
    os.environ.update(RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="3")
    sys.path.insert(0, str(BOT))
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")  # what the engine's imports complain of is not ours to mend
        agent = import_module("rasa.core.agent").Agent.load(str(model))
        return asyncio.run(_parsed(agent, examples))


def summarize(understood: Sequence[Understood]) -> dict[str, Any]:
    """Count by language and by intent, and name every floor that is not kept."""
    languages = sorted({one.example.language for one in understood})
    intents = sorted({one.example.intent for one in understood})
    shares = {
        name: _shares([u for u in understood if u.example.intent == name]) for name in intents
    }
    total = _shares(understood)
    not_kept = [
        name for name, floor in FLOORS.items() if shares.get(name, {"right": 0.0})["right"] < floor
    ]
    not_kept += ["right"] if total["right"] < RIGHT_FLOOR else []
    not_kept += ["misrouted"] if total["misrouted"] > MISROUTED_CEILING else []
    return {
        "all": total,
        "languages": {
            name: _shares([u for u in understood if u.example.language == name])
            for name in languages
        },
        "intents": shares,
        "not_kept": not_kept,
    }


def _shares(understood: Sequence[Understood]) -> dict[str, float]:
    texts = len(understood)
    return {
        "texts": texts,
        "right": round(sum(one.is_right for one in understood) / texts, 4),
        "misrouted": round(sum(one.is_misrouted for one in understood) / texts, 4),
    }


async def _parsed(agent: Any, examples: Iterable[Example]) -> list[Understood]:
    parsed = [(example, await agent.parse_message(example.text)) for example in examples]
    return [Understood(example, answer["intent"]["name"] or ASKED) for example, answer in parsed]


def _misses(understood: Iterable[Understood]) -> list[str]:
    return [
        f"{one.example.intent} -> {one.intent}: {one.example.text}\n"
        for one in understood
        if not one.is_right
    ]


if __name__ == "__main__":
    sys.exit(main())
