"""A whole Careline for tests: `careline up` on a free port, in a data directory of its own.

CARELINE_TEST_URL and CARELINE_TEST_DATA name one that runs already, for quick rounds by hand.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
# A machine that trains the model first, on two busy cores.
READY_WITHIN_S = 600
STOPPED_WITHIN_S = 60


@dataclass(frozen=True)
class Stack:
    """A running Careline: where it answers, and where its data and logs are."""

    base_url: str
    data_dir: Path
    pid: int

    def log(self, name: str) -> str:
        return (self.data_dir / "log" / f"{name}.log").read_text("utf-8", "replace")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The one that all flows share."""
    given = os.environ.get("CARELINE_TEST_URL")
    if given:
        yield Stack(given, Path(os.environ["CARELINE_TEST_DATA"]), 0)
        return
    with start_stack() as started:
        yield started


@contextmanager
def start_stack() -> Iterator[Stack]:
    """Start everything in a folder of its own, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="careline-"))
    try:
        with start_in(folder, free_port()) as stack:
            yield stack
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def start_in(data_dir: Path, port: int) -> Iterator[Stack]:
    """Start everything on what is in a folder and wait until it is ready; it ends with the block.

    The block may have killed it already.
    """
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "CARELINE_DATA_DIR": str(data_dir / "var"),
        "CARELINE_PORT": str(port),
    }
    with (data_dir / "up.log").open("wb") as log:
        process = subprocess.Popen(
            [str(ROOT / "careline"), "up"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        stack = Stack(f"http://127.0.0.1:{port}", data_dir / "var", process.pid)
        _wait_ready(stack, process, data_dir / "up.log")
        yield stack
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOPPED_WITHIN_S)


def _wait_ready(stack: Stack, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text("utf-8", "replace")
        try:
            answer = httpx.get(f"{stack.base_url}/readyz", timeout=5, trust_env=False)
        except httpx.HTTPError:
            answer = None
        if answer is not None and answer.status_code == httpx.codes.OK:
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8", "replace"))


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
