"""Untrained baseline: random convolutions."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import conv1d

from ecglens.encoders.base import Batch
from ecglens.encoders.card import EncoderCard
from ecglens.errors import ConfigError
from ecglens.records import LEADS
from ecglens.signals import Recipe, Resample, ZScore

DILATIONS = (1, 2, 4, 8, 16, 32)
TAPS = 9
MOST_KERNELS = 2**16


class RandomConv:
    """Random kernels, each pooled to the share of time that its response lies above a bias, as in MiniROCKET.

    Each kernel has nine weights for each of one to three leads, of zero mean and unit length, and spans 0.04 to 1 s.
    Nothing is trained or filtered. A score that this encoder reaches needs no pretraining, and a source that it
    separates is visible in the raw signal.

    Parameters
    ----------
    dim
        Number of kernels, at least one for each of the six dilations.
    seed
        Random seed of the kernels.

    References
    ----------
    Dempster, Schmidt and Webb, MiniRocket, KDD 2021, doi:10.1145/3447548.3467231.

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(size=(2, 12, 1000)).astype(np.float32)
    >>> RandomConv(dim=64).encode(Batch(x, 100, records=None)).shape
    (2, 1, 64)
    """

    # Scaled before it is resampled: the resampler pads with zeros, so an offset would ring at both ends.
    recipe = Recipe((ZScore(), Resample(250, method="polyphase")))

    def __init__(self, dim: int = 512, seed: int = 0) -> None:
        if not len(DILATIONS) <= dim <= MOST_KERNELS:
            raise ConfigError(f"encoder 'random-conv': dim is {dim}, expected {len(DILATIONS)} to {MOST_KERNELS:,}")
        if seed < 0:
            raise ConfigError(f"encoder 'random-conv': seed is {seed}, expected 0 or more")
        self.card = EncoderCard(
            name="random-conv",
            dim=dim,
            summary="Untrained random convolutions, each pooled to the share of time above its bias.",
            fs=250,
            tokens="one per record",
            n_parameters=0,
            architecture="random convolutions",
            objective="none",
            pretraining=frozenset(),
            licence="Apache-2.0",
        )
        rng = np.random.default_rng(seed)
        kernels = np.array_split(np.stack([_kernel(rng) for _ in range(dim)]), len(DILATIONS))
        self._banks = [
            (dilation, torch.from_numpy(weights), torch.from_numpy(_biases(rng, len(weights))))
            for dilation, weights in zip(DILATIONS, kernels, strict=True)
        ]

    def encode(self, batch: Batch) -> NDArray[np.float32]:
        """Convolve each record; tokens ``[n, 1, dim]``."""
        # One record at a time: PyTorch adds up in another order for another batch size.
        with torch.inference_mode():
            return np.stack([self._features(torch.from_numpy(record[None])) for record in batch.signals])

    def _features(self, record: torch.Tensor) -> NDArray[np.float32]:
        pooled = []
        for dilation, weights, bias in self._banks:
            response = conv1d(record, weights, bias, padding=TAPS // 2 * dilation, dilation=dilation)
            pooled.append((response > 0).mean(dim=-1, dtype=torch.float32))
        return torch.cat(pooled, dim=1).numpy()


def _kernel(rng: np.random.Generator) -> NDArray[np.float32]:
    """Weights ``[leads, taps]`` that see one to three leads."""
    kernel = np.zeros((len(LEADS), TAPS), dtype=np.float32)
    leads = rng.choice(len(LEADS), rng.integers(1, 4), replace=False)
    weights = rng.normal(size=(len(leads), TAPS))
    weights -= weights.mean(axis=1, keepdims=True)
    kernel[leads] = weights / np.linalg.norm(weights)
    return kernel


def _biases(rng: np.random.Generator, n: int) -> NDArray[np.float32]:
    """Biases of either sign, 0.01 to 1 in size: noise crosses the small ones, waves the large ones."""
    return (rng.choice([-1, 1], n) * 10 ** rng.uniform(-2, 0, n)).astype(np.float32)
