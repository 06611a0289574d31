import numpy as np
import pytest

from ecglens.errors import CannotFillError
from ecglens.geometry import project_pca, project_umap

X = np.random.default_rng(0).normal(size=(60, 5)) * [9, 4, 1, 1, 1] + 50


def test_pca_is_the_singular_value_decomposition_of_centred_data():
    left, singular, _ = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(np.abs(project_pca(X)), np.abs(left[:, :2] * singular[:2]), rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_umap_repeats_and_keeps_far_groups_apart():
    labels = np.repeat([0, 1], 30)
    moved = X + 500 * labels[:, None]
    first = project_umap(moved, seed=3)
    np.testing.assert_array_equal(first, project_umap(moved, seed=3))
    nearest = np.linalg.norm(first[:, None] - first, axis=2) + np.diag(np.full(60, np.inf))
    assert (labels[nearest.argmin(axis=1)] == labels).all()
    assert np.isfinite(project_umap(X[:5], seed=0)).all()


def test_refusals():
    with pytest.raises(CannotFillError, match="two records and two features"):
        project_pca(X[:, :1])
    with pytest.raises(CannotFillError, match="UMAP needs 5 records, there are 4"):
        project_umap(X[:4], seed=0)
    with pytest.raises(CannotFillError, match="all 60 embeddings are the same"):
        project_pca(np.full((60, 5), 0.1))


@pytest.mark.parametrize("n_features", [1, 2, 3])
def test_a_picture_of_equal_records_does_not_depend_on_what_the_process_did_before(n_features: int) -> None:
    X = np.random.default_rng(0).integers(0, 4, (60, n_features)).astype(float)
    first = project_umap(X, seed=1, n_neighbors=3)
    assert np.isfinite(first).all()
    for n in (40, 60):
        project_umap(np.repeat(np.random.default_rng(n).normal(size=(n // 2, 3)), 2, axis=0), seed=n, n_neighbors=3)
        np.testing.assert_array_equal(project_umap(X, seed=1, n_neighbors=3), first)
