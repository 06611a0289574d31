"""Nested choice of a treatment: on all folds but the one that is scored."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def choose_on_other_folds(scores: ArrayLike, repeat: ArrayLike | None = None) -> NDArray[Any]:
    """For each fold, the treatment with the highest mean over the other folds.

    The highest mean over all folds is too high by construction: noise helps to choose it. The score of a fold under
    the treatment that the other folds choose hardly has this bias: only their models, which were trained on the fold
    too, let a little of it in.

    Parameters
    ----------
    scores
        ``[folds, treatments]``, higher is better; NaN is left out of means.
    repeat
        Repeat of the cross-validation that each fold belongs to, ``[folds]``. Folds of another repeat test on the same
        records and take no part in the choice. By default there is one.

    Returns
    -------
    ndarray
        Position of the chosen treatment, ``[folds]``: of those with most scores on the other folds, the first with
        the highest mean.

    References
    ----------
    Varma and Simon (2006), Bias in error estimation when using cross-validation for model selection, BMC
    Bioinformatics 7:91.

    Examples
    --------
    >>> choose_on_other_folds([[0.9, 0.5], [0.2, 0.6], [0.4, 0.5]])
    array([1, 0, 0])
    """
    scores = np.asarray(scores, dtype=np.float64)
    repeat = np.zeros(len(scores)) if repeat is None else np.asarray(repeat)
    others = ((repeat[:, None] == repeat) & ~np.eye(len(scores), dtype=bool)).astype(np.float64)
    counts = others @ ~np.isnan(scores)
    totals = others @ np.nan_to_num(scores)
    means = np.divide(totals, counts, out=np.zeros_like(totals), where=counts > 0)
    eligible = counts == counts.max(axis=1, keepdims=True)
    return np.asarray(np.where(eligible, means, -np.inf).argmax(axis=1))
