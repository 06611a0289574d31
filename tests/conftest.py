"""Fixtures that every test may use."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ecglens.probes.grower import Tree
from ecglens.probes.models import TreeEnsemble
from ecglens.probes.trees import join_trees


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records and facts beside the project; absent on most machines."""
    root = Path(os.environ.get("ECGLENS_SHARED", Path(__file__).parents[2] / "shared"))
    if not root.is_dir():
        if os.environ.get("ECGLENS_REQUIRE_SHARED") == "1":
            pytest.fail(f"ECGLENS_REQUIRE_SHARED=1, but {root} is not there")
        pytest.skip(f"needs the folder of real records, {root} is not there (set ECGLENS_SHARED)")
    return root


@pytest.fixture(scope="session")
def plain_forest() -> Callable[[Sequence[Any]], TreeEnsemble]:
    """Convert fitted trees of scikit-learn into a forest of plain arrays."""

    def convert(trees: Sequence[Any]) -> TreeEnsemble:
        return join_trees([_tree(fitted.tree_) for fitted in trees], scale=1 / len(trees))

    return convert


def _tree(fitted: Any) -> Tree:
    leaf = fitted.children_left < 0
    share = fitted.value[:, 0, 1] / fitted.value[:, 0].sum(axis=1)
    return Tree(
        np.where(leaf, -1, fitted.feature).astype(np.int32),
        fitted.threshold,
        np.where(leaf, 0, fitted.children_left).astype(np.int32),
        np.where(leaf, 0, fitted.children_right).astype(np.int32),
        np.where(leaf, share, 0.0),
        fitted.weighted_n_node_samples,
    )
