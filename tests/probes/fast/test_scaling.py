import numpy as np
from scipy.special import expit
from sklearn.preprocessing import StandardScaler

from ecglens.probes.fast.scaling import scale_folds

RNG = np.random.default_rng(0)


def problem(n, d, shift):
    x = RNG.normal(size=(n, d)) * np.geomspace(0.01, 100, d) + shift
    y = (expit((x - x.mean(axis=0)) / x.std(axis=0) @ RNG.normal(size=d)) > RNG.random(n)).astype(int)
    return x, y, RNG.permutation(n) % 4 != np.arange(4)[:, None]


def test_scalers_are_those_of_their_folds():
    x, _, train = problem(1500, 5, 1e4)
    x[:, 2] = np.where(train[1], 7.0, x[:, 2])  # constant among the records that fold 1 trains on
    scalers = scale_folds(x, train)
    for fold, used in enumerate(train):
        expected = StandardScaler().fit(x[used]).transform(x)
        np.testing.assert_allclose(
            (scalers.Z - scalers.mean[fold]) / scalers.scale[fold] * (np.arange(5) != 2),
            expected * (np.arange(5) != 2),
            atol=1e-5,
        )
        weights = RNG.normal(size=(3, 5))
        raw, added = scalers.to_raw(fold, weights)
        np.testing.assert_allclose(
            x @ raw.T + added,
            ((scalers.Z - scalers.mean[fold]) / scalers.scale[fold]) @ weights.T,
            rtol=1e-4,
            atol=1e-4,
        )
    assert scalers.scale[1, 2] == 1
