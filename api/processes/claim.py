"""One supervisor for one data directory."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE = "careline.lock"


class AlreadyRunning(Exception):
    """Another `careline up` uses this data directory."""

    def __init__(self, pid: str) -> None:
        super().__init__(pid)
        self.pid = pid


@contextmanager
def claimed(data_dir: Path) -> Iterator[None]:
    """Make the data directory and hold it for the length of the block.

    The kernel gives the claim back when this process ends, however it ends.

    Raises:
        AlreadyRunning: somebody else holds it.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (data_dir / FILE).open("a+", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(lock.read().strip()) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield
