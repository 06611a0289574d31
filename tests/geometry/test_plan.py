"""A plan computes what it names, and nothing else."""

import numpy as np
import pytest

from ecglens.errors import ConfigError
from ecglens.geometry import GeometryMetric, GeometryPlan, measure_geometry, measure_projection
from ecglens.geometry.metrics import METRICS

N = 120
LABELS, SOURCES = np.tile([0, 1], N // 2), np.repeat(["a", "b", "c"], N // 3)
X = np.random.default_rng(0).normal(size=(N, 6))
SETTINGS = {"repeats": 2, "permutations": 9, "bootstraps": 5, "seeds": 2, "n_init": 2}
NUMBERS = {
    "knn_purity": {"knn_rescaled", "knn_raw", "knn_macro", "knn_class:0", "knn_class:1", "knn_index"}
    | {f"knn_class:{name}" for name in "abc"},
    "ari": {"ari", "ari_index"},
    "ami": {"ami"},
    "v_measure": {"v_measure"},
    "ilisi": {"ilisi"},
    "bras": {"bras"},
    "pc_regression": {"pc_regression_label", "pc_regression_source"},
    "source_classifier": {"source_classifier"},
    "trustworthiness": set(),
    "continuity": set(),
}


def measure(*metrics, **settings):
    plan = GeometryPlan(metrics, **(SETTINGS | settings))
    return measure_geometry(X, {"af": LABELS}, SOURCES, np.arange(N), plan)


@pytest.mark.parametrize("name", METRICS.builtins)
def test_only_what_is_named_is_in_the_table_and_the_same_as_among_all(name):
    found, everything = measure(name), measure(*METRICS.builtins)
    assert set(found["metric"]) == NUMBERS[name]
    assert (found["status"] == "done").all()
    place = ["task", "level", "stratum", "counts", "space", "metric"]
    found, everything = (table.astype({"space": object}).fillna({"space": ""}) for table in (found, everything))
    joined = found.merge(everything, on=place, how="left", suffixes=("", "_"))
    np.testing.assert_array_equal(joined["value"], joined["value_"])
    np.testing.assert_array_equal(joined["p_value"], joined["p_value_"])


def test_what_is_not_named_is_not_computed(monkeypatch):
    for function in ("find_moments", "principal_components", "cluster"):
        monkeypatch.setattr(f"ecglens.geometry.bench.{function}", None)
    assert not measure("knn_purity", "ilisi").empty


@pytest.mark.parametrize(("names", "numbers"), [(("ari",), ["ari", "ari"]), (("continuity",), ["continuity"])])
def test_a_projection_has_the_numbers_that_are_named(names, numbers):
    plan = GeometryPlan(names, **SETTINGS)
    found = measure_projection(X, X[:, :2], LABELS, SOURCES, np.arange(N), "pca", plan)
    assert found["metric"].tolist() == numbers


def test_names_that_there_are_not_are_refused_before_any_work():
    with pytest.raises(ConfigError, match=r"unknown metric 'lisi'\. Did you mean 'ilisi'\? Known: knn_purity, ari"):
        GeometryPlan(("lisi",))


def test_a_metric_that_is_named_twice_is_measured_once():
    mine = GeometryMetric(name="mine", title="mine", symbol="mine", measure=lambda part: 0.5)
    assert len(measure(mine, mine, permutations=0)) == 2
