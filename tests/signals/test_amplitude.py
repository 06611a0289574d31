import numpy as np
import pytest
from scipy import stats
from sklearn.preprocessing import minmax_scale

from ecglens.errors import ConfigError
from ecglens.signals import MinMax, NanToZero, ZScore

OVERS = ["lead", "record"]


def in_parts(function, x, over):
    """Apply a function of one dimension to every lead, or to every record as one row."""
    rows = x.reshape(-1, x.shape[-1]) if over == "lead" else x.reshape(len(x), -1)
    return np.array([function(row) for row in rows]).reshape(x.shape)


@pytest.mark.parametrize("over", OVERS)
def test_zscore_equals_scipy(batch, over):
    y, fs = ZScore(over)(batch, 500)
    assert fs == 500
    np.testing.assert_allclose(y, in_parts(stats.zscore, batch, over), rtol=0, atol=1e-12)


@pytest.mark.parametrize("over", OVERS)
def test_eps_of_zscore_is_added_to_the_deviation(batch, over):
    expected = in_parts(lambda row: stats.zscore(row) * row.std() / (row.std() + 0.2), batch, over)
    np.testing.assert_allclose(ZScore(over, eps=0.2)(batch, 500)[0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("over", OVERS)
@pytest.mark.parametrize(("low", "high"), [(-1, 1), (0, 1), (-0.5, 2)])
def test_minmax_equals_sklearn(batch, over, low, high):
    expected = in_parts(lambda row: minmax_scale(row, (low, high)), batch, over)
    np.testing.assert_allclose(MinMax(over, low, high)(batch, 500)[0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("over", OVERS)
def test_eps_of_minmax_is_added_to_the_range(batch, over):
    expected = in_parts(lambda row: 2 * (row - row.min()) / (np.ptp(row) + 0.2) - 1, batch, over)
    np.testing.assert_allclose(MinMax(over, eps=0.2)(batch, 500)[0], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("constant", [0.0, 0.1, -3.3, 1e6])
@pytest.mark.parametrize("eps", [0, 1e-8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_constant_lead_becomes_exactly_zero_or_the_lower_bound(constant, eps, dtype):
    x = np.random.default_rng(0).normal(size=(2, 12, 777)).astype(dtype)
    x[1, 3] = constant
    np.testing.assert_array_equal(ZScore(eps=eps)(x, 500)[0][1, 3], 0)
    np.testing.assert_array_equal(MinMax(eps=eps)(x, 500)[0][1, 3], -1)
    assert (
        ZScore(eps=eps)(x, 500)[0].std(axis=-1).min(where=~np.isclose(x.std(axis=-1), 0, atol=1e-3), initial=1) > 0.99
    )


def test_nan_to_zero_replaces_only_nan():
    x = np.array([[[np.nan, 1.0, np.inf, -np.inf, 0.0]]])
    np.testing.assert_array_equal(NanToZero()(x, 500)[0], [[[0.0, 1.0, np.inf, -np.inf, 0.0]]])


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: ZScore("batch"), "over has to be one of lead, record"),
        (lambda: ZScore(eps=-1), "eps"),
        (lambda: MinMax("batch"), "over has to be one of lead, record"),
        (lambda: MinMax(eps=float("nan")), "eps"),
        (lambda: MinMax(low=1, high=1), "low has to be less than high"),
    ],
)
def test_wrong_parameters_are_refused_at_once(make, rule):
    with pytest.raises(ConfigError, match=rule):
        make()
