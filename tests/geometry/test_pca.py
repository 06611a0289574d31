"""Principal components against scikit-learn."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from ecglens.geometry.pca import principal_components


def test_components_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(300, 12)) @ rng.normal(size=(12, 12)) * np.r_[np.ones(11), 0] + 1e3
    for standardise in (False, True):
        plain = StandardScaler().fit_transform(X) if standardise else X
        expected = PCA(5, svd_solver="full").fit(plain)
        found = principal_components(X, 5, standardise=standardise)
        np.testing.assert_allclose(found.variance, expected.explained_variance_ * 299 / 300, rtol=1e-8)
        np.testing.assert_allclose(found.variance / found.total, expected.explained_variance_ratio_, rtol=1e-8)
        np.testing.assert_allclose(np.abs(found.coordinates), np.abs(expected.transform(plain)), rtol=2e-3, atol=1e-3)
