"""What chance gives, and that noise is told from structure, whatever the shape."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglens.geometry import GeometryPlan, measure_geometry

FAST = GeometryPlan(repeats=4, permutations=40, bootstraps=40, seeds=2, n_init=3)
N = 120
LABELS, SOURCES = np.tile([0, 1], N // 2), np.repeat(["a", "b", "c"], N // 3)
NOISE = np.random.default_rng(0).normal(size=(N, 6))
LABEL_AXIS = 40 * LABELS[:, None] * (np.arange(6) == 0)
SOURCE_AXES = 40 * (SOURCES[:, None] == ["", "a", "b", "c", "", ""])


def measure(X, labels, sources, plan=FAST, patients=None):
    return measure_geometry(X, {"af": labels}, sources, np.arange(len(X)) if patients is None else patients, plan)


def lead(table, level, metric="knn_rescaled", counts="equal"):
    chosen = table[(table["level"] == level) & (table["metric"] == metric) & (table["counts"] == counts)]
    chosen = chosen[(chosen["stratum"] == "all") & chosen["space"].astype(object).fillna("").isin(["", "embedding"])]
    (row,) = chosen.to_dict("records")
    return row


def test_every_number_has_an_interval_and_a_chance_level():
    table = measure(NOISE + LABEL_AXIS, LABELS, SOURCES)
    assert set(table["status"]) == {"done"}
    chance = ["patient_low", "patient_high", "null_mean", "null_low", "null_high", "p_value"]
    assert table[chance].notna().all(axis=None)
    assert (table["null_low"] <= table["null_high"]).all()
    assert (table["patient_low"] <= table["patient_high"]).all()


def test_chance_is_what_shuffling_gives_and_structure_is_beyond_it_on_its_own_side():
    shuffled = measure(NOISE, LABELS, SOURCES)
    planted = measure(NOISE + SOURCE_AXES, LABELS, SOURCES)
    for metric, falls in (
        ("source_classifier", False),
        ("ilisi", True),
        ("bras", True),
        ("pc_regression_source", False),
    ):
        noise, structure = (lead(table, "mixing", metric, "natural") for table in (shuffled, planted))
        assert noise["null_low"] - 0.05 < noise["value"] < noise["null_high"] + 0.05
        assert structure["p_value"] == pytest.approx(1 / 41)
        assert (structure["value"] < structure["null_low"]) == falls
        assert structure["patient_low"] - 1e-6 <= structure["value"] <= structure["patient_high"] + 1e-6
    assert lead(shuffled, "mixing", "source_classifier", "natural")["null_mean"] == pytest.approx(1 / 3, abs=0.03)
    expected = (3 - 1) / (N - 1)
    assert lead(planted, "mixing", "pc_regression_source", "natural")["null_mean"] == pytest.approx(expected, rel=0.3)


def test_p_values_of_noise_hold_their_level():
    plan = GeometryPlan(repeats=5, permutations=40, bootstraps=0, seeds=1, n_init=2, strata=False)
    tables = []
    for seed in range(40):
        X = np.random.default_rng(seed).normal(size=(N, 6))
        tables.append(measure(X, LABELS, SOURCES, plan).assign(seed=seed))
    numbers = pd.concat(tables).groupby(["level", "counts", "space", "metric"], dropna=False)["p_value"]
    small, middle = (numbers.apply(lambda p, below=below: (p <= below).mean()) for below in (0.1, 0.5))
    assert len(small) > 25
    assert (small <= 0.1 + 4 * np.sqrt(0.09 / 40)).all()
    # Nor are they larger than those of noise: a null that is too wide finds nothing. Clusters agree in steps.
    purity = middle[middle.index.get_level_values("metric").str.startswith("knn")]
    assert (purity >= 0.5 - 4 * np.sqrt(0.25 / 40)).all()


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 10_000), n=st.integers(60, 200), d=st.integers(1, 8), share=st.floats(0.05, 0.5),
    n_sources=st.integers(2, 4), k=st.integers(5, 30),
)  # fmt: skip
def test_planted_answers_hold_for_any_shape(seed, n, d, share, n_sources, k):
    """Label apart: 1, also where a class is smaller than a neighbourhood; data set then about 0; and the other way."""
    rng = np.random.default_rng(seed)
    sources = np.arange(n) % n_sources
    rare = np.concatenate(
        [np.flatnonzero(sources == s)[: max(2, int(share * n / n_sources))] for s in range(n_sources)]
    )
    labels = np.isin(np.arange(n), rare).astype(int)
    plan = GeometryPlan(metrics=("knn_purity",), k=k, repeats=3, permutations=60, bootstraps=6, strata=False)
    for apart, other, values in (("label", "source", labels), ("source", "label", sources)):
        table = measure(rng.normal(size=(n, d)) + 1000 * values[:, None], labels, sources, plan)
        for counts in ("natural", "equal"):
            found = lead(table, apart, counts=counts)
            everybody = "neighbours are all of the" in found["reason"] or "neighbours need" in found["reason"]
            assert everybody or found["value"] == pytest.approx(1)
        chance = lead(table, other, counts="natural")
        assert chance["null_low"] - 0.5 < chance["value"] < chance["null_high"] + 0.5


def test_patients_of_many_records_do_not_freeze_the_null():
    """One data set has a record a patient, the other two: that it lies apart is not chance."""
    patients = np.repeat(np.arange(80), np.repeat([1, 2], 40))
    sources = np.repeat([0, 1], [40, 80])
    X = np.random.default_rng(0).normal(size=(120, 4)) + 40 * sources[:, None]
    table = measure_geometry(X, {}, sources, patients, FAST)
    for level, metric in (
        ("source", "knn_rescaled"),
        ("source", "ari"),
        ("mixing", "source_classifier"),
        ("mixing", "ilisi"),
    ):
        row = lead(table, level, metric, "natural")
        assert row["p_value"] == pytest.approx(1 / 41)


def test_one_number_that_cannot_be_filled_leaves_the_others():
    """Copies of one record cannot be clustered, but they have neighbours; a large patient takes a few of these away."""
    table = measure(np.ones((60, 3)), np.arange(60) % 2, np.arange(60) // 30, FAST)
    assert lead(table, "label")["status"] == "done"
    assert lead(table, "label", "ari")["status"] == "cannot-fill"
    patients = np.r_[np.zeros(8), np.arange(1, 88)]
    few = measure(NOISE[:95], LABELS[:95], SOURCES[:95], FAST, patients)
    assert lead(few, "mixing", "ilisi", "natural")["status"] == "done"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_copies_of_one_record_mix(seed):
    plan = GeometryPlan(**(vars(FAST) | {"seed": seed}))
    table = measure_geometry(np.ones((200, 3)), {}, np.arange(200) % 2, np.arange(200), plan)
    assert lead(table, "mixing", "ilisi", "natural")["value"] > 0.9
