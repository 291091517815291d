"""Tiny programs to supervise, and waiting for what they do."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import psutil

from api.processes.program import Program, until

LIMIT_S = 60
BY_BEING_TOLD = "import signal; signal.sigwait([signal.SIGTERM])"
NEVER = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(9999)"


def a_program(code: str, *, name: str = "one", folder: Path = Path("/")) -> Program:
    """A program of a line of Python."""
    argv = (sys.executable, "-I", "-c", code)
    return Program(name=name, argv=argv, cwd=folder, environment={})


async def happens(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; the test fails where it never does."""

    async def holds() -> bool:
        return condition()

    async with asyncio.timeout(LIMIT_S):
        await until(holds, every_s=0.01)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
