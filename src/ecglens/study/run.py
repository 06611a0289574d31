"""Run a study: index, embed, probe, compare, attribute, measure, project; resume from whatever is there."""

from __future__ import annotations

import time
from pathlib import Path

from ecglens.files import sweep, write_json
from ecglens.study.config import Study
from ecglens.study.entries import check, settle
from ecglens.study.executors import make_executor
from ecglens.study.folder import check_folder, only_run
from ecglens.study.ledger import Ledger, Progress, Silent
from ecglens.study.results import Results, load_results
from ecglens.study.steps import STEPS
from ecglens.worker import leave_unguarded_script


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
        The folder cannot be written to, or another process is running in it.
    """
    leave_unguarded_script()
    datasets = check(study)
    study = settle(study)
    out = Path(out).resolve()
    check_folder(out, [dataset.root for dataset in datasets])
    seconds: dict[str, float] = {}
    with only_run(out), make_executor(workers) as executor:
        sweep(out)
        ledger = Ledger(study, out, executor, progress or Silent(), datasets)
        for name, step in STEPS.items():
            started = time.perf_counter()
            step(ledger)
            ledger.write_plan()
            seconds[name] = round(time.perf_counter() - started, 2)
        write_json(out / "timing.json", {"seconds": seconds, "workers": workers})
    return load_results(out)
