from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from ecglens.errors import ConfigError
from ecglens.probes import PROBES, cross_validate

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = (RNG.normal(size=(120, 7)) * 3 + 5 + Y[:, None] * (np.arange(7) < 2)).astype(np.float32)
TRAIN = np.arange(120) % 3 != np.arange(3)[:, None]


def test_it_is_as_good_as_that_of_scikit_learn():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 300)
    x = rng.normal(size=(300, 10)).astype(np.float32) + 0.7 * y[:, None] * (np.arange(10) < 4)
    folds = np.arange(300) % 5
    ours, theirs = (
        np.mean(
            [cross_validate(x, y, folds, PROBES.load("mlp"), seed, engine=engine).probability for seed in range(3)],
            axis=0,
        )
        for engine in ("fast", "reference")
    )
    assert np.corrcoef(ours, theirs)[0, 1] > 0.99
    assert roc_auc_score(y, ours) == pytest.approx(roc_auc_score(y, theirs), abs=0.01)


def test_a_fold_stops_when_its_loss_is_level():
    probe = PROBES.load("mlp")
    far = np.where(Y[:, None] == 1, 50.0, -50.0) * np.ones((1, 7))  # nothing to learn after a few steps
    result = cross_validate(
        far, Y, np.arange(120) // 2 % 3, replace(probe, settings={**probe.settings, "max_iter": 5000})
    )
    assert result.n_warnings == 0
    np.testing.assert_array_equal(result.probability > 0.5, Y)


def test_settings_that_the_fast_form_does_not_know_are_refused():
    probe = PROBES.load("mlp")
    with pytest.raises(ConfigError, match="activation='tanh'"):
        cross_validate(X, Y, np.arange(120) % 3, replace(probe, settings={**probe.settings, "activation": "tanh"}))
