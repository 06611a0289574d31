"""Fixtures that every test may use."""

import os
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

collect_ignore = ["typing/wrong_use.py"]  # read by a type checker, never run


def pytest_configure() -> None:
    """Let commands that tests start be interrupted, even if the shell of the tests ignores SIGINT."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records beside the project. Most machines lack it, and its tests are skipped there."""
    root = Path(os.environ.get("ECGLENS_SHARED", Path(__file__).parents[2] / "shared"))
    if not root.is_dir():
        if os.environ.get("ECGLENS_REQUIRE_SHARED") == "1":
            pytest.fail(f"ECGLENS_REQUIRE_SHARED=1, but {root} is not there")
        pytest.skip(f"needs the folder of real records; {root} is not there (set ECGLENS_SHARED)")
    return root


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are as wide on every machine."""
    monkeypatch.setenv("COLUMNS", "160")


def make_data(root: Path, layouts=("ptb-xl", "georgia"), n_records: int = 70, **simulation) -> Path:
    from ecglens.datasets.simulated import Simulation, simulate

    for layout in layouts:
        simulate(root / layout, layout, n_records, 3, Simulation(**simulation))
    return root


def make_study(data: Path, **changes):
    from ecglens.study import Study

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


def make_state(study, tables, cards, out: Path = Path("nowhere")):
    """A run whose record tables are known and whose samples are drawn."""
    from ecglens.lens import load_lenses
    from ecglens.study.run_state import Records, RunState
    from ecglens.study.samples import draw_samples

    datasets = [SimpleNamespace(name=name, card=cards[name]) for name in tables]
    state = RunState(study, load_lenses(study.lenses), out, Records(datasets, dict(tables)))
    state.samples = draw_samples(study, state.tables, state.cards)
    return state


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    """Two simulated data sets."""
    return make_data(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def study_of():
    return make_study


@pytest.fixture(scope="session")
def data_of():
    return make_data


@pytest.fixture(scope="session")
def state_of():
    return make_state


@pytest.fixture
def drawn(monkeypatch):
    """Figures of matplotlib that a test writes, in their order."""
    from matplotlib.figure import Figure

    written, write = [], Figure.savefig

    def savefig(figure, *place, **settings):
        written.append(figure)
        write(figure, *place, **settings)

    monkeypatch.setattr(Figure, "savefig", savefig)
    return written
