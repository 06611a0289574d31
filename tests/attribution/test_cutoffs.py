import numpy as np
import pytest
from scipy.stats import kendalltau

from ecglens.attribution import curve_area, cutoff_agreement


def test_tau_is_scipys_between_every_two_cutoffs() -> None:
    scores = np.random.default_rng(0).normal(size=(7, 4))
    found = cutoff_agreement(scores)
    for a in range(4):
        for b in range(4):
            assert found.tau[a, b] == pytest.approx(kendalltau(scores[:, a], scores[:, b]).statistic)
    assert found.lowest == found.tau.min()
    assert found.depends
    assert "depends on the cut-off" in found.sentence


def test_one_order_does_not_depend_and_no_order_does() -> None:
    steady = np.outer(np.arange(5.0), [1, 2, 3])
    assert not cutoff_agreement(steady).depends
    nothing = cutoff_agreement(np.ones((3, 2)))
    assert nothing.depends is None
    assert "is unknown" in nothing.sentence


def test_a_narrow_encoder_is_left_out_where_it_has_no_value() -> None:
    scores = np.array([[0.1, 0.2, 0.3], [0.2, 0.3, 0.2], [0.9, np.nan, np.nan]])
    found = cutoff_agreement(scores)
    assert found.tau[0, 1] == pytest.approx(1)
    assert found.tau[1, 2] == found.lowest == pytest.approx(-1)
    assert found.tau[0, 0] == pytest.approx(1)


def test_a_tied_cutoff_hides_no_contradiction() -> None:
    found = cutoff_agreement(np.array([[0, 0.6, 0.1], [0, 0.4, 0.5], [0, 0.3, 0.7]]))
    assert found.lowest == pytest.approx(-1)
    assert found.depends
    one = cutoff_agreement(np.array([[0, 0.6], [0, 0.4]]))
    assert one.depends is None, "what can be compared with itself alone says nothing"


def test_the_area_is_the_mean_height_over_the_logarithm() -> None:
    ks = np.array([10, 20, 40, 80])
    assert curve_area(ks, np.full(4, 0.3)) == pytest.approx(0.3)
    assert curve_area(ks, np.array([0.0, 1, 1, 2])) == pytest.approx((0.5 + 1 + 1.5) / 3)
