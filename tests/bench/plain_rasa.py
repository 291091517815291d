"""Plain Rasa as a peer: its environment, its model, kept for the same inputs, its start."""

import hashlib
import json
import subprocess
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.bench.engines import Started, cpu_s_of, plain_environment, started
from tests.bench.plain_project import ROOT, write_project

PROJECT: Final = ROOT / "tests" / "bench-rasa"
PYTHON: Final = PROJECT / ".venv" / "bin" / "python"
UV: Final = ROOT / ".tools" / "bin" / "uv"
# Where the engine of the product finds its Python, so does the peer.
SAME_PYTHON: Final = ROOT / "bot" / ".venv" / "bin" / "python"
MODEL: Final = "model"


@dataclass(frozen=True)
class Model:
    """A trained plain model. `cpu_s`: what its training took, on this machine."""

    folder: Path
    cpu_s: float
    was_kept: bool


def ensure_environment() -> None:
    """Install plain Rasa from its lock; does nothing where it is installed."""
    command = [str(UV), "sync", "--quiet", "--locked", "--python", str(SAME_PYTHON)]
    subprocess.run(command, cwd=PROJECT, env=plain_environment(), check=True)


def ensure_model(folder: Path) -> Model:
    """The model of the present inputs below this folder, trained now if there is none."""
    draft = folder / "draft"
    write_project(draft)
    project = folder / _hash(draft)
    trained = project / "trained.json"
    was_kept = trained.exists()
    if not was_kept:
        write_project(project)
        cpu_s = _train(project)
        trained.write_text(json.dumps({"cpu_s": cpu_s}) + "\n", "utf-8")
    return Model(project, json.loads(trained.read_text("utf-8"))["cpu_s"], was_kept)


def warm_up() -> None:
    """Read its code from the disk once, as ours is when its turn comes: a start is no disk test."""
    command = [str(PYTHON), "-c", "import rasa.core.agent, rasa.server"]
    subprocess.run(command, cwd=PROJECT, env=plain_environment(), check=True, capture_output=True)


def run(model: Model, *, port: int, log: Path) -> AbstractContextManager[Started]:
    """Serve the model with the stock command."""
    place = ["--enable-api", "--interface", "127.0.0.1", "--port", str(port)]
    return started(
        [*_rasa("run"), "--model", f"models/{MODEL}.tar.gz", *place],
        cwd=model.folder,
        environment=plain_environment(),
        status_url=f"http://127.0.0.1:{port}/status",
        log=log,
    )


def _train(project: Path) -> float:
    command = [*_rasa("train"), "--fixed-model-name", MODEL]
    log = project / "train.log"
    return cpu_s_of(command, cwd=project, environment=plain_environment(), log=log)


def _rasa(command: str) -> list[str]:
    return [str(PYTHON), "-m", "rasa", command]


def _hash(draft: Path) -> str:
    """Of all that shapes the model, and of the machine: a time is of one machine only."""
    digest = hashlib.sha256(f"{_machine()}\0".encode())
    for path in [PROJECT / "uv.lock", *sorted(p for p in draft.rglob("*.yml"))]:
        digest.update(f"{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _machine() -> str:
    identity = Path("/etc/machine-id")
    return identity.read_text("ascii").strip() if identity.exists() else sys.platform
