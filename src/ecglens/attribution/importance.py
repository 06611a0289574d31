"""Importance of each feature to a probe, over folds, seeds, halves of the data and permuted labels."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.attribution.shap.explain import explain_folds, has_method
from ecglens.attribution.shap.permutation import permutation_by_fold
from ecglens.errors import CannotFillError
from ecglens.probes import Engine, Probe, cross_validate
from ecglens.sampling import shuffle_labels

Floats = NDArray[np.float64]

LEAST_FOLDS = 4
"""Fewer folds leave a half with one, on which nothing can be cross-validated."""


@dataclass(frozen=True)
class Importance:
    """Mean absolute SHAP values of one probe on one data set.

    Parameters
    ----------
    by_fold
        ``[seeds, folds, d]``: over the held-out records of a fold, explained by the model that did not see them.
    n_held_out
        Those records that were explained, ``[folds]``.
    halves
        ``[repeats, 2, d]``: the same over the folds of two patient-disjoint halves of the data set, each with models
        and a seed of its own: halves of one data set have no more in common than halves of two.
    additivity_error
        Largest difference between an output and the sum of its SHAP values, relative to the largest output of the
        fold; NaN where the probe has no method of its own, whose values are refused beyond 1e-6.
    permuted
        ``[permutations, d]``: `mean` of the same fits on permuted labels.
    """

    by_fold: Floats
    n_held_out: NDArray[np.int64]
    halves: Floats
    additivity_error: float = np.nan
    permuted: Floats = field(default_factory=lambda: np.empty((0, 0)))

    @property
    def mean(self) -> Floats:
        """Over all held-out records and seeds, ``[d]``."""
        return np.asarray(np.average(self.by_fold.mean(axis=0), axis=0, weights=self.n_held_out))

    @property
    def sd(self) -> Floats:
        """Standard deviation over folds and seeds, ``[d]``."""
        return np.asarray(self.replicates.std(axis=0, ddof=1))

    @property
    def replicates(self) -> Floats:
        """One row per seed and fold, ``[seeds * folds, d]``."""
        return self.by_fold.reshape(-1, self.by_fold.shape[-1])


def measure_importance(
    X: NDArray[Any],
    y: NDArray[Any],
    folds: NDArray[Any],
    probe: Probe,
    *,
    seed: int = 0,
    seeds: int = 1,
    halves: int = 0,
    permutations: int = 0,
    train: NDArray[np.bool_] | None = None,
    engine: Engine = "fast",
    n_rows: int = 30,
) -> Importance:
    """Measure the importance of features on held-out records, over folds, seeds, halves and permutations.

    Parameters
    ----------
    X
        Embeddings, ``[n, d]``.
    y, folds
        Labels 0 or 1 and fold of each record, ``[n]``; folds share no patient.
    probe
        What to fit and explain.
    seed
        Of the first fits; the same as for `cross_validate` explains the very models that were scored.
    seeds
        Fits per fold; a probe without randomness is fitted once.
    halves
        How often the folds are split into two halves; none where there are fewer than 4 folds. A split of which a
        half lacks a class is left out.
    permutations
        How often all of it but the halves is measured on permuted labels, which change places inside each fold, among
        the records that may be trained on and among the others.
    train
        Records that models may be trained on, ``[n]``; all by default.
    engine
        As for `cross_validate`.
    n_rows
        Records that are explained where the probe has no SHAP method of its own; all of them where it has.

    Raises
    ------
    CannotFillError
        The records that a fold of the whole data set trains on lack a class.

    Examples
    --------
    >>> from ecglens.probes import PROBES
    >>> y = np.tile([0, 1], 12)
    >>> X, folds = np.stack([y, np.ones(24)], axis=1), np.arange(24) // 2 % 6
    >>> found = measure_importance(X, y, folds, PROBES.load("logistic-regression"), halves=2)
    >>> found.mean.round(1), found.by_fold.shape, found.halves.shape
    (array([2.1, 0. ]), (1, 6, 2), (2, 2, 2))
    """
    rng = np.random.default_rng(seed)
    train = np.ones(len(y), dtype=bool) if train is None else train

    def once(
        rows: NDArray[np.bool_], fit_seed: int, labels: NDArray[Any] = y
    ) -> tuple[Floats, NDArray[np.int64], float]:
        x, part, allowed = X[rows], folds[rows], train[rows]
        models = cross_validate(x, labels[rows], part, probe, fit_seed, train=allowed, engine=engine).models
        if not has_method(models[0]):
            return *permutation_by_fold(models, x, part, n_rows=n_rows, seed=fit_seed, train=allowed), np.nan
        values, error = explain_folds(models, x, part, seed=fit_seed, train=allowed)
        return values, np.unique(part, return_counts=True)[1], error

    everyone, numbers = np.ones(len(y), dtype=bool), np.unique(folds)
    fit_seeds = [seed, *rng.integers(2**32, size=seeds - 1 if probe.random else 0).tolist()]
    repeated = [once(everyone, fit_seed) for fit_seed in fit_seeds]
    split = []
    for _ in range(halves if len(numbers) >= LEAST_FOLDS else 0):
        first = np.isin(folds, rng.permutation(numbers)[: len(numbers) // 2])
        half_seeds = rng.integers(2**32, size=2).tolist()
        with suppress(CannotFillError):
            both = [once(half, own) for half, own in zip((first, ~first), half_seeds, strict=True)]
            split.append([np.average(by_fold, axis=0, weights=n) for by_fold, n, _ in both])
    permuted = []
    for permutation_seed in rng.integers(2**32, size=permutations).tolist():
        moved = shuffle_labels(y, permutation_seed, within=2 * np.unique(folds, return_inverse=True)[1] + train)
        own_seeds = np.random.default_rng(permutation_seed).integers(2**32, size=len(fit_seeds)).tolist()
        fits = [once(everyone, own, moved)[:2] for own in own_seeds]
        permuted.append(np.mean([np.average(by_fold, axis=0, weights=n) for by_fold, n in fits], axis=0))
    return Importance(
        by_fold=np.stack([by_fold for by_fold, *_ in repeated]),
        n_held_out=repeated[0][1],
        halves=np.array(split).reshape(len(split), 2, X.shape[1]),
        additivity_error=max(error for *_, error in repeated),
        permuted=np.array(permuted).reshape(permutations, X.shape[1]),
    )
