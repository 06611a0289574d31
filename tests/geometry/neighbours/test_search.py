"""The search by blocks of pairs finds what looking at every pair finds."""

import numpy as np
import pytest

from ecglens.geometry import find_neighbours
from ecglens.geometry.neighbours import gpu, search
from ecglens.geometry.neighbours.matrix import prepare

RNG = np.random.default_rng(0)
X = RNG.normal(size=(150, 12))
GROUPS = RNG.integers(0, 60, 150).astype(str)
GROUP, PART = np.unique(GROUPS, return_inverse=True)[1], np.arange(150) % 3


@pytest.mark.parametrize("device", [None, "cpu"])
def test_blocks_do_not_show(monkeypatch, device):
    whole = find_neighbours(X, 5, GROUPS, device=device)
    monkeypatch.setattr(search, "BLOCK", 40)
    monkeypatch.setattr(gpu, "ENTRIES", 40 * 150)
    calls = []
    parted = find_neighbours(X, 5, GROUPS, device=device, progress=lambda *done: calls.append(done))
    np.testing.assert_array_equal(parted.indices, whole.indices)
    n_calls = 4 if device else 4 * 5 // 2
    assert calls == [(i + 1, n_calls) for i in range(n_calls)]


def by_every_pair(legal, k):
    squared = np.square(X[:, None] - X).sum(axis=2)
    return np.argsort(np.where(legal, squared, np.inf), axis=1)[:, :k]


def test_lists_are_of_the_own_part_and_of_the_others():
    inside, across = search.search(prepare(X), 8, GROUP, PART)
    other, same = GROUP[:, None] != GROUP, PART[:, None] == PART
    np.testing.assert_array_equal(inside.ids, by_every_pair(other & same, 8))
    np.testing.assert_array_equal(across.ids, by_every_pair(other & ~same, 8))


def test_a_list_that_is_not_wanted_is_empty():
    inside, across = search.search(prepare(X), 8, GROUP, PART, inside=False)
    assert inside.ids.shape == (150, 0)
    assert across.ids.shape == (150, 8)


@pytest.mark.parametrize("find", [search.search_some, search.search_rows])
def test_a_few_queries_among_a_few(find):
    queries, among = np.array([3, 50, 149]), np.arange(0, 150, 2)
    found = find(prepare(X), queries, among, 5, GROUP, 0)
    legal = np.zeros((150, 150), dtype=bool)
    legal[:, among] = GROUP[:, None] != GROUP[among]
    np.testing.assert_array_equal(found.ids, by_every_pair(legal, 5)[queries])


def test_nothing_nearer_than_the_radius_is_missing():
    lists, _ = search.search(prepare(X.astype(np.float32)), 8, GROUP, np.zeros(150, dtype=int), across=False)
    squared = np.square(X[:, None].astype(np.float32) - X.astype(np.float32), dtype=float).sum(axis=2)
    for row in range(150):
        near = np.flatnonzero((squared[row] <= lists.radius[row]) & (GROUP[row] != GROUP))
        assert set(near) <= set(lists.ids[row])
