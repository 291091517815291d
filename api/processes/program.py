"""A program to run, and starting it so that it never outlives its supervisor."""

import asyncio
import ctypes
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

# Source: prctl(2), Linux man-pages 6.7, PR_SET_PDEATHSIG.
PR_SET_PDEATHSIG = 1

PROBE_EVERY_S = 0.25

Probe = Callable[[], Awaitable[bool]]


@dataclass(frozen=True)
class Program:
    """What to run and how.

    Attributes:
        probe: whether it serves already; without one it is up as soon as it runs.
        before_start: run before every start, to clear what an earlier crash left.
        stop_signal: what asks it to end in an orderly way.
        orphan_signal: what the kernel sends it when its supervisor is gone.
        user_id: the user to run as; None for our own. Only root can set it.
        orphans_end: its children may be killed once it has ended.
    """

    name: str
    argv: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str]
    probe: Probe | None = None
    before_start: Callable[[], None] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    user_id: int | None = None
    orphans_end: bool = True


async def spawn(program: Program, output: IO[bytes] | int) -> asyncio.subprocess.Process:
    """Start a program in a session of its own, so that Ctrl-C reaches the supervisor alone.

    Raises:
        OSError: it could not be started.
    """
    if program.before_start is not None:
        program.before_start()
    return await asyncio.create_subprocess_exec(
        *program.argv,
        cwd=program.cwd,
        env=dict(program.environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=partial(_die_with, os.getpid(), program.orphan_signal),
        user=program.user_id,
        group=program.user_id,
        extra_groups=None if program.user_id is None else (),
    )


async def until(probe: Probe, *, every_s: float = PROBE_EVERY_S) -> None:
    """Return once the probe says yes."""
    while True:
        if await probe():
            return
        await asyncio.sleep(every_s)


async def end(program: Program, process: asyncio.subprocess.Process, *, grace_s: float) -> None:
    """Ask a started program to end, wait `grace_s` seconds for it, then kill it."""
    with suppress(ProcessLookupError):
        process.send_signal(program.stop_signal)
    try:
        await asyncio.wait_for(process.wait(), grace_s)
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    end_orphans(program, process.pid)


def end_orphans(program: Program, pid: int) -> None:
    """Kill what an ended program has left running in its session."""
    if program.orphans_end:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _die_with(parent: int, orphan_signal: signal.Signals) -> None:
    """Runs in the child: the kernel will send the signal when the supervisor dies, however.

    Called after the user was changed, which would take the setting back.
    """
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
    if os.getppid() != parent:  # it died in between
        os._exit(1)
