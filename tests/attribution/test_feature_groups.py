import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist

from ecglens.attribution import correlated_groups, group_importance


def test_all_pairs_of_a_group_are_correlated_and_groups_are_those_of_complete_linkage() -> None:
    rng = np.random.default_rng(0)
    base = rng.normal(size=(200, 6))
    mixed = base @ rng.normal(size=(6, 40)) + 0.3 * rng.normal(size=(200, 40))
    groups = correlated_groups(mixed, 0.8)
    r = np.abs(np.corrcoef(mixed.T))
    for group in np.unique(groups):
        inside = np.flatnonzero(groups == group)
        assert r[np.ix_(inside, inside)].min() >= 0.8 - 1e-12
    centred = (mixed - mixed.mean(axis=0)).T
    distances = pdist(centred, lambda a, b: 1 - abs(a @ b) / np.sqrt((a @ a) * (b @ b)))
    expected = fcluster(linkage(distances, "complete"), 0.2, "distance")
    same = groups[:, None] == groups
    assert (same == (expected[:, None] == expected)).all()
    assert 1 < groups.max() + 1 < 40


def test_planted_copies_are_found_far_from_the_origin_and_constants_stay_alone() -> None:
    x = np.random.default_rng(1).normal(size=(300, 3)).astype(np.float32) + 1e3
    features = np.stack([x[:, 0], x[:, 1], -2 * x[:, 0], np.full(300, 7.0), x[:, 2], np.full(300, 7.0)], axis=1)
    assert correlated_groups(features).tolist() == [0, 1, 0, 2, 3, 4]
    assert correlated_groups(features[:, :1]).tolist() == [0]


def test_a_group_has_the_sum_of_its_features() -> None:
    importance = np.random.default_rng(2).random((3, 2, 6))
    groups = np.array([0, 1, 0, 2, 1, 1])
    found = group_importance(importance, groups)
    for group in range(3):
        np.testing.assert_allclose(found[..., group], importance[..., groups == group].sum(axis=-1))
