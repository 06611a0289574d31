"""Workers: their calls, and how they end."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ecglens.worker import Unanswered, Worker

PATIENCE = 20.0
"""Seconds for what takes a fraction of one on a machine that is not busy."""

PARENT = """
import sys, time
from pathlib import Path
from ecglens.worker import Worker

if __name__ == "__main__":
    worker = Worker()
    worker.give(CALL)
    while not worker._started:
        worker.take()
    Path(sys.argv[1]).write_text(str(worker._process.pid))
    time.sleep(60)
"""
CALLS = {"asleep": "time.sleep, 60", "computing": "sum, range(10**11)", "idle": "abs, 1"}


def answer(worker: Worker):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if (found := worker.take()) is not None:
            return found
        time.sleep(0.01)
    raise TimeoutError


def until(condition) -> bool:
    end = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(condition())


def runs(pid: int) -> bool:
    """Whether a process runs; one that has ended and is not yet collected does not."""
    state = subprocess.run(["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True).stdout.strip()
    return bool(state) and not state.startswith("Z")


@pytest.fixture
def worker():
    one = Worker()
    yield one
    one.end()


def test_a_worker_answers_call_after_call(worker) -> None:
    worker.give(abs, -2)
    assert answer(worker) == 2
    worker.give(int, "x")
    failed = answer(worker)
    assert isinstance(failed, Unanswered)
    assert "invalid literal for int()" in failed.error
    worker.give(abs, -3)
    assert answer(worker) == 3


def test_a_dead_worker_is_found_when_it_is_asked(worker) -> None:
    worker.give(os._exit, 3)
    with pytest.raises((EOFError, OSError)):
        answer(worker)
    worker.end()
    worker.check_started()


@pytest.mark.parametrize("call", CALLS)
def test_a_worker_ends_when_its_parent_is_killed(call: str, tmp_path: Path) -> None:
    (tmp_path / "parent.py").write_text(PARENT.replace("CALL", CALLS[call]))
    note = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, tmp_path / "parent.py", note])
    assert until(lambda: note.exists() and note.read_text())
    pid = int(note.read_text())
    assert runs(pid)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    assert until(lambda: not runs(pid))


@pytest.mark.parametrize("how", ["file", "standard input"])
def test_a_script_without_a_guard_is_told_what_is_missing(how: str, tmp_path: Path) -> None:
    script = tmp_path / "mine.py"
    script.write_text(
        "from ecglens.study.executors import LocalProcesses\nfrom ecglens.study.executors import Job\n"
        "from ecglens.worker import leave_unguarded_script\nleave_unguarded_script()\n"
        "list(LocalProcesses(2).run([Job('s', 'a', abs, 1)], lambda: None))\n"
    )
    words, given = ([script], None) if how == "file" else ([], script.read_text())
    done = subprocess.run([sys.executable, *words], input=given, capture_output=True, text=True)
    assert done.returncode == 1
    assert 'below `if __name__ == "__main__":`' in done.stderr.strip().splitlines()[-1]


def test_only_a_worker_that_never_started_could_not_start(worker) -> None:
    worker._process.kill()
    worker.end()
    worker.check_started()  # killed: no fault of the script
