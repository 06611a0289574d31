"""Contract of encoders, and pooling of tokens into one vector."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.encoders.card import EncoderCard
from ecglens.errors import ConfigError, EncoderError
from ecglens.signals.recipe import Recipe


@dataclass(frozen=True)
class Batch:
    """Input of an encoder.

    Parameters
    ----------
    signals
        float32 ``[n, leads, samples]`` after the encoder's recipe; the windows of a record are adjacent rows.
    fs
        Sampling rate of `signals` in Hz.
    records
        Rows of the record table, one per row of `signals`.
    """

    signals: NDArray[np.float32]
    fs: float
    records: pd.DataFrame


@runtime_checkable
class Encoder(Protocol):
    """Contract of encoders: frozen, deterministic, without side effects, independent of how records are batched."""

    card: EncoderCard
    recipe: Recipe

    def encode(self, batch: Batch) -> NDArray[np.float32]:
        """Tokens, float32 ``[n, tokens, dim]``."""
        ...


POOLINGS: Mapping[str, Callable[[NDArray[np.float32]], NDArray[np.float32]]] = {
    "mean": lambda tokens: tokens.mean(axis=1),
    "max": lambda tokens: tokens.max(axis=1),
    "last": lambda tokens: tokens[:, -1],
    "cls": lambda tokens: tokens[:, 0],
}


def pool(tokens: NDArray[np.float32], pooling: str = "mean") -> NDArray[np.float32]:
    """Turn tokens ``[n, tokens, dim]`` into embeddings ``[n, dim]``.

    Examples
    --------
    >>> pool(np.array([[[1.0, 4.0], [3.0, 0.0]]], dtype=np.float32), "mean")
    array([[2., 2.]], dtype=float32)
    """
    return POOLINGS[pooling](tokens)


def check_pooling(card: EncoderCard, pooling: str) -> None:
    """Raise `ConfigError` if an encoder does not have a pooling."""
    legal = [name for name in POOLINGS if name != "cls" or card.has_cls]
    if pooling not in legal:
        raise ConfigError(f"encoder {card.name!r} has no pooling {pooling!r}. It has: {', '.join(legal)}.")


def checked_tokens(encoder: Encoder, batch: Batch) -> NDArray[np.float32]:
    """Encode a batch; raises `EncoderError` if the shape is not ``[n, tokens, dim]`` with the `dim` of the card."""
    tokens: NDArray[Any] = np.asarray(encoder.encode(batch))
    expected = (len(batch.signals), "tokens", encoder.card.dim)
    if tokens.ndim != 3 or tokens.shape[0] != expected[0] or tokens.shape[2] != expected[2]:
        raise EncoderError(f"encoder {encoder.card.name!r} returned {tokens.shape}, its card promises {expected}")
    return tokens.astype(np.float32, copy=False)
