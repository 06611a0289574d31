"""Perceptrons of all folds side by side, and Adam's step for them (Kingma and Ba, 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecglens.compiled import compiled
from ecglens.probes.fast.scaling import FoldScalers
from ecglens.probes.models import Perceptron

Array = NDArray[np.float32]
Floats = NDArray[np.float64]

BATCH, PENALTY, TOLERANCE, WAIT = 200, 1e-4, 1e-4, 10
"""Records per step, L2 penalty, least gain of the loss, and epochs to wait for it: defaults of scikit-learn."""

RATE, DECAY, DECAY_SQUARES, EPSILON = 1e-3, 0.9, 0.999, 1e-8
"""Adam's defaults."""


@dataclass(eq=False)
class Networks:
    """One network per fold, and the state of its descent; `descend` changes them in place.

    The first layers of all folds are one matrix ``[folds * hidden, d]``. They see the records as `scalers` hold them,
    with the fold's scaler in the weights: a step never makes a scaled copy of a minibatch.

    Parameters
    ----------
    scalers
        Records, and the scaler of every fold.
    folds
        Which folds take part.
    first, head
        Weights: ``[folds * hidden, d]`` on standardised features; ``[folds, 2 * hidden + 1]``, where a row holds the
        biases of the hidden units, the weights of the output, and its bias.
    moments
        Adam's means of gradients and of their squares, for both.
    n_steps
        Steps taken.
    """

    scalers: FoldScalers
    folds: NDArray[np.intp]
    first: Array
    head: Array
    moments: tuple[Array, Array, Array, Array]
    n_steps: int = 0

    def __post_init__(self) -> None:
        self.mean = self.scalers.mean[self.folds].astype(np.float32)
        self.inverse = (1 / self.scalers.scale[self.folds]).astype(np.float32)
        n_hidden = self.head.shape[1] // 2
        self.seen = self.first * np.repeat(self.inverse, n_hidden, axis=0)
        self.shift = -np.einsum("fhd,fd->fh", self.seen.reshape(len(self.folds), n_hidden, -1), self.mean)

    @classmethod
    def start(cls, scalers: FoldScalers, seeds: Sequence[int], n_hidden: int) -> Networks:
        """Draw weights and biases from a uniform distribution as Glorot and Bengio (2010) and scikit-learn do."""
        d = scalers.Z.shape[1]
        first, head = [], []
        for seed in seeds:
            rng = np.random.default_rng(seed)
            a, b = np.sqrt(6 / (d + n_hidden)), np.sqrt(6 / (n_hidden + 1))
            first.append(rng.uniform(-a, a, (n_hidden, d)))
            head.append(np.r_[rng.uniform(-a, a, n_hidden), rng.uniform(-b, b, n_hidden + 1)])
        weights = np.concatenate(first).astype(np.float32), np.stack(head).astype(np.float32)
        moments = (*np.zeros((2, *weights[0].shape), np.float32), *np.zeros((2, *weights[1].shape), np.float32))
        return cls(scalers, np.arange(len(seeds)), *weights, moments)

    def descend(self, Z: Array, y: Array, used: NDArray[np.bool_]) -> Floats:
        """Take one step on a minibatch; returns each fold's sum of losses before it.

        Parameters
        ----------
        Z, y
            Records ``[n, d]`` and labels ``[n]``.
        used
            Whether each fold trains on a record, ``[n, folds]``.
        """
        count = np.maximum(used.sum(axis=0), 1)
        signal = Z @ self.seen.T
        slope = np.zeros_like(self.head)
        loss = _head(signal, self.shift, self.head, y, used, count, slope)
        gradient = signal.T @ Z
        self.n_steps += 1
        rate = RATE * np.sqrt(1 - DECAY_SQUARES**self.n_steps) / (1 - DECAY**self.n_steps)
        _adam(
            self.first, self.seen, self.shift, self.head, gradient, slope, *self.moments, self.mean, self.inverse,
            np.float32(rate), (PENALTY / count).astype(np.float32),
        )  # fmt: skip
        return np.asarray(loss)

    def squares(self) -> Floats:
        """Sum of each fold's squared weights, without biases."""
        n_hidden = self.head.shape[1] // 2
        first = self.first.reshape(len(self.folds), -1)
        output = self.head[:, n_hidden:-1]
        squares = np.einsum("fi,fi->f", first, first) + np.einsum("fh,fh->f", output, output)
        return np.asarray(squares, dtype=np.float64)

    def keep(self, chosen: NDArray[np.bool_]) -> Networks:
        """Go on with some of the folds."""
        units = np.repeat(chosen, self.head.shape[1] // 2)
        a, b, c, d = self.moments
        moments = a[units], b[units], c[chosen], d[chosen]
        return Networks(self.scalers, self.folds[chosen], self.first[units], self.head[chosen], moments, self.n_steps)

    def model(self, place: int) -> Perceptron:
        """Network of the fold at a place among those that take part, on raw features."""
        n_hidden = self.head.shape[1] // 2
        first = self.first.reshape(len(self.folds), n_hidden, -1)[place].astype(np.float64)
        raw, added = self.scalers.to_raw(int(self.folds[place]), first)
        head = self.head[place].astype(np.float64)
        return Perceptron(raw.T, head[:n_hidden] + added, head[n_hidden:-1], float(head[-1]))


# Sums may be taken in another order ("reassoc"), so that they use vector registers: nothing else of fast arithmetic.
@compiled(fastmath={"reassoc"})
def _head(
    signal: Array, shift: Array, head: Array, y: Array, used: NDArray[np.bool_], count: NDArray[Any], slope: Array
) -> Floats:
    """From the products of the first layer to losses; turn `signal` into the gradient there, and fill `slope`."""
    n_folds, n_hidden = shift.shape
    loss = np.zeros(n_folds)
    for row in range(len(y)):
        for fold in range(n_folds):
            unit = signal[row, fold * n_hidden : (fold + 1) * n_hidden]
            if not used[row, fold]:
                unit[:] = 0
                continue
            bias, weight = head[fold, :n_hidden], head[fold, n_hidden : 2 * n_hidden]
            margin = head[fold, 2 * n_hidden]
            for i in range(n_hidden):
                unit[i] = max(unit[i] + shift[fold, i] + bias[i], np.float32(0))
                margin += unit[i] * weight[i]
            loss[fold] += max(margin, 0.0) + np.log1p(np.exp(-abs(margin))) - y[row] * margin
            error = np.float32((1 / (1 + np.exp(-margin)) - y[row]) / count[fold])
            slope[fold, 2 * n_hidden] += error
            for i in range(n_hidden):
                slope[fold, n_hidden + i] += error * unit[i]
                unit[i] = error * weight[i] if unit[i] > 0 else np.float32(0)
                slope[fold, i] += unit[i]
    return loss


@compiled(fastmath={"reassoc"}, error_model="numpy")
def _adam(first, seen, shift, head, gradient, slope, m1, v1, m2, v2, mean, inverse, rate, penalty):  # type: ignore[no-untyped-def]
    """Adam's step for both layers in one pass over the memory; `gradient` is in units of the records as they are."""
    n_folds, n_hidden = shift.shape
    a, b, tiny = np.float32(DECAY), np.float32(DECAY_SQUARES), np.float32(EPSILON)
    a_rest, b_rest = np.float32(1 - DECAY), np.float32(1 - DECAY_SQUARES)
    for fold in range(n_folds):
        center, narrow, decay = mean[fold], inverse[fold], penalty[fold]
        for i in range(n_hidden):
            unit = fold * n_hidden + i
            w, s, g, m, v = first[unit], seen[unit], gradient[unit], m1[unit], v1[unit]
            total = slope[fold, i]
            moved = np.float32(0)
            for j in range(len(w)):
                d = (g[j] - total * center[j]) * narrow[j] + decay * w[j]
                m[j] = a * m[j] + a_rest * d
                v[j] = b * v[j] + b_rest * d * d
                w[j] -= rate * m[j] / (np.sqrt(v[j]) + tiny)
                s[j] = w[j] * narrow[j]
                moved -= s[j] * center[j]
            shift[fold, i] = moved
        for i in range(head.shape[1]):
            is_weight = n_hidden <= i < 2 * n_hidden
            d = slope[fold, i] + (decay * head[fold, i] if is_weight else np.float32(0))
            m2[fold, i] = a * m2[fold, i] + a_rest * d
            v2[fold, i] = b * v2[fold, i] + b_rest * d * d
            head[fold, i] -= rate * m2[fold, i] / (np.sqrt(v2[fold, i]) + tiny)
