import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglens.errors import CannotFillError
from ecglens.geometry import find_neighbours
from ecglens.geometry.neighbours.index import build_index


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), depth=st.integers(3, 60), share=st.floats(0.2, 1), metric=st.booleans())
def test_neighbours_among_members_are_those_of_a_search_of_their_own(seed, depth, share, metric):
    rng = np.random.default_rng(seed)
    metric = "cosine" if metric else "euclidean"
    n = 150
    sources, patients = rng.choice(3, n, p=[0.5, 0.3, 0.2]), rng.integers(0, 120, n)
    X = rng.normal(size=(n, 6)) + 0.8 * sources[:, None]
    index = build_index(X, patients, sources, depth=depth, metric=metric)
    members = np.sort(rng.choice(n, int(share * n), replace=False))
    for apart in (False, True):
        own = sources[members] if apart else None
        try:
            expected = find_neighbours(X[members], 4, patients[members], apart=own, metric=metric)
        except CannotFillError:
            with pytest.raises(CannotFillError):
                index.among(members, 4, apart=apart)
            continue
        found = index.among(members, 4, apart=apart)
        np.testing.assert_array_equal(found.indices, expected.indices)
        np.testing.assert_allclose(found.distances, expected.distances, rtol=1e-9)


def test_members_of_one_data_set_need_its_own_list_only():
    rng = np.random.default_rng(0)
    X, sources = rng.normal(size=(200, 5)), np.repeat([0, 1], 100)
    inside = np.flatnonzero(sources == 1)
    found = build_index(X, np.arange(200), sources, depth=6).among(inside, 6)
    np.testing.assert_array_equal(found.indices, find_neighbours(X[inside], 6).indices)
