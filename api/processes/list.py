"""Reading the list of our processes, with the memory each takes now."""

from dataclasses import dataclass
from pathlib import Path

import psutil

from api.processes.status import ProcessState, ProcessStatus, read_statuses

BYTES_PER_MB = 1024 * 1024


@dataclass(frozen=True)
class ProcessInfo:
    """One process: whether it serves, how often it was restarted, its memory in megabytes."""

    name: str
    pid: int | None
    state: ProcessState
    restarts: int
    rss_mb: float


def read_processes(data_dir: Path) -> list[ProcessInfo]:
    """Every process of the supervisor that uses this data directory; empty where none ran.

    A process that is gone is `down` whatever the file says: its supervisor may be gone too.
    """
    return [_measured(status) for status in read_statuses(data_dir)]


def _measured(status: ProcessStatus) -> ProcessInfo:
    memory_mb = None if status.pid is None else _memory_mb(status.pid)
    if memory_mb is None:
        return ProcessInfo(status.name, None, ProcessState.DOWN, status.restarts, 0.0)
    return ProcessInfo(status.name, status.pid, status.state, status.restarts, memory_mb)


def _memory_mb(pid: int) -> float | None:
    """Resident memory of a process and its children; pages they share are counted once."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        own = process.memory_info().rss
        children = sum(_unshared(child) for child in process.children(recursive=True))
    except psutil.NoSuchProcess:
        return None
    return round((own + children) / BYTES_PER_MB, 1)


def _unshared(process: psutil.Process) -> int:
    try:
        memory = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return max(0, memory.rss - getattr(memory, "shared", 0))
