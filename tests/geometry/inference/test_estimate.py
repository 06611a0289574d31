"""Intervals over patients: the closed form of a mean, their range, and what they cover."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ecglens.geometry import GeometryPlan, find_neighbours, knn_purity, measure_geometry
from ecglens.geometry.inference.estimate import estimate, patient_interval
from ecglens.geometry.metrics import METRICS, words_of
from ecglens.geometry.metrics.partitions import ARI, V_MEASURE, compare_tables

ANY = (-np.inf, np.inf)
WORDS = words_of(METRICS.builtins)
PLAN = GeometryPlan(
    k=5, seeds=2, n_init=2, repeats=5, permutations=60, strata=False, spaces=("embedding",), spectral_up_to=0
)


def study(rng, n, label=0.0, source=0.0, d=6):
    labels, sources = np.arange(n) % 2, np.arange(n) // 2 % 2
    X = rng.normal(size=(n, d))
    X[:, 0] += label * labels
    X[:, 1] += source * sources
    return X, labels, sources


def measure(X, labels, sources, plan=PLAN):
    return measure_geometry(X, {"af": labels}, sources, np.arange(len(X)), plan)


def test_interval_of_a_mean_is_the_t_interval():
    values = np.random.default_rng(0).normal(size=30)
    left_out = (values.sum() - values) / 29
    expected = stats.t.interval(0.95, 29, values.mean(), stats.sem(values))
    assert patient_interval(values.mean(), left_out, np.empty(0), ANY) == pytest.approx(expected)
    assert patient_interval(values.mean(), np.r_[left_out, np.nan], np.empty(0), ANY) == pytest.approx(expected)
    assert np.isnan(patient_interval(0.5, np.array([np.nan, 1.0]), np.empty(0), ANY)).all()


def test_a_quadratic_form_is_as_wide_as_it_varies():
    """The squared length of a mean of noise in 20 dimensions: the jackknife alone has twice its variance."""
    rng, plain, corrected, lengths = np.random.default_rng(1), [], [], []

    def length(means):
        return np.square(means).sum(axis=-1)

    for _ in range(300):
        values = rng.normal(size=(50, 20))
        lengths.append(length(values.mean(axis=0)))
        left_out = length((values.sum(axis=0) - values) / 49)
        null = length(rng.choice([-1, 1], (99, 50)) @ values / 50)
        for found, chance in ((plain, null[:0]), (corrected, null)):
            low, high = patient_interval(lengths[-1], left_out, chance, (-10, 10))
            found.append(((high - low) / 2 / stats.t.ppf(0.975, 49)) ** 2)
    assert np.mean(plain) == pytest.approx(2 * np.var(lengths), rel=0.25)
    assert 0.9 < np.mean(corrected) / np.var(lengths) < 1.5


def test_ranges_are_attained_and_hold():
    assert compare_tables(np.array([[[1, 1], [1, 1]]]))["ari"].item() == pytest.approx(ARI.low)
    assert (ARI.low, ARI.high) == (-0.5, 1)
    X, labels = np.array([[0.0], [0.1], [0.2], [0.3]]), np.array([0, 1, 0, 1])
    purity = knn_purity(find_neighbours(X, 1), labels)
    assert purity.rescaled == pytest.approx(purity.lowest)
    # Chance is a third and the most is 1.
    assert purity.lowest == pytest.approx(-(1 / 3) / (2 / 3))
    row = estimate(V_MEASURE, 0.02, np.linspace(0.0, 0.04, 30), np.empty(0))
    assert row["patient_low"] == 0


@pytest.mark.parametrize(("n", "label", "source"), [(24, 0, 0), (24, 9, 0), (40, 1, 9), (60, 2, 2)])
def test_every_interval_lies_in_the_range_of_its_number(n, label, source):
    for seed in range(4):
        X, labels, sources = study(np.random.default_rng(seed), n, label, source)
        labels = labels * (np.arange(n) < n // 2)
        table = measure(X, labels, sources, GeometryPlan(**(vars(PLAN) | {"strata": True, "seed": seed})))
        for row in table[table["status"] == "done"].itertuples():
            words = WORDS.get(row.metric.partition(":")[0])
            low, high = (words.low, words.high) if words else (-np.inf, 2)
            known = ~np.isnan([row.patient_low, row.patient_high])
            assert known.all() or not known.any()
            assert not known.any() or min(low, row.value) - 1e-9 <= row.patient_low <= row.value + 1e-9
            assert not known.any() or row.value - 1e-9 <= row.patient_high <= high + 1e-9
            assert row.metric == "knn_rescaled" or low - 1e-6 <= row.null_low <= row.null_high <= high + 1e-6


@pytest.mark.parametrize(
    ("label", "source", "metrics"),
    [
        (0, 0, ["knn_rescaled", "source_classifier", "pc_regression_source"]),
        (2, 1, ["knn_rescaled", "ari", "ami", "source_classifier", "bras", "pc_regression_label"]),
    ],
)
def test_intervals_cover_and_are_as_wide_as_the_number_varies(label, source, metrics):
    sets = 90
    tables = [
        measure(*study(np.random.default_rng(seed), 160, label, source)).assign(seed=seed) for seed in range(sets)
    ]
    found = pd.concat(tables)
    found = found[found["metric"].isin(metrics) & (found["level"].isin(["label", "mixing"]))]
    for number, rows in found.groupby(["counts", "metric"]):
        mean, spread = rows["value"].mean(), rows["value"].std()
        covered = ((rows["patient_low"] <= mean) & (mean <= rows["patient_high"])).mean()
        width = (rows["patient_high"] - rows["patient_low"]).mean() / (2 * 1.96 * spread)
        assert covered >= 0.95 - 4 * np.sqrt(0.95 * 0.05 / sets), (number, covered)
        assert 0.8 < width < 1.45, (number, width)
