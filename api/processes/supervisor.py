"""Starts programs, keeps them running, stops them all; the list of processes is its file."""

import asyncio
from pathlib import Path

from api.processes.child import Child, Say, open_log
from api.processes.program import Program, end, spawn
from api.processes.rules import BackOff
from api.processes.status import write_statuses

GRACE_S = 10.0
USUAL_BACK_OFF = BackOff()


class Supervisor:
    """The parent of our processes. None of them outlives it."""

    def __init__(self, data_dir: Path, *, say: Say, back_off: BackOff = USUAL_BACK_OFF) -> None:
        self.data_dir = data_dir
        self._say = say
        self._back_off = back_off
        self._children: list[Child] = []
        self._write()

    def keep(self, program: Program) -> Child:
        """Start a program and keep it running until `stop`."""
        child = Child(
            program,
            log_file=self._log_file(program),
            back_off=self._back_off,
            say=self._say,
            changed=self._write,
        )
        self._children.append(child)
        self._write()
        child.start()
        return child

    async def run(self, program: Program, *, say: Say | None = None) -> int:
        """Run a program to its end and return its exit code; `say` is told each line it prints."""
        process = await spawn(program, asyncio.subprocess.PIPE)
        try:
            with open_log(self._log_file(program)) as log:
                assert process.stdout is not None  # noqa: S101 -- asked for with PIPE
                async for line in process.stdout:
                    log.write(line)
                    if say is not None:
                        say(line.decode(errors="replace").rstrip())
            return await process.wait()
        finally:
            if process.returncode is None:
                await end(program, process, grace_s=GRACE_S)

    async def stop(self, *, grace_s: float = GRACE_S) -> None:
        """End every program: the first that was started, on which others lean, at the very end."""
        first, others = self._children[:1], self._children[1:]
        for group in (others, first):
            await asyncio.gather(*(child.stop(grace_s=grace_s) for child in group))
        self._write()

    def _log_file(self, program: Program) -> Path:
        folder = self.data_dir / "log"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder / f"{program.name}.log"

    def _write(self) -> None:
        write_statuses(self.data_dir, [child.status for child in self._children])
