"""Every shape of data gives numbers in their range or a reason, the same ones for the same seed."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.made_up.geometry import FAST, lead, measure

from ecglens.geometry import GeometryPlan


@pytest.mark.parametrize("prevalence", [0.02, 0.1, 0.5])
def test_noise_is_zero_within_its_intervals_and_not_significant(prevalence):
    rng = np.random.default_rng(8)
    n = 2000
    labels = (rng.permutation(n) < prevalence * n).astype(int)
    table = measure(rng.normal(size=(n, 8)), labels, rng.integers(0, 3, n), FAST)
    raw = lead(table, "label", "knn_raw", "natural")["value"]
    assert raw == pytest.approx(prevalence**2 + (1 - prevalence) ** 2, abs=0.02)
    for level in ("label", "source"):
        natural = lead(table, level, counts="natural")
        assert natural["patient_low"] < 0 < natural["patient_high"]
        assert natural["value"] < natural["null_high"] + 0.02
        assert abs(natural["null_mean"]) < 0.02
        assert natural["p_value"] > 1 / 41
        equal = lead(table, level)
        assert equal["patient_low"] - 0.02 < 0 < equal["patient_high"]
        assert abs(lead(table, level, "ari")["value"]) < 0.05


def test_equal_counts_take_the_prevalence_out_of_the_data_set_level():
    """Two data sets differ in prevalence only; neighbours follow the label, and so seem to follow the data set."""
    rng = np.random.default_rng(2)
    sources = np.repeat([0, 1], 600)
    labels = (rng.random(1200) < np.where(sources == 0, 0.1, 0.9)).astype(int)
    table = measure(rng.normal(size=(1200, 4)) + 20 * labels[:, None], labels, sources)
    assert lead(table, "source", counts="natural")["value"] > 0.5
    assert abs(lead(table, "source")["value"]) < 0.05
    # Its null moves data sets inside each label only, and knows it.
    assert lead(table, "source", counts="natural")["null_mean"] > 0.5
    assert lead(table, "label")["value"] == pytest.approx(1, abs=0.01)


def test_what_cannot_be_said_is_a_row_with_its_reason():
    rng = np.random.default_rng(3)
    X, labels = rng.normal(size=(100, 3)), np.arange(100) % 2
    one_source = measure(X, labels, np.zeros(100))
    failed = one_source[one_source["status"] == "cannot-fill"]
    assert {"source", "label-across-sources", "source-within-label", "alignment", "mixing"} == set(failed["level"])
    assert failed["value"].isna().all()
    assert failed["reason"].str.len().gt(15).all()
    done = one_source[one_source["status"] == "done"]
    assert done["value"].notna().all()
    assert {"label", "label-within-source"} <= set(done["level"])


def test_same_input_same_output_and_other_seed_other_subsamples():
    rng = np.random.default_rng(4)
    arguments = rng.normal(size=(200, 6)), rng.integers(0, 2, 200), rng.integers(0, 2, 200)
    first, second = measure(*arguments), measure(*arguments)
    pd.testing.assert_frame_equal(first, second)
    moved = measure(*arguments, GeometryPlan(**(vars(FAST) | {"seed": 1})))
    assert lead(moved, "label")["value"] != lead(first, "label")["value"]
    assert lead(moved, "label", "knn_raw", "natural")["value"] == lead(first, "label", "knn_raw", "natural")["value"]


def test_a_plan_leaves_out_what_it_does_not_ask_for():
    rng = np.random.default_rng(5)
    plan = GeometryPlan(metrics=("knn_purity",), repeats=0, permutations=0, bootstraps=0, strata=False, sources=False)
    table = measure(rng.normal(size=(90, 3)), np.arange(90) % 2, np.arange(90) // 45, plan)
    assert set(table["level"]) == {"label", "source", "label-across-sources", "alignment"}
    assert table[["p_value", "patient_low", "n_repeats"]].isna().all(axis=None)
    graph = measure(
        rng.normal(size=(90, 3)) + 30 * (np.arange(90) % 2)[:, None], np.arange(90) % 2, np.arange(90) // 45,
        GeometryPlan(**(vars(FAST) | {"spectral_up_to": 90})),
    )  # fmt: skip
    found = graph[(graph["space"] == "neighbour graph") & (graph["level"] == "label") & (graph["metric"] == "ari")]
    assert found["value"].item() == pytest.approx(1)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000), n=st.integers(2, 90), d=st.integers(1, 8), n_classes=st.integers(1, 3),
    n_sources=st.integers(1, 3), rare=st.booleans(), duplicates=st.booleans(), k=st.integers(1, 12),
)  # fmt: skip
def test_any_shape_gives_numbers_in_range_or_a_reason(seed, n, d, n_classes, n_sources, rare, duplicates, k):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, d))
    X[:, -1] = 1  # a constant feature
    if duplicates:
        X = X[rng.integers(0, max(1, n // 3), n)]
    labels = rng.integers(0, n_classes, n)
    if rare:
        labels = np.where(np.arange(n) < 2, labels, 0)
    sources, patients = rng.integers(0, n_sources, n), rng.integers(0, n, n)
    plan = GeometryPlan(k=k, repeats=2, permutations=4, bootstraps=4, seeds=1, n_init=2)
    table = measure(X, labels, sources, plan, patients)
    failed = table["status"] == "cannot-fill"
    assert table.loc[failed, "value"].isna().all()
    assert table.loc[failed, "reason"].str.len().gt(10).all()
    done = table[~failed]
    assert done["value"].notna().all()
    # Below chance there is no end: where chance is 0.9, none is -9.
    rescaled = done["metric"].isin(["knn_rescaled", "knn_index"])
    assert np.isfinite(done.loc[rescaled, "value"]).all()
    assert (done.loc[done["metric"] == "knn_rescaled", "value"] <= 1 + 1e-9).all()
    assert done.loc[~rescaled, "value"].between(-2, 2).all()
    shares = done[
        done["metric"].str.startswith(
            ("knn_raw", "knn_macro", "knn_class", "bras", "source_classifier", "pc_regression")
        )
    ]
    assert shares["value"].between(-1e-9, 1 + 1e-9).all()
    assert done["p_value"].dropna().between(1 / 5 - 1e-9, 1).all()
    assert (done["low"].fillna(0) <= done["high"].fillna(0)).all()


def test_not_finite_is_refused_with_its_rows():
    X = np.ones((20, 2))
    X[[4, 9]] = np.inf
    with pytest.raises(ValueError, match="rows 4, 9"):
        measure(X, np.arange(20) % 2, np.zeros(20))
