"""What the whole chain says about simulated records, where the truth is known because it was planted."""

import pandas as pd
import pytest

from ecglens.stats import corrected_interval
from ecglens.study import run_study

pytestmark = pytest.mark.slow
PROBES = ["logistic-regression", "random-forest"]


def best_interval(results, task: str, labels: str):
    """Interval of F1 of the probe with the highest mean, as the tables show it."""
    rows = results.probe[(results.probe["task"] == task) & (results.probe["labels"] == labels)]
    wide = rows.pivot_table(index=["probe", "fold"], columns="metric", values="value")
    probe = wide["f1"].groupby("probe").mean().idxmax()
    folds = wide.loc[probe]
    return corrected_interval(folds["f1"], folds["n_train"].mean(), folds["n_test"].mean())


def run(study_of, data, out, **changes):
    settings = {
        "encoders": ["signal-features"],
        "tasks": ["cd", "af"],
        "sizes": {"XS": 100},
        "folds": 15,
        "probes": PROBES,
        "shuffled": "all",
        "geometry": {"seeds": 2},
    }
    results = run_study(study_of(data, **settings | changes), out)
    assert results.failures.empty
    return results


@pytest.mark.parametrize("task", ["cd", "af"])
def test_planted_effects_are_found_far_above_shuffled_labels(effects_on, task: str) -> None:
    true, null = (best_interval(effects_on, task, labels) for labels in ("true", "shuffled"))
    assert true.low > null.high
    assert true.mean > 0.8


@pytest.mark.parametrize("task", ["cd", "af"])
def test_without_effects_f1_stays_within_the_null(effects_off, task: str) -> None:
    true, null = (best_interval(effects_off, task, labels) for labels in ("true", "shuffled"))
    assert null.low < true.mean < null.high
    assert true.low < 0.5 < true.high  # what a coin scores on equal classes


def test_a_difference_between_recorders_raises_dataset_level_separability_and_equal_ones_leave_it_at_chance(
    data_of, study_of, tmp_path
) -> None:
    found = {}
    for difference in (0.0, 2.0):
        data = data_of(
            tmp_path / f"data{difference}", ("ptb-xl", "code-15", "georgia", "chn"), 60, recorder_difference=difference
        )
        settings = {"encoders": ["random-conv"], "sizes": {"XS": 20}, "folds": 3, "tasks": ["af"], "shuffled": "none"}
        results = run(study_of, data, tmp_path / f"run{difference}", **settings)
        rows = results.geometry[(results.geometry["level"] == "source") & (results.geometry["status"] == "done")]
        found[difference] = rows.groupby("metric")["value"].mean()
    table = pd.DataFrame(found)
    assert abs(table.loc["knn_rescaled", 0.0]) < 0.1, table
    assert abs(table.loc["ari", 0.0]) < 0.1, table
    assert table.loc["knn_rescaled", 2.0] > 0.3, table
    assert table.loc["ari", 2.0] > 0.15, table


@pytest.fixture(scope="module")
def effects_on(data_of, study_of, tmp_path_factory):
    root = tmp_path_factory.mktemp("on")
    data = data_of(root / "data", ("georgia",), 150, prevalence_af=0.5, prevalence_cd=0.5)
    return run(study_of, data, root / "run")


@pytest.fixture(scope="module")
def effects_off(data_of, study_of, tmp_path_factory):
    root = tmp_path_factory.mktemp("off")
    data = data_of(root / "data", ("georgia",), 150, prevalence_af=0.5, prevalence_cd=0.5, af_effect=0.0, cd_effect=0.0)
    return run(study_of, data, root / "run")
