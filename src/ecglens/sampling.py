"""Sampling of records: nested sizes, patient-disjoint stratified folds, and shuffled labels."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ecglens.errors import CannotFillError

SIZES: Mapping[str, int | None] = MappingProxyType({"XS": 100, "S": 250, "M": 500, "L": 1000, "full": None})
"""Name of a size to its number of records; ``None`` is everything."""

FOLD_ATTEMPTS = 5
"""Number of shufflings before folds without one of the classes are refused."""

Ints = NDArray[np.int64]


def derive_seed(seed: int, *parts: str) -> int:
    """Derive the seed of a stage or cell, the same on any machine."""
    text = "\x1f".join((str(seed), *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "little")


def draw(y: NDArray[Any], size: int | None, balance: Literal["equal", "natural"] = "equal", seed: int = 0) -> Ints:
    """Draw records so that a smaller draw with the same seed is a subset of every larger one.

    Parameters
    ----------
    y
        Labels 0 or 1, ``[n]``.
    size
        Number of records; ``None`` takes all, whatever the balance.
    balance
        ``"equal"`` draws half of each class (of an odd number, one more negative), ``"natural"`` keeps the prevalence.
    seed
        Random seed; the same seed and labels give the same draw.

    Returns
    -------
    ndarray
        Sorted positions in `y`, ``[size]``.

    Raises
    ------
    CannotFillError
        A class has fewer records than the draw needs.

    Examples
    --------
    >>> y = np.array([0] * 90 + [1] * 10)
    >>> chosen = draw(y, 20, "equal", seed=0)
    >>> int(y[chosen].sum()), set(draw(y, 6, "equal", seed=0)) <= set(chosen)
    (10, True)
    """
    y = np.asarray(y)
    if size is None:
        return np.arange(len(y))
    # A share of a whole number of records, rounded, never grows by more than the size does: prefixes stay nested.
    n_positive = {"equal": size // 2, "natural": round(size * np.sum(y == 1) / max(1, len(y)))}[balance]
    parts = []
    for label, name, needed in ((1, "positives", n_positive), (0, "negatives", size - n_positive)):
        available = np.flatnonzero(y == label)
        if needed > len(available):
            raise CannotFillError(
                f"a draw of {size} records ({balance}) needs {needed} {name}, has {len(available)}. Use a smaller size."
            )
        parts.append(np.random.default_rng([seed, label]).permutation(available)[:needed])
    return np.sort(np.concatenate(parts))


def assign_folds(y: NDArray[Any], groups: NDArray[Any], n_folds: int = 15, seed: int = 0) -> Ints:
    """Assign every record to one fold: stratified by label, no patient in two folds, both classes in every fold.

    Parameters
    ----------
    y
        Labels, ``[n]``.
    groups
        Patient of each record, ``[n]``.
    n_folds
        Number of folds.
    seed
        Random seed. If a fold lacks a class, a few seeds derived from it are tried.

    Returns
    -------
    ndarray
        Fold of each record, ``[n]``, in 0 to ``n_folds - 1``.

    Raises
    ------
    CannotFillError
        A class has fewer patients than there are folds, or no shuffling puts both classes into every fold.

    Examples
    --------
    >>> folds = assign_folds(np.tile([0, 1], 10), np.arange(20), n_folds=5)
    >>> np.bincount(folds)
    array([4, 4, 4, 4, 4])
    """
    from sklearn.model_selection import StratifiedGroupKFold

    y, groups = np.asarray(y), np.asarray(groups)
    classes = np.unique(y)
    if len(classes) < 2:
        raise CannotFillError(f"folds need two classes, the labels hold {classes.tolist()}")
    for label in classes:
        n_patients = len(np.unique(groups[y == label]))
        if n_patients < n_folds:
            raise CannotFillError(
                f"{n_folds} folds need {n_folds} patients with label {label}, there are {n_patients}. Use fewer folds."
            )
    for derived in np.random.SeedSequence(seed).generate_state(FOLD_ATTEMPTS):
        splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=int(derived))
        folds = np.empty(len(y), dtype=np.int64)
        for fold, (_, test) in enumerate(splitter.split(y, y, groups)):
            folds[test] = fold
        if all(len(np.unique(folds[y == label])) == n_folds for label in classes):
            return folds
    raise CannotFillError(
        f"In {FOLD_ATTEMPTS} shufflings some of the {n_folds} folds lacked a class: few patients hold most of its "
        "records. Use fewer folds."
    )


def deal_folds(kind: NDArray[Any], n_folds: int, rng: np.random.Generator) -> Ints:
    """Assign fold numbers in turn to shuffled records, one kind after the other.

    Parameters
    ----------
    kind
        Classes by which folds are stratified, such as the label, ``[n]``.
    n_folds
        Number of folds.
    rng
        Shuffles the records of a kind.

    Returns
    -------
    ndarray
        Fold of each record, ``[n]``. Two folds differ by at most one record, and by at most one of each kind.

    Examples
    --------
    >>> folds = deal_folds(np.array([0, 0, 0, 0, 1, 1]), 2, np.random.default_rng(0))
    >>> np.bincount(folds[:4]), np.bincount(folds[4:])
    (array([2, 2]), array([1, 1]))
    """
    order = np.lexsort((rng.random(len(kind)), kind))
    folds = np.empty(len(kind), dtype=np.int64)
    folds[order] = np.arange(len(kind)) % n_folds
    return folds


def shuffle_labels(y: NDArray[Any], seed: int, within: NDArray[Any] | None = None) -> NDArray[Any]:
    """Permute the labels, for a chance baseline.

    Parameters
    ----------
    y
        Labels, ``[n]``.
    seed
        Random seed of the permutation.
    within
        Labels move only among records of equal value, such as a fold, which then keeps its share of positives,
        ``[n]``.

    Examples
    --------
    >>> shuffle_labels(np.array([0, 0, 1, 1]), seed=0).sum()
    np.int64(2)
    >>> shuffle_labels(np.array([0, 0, 1, 1]), seed=0, within=np.array([0, 0, 1, 1]))
    array([0, 0, 1, 1])
    """
    y = np.asarray(y)
    groups = np.zeros(len(y)) if within is None else np.asarray(within)
    shuffled = np.empty_like(y)
    shuffled[np.argsort(groups, kind="stable")] = y[np.lexsort((np.random.default_rng(seed).random(len(y)), groups))]
    return shuffled
