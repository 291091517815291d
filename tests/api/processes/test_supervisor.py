import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.processes.list import read_processes
from api.processes.program import Program
from api.processes.rules import BackOff
from api.processes.status import ProcessState
from api.processes.supervisor import Supervisor
from tests.api.processes.programs import BY_BEING_TOLD, NEVER, a_program, happens, is_alive

AT_ONCE = BackOff(first_s=0.01, most_s=0.01)


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
async def supervisor(tmp_path: Path, said: list[str]) -> AsyncIterator[Supervisor]:
    made = Supervisor(tmp_path, say=said.append, back_off=AT_ONCE)
    yield made
    await made.stop(grace_s=0.1)


async def test_program_that_ends_is_started_again(
    supervisor: Supervisor, tmp_path: Path, said: list[str]
) -> None:
    supervisor.keep(a_program("import sys; sys.exit(7)"))
    await happens(lambda: read_processes(tmp_path)[0].restarts >= 2)
    assert any(line.startswith("one ended with 7, see log/one.log") for line in said)


async def test_killed_program_comes_back_under_another_number(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    child = supervisor.keep(a_program(BY_BEING_TOLD))
    await child.is_up.wait()
    first = read_processes(tmp_path)[0]
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    await happens(lambda: read_processes(tmp_path)[0].restarts == 1)
    await child.is_up.wait()
    again = read_processes(tmp_path)[0]
    assert again.state is ProcessState.UP
    assert again.pid not in {None, first.pid}


async def test_program_that_cannot_be_started_is_named(
    supervisor: Supervisor, said: list[str]
) -> None:
    missing = Program(name="gone", argv=("/nowhere/at/all",), cwd=Path("/"), environment={})
    supervisor.keep(missing)
    await happens(lambda: bool(said))
    assert said[0].startswith("gone could not be started (FileNotFoundError)")


async def test_program_serves_only_once_its_probe_says_so(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    answers = [False]

    async def probe() -> bool:
        return answers[0]

    argv = (sys.executable, "-I", "-c", BY_BEING_TOLD)
    asked = Program(name="one", argv=argv, cwd=tmp_path, environment={}, probe=probe)
    child = supervisor.keep(asked)
    await happens(lambda: read_processes(tmp_path)[0].state is ProcessState.STARTING)
    assert not child.is_up.is_set()
    answers[0] = True
    await child.is_up.wait()
    assert read_processes(tmp_path)[0].state is ProcessState.UP


async def test_stopping_ends_even_what_will_not_end(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.keep(a_program(NEVER, name="deaf"))
    supervisor.keep(a_program(BY_BEING_TOLD, name="willing"))
    await happens(lambda: all(one.pid for one in read_processes(tmp_path)))
    pids = [one.pid for one in read_processes(tmp_path) if one.pid]
    await supervisor.stop(grace_s=0.2)
    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)
    assert {one.state for one in read_processes(tmp_path)} == {ProcessState.DOWN}


async def test_children_of_an_ended_program_end_too(supervisor: Supervisor, tmp_path: Path) -> None:
    note = tmp_path / "grandchild"
    supervisor.keep(
        a_program(
            "import pathlib, subprocess, sys, time\n"
            "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(9999)'])\n"
            f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\n"
            "sys.exit(0)"
        )
    )
    await happens(lambda: note.exists() and bool(note.read_text()))
    grandchild = int(note.read_text())
    await happens(lambda: not is_alive(grandchild))


async def test_running_once_gives_the_lines_and_the_exit_code(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    lines: list[str] = []
    code = await supervisor.run(
        a_program("import sys; print('first'); print('second'); sys.exit(3)", name="step"),
        say=lines.append,
    )
    assert (code, lines) == (3, ["first", "second"])
    assert (tmp_path / "log" / "step.log").read_text() == "first\nsecond\n"
    assert (tmp_path / "log" / "step.log").stat().st_mode & 0o077 == 0


async def test_program_sees_only_the_environment_it_is_given(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARELINE_KEK", "not for children")
    lines: list[str] = []
    await supervisor.run(
        a_program("import os; print(sorted(set(os.environ) - {'LC_CTYPE'}))"), say=lines.append
    )
    assert lines == ["[]"]


def test_nothing_outlives_a_killed_supervisor(tmp_path: Path) -> None:
    code = (
        "import asyncio, pathlib, sys\n"
        "from api.processes.supervisor import Supervisor\n"
        "from tests.api.processes.programs import a_program\n"
        "async def main():\n"
        f"    supervisor = Supervisor(pathlib.Path({str(tmp_path)!r}), say=print)\n"
        "    child = supervisor.keep(a_program('import time; time.sleep(9999)'))\n"
        "    await child.is_up.wait()\n"
        "    print('up', flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    argv = [sys.executable, "-u", "-c", code]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as supervising:
        assert supervising.stdout is not None
        assert "up\n" in iter(supervising.stdout.readline, "")
        listed = json.loads((tmp_path / "processes.json").read_text())["processes"]
        child = listed[0]["pid"]
        assert is_alive(child)
        supervising.kill()
    asyncio.run(happens(lambda: not is_alive(child)))
    assert read_processes(tmp_path)[0].state is ProcessState.DOWN
