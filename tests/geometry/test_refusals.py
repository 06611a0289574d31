import numpy as np
import pytest

from ecglens.errors import InputError
from ecglens.geometry import GeometryPlan, measure_geometry


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"labels": np.r_[np.nan, np.tile([0.0, 1.0], 20)[1:]]}, "labels of 'af' are missing in row 0"),
        ({"labels": np.zeros(39)}, r"labels of 'af' have the shape \(39,\), there are 40 records"),
        ({"sources": np.array(["chn"] * 39 + [None])}, "sources are missing in row 39"),
        ({"patients": np.arange(41)}, "patients have the shape"),
    ],
)
def test_facts_that_are_missing_are_refused_with_their_rows(change, said):
    facts = {"labels": np.tile([0, 1], 20), "sources": np.repeat(["chn", "georgia"], 20), "patients": np.arange(40)}
    labels, sources, patients = (facts | change).values()
    with pytest.raises(ValueError, match=said):
        measure_geometry(np.zeros((40, 2)), {"af": labels}, sources, patients)


def test_values_whose_squares_overflow_are_refused_with_their_rows():
    X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    X[7, 1] = 1e22
    with pytest.raises(ValueError, match=r"beyond 1e\+15, in row 7"):
        measure_geometry(X, {"af": np.tile([0, 1], 20)}, np.repeat(["chn", "georgia"], 20), np.arange(40))


@pytest.mark.parametrize(
    ("X", "said"),
    [
        (np.ones((40, 3)) + 1j, r"real numbers \[n, d\], at least one each way; these are complex128 \(40, 3\)"),
        (np.ones((40, 0)), r"these are float64 \(40, 0\)"),
        (np.full((40, 3), "a"), "these are <U1"),
        (np.full((40, 3), None), "these are object"),
        (np.full((40, 3), np.longdouble("1e4000")), "not finite, in rows 0, 1, 2, 3, 4 and 35 more"),
        (np.full((40, 3), 2**62), r"beyond 1e\+15"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused(X, said):
    labels = np.tile([0, 1], 20)
    with pytest.raises(InputError, match=said):
        measure_geometry(X, {"af": labels}, labels, np.arange(40))
    with pytest.raises(InputError, match="sources are complex numbers"):
        measure_geometry(np.ones((40, 2)), {"af": labels}, labels + 1j, np.arange(40))


def test_one_data_set_and_one_class_are_named():
    X, labels = np.random.default_rng(0).normal(size=(60, 3)), np.tile(["af", "no"], 30)
    plan = GeometryPlan(repeats=2, permutations=5, seeds=1)

    def reasons(labels, sources):
        table = measure_geometry(X, {"rhythm": labels}, sources, np.arange(60), plan)
        failed = table[table["status"] == "cannot-fill"]
        return failed.groupby(["level", "stratum"])["reason"].agg(lambda found: "; ".join(sorted(set(found)))).to_dict()

    one_source = reasons(labels, np.full(60, "chn"))
    only = "there is one data set only: chn"
    assert one_source["source", "all"] == f"on equal counts: {only}; {only}"
    assert one_source["mixing", "all"] == only
    assert only in one_source["alignment", "all"]
    assert only in one_source["label-across-sources", "all"]
    assert "there is one data set only in label af: chn" in one_source["source-within-label", "af"]
    one_class = reasons(np.full(60, "no"), np.tile(["chn", "georgia"], 30))
    assert "there is one label only: no" in one_class["label", "all"]
    assert "there is one label only in data set chn: no" in one_class["label-within-source", "chn"]


TURNS, ONE = np.arange(60) % 2, np.zeros(60)


@pytest.mark.parametrize(("labels", "sources"), [(TURNS, ONE), (ONE, TURNS)], ids=["one data set", "one label"])
def test_no_reason_speaks_of_another_number(labels, sources):
    """A neighbour number does not speak of clusters, and the other way."""
    plan = GeometryPlan(repeats=2, permutations=5, seeds=1)
    X = np.random.default_rng(0).normal(size=(60, 3))
    for n in (60, 8):
        table = measure_geometry(X[:n], {"af": labels[:n]}, sources[:n], np.arange(60)[:n], plan)
        failed = table[(table["status"] == "cannot-fill") & (table["space"] != "neighbour graph")]
        assert len(failed)
        kinds = {
            "knn": "cluster|silhouette|variance",
            "ari": "neighbour|variance",
            "ilisi": "cluster",
            "bras": "cluster",
        }
        for kind, foreign in kinds.items():
            reasons = failed[failed["metric"].str.startswith(kind)]["reason"]
            assert not reasons.str.contains(foreign).any(), reasons.tolist()
