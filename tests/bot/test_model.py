"""What the trained model does: the stories, and texts it has never seen."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from engine_process import BOT


def test_every_story_goes_as_written(model: Path, tmp_path: Path) -> None:
    """The engine's exit code is not enough: it was seen to be 0 with stories failing."""
    command = ["rasa", "test", "core", "--stories", "stories", "--model", str(model), "--no-plot"]
    subprocess.run(
        [sys.executable, "-m", *command, "--fail-on-prediction-errors", "--out", str(tmp_path)],
        cwd=BOT,
        env={**os.environ, "RASA_TELEMETRY_ENABLED": "false", "PYTHONPATH": "."},
        capture_output=True,
        check=True,
    )
    report = json.loads((tmp_path / "story_report.json").read_text(encoding="utf-8"))
    assert report["accuracy"] == 1.0
    assert report["conversation_accuracy"]["total"] == _stories()
    assert report["conversation_accuracy"]["correct"] == _stories()


def _stories() -> int:
    read = YAML(typ="safe", pure=True).load
    files = (BOT / "stories").glob("*.yml")
    return sum(len(read(path.read_text(encoding="utf-8"))["stories"]) for path in files)


def test_held_out_texts_are_understood_above_the_floors(model: Path) -> None:
    evaluated = subprocess.run(
        [sys.executable, "evaluate.py"],
        cwd=BOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert evaluated.returncode in {0, 1}, evaluated.stderr
    report = json.loads(evaluated.stdout)
    assert report["not_kept"] == [], report
