"""`careline up` as an operator meets it: starts, mends itself, ends without a trace."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from api.processes.list import ProcessInfo, read_processes
from api.processes.ports import LOOPBACK, answers, status_of, unused_port
from api.processes.program import until
from api.processes.status import ProcessState
from tests.api.processes.programs import is_alive

ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 300  # a first start trains the engine's model
EVERYTHING = {"postgres", "api", "worker", "actions", "rasa"}


class Up:
    """A running `careline up`."""

    def __init__(self, process: asyncio.subprocess.Process, data_dir: Path, port: int) -> None:
        self.process = process
        self.data_dir = data_dir
        self.url = f"http://{LOOPBACK}:{port}"

    async def says(self, wanted: str) -> list[str]:
        """Read what it prints until a line holds `wanted`."""
        assert self.process.stdout is not None
        lines: list[str] = []
        async with asyncio.timeout(LIMIT_S):
            async for raw in self.process.stdout:
                lines.append(raw.decode())
                if wanted in lines[-1]:
                    return lines
        raise AssertionError("".join(lines))

    async def all_up(self) -> bool:
        """Whether every process counts as up; the engine may be ready a moment before it does."""
        states = {one.state for one in self.listed().values()}
        return states == {ProcessState.UP}

    def listed(self) -> dict[str, ProcessInfo]:
        return {one.name: one for one in read_processes(self.data_dir)}


@pytest.fixture
async def up(data_dir: Path) -> AsyncIterator[Up]:
    port = unused_port()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(data_dir),
        "CARELINE_DATA_DIR": str(data_dir),
        "CARELINE_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", "up", cwd=ROOT, env=environment, stdout=-1, stderr=-2
    )
    yield Up(process, data_dir, port)
    if process.returncode is None:
        process.kill()
    await process.wait()


async def test_machine_gets_ready_mends_itself_and_ends_without_a_trace(up: Up) -> None:
    progress = await up.says("Careline is ready:")
    assert progress[-1] == f"Careline is ready: {up.url}/\n"
    assert await status_of(f"{up.url}/readyz") == 200
    async with asyncio.timeout(LIMIT_S):
        await until(up.all_up)
    before = up.listed()
    assert set(before) == EVERYTHING

    await _kill(up, "api")
    await _kill(up, "postgres")
    async with asyncio.timeout(LIMIT_S):
        await until(partial(_is_ready, up))
    pids = [one.pid for one in up.listed().values() if one.pid]

    up.process.send_signal(signal.SIGINT)
    await up.says("everything is stopped")
    assert await up.process.wait() == 0
    assert [pid for pid in pids if is_alive(pid)] == []
    assert not await answers(f"{up.url}/livez")


async def _kill(up: Up, name: str) -> None:
    """Kill it hard; return once it serves again under another number."""
    killed = up.listed()[name]
    assert killed.pid is not None
    os.kill(killed.pid, signal.SIGKILL)

    async def is_back() -> bool:
        now = up.listed()[name]
        return now.restarts > killed.restarts and now.state is ProcessState.UP

    async with asyncio.timeout(LIMIT_S):
        await until(is_back)


async def _is_ready(up: Up) -> bool:
    return await status_of(f"{up.url}/readyz") == 200
