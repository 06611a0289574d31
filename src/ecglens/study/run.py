"""Running a study: read records, draw samples, embed, compute one lens after another; resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path

from ecglens.errors import ConfigError, did_you_mean
from ecglens.files import sweep, write_json
from ecglens.lens import Lens, load_lenses
from ecglens.study.cells import run_lens
from ecglens.study.config import Study
from ecglens.study.entries import check, settle
from ecglens.study.executors import Executor, make_executor
from ecglens.study.folder import check_folder, only_run
from ecglens.study.progress import Progress, Silent
from ecglens.study.results import Results, load_results
from ecglens.study.run_state import Records, RunState
from ecglens.study.steps import STEPS
from ecglens.worker import leave_unguarded_script


def run_study(
    study: Study,
    out: str | Path,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    progress: Progress | None = None,
    recompute: Collection[str] = (),
    only_cached: bool = False,
) -> Results:
    """Run a study, or finish one that was interrupted.

    Parameters
    ----------
    study
        Study from `load_study`, or created in Python.
    out
        Run folder; stored results are not computed again.
    workers
        Number of local processes; results do not depend on it.
    executor
        Executor of the jobs instead of local processes, such as a cluster; see `ecglens.study.executors.Executor`. It
        is not closed.
    progress
        Receiver of progress reports.
    recompute
        Lenses whose stored cells are computed again.
    only_cached
        Whether to compute nothing and return only results that are stored for this study, code and data.

    Returns
    -------
    Results
        All tables; `failures` lists failed cells with their traceback.

    Raises
    ------
    ConfigError, DatasetError
        The study cannot run; nothing was written.
    StoreError
        The folder cannot be written to, or another process is running in it.
    """
    leave_unguarded_script()
    lenses = load_lenses(study.lenses)
    _check_names(recompute, lenses)
    if executor is not None and not isinstance(executor, Executor):
        raise ConfigError(f"executor: {type(executor).__name__} has no method run(jobs, on_tick)")
    datasets = check(study, lenses)
    study = settle(study)
    out = Path(out).resolve()
    check_folder(out, [dataset.root for dataset in datasets])
    seconds: dict[str, float] = {}
    with only_run(out), nullcontext(executor) if executor is not None else make_executor(workers) as chosen:
        sweep(out)
        state = RunState(
            study, lenses, out, Records(datasets), only_cached, executor=chosen, progress=progress or Silent()
        )
        of_lenses = {lens.name: partial(run_lens, lens=lens, recompute=lens.name in recompute) for lens in lenses}
        steps: dict[str, Callable[[RunState], None]] = {**STEPS, **of_lenses}
        for name, step in steps.items():
            started = time.perf_counter()
            step(state)
            state.write_plan()
            seconds[name] = round(time.perf_counter() - started, 2)
        write_json(out / "timing.json", {"seconds": seconds, "workers": workers})
    return load_results(out)


def _check_names(recompute: Collection[str], lenses: Sequence[Lens]) -> None:
    names = [lens.name for lens in lenses]
    for name in recompute:
        if name not in names:
            raise ConfigError(f"the study has no lens {name!r}.{did_you_mean(name, names)} It has: {', '.join(names)}")
