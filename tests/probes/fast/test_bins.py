import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from ecglens.probes.fast.bins import LANES, cut_columns, make_blocks, sort_columns

RNG = np.random.default_rng(0)
N = 240
Y = RNG.integers(0, 2, N)
X = RNG.normal(size=(N, 6)).astype(np.float32) + Y[:, None] * [1.0, 0.5, 0, 0, 0, 0]
X = X.astype(np.float32)


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 60), st.integers(2, 9), st.integers(0, 10_000))
def test_bins_keep_the_order_and_the_cuts_separate_them(n, max_bin, seed):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 20, (n, 3)).astype(np.float32) / 4
    train = np.r_[True, rng.random(n - 1) < 0.7]
    bins = cut_columns(sort_columns(x), train, max_bin)
    for feature, column in enumerate(x[train].T):
        least, largest = (values[feature, : bins.counts[feature]] for values in (bins.least, bins.largest))
        cuts = (largest[:-1] + least[1:]) / 2
        np.testing.assert_array_equal(bins.codes[feature], np.searchsorted(cuts, column, side="left"))
        assert len(cuts) < max_bin
        if len(np.unique(column)) <= max_bin:
            np.testing.assert_array_equal(cuts, (np.unique(column)[1:] + np.unique(column)[:-1]) / 2)


def test_bins_hold_about_as_many_training_records_each():
    train = RNG.random(N) < 0.8
    bins = cut_columns(sort_columns(X), train, 16)
    counts = np.array([np.bincount(codes, minlength=16) for codes in bins.codes])
    np.testing.assert_allclose(counts, train.sum() / 16, atol=1)
    far = np.where(train[:, None], X, 1e9)
    np.testing.assert_array_equal(cut_columns(sort_columns(far), train, 16).largest, bins.largest)


def test_blocks_hold_the_bins_of_eight_features_side_by_side():
    bins = cut_columns(sort_columns(np.hstack([X, X[:, ::-1]])), np.ones(N, dtype=bool), 32)
    blocks = make_blocks(bins, max_depth=3)
    assert blocks.codes.shape == (2, N, LANES)
    flat = blocks.codes.transpose(0, 2, 1).reshape(-1, N)
    np.testing.assert_array_equal(flat[:12], bins.codes)
    assert not flat[12:].any()
