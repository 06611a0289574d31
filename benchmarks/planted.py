"""Embeddings with a planted label, as an encoder gives them: many features that share few directions."""

from __future__ import annotations

import numpy as np

KINDS = ("linear", "interacting", "rare")
N_LATENT = 32


def plant(kind: str, n: int, d: int, n_folds: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Embeddings float32 ``[n, d]``, labels ``[n]`` and stratified folds ``[n]``.

    ``linear``: the label follows a direction of the latent space. ``interacting``: mostly products of two directions.
    ``rare``: a direction, at 5 % positives.
    """
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    latent = rng.normal(size=(n, N_LATENT))
    X = latent @ rng.normal(size=(N_LATENT, d)) / np.sqrt(N_LATENT) + 0.7 * rng.normal(size=(n, d))
    score = latent[:, :4].sum(axis=1)
    if kind == "interacting":
        score = 1.5 * latent[:, 0] + 2.0 * latent[:, 1] * latent[:, 2] + latent[:, 3]
    score = score + rng.normal(scale=0.7, size=n)
    y = (score > np.quantile(score, 0.95 if kind == "rare" else 0.5)).astype(np.int64)
    folds = np.empty(n, dtype=np.int64)
    for label in (0, 1):
        rows = np.flatnonzero(y == label)
        folds[rng.permutation(rows)] = np.arange(len(rows)) % n_folds
    return (X * rng.uniform(0.2, 3, d) + rng.normal(size=d)).astype(np.float32), y, folds
