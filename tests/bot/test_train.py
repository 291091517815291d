"""Training is a function of its inputs, and refuses inputs that do not fit each other."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import train
from engine_process import BOT

PARTS = ("config.yml", "domain", "rules", "components", "uv.lock", "train.py")
EXAMPLES = "version: '3.1'\nnlu:\n"


@pytest.fixture
def bot(tmp_path: Path) -> Path:
    """A copy of all that shapes the model, with two examples for every intent."""
    for part in PARTS:
        copy = shutil.copytree if (BOT / part).is_dir() else shutil.copy
        copy(BOT / part, tmp_path / part)
    (tmp_path / "data").mkdir()
    intents = [rule.split()[-1] for rule in _rules(tmp_path) if "- intent:" in rule]
    blocks = [_block(intent, f"{intent} one", f"{intent} two") for intent in intents]
    (tmp_path / "data/all.yml").write_text(EXAMPLES + "".join(blocks), encoding="utf-8")
    return tmp_path


def _rules(bot: Path) -> list[str]:
    return [
        line for path in (bot / "rules").glob("*.yml") for line in path.read_text().splitlines()
    ]


def _block(intent: str, *texts: str) -> str:
    lines = "".join(f"    - {text}\n" for text in texts)
    return f"- intent: {intent}\n  examples: |\n{lines}"


def _run(bot: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "train.py", "--data", "data", "--out", "models"],
        cwd=bot,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_model_is_trained_once_for_the_same_inputs(bot: Path) -> None:
    first, second = _run(bot), _run(bot)
    assert (first.returncode, second.returncode) == (0, 0), first.stdout + first.stderr
    assert "trained" in first.stdout
    assert second.stdout == "train: the model is up to date\n"
    current = json.loads((bot / "models/current.json").read_text())
    assert current["model"] == f"{current['inputs_sha256']}.tar.gz"
    assert sorted(path.name for path in (bot / "models").iterdir()) == sorted(
        [current["model"], "current.json"]
    )


def test_a_rule_that_contradicts_another_is_refused(bot: Path) -> None:
    rule = "\n- rule: Contradiction\n  steps:\n  - intent: greet\n  - action: utter_goodbye\n"
    with (bot / "rules/smalltalk.yml").open("a") as file:
        file.write(rule)
    refused = _run(bot)
    assert refused.returncode == 1
    assert "ontradict" in refused.stdout
    assert not (bot / "models/current.json").exists()


@pytest.mark.parametrize(
    ("intent", "complaint"),
    [("greet", "labeled with multiple"), ("invented_intent", "not listed in your domain")],
)
def test_examples_that_do_not_fit_are_refused(bot: Path, intent: str, complaint: str) -> None:
    with (bot / "data/all.yml").open("a") as file:
        file.write(_block(intent, "goodbye one"))
    refused = _run(bot)
    assert refused.returncode == 1
    assert complaint in refused.stdout


def test_without_examples_nothing_is_trained(bot: Path) -> None:
    (bot / "data/all.yml").unlink()
    assert _run(bot).returncode == 1


@pytest.mark.parametrize(
    "changed",
    ["config.yml", "domain/faq.yml", "rules/faq.yml", "components/normalize.py", "data/all.yml"],
)
def test_a_change_in_any_input_changes_the_hash(bot: Path, changed: str) -> None:
    before = train.hash_inputs(bot / "data", bot=bot)
    with (bot / changed).open("a") as file:
        file.write("\n")
    assert train.hash_inputs(bot / "data", bot=bot) != before


def test_a_moved_file_changes_the_hash(bot: Path) -> None:
    before = train.hash_inputs(bot / "data", bot=bot)
    (bot / "data/all.yml").rename(bot / "data/other.yml")
    assert train.hash_inputs(bot / "data", bot=bot) != before


def test_what_python_compiles_does_not_change_the_hash(bot: Path) -> None:
    before = train.hash_inputs(bot / "data", bot=bot)
    (bot / "components/__pycache__").mkdir(exist_ok=True)
    (bot / "components/__pycache__/new.pyc").write_bytes(b"1")
    assert train.hash_inputs(bot / "data", bot=bot) == before


@pytest.mark.parametrize("content", [b"", b"not an archive", b"\x1f\x8b\x08\x00"])
def test_half_an_archive_is_no_model(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "model.tar.gz").write_bytes(content)
    assert not train.is_whole(tmp_path / "model.tar.gz")


def test_a_missing_archive_is_no_model(tmp_path: Path) -> None:
    assert not train.is_whole(tmp_path / "model.tar.gz")


def test_the_shipped_model_is_whole(model: Path) -> None:
    assert train.is_whole(model)
