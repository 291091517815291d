import os
from pathlib import Path

from api.processes.list import read_processes
from api.processes.status import ProcessState, ProcessStatus, write_statuses

NO_SUCH_PID = 2**22 + 1  # above the kernel's highest number


def test_nothing_is_listed_where_no_supervisor_ran(tmp_path: Path) -> None:
    assert read_processes(tmp_path) == []


def test_running_process_is_listed_with_its_memory(tmp_path: Path) -> None:
    write_statuses(tmp_path, [ProcessStatus("api", os.getpid(), ProcessState.UP, 2)])
    (listed,) = read_processes(tmp_path)
    assert (listed.name, listed.state, listed.restarts) == ("api", ProcessState.UP, 2)
    assert listed.pid == os.getpid()
    assert listed.rss_mb > 1


def test_process_that_is_gone_is_down_whatever_the_file_says(tmp_path: Path) -> None:
    write_statuses(tmp_path, [ProcessStatus("rasa", NO_SUCH_PID, ProcessState.UP, 1)])
    (listed,) = read_processes(tmp_path)
    assert (listed.state, listed.pid, listed.rss_mb) == (ProcessState.DOWN, None, 0.0)


def test_process_that_was_never_started_is_down(tmp_path: Path) -> None:
    write_statuses(tmp_path, [ProcessStatus("rasa", None, ProcessState.DOWN, 0)])
    assert read_processes(tmp_path)[0].state is ProcessState.DOWN
