"""Embeddings with a planted label, as an encoder gives them: many features that share few directions."""

from __future__ import annotations

import os
import platform
from pathlib import Path

import numpy as np

KINDS = ("linear", "interacting", "rare")
N_LATENT = 32


def machine() -> str:
    """Processor, cores and Python, as a line above the numbers."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"machine: {name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def verdict(value: float, goal: float | None) -> str:
    """A measured ratio beside its goal.

    >>> verdict(8.2, 7), verdict(5.0, 7), verdict(3.0, None)
    ('goal 7: met', 'goal 7: MISSED', '')
    """
    return "" if goal is None else f"goal {goal:g}: {'met' if value >= goal else 'MISSED'}"


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
