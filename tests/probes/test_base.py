import numpy as np
import pytest
from sklearn.naive_bayes import BernoulliNB

from ecglens.errors import ConfigError, InputError
from ecglens.probes.base import Probe, check_settings, to_single


def test_a_probe_makes_a_new_estimator_with_its_settings_and_the_seed() -> None:
    made = []

    def build(alpha, random_state):
        made.append(random_state)
        return BernoulliNB(alpha=alpha)

    probe = Probe("bayes", "Naive Bayes", build, {"alpha": 0.5})
    first, second = probe.make(3), probe.make(4)
    assert first is not second
    assert (first.alpha, made) == (0.5, [3, 4])


def test_single_precision_keeps_infinity_and_nan_but_loses_no_finite_value() -> None:
    values = np.array([[np.nan, np.inf, -np.inf, 1e-50, 3e38]])
    np.testing.assert_array_equal(to_single(values), values.astype(np.float32))
    single = np.ones(3, dtype=np.float32)
    assert to_single(single) is single
    with pytest.raises(InputError, match=r"2 of 4 values lie beyond the range of 32-bit floats"):
        to_single(np.array([1e39, -1e39, 1.0, np.inf]))
    with pytest.raises(InputError, match="these are complex"):
        to_single(np.array([1j]))


def test_settings_are_free_or_fixed_and_anything_else_is_refused() -> None:
    check_settings({"C": 3.0, "solver": "lbfgs"}, ["C"], {"solver": "lbfgs"})
    with pytest.raises(ConfigError, match="cannot fit with solver='saga'"):
        check_settings({"solver": "saga"}, ["C"], {"solver": "lbfgs"})
    with pytest.raises(ConfigError, match="cannot fit with unheard_of=None"):
        check_settings({"unheard_of": None}, ["C"], {"solver": "lbfgs"})
