"""Base class of published encoders: loads a checkpoint, applies a recipe and computes tokens."""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ecglens.devices import check_device
from ecglens.encoders import base
from ecglens.encoders.base import Batch
from ecglens.encoders.card import EncoderCard
from ecglens.encoders.nn.inference import bake_weight_norms, channels_last, forward
from ecglens.encoders.weights.checkpoint import Checkpoint, find_weights, load_into
from ecglens.errors import ConfigError, EncoderError
from ecglens.signals import Recipe, Windows

WindowRule = Literal["pad", "drop", "first"]
Precision = Literal["float32", "bfloat16"]

_DTYPES: Mapping[str, torch.dtype] = {"float32": torch.float32, "bfloat16": torch.bfloat16}
_ACCELERATOR_BATCH = 512

_WINDOW_RULES: Mapping[str, Mapping[str, Any]] = {
    "pad": {"short": "pad", "take": "all"},
    "drop": {"short": "drop", "take": "all"},
    "first": {"take": "first"},
}


class PublishedEncoder(ABC):
    """A frozen network with the weights and the input recipe that its authors published.

    Parameters
    ----------
    weights
        Checkpoint file; the default is the file stored by ``ecglens encoders pull``.
    recipe
        Name of one of `recipes`; the default is the first.
    windows
        Rule for records that are not as long as the window. ``"pad"`` fills shorter ones with zeros and ``"drop"``
        leaves them out; both use all windows of longer ones. ``"first"`` uses the first window only. The default is
        the rule of the recipe.
    untrained
        Whether to use random weights (PyTorch's initialisation) instead of the published ones.
    seed
        Random seed of the weights, if `untrained`.
    verify
        Whether to refuse a file whose SHA-256 is not that of the published file, if that is known.
    device
        Device of the network in PyTorch's notation: ``"cpu"``, ``"cuda"``, ``"cuda:1"``.
    precision
        Number format of weights and activations. ``"bfloat16"`` moves embeddings by 0.006 of the largest value with
        random weights, and is slower than ``"float32"`` on most CPUs.
    batch_size
        Windows in one forward pass; the default fits the cache of a CPU, or is 512 on other devices, for which a larger
        `chunk` of records in an extraction is faster.

    Attributes
    ----------
    card, checkpoint, recipes
        Facts that a subclass defines: about the encoder, about its published file, and its recipes by name.
    recipe
        Recipe in use.
    network
        Network in evaluation mode, without gradients, in a faster form that is equal up to rounding.
    weights_sha256
        SHA-256 of the file, or of the random weights.

    Raises
    ------
    ConfigError
        Unknown recipe, window rule, device or precision, or weights for an untrained network.
    EncoderError
        No weights, or a file that does not hold exactly the published tensors.

    Examples
    --------
    >>> from ecglens.encoders import load_encoder
    >>> encoder = load_encoder("hubert-ecg-small@untrained", seed=1)
    >>> x, fs = encoder.recipe.apply(np.random.default_rng(0).normal(size=(1, 12, 5000)), fs=500)
    >>> encoder.encode(Batch(x, fs, records=None)).shape
    (2, 93, 512)
    """

    card: EncoderCard
    checkpoint: ClassVar[Checkpoint]
    recipes: ClassVar[Mapping[str, Recipe]]
    batch_size: int = 8
    """Windows in one forward pass: large enough to be fast, small enough to stay in the cache of a CPU."""

    def __init__(
        self,
        weights: str | Path | None = None,
        *,
        recipe: str | None = None,
        windows: WindowRule | None = None,
        untrained: bool = False,
        seed: int = 0,
        verify: bool = True,
        device: str = "cpu",
        precision: Precision = "float32",
        batch_size: int | None = None,
    ) -> None:
        path = self.check_options(
            weights,
            recipe=recipe,
            windows=windows,
            untrained=untrained,
            device=device,
            precision=precision,
            batch_size=batch_size,
        )
        self.recipe = _with_windows(self.card.name, self._named_recipe(recipe), windows)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.network = self.build()
        if path is None:
            self.card = _untrained(self.card)
            self.weights_sha256 = _digest(self.network)
        else:
            self.weights_sha256 = load_into(self.network, path, self.checkpoint, self.card.name, verify=verify)
        self.device, self.precision = torch.device(device), precision
        on_cpu = self.device.type == "cpu"
        self.batch_size = batch_size or (self.batch_size if on_cpu else _ACCELERATOR_BATCH)
        self.network.eval()
        self.prepare(self.network)
        if on_cpu:
            channels_last(self.network)
        self.network.eval().requires_grad_(False).to(self.device, _DTYPES[precision])

    @classmethod
    def check_options(
        cls,
        weights: str | Path | None = None,
        *,
        recipe: str | None = None,
        windows: WindowRule | None = None,
        untrained: bool = False,
        device: str = "cpu",
        precision: str = "float32",
        batch_size: int | None = None,
        **_others: Any,
    ) -> Path | None:
        """Refuse invalid options without loading anything; returns the path of the weights."""
        try:
            check_device(device)
        except ConfigError as error:
            raise ConfigError(f"encoder {cls.card.name!r}: {error}") from error
        if precision not in _DTYPES:
            legal = ", ".join(_DTYPES)
            raise ConfigError(f"encoder {cls.card.name!r}: precision is {precision!r}, expected one of {legal}")
        if batch_size is not None and (batch_size < 1 or batch_size % 1):
            raise ConfigError(f"encoder {cls.card.name!r}: batch_size is {batch_size}, expected 1 or more")
        if untrained and weights is not None:
            raise ConfigError(f"encoder {cls.card.name!r}: give weights or have it untrained, not both")
        _with_windows(cls.card.name, cls._named_recipe(recipe), windows)
        if untrained:
            return None
        if weights is None:
            return find_weights(cls.card.name, cls.checkpoint)
        if not Path(weights).is_file():
            raise EncoderError(f"encoder {cls.card.name!r}: weights: there is no file {weights}")
        return Path(weights)

    @abstractmethod
    def build(self) -> nn.Module:
        """The network: float32 ``[n, leads, samples]`` to tokens ``[n, tokens, dim]``, named as in the checkpoint."""

    def prepare(self, network: nn.Module) -> None:
        """Make the loaded network faster in place, such as by folding batch norms; tokens stay the same."""
        bake_weight_norms(network)

    def encode(self, batch: Batch) -> NDArray[np.float32]:
        """Tokens ``[n, tokens, dim]``; raises `EncoderError` if the batch is not a result of the recipe."""
        self._check(batch)
        signals = torch.from_numpy(batch.signals)
        if self.device.type == "cuda":
            signals = signals.pin_memory()
        moved = signals.to(self.device, _DTYPES[self.precision], non_blocking=True)
        tokens = forward(self.network, torch.split(moved, self.batch_size))
        found: NDArray[np.float32] = tokens.float().cpu().numpy()
        return found

    def pool(self, tokens: NDArray[np.float32], pooling: str = "mean") -> NDArray[np.float32]:
        """Tokens ``[n, tokens, dim]`` to embeddings ``[n, dim]``, as the authors do it."""
        return base.pool(tokens, pooling)

    @classmethod
    def _named_recipe(cls, name: str | None) -> Recipe:
        if name is None:
            return next(iter(cls.recipes.values()))
        if name not in cls.recipes:
            raise ConfigError(f"encoder {cls.card.name!r} has no recipe {name!r}. It has: {', '.join(cls.recipes)}.")
        return cls.recipes[name]

    def _check(self, batch: Batch) -> None:
        card = self.card
        expected = (len(card.leads), round((card.seconds or 0) * (card.fs or 0)))
        if batch.fs != card.fs or batch.signals.shape[1:] != expected:
            raise EncoderError(
                f"encoder {card.name!r} sees {expected[0]} leads x {expected[1]} samples at {card.fs:g} Hz, found "
                f"signals of shape {batch.signals.shape} at {batch.fs:g} Hz. Run them through its recipe first."
            )


def _untrained(card: EncoderCard) -> EncoderCard:
    """Card of the same architecture with random weights."""
    return replace(
        card,
        name=f"{card.name}@untrained",
        n_parameters=0,
        summary=f"The architecture of {card.name} with random weights.",
        objective="none",
        pretraining=frozenset(),
        selection=frozenset(),
        weights="random",
        licence="",
    )


def _with_windows(name: str, recipe: Recipe, rule: str | None) -> Recipe:
    if rule is None:
        return recipe
    if rule not in _WINDOW_RULES:
        raise ConfigError(f"encoder {name!r}: windows is {rule!r}, expected one of {', '.join(_WINDOW_RULES)}")
    if not any(isinstance(step, Windows) for step in recipe.steps):
        raise ConfigError(f"encoder {name!r} does not cut windows. Remove the option `windows`.")
    changes = _WINDOW_RULES[rule]
    return Recipe(tuple(replace(step, **changes) if isinstance(step, Windows) else step for step in recipe.steps))


def _digest(network: nn.Module) -> str:
    """Digest of all tensors."""
    digest = hashlib.sha256()
    for name, tensor in sorted(network.state_dict().items()):
        digest.update(name.encode() + tensor.numpy().tobytes())
    return digest.hexdigest()
