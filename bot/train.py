"""Trains the model when an input has changed since, and says which model is current.

`python train.py [--data ../nlu_data/train] [--out models]`. The model is named for the hash of its
inputs: what is there already is not trained again.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

BOT: Final = Path(__file__).resolve().parent
CONFIG: Final = "config.yml"
DOMAIN: Final = "domain"
INPUTS: Final = (CONFIG, DOMAIN, "rules", "components", "uv.lock")
# Said of every domain with a form, whatever it holds.
EXPECTED_WARNINGS: Final = ("Slot auto-fill has been removed in 3.0",)
# What every whole model holds: the archive's list of contents, and what the classifier learnt.
METADATA: Final = "metadata.json"
CLASSIFIER: Final = "intents.skops"


class TrainingFailed(Exception):
    """There is no model to use. The message says why."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train where needed; 0 when models/current.json names a whole model, 1 when it does not."""
    parser = argparse.ArgumentParser(
        description="Train the dialogue engine's model where an input changed."
    )
    parser.add_argument("--data", type=Path, default=BOT / "../nlu_data/train")
    parser.add_argument("--out", type=Path, default=BOT / "models")
    options = parser.parse_args(arguments)
    try:
        ensure_model(options.data.resolve(), options.out.resolve())
    except TrainingFailed as failure:
        _say(f"failed: {failure}")
        return 1
    return 0


def ensure_model(data: Path, out: Path) -> Path:
    """Return the model of the present inputs, trained now if it is missing.

    Raises:
        TrainingFailed: The inputs contradict each other, or no whole model came out.
    """
    inputs_sha256 = hash_inputs(data)
    model = out / f"{inputs_sha256}.tar.gz"
    if is_whole(model):
        _say("the model is up to date")
    else:
        _say("training, about half a minute")
        _train_into(model, data)
        _say("trained")
    _write_current(model, inputs_sha256)
    return model


def hash_inputs(data: Path, *, bot: Path = BOT) -> str:
    """Return the SHA-256 over the names and contents of all that shapes the model.

    Raises:
        TrainingFailed: There are no training data.
    """
    digest = hashlib.sha256()
    files = [(str(path.relative_to(bot)), path) for part in INPUTS for path in _files(bot / part)]
    examples = [(f"data/{path.relative_to(data)}", path) for path in _files(data)]
    if not examples:
        raise TrainingFailed("no training data")
    for name, path in sorted(files + examples):
        content = path.read_bytes()
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def is_whole(model: Path) -> bool:
    """Say whether the archive can be read and holds the classifier's weights."""
    try:
        with tarfile.open(model) as archive:
            held = {Path(member.name).name for member in archive}
    except (OSError, tarfile.TarError, EOFError):
        return False
    return {METADATA, CLASSIFIER} <= held


def _train_into(model: Path, data: Path) -> None:
    """Train beside the model's place, look at what came out, then move it in one step."""
    os.environ.update(RASA_TELEMETRY_ENABLED="false", TF_CPP_MIN_LOG_LEVEL="2")
    # The engine's cache knows a component by its class alone: a changed normaliser would be missed.
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"
    model.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=model.parent) as folder:
        trained = Path(folder, "model.tar.gz")
        _checked_and_trained(data, trained)
        if not is_whole(trained):
            raise TrainingFailed("the engine wrote no whole model")
        trained.replace(model)


def _checked_and_trained(data: Path, trained: Path) -> None:
    os.chdir(BOT)
    sys.path.insert(0, str(BOT))
    engine = _imported_engine()
    taught = [str(data), "rules"]
    with _strictness(engine):
        _check(engine, taught)
    with _strictness(engine):
        engine.train(
            domain=DOMAIN,
            config=CONFIG,
            training_files=taught,
            output=str(trained.parent),
            fixed_model_name=trained.name,
            force_training=True,
        )


@contextlib.contextmanager
def _strictness(engine: Engine) -> Iterator[None]:
    """Take each warning for a failure: the engine's own result ignores most of them.

    Its thousand lines of progress are dropped.
    """
    nowhere = io.StringIO()
    try:
        with (
            warnings.catch_warnings(record=True) as caught,
            contextlib.redirect_stdout(nowhere),
            contextlib.redirect_stderr(nowhere),
        ):
            warnings.simplefilter("always", UserWarning)
            yield
    except engine.error as error:
        raise TrainingFailed(str(error)) from error
    complaints = [str(warning.message) for warning in caught if _is_complaint(warning)]
    if complaints:
        raise TrainingFailed("\n".join(complaints))


@dataclass(frozen=True)
class Engine:
    """What is used of the engine. Importing it takes most of the time of a run."""

    importer: Any
    validator: Any
    train: Callable[..., object]
    error: type[Exception]


def _imported_engine() -> Engine:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what its imports complain of is not ours to mend
        return Engine(
            importer=import_module("rasa.shared.importers.importer").TrainingDataImporter,
            validator=import_module("rasa.validator").Validator,
            train=import_module("rasa.model_training").train,
            error=import_module("rasa.shared.exceptions").RasaException,
        )


def _is_complaint(warning: warnings.WarningMessage) -> bool:
    """Leave out what is always said, and what a library says of its own future."""
    is_about_us = issubclass(warning.category, UserWarning)
    is_about_future = issubclass(warning.category, DeprecationWarning)
    is_expected = str(warning.message).startswith(EXPECTED_WARNINGS)
    return is_about_us and not is_about_future and not is_expected


def _check(engine: Engine, taught: list[str]) -> None:
    """Check that intents, rules, responses, forms and examples fit each other."""
    importer = engine.importer.load_from_config(CONFIG, DOMAIN, taught)
    validator = engine.validator.from_importer(importer)
    checks = (
        validator.verify_domain_validity,
        validator.verify_intents_in_stories,
        validator.verify_example_repetition_in_intents,
        validator.verify_utterances_in_stories,
        validator.verify_actions_in_stories_rules,
        validator.verify_forms_in_stories_rules,
        validator.verify_form_slots,
        validator.verify_slot_mappings,
    )
    failed = [check.__name__ for check in checks if not check()]
    if failed:
        raise TrainingFailed("does not hold: " + ", ".join(failed))


def _files(place: Path) -> list[Path]:
    """Give the files in a folder, or the file itself; what Python compiles is left out."""
    if place.is_file():
        return [place]
    return [p for p in place.rglob("*") if p.is_file() and "__pycache__" not in p.parts]


def _write_current(model: Path, inputs_sha256: str) -> None:
    """Point to the model, in one step: a reader never sees half a file."""
    current = {
        "model": model.name,
        "inputs_sha256": inputs_sha256,
        "model_sha256": hashlib.sha256(model.read_bytes()).hexdigest(),
    }
    written = model.parent / f"current.json.{os.getpid()}"
    written.write_text(json.dumps(current, indent=2) + "\n", encoding="utf-8")
    written.replace(model.parent / "current.json")


def _say(line: str) -> None:
    print(f"train: {line}", flush=True)  # noqa: T201 - progress for whoever waits


if __name__ == "__main__":
    sys.exit(main())
