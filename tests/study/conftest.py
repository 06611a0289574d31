from pathlib import Path

import pytest

from ecglens.datasets.simulated import Simulation, simulate
from ecglens.study import Study


def make_data(root: Path, layouts=("ptb-xl", "georgia"), n_records: int = 70, **simulation) -> Path:
    for layout in layouts:
        simulate(root / layout, layout, n_records, 3, Simulation(**simulation))
    return root


def make_study(data: Path, **changes) -> Study:
    settings = {
        "name": "small",
        "seed": 5,
        "datasets": [
            {"name": f"simulated-{root.name}", "reader": root.name, "root": root} for root in sorted(data.iterdir())
        ],
        "encoders": ["age-sex", {"name": "random-conv", "dim": 64}],
        "tasks": ["af"],
        "sizes": {"tiny": 20, "small": 30, "large": 5000},
        "folds": 3,
        "probes": ["logistic-regression", "decision-tree"],
        "shuffled": ["random-conv"],
        "attribution": {"top_k": 5},
        "geometry": {"seeds": 2},
    }
    return Study.model_validate(settings | changes)


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    return make_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def study_of():
    return make_study


@pytest.fixture(scope="session")
def data_of():
    return make_data
