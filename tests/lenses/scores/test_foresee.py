"""The dry run counts the fits of scores that a run makes."""

import pandas as pd
import pytest
from tests.made_up.lens_run import make_run, run_lenses, written

from ecglens.lenses.scores import LENS
from ecglens.lenses.scores.foresee import PROBE_SECONDS, foresee_scores
from ecglens.probes import PROBES

SMALL = {"lenses": ["scores"], "probes": ["decision-tree", "logistic-regression"]}


@pytest.mark.parametrize(
    "changes", [{}, {"shuffled": ["noise"]}, {"shuffled": "none"}, {"repeats": 2, "draws": 3}], ids=str
)
def test_cells_and_fits_are_those_of_the_run(tmp_path, changes) -> None:
    state = run_lenses(tmp_path, **SMALL | changes)
    rows = pd.concat(map(pd.read_parquet, written(state, LENS.stages[0], "probe")), ignore_index=True)
    done = rows[(rows["status"] == "done") & (rows["metric"] == "f1")]
    found = foresee_scores(state)
    assert found["probe fits"] == len(done)
    assert found["probe cells"] == len(done.groupby(["encoder", "dataset", "task", "size", "labels"]))


def minutes(tmp_path, **changes) -> float:
    many = {
        "encoders": ["conv"],
        "sizes": {"all": 40},
        "shuffled": "none",
        "folds": 10,
        "draws": 200,
        "probes": ["mlp"],
    }
    return float(foresee_scores(make_run(tmp_path, **SMALL | many | changes))["rough CPU minutes of probing"])


def test_time_is_that_of_every_fit_by_its_number_of_records(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(PROBE_SECONDS, "fast", {"mlp": (1.5, 1000.0), "logistic-regression": (600.0, 0.0)})
    # Two data sets, 200 draws of 40 records; a + b * 40 / 1000 seconds for 15 folds.
    assert minutes(tmp_path) == pytest.approx(2 * 200 * 41.5 * 10 / 15 / 60, abs=0.06)
    assert minutes(tmp_path, folds=5) == pytest.approx(2 * 200 * 41.5 * 5 / 15 / 60, abs=0.06)
    without_seed = minutes(tmp_path, probes=["logistic-regression"])
    assert without_seed == pytest.approx(2 * 600 * 10 / 15 / 60, abs=0.06), "all draws of all records are alike"
    unknown = minutes(tmp_path, probes=[{"name": "mine", "probe": "mlp"}])
    assert unknown == pytest.approx(2 * 200 * 30 * 0.04 * 10 / 15 / 60, abs=0.06)


def test_every_built_in_probe_has_a_time_and_the_fast_engine_a_shorter_one() -> None:
    assert set(PROBE_SECONDS["fast"]) == set(PROBE_SECONDS["reference"]) == set(PROBES.builtins)
    for n in (100, 1000):
        for probe, (a, b) in PROBE_SECONDS["fast"].items():
            slow_a, slow_b = PROBE_SECONDS["reference"][probe]
            assert 0 < a + b * n / 1000 < slow_a + slow_b * n / 1000
