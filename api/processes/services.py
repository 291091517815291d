"""Which programs Careline consists of, and what each is told."""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from api.processes.environment import plain
from api.processes.ports import LOOPBACK, answers
from api.processes.program import Program

ROOT = Path(__file__).resolve().parents[2]
BOT = ROOT / "bot"
BOT_PYTHON = BOT / ".venv" / "bin" / "python"


@dataclass(frozen=True)
class Services:
    """The programs of one machine.

    Attributes:
        environment: what `api`, the worker and the migrations see.
        api_port: where `api` listens.
        tracker_url: the engine's own database.
        rasa_token: opens the engine.
        internal_token: opens `/internal` of `api` to the actions.
    """

    environment: Mapping[str, str]
    api_port: int
    rasa_port: int
    actions_port: int
    tracker_url: str
    rasa_token: str
    internal_token: str

    def migrate(self) -> Program:
        """Brings the database's tables to this version."""
        return self._careline("migrate")

    def train(self) -> Program:
        """Trains the engine's model where its inputs changed."""
        environment = plain(self.environment)
        return Program(name="train", argv=train_argv(), cwd=BOT, environment=environment)

    def api(self) -> Program:
        """The service itself."""
        return self._careline("api", probe_url=f"http://{LOOPBACK}:{self.api_port}/")

    def worker(self) -> Program:
        """Runs what waits."""
        return self._careline("worker")

    def actions(self) -> Program:
        """The engine's custom actions: no database, no key, only the way to `/internal`."""
        environment = plain(self.environment) | {
            "INTERNAL_URL": f"http://{LOOPBACK}:{self.api_port}",
            "INTERNAL_TOKEN": self.internal_token,
            "RASA_TOKEN": self.rasa_token,
            "ACTIONS_URL": f"http://{LOOPBACK}:{self.actions_port}",
        }
        probe_url = f"http://{LOOPBACK}:{self.actions_port}/livez"
        return self._careline("actions", environment=environment, probe_url=probe_url)

    def rasa(self) -> Program:
        """The dialogue engine with the model that is current now; it sees nothing else of ours.

        Raises:
            FileNotFoundError: no model was ever trained.
        """
        current = json.loads((BOT / "models" / "current.json").read_text("utf-8"))
        model = ("-m", f"models/{current['model']}")
        files = ("--endpoints", "endpoints.yml", "--credentials", "credentials.yml")
        place = ("-i", LOOPBACK, "-p", str(self.rasa_port))
        return Program(
            name="rasa",
            argv=(
                *(str(BOT_PYTHON), "run_engine.py", "run", "--enable-api"),
                *(*model, *files, *place),
            ),
            cwd=BOT,
            environment=self._rasa_environment(),
            probe=partial(answers, f"http://{LOOPBACK}:{self.rasa_port}/"),
        )

    def _rasa_environment(self) -> dict[str, str]:
        return plain(self.environment) | {
            "RASA_TOKEN": self.rasa_token,
            "ACTIONS_URL": f"http://{LOOPBACK}:{self.actions_port}/webhook",
            "ACTIONS_TOKEN": self.rasa_token,
            "TRACKER_DATABASE_URL": self.tracker_url,
        }

    def _careline(
        self,
        command: str,
        *,
        environment: Mapping[str, str] | None = None,
        probe_url: str | None = None,
    ) -> Program:
        return Program(
            name=command,
            argv=(sys.executable, "-m", "api.cli", command),
            cwd=ROOT,
            environment=self.environment if environment is None else environment,
            probe=partial(answers, probe_url) if probe_url else None,
        )


def train_argv() -> tuple[str, ...]:
    """What trains the engine's model; it does nothing where no input has changed."""
    return (str(BOT_PYTHON), "train.py")
