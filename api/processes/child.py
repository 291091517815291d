"""One program kept running: started, watched, started again when it ends."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from api.processes.program import Program, end, end_orphans, spawn, until
from api.processes.rules import BackOff
from api.processes.status import ProcessState, ProcessStatus

SETTLED_S = 1.0  # a program that cannot be asked is up once it has not ended at once
LOG_BYTES = 10 * 1024 * 1024

Say = Callable[[str], None]


class Child:
    """Keeps one program running until it is stopped, and tells every change of state."""

    def __init__(
        self,
        program: Program,
        *,
        log_file: Path,
        back_off: BackOff,
        say: Say,
        changed: Callable[[], None],
    ) -> None:
        self.program = program
        self.is_up = asyncio.Event()
        self._log_file = log_file
        self._back_off = back_off
        self._say = say
        self._changed = changed
        self._stopping = asyncio.Event()
        self._process: asyncio.subprocess.Process | None = None
        self._state = ProcessState.DOWN
        self._restarts = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def status(self) -> ProcessStatus:
        """How it is now."""
        pid = self._process.pid if self._process else None
        return ProcessStatus(self.program.name, pid, self._state, self._restarts)

    def start(self) -> None:
        """Begin to keep it running."""
        self._task = asyncio.create_task(self._keep())

    async def stop(self, *, grace_s: float) -> None:
        """End it for good: asked, given `grace_s` seconds, then killed."""
        self._stopping.set()
        if self._process is not None:
            await end(self.program, self._process, grace_s=grace_s)
        if self._task is not None:
            await self._task

    async def _keep(self) -> None:
        delay_s: float | None = None
        while not self._stopping.is_set():
            began = time.monotonic()
            reason = await self._run()
            if self._stopping.is_set():
                return
            delay_s = self._back_off.next_delay_s(delay_s, ran_s=time.monotonic() - began)
            self._say(
                f"{self.program.name} {reason}, see log/{self._log_file.name}; "
                f"starting it again in {delay_s:g} s"
            )
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), delay_s)
            self._restarts += 1

    async def _run(self) -> str:
        """Run it once; returns how it ended."""
        try:
            with open_log(self._log_file) as log:
                self._process = await spawn(self.program, log)
        except OSError as error:
            return f"could not be started ({type(error).__name__})"
        if self._stopping.is_set():  # `stop` came while it was being started
            await end(self.program, self._process, grace_s=0)
        self._become(ProcessState.STARTING)
        watch = asyncio.create_task(self._watch())
        code = await self._process.wait()
        watch.cancel()
        end_orphans(self.program, self._process.pid)
        self._process = None
        self._become(ProcessState.DOWN)
        return f"ended with {code}"

    async def _watch(self) -> None:
        if self.program.probe is None:
            await asyncio.sleep(SETTLED_S)
        else:
            await until(self.program.probe)
        self._become(ProcessState.UP)
        self._say(f"{self.program.name} is up")

    def _become(self, state: ProcessState) -> None:
        self._state = state
        if state is ProcessState.UP:
            self.is_up.set()
        else:
            self.is_up.clear()
        self._changed()


def open_log(path: Path) -> IO[bytes]:
    """Open a log to append to; one that has grown large makes room for a new one."""
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    path.touch(mode=0o600)
    return path.open("ab")
