"""Every p of a geometry has its size on noise: heavy tails, rare classes, several records a patient, copies."""

import numpy as np
import pandas as pd
import pytest

from ecglens.geometry import GeometryPlan, measure_geometry

SETS = 100
PLAN = GeometryPlan(
    metrics=("knn_purity", "ari", "ami", "v_measure", "ilisi", "pc_regression", "source_classifier"),
    k=5, seeds=2, n_init=2, repeats=5, permutations=99, bootstraps=0, spaces=("embedding",), spectral_up_to=0,
)  # fmt: skip


def noise(rng, n=60, d=6, prevalence=0.5, records=1, tails=None, distinct=None):
    """Points that know nothing of labels or data sets; a patient's records are alike."""
    people = n // records
    points = rng.normal(size=(people, d)) if tails is None else rng.standard_t(tails, (people, d))
    points = points[rng.integers(0, distinct, people)] if distinct else points
    sources = np.arange(people) % 2
    labels = np.zeros(people, dtype=int)
    for source in (0, 1):
        inside = rng.permutation(np.flatnonzero(sources == source))
        labels[inside[: round(prevalence * len(inside))]] = 1
    patients = np.repeat(np.arange(people), records)
    points = points[patients] + (0.1 * rng.normal(size=(n, d)) if records > 1 else 0)
    return points, labels[patients], sources[patients], patients


KINDS = {
    "normal": {},
    "heavy tails": {"n": 40, "d": 64, "tails": 1.5},
    "one in eight": {"n": 96, "prevalence": 0.125},
    "three records a patient": {"n": 120, "records": 3},
    "copies": {"distinct": 20},
}


@pytest.mark.parametrize("kind", KINDS)
def test_p_values_of_noise_have_their_size(kind):
    tables = []
    for seed in range(SETS):
        X, labels, sources, patients = noise(np.random.default_rng(seed), **KINDS[kind])
        plan = GeometryPlan(**(vars(PLAN) | {"seed": seed}))
        tables.append(measure_geometry(X, {"label": labels}, sources, patients, plan))
    found = pd.concat(tables)
    found = found[(found["status"] == "done") & ~found["metric"].str.startswith("knn_class")]
    p = found.groupby(["level", "stratum", "counts", "metric"])["p_value"]
    assert len(p) > 40
    for level in (0.05, 0.01):
        share = p.apply(lambda values, level=level: (values <= level + 1e-9).mean())
        assert share.max() <= level + 4 * np.sqrt(level * (1 - level) / SETS), share.idxmax()
        assert share.mean() <= level + 1.5 * np.sqrt(level * (1 - level) / SETS)
        # The number of records that clusters share takes few values where one record is a cluster, and ties count.
        if kind != "heavy tails":
            assert share.mean() >= level / 3


def test_a_cluster_of_one_record_is_no_finding():
    """The tightest clustering alone would give a null without spread, and a mean over seeds beyond it."""
    p_values = []
    for seed in range(50):
        X, labels, sources, patients = noise(np.random.default_rng(1000 + seed), n=40, d=64, tails=1.5)
        plan = GeometryPlan(("ari",), repeats=0, bootstraps=0, permutations=199, sources=False, spectral_up_to=0)
        table = measure_geometry(X, {"label": labels}, sources, patients, plan)
        p_values.append(table[table["metric"] == "ari"]["p_value"].min())
    assert np.mean(np.array(p_values) <= 0.005) <= 0.06
