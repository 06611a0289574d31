"""The demo: a small but complete study on simulated records, read by the same readers as real ones."""

from __future__ import annotations

import shutil
from pathlib import Path

from threadpoolctl import threadpool_limits

from ecglens.datasets.simulated import Simulation, simulate_all
from ecglens.study.config import Study
from ecglens.study.folder import check_folder, only_run
from ecglens.study.progress import Progress
from ecglens.study.results import Results
from ecglens.study.run import run_study

LAYOUTS = ("ptb-xl", "code-15", "georgia", "chn")
RECORDS, SEED = 240, 2026


def demo_study(data: Path) -> Study:
    """The demo's study over simulated data sets that lie in the folder `data`.

    One size, and few repetitions of everything, so that it ends within two minutes on two cores.
    """
    return Study.model_validate(
        {
            "name": "Demo on simulated records",
            "seed": SEED,
            "datasets": [{"name": f"simulated-{name}", "reader": name, "root": data / name} for name in LAYOUTS],
            "encoders": ["signal-features", {"name": "random-conv", "dim": 256}, "age-sex"],
            "tasks": ["cd", "af"],
            "sizes": ["XS"],
            "draws": 1,
            "shuffled": ["signal-features"],
            "attribution": {"seeds": 1, "halves": 2},
        }
    )


def run_demo(out: Path, *, workers: int = 1, progress: Progress | None = None) -> Results:
    """Simulate four data sets under ``<out>/data``, unless they are there, and run the demo's study in `out`."""
    check_folder(out, [])
    data = out / "data"
    with only_run(out):
        if not (data / ".complete").exists():
            shutil.rmtree(data, ignore_errors=True)
            # The arrays are small: more threads than one only wait for each other.
            with threadpool_limits(limits=1):
                simulate_all(data, RECORDS, SEED, Simulation(ningbo=0.5))
            (data / ".complete").touch()
    return run_study(demo_study(data), out, workers=workers, progress=progress)
