import numpy as np
import pytest

from ecglens.geometry import measure_geometry


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
