"""The list of our processes as a file: written by the supervisor, read by whoever shows it."""

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

FILE = "processes.json"


class ProcessState(StrEnum):
    """Whether a process serves."""

    UP = "up"
    STARTING = "starting"
    DOWN = "down"


@dataclass(frozen=True)
class ProcessStatus:
    """One process as its supervisor sees it."""

    name: str
    pid: int | None
    state: ProcessState
    restarts: int


def write_statuses(data_dir: Path, statuses: list[ProcessStatus]) -> None:
    """Replace the list in one step: a reader never sees half a file."""
    fresh = data_dir / f"{FILE}.new"
    fresh.write_text(json.dumps({"processes": [asdict(one) for one in statuses]}), "utf-8")
    fresh.replace(data_dir / FILE)


def read_statuses(data_dir: Path) -> list[ProcessStatus]:
    """The list as last written; empty where no supervisor ever ran."""
    try:
        listed = json.loads((data_dir / FILE).read_text("utf-8"))["processes"]
    except FileNotFoundError:
        return []
    return [
        ProcessStatus(one["name"], one["pid"], ProcessState(one["state"]), one["restarts"])
        for one in listed
    ]
