"""Run a study: index, embed, probe, compare, attribute, measure, project; resume from whatever is there."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ecglens.errors import StoreError
from ecglens.files import sweep, write_json
from ecglens.study.config import Study
from ecglens.study.entries import apply_windows, check
from ecglens.study.executors import make_executor
from ecglens.study.ledger import Ledger, Progress, Silent
from ecglens.study.results import Results, load_results
from ecglens.study.steps import STEPS


def run_study(study: Study, out: str | Path, *, workers: int = 1, progress: Progress | None = None) -> Results:
    """Run a study, or finish one that was interrupted.

    Parameters
    ----------
    study
        From `load_study`, or made in Python.
    out
        The run folder; what it already holds is not computed again.
    workers
        Local processes; the numbers do not depend on it.
    progress
        Is told what goes on.

    Returns
    -------
    Results
        All tables; failed cells stand in `failures` with their traceback.

    Raises
    ------
    ConfigError, DatasetError
        The study cannot run; nothing was written.
    StoreError
        Another process is running in the folder.
    """
    datasets = check(study)
    study = apply_windows(study)
    out = Path(out).resolve()
    out.mkdir(parents=True, exist_ok=True)
    seconds: dict[str, float] = {}
    with _only_run(out), make_executor(workers) as executor:
        sweep(out)
        ledger = Ledger(study, out, executor, progress or Silent(), datasets)
        for name, step in STEPS.items():
            started = time.perf_counter()
            step(ledger)
            ledger.write_plan()
            seconds[name] = round(time.perf_counter() - started, 2)
        write_json(out / "timing.json", {"seconds": seconds, "workers": workers})
    return load_results(out)


@contextmanager
def _only_run(out: Path) -> Iterator[None]:
    """Hold the folder for this process; the lock goes with the process, however it ends."""
    with (out / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(f"{out}: another process is running a study in this folder") from error
        yield
