"""Recognition of checkpoints by the marks of the registered encoders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ecglens.encoders import ENCODERS
from ecglens.errors import ConfigError


@dataclass(frozen=True)
class Mark:
    """One tensor by which a checkpoint is recognised.

    Parameters
    ----------
    tensor
        Name of the tensor in the file.
    shape
        Shape of the tensor.
    model
        Name of the model, if it is not the encoder that carries the mark.
    """

    tensor: str
    shape: tuple[int, ...]
    model: str = ""


def resemblance(container: Mapping[str, Any], but: str = "") -> str:
    """A sentence for every model that a checkpoint looks like; empty if there is none.

    Parameters
    ----------
    container
        Content of the file: tensors by name, at the top level or one below.
    but
        Name of a model that is not reported.

    Examples
    --------
    >>> import torch
    >>> resemblance({"model": {"conv1.weight": torch.zeros(64, 12, 7)}})
    ' It looks like a checkpoint of merl-resnet18.'
    """
    groups = [each for each in (container, *container.values()) if isinstance(each, Mapping)]
    looks = [
        f" It looks like a checkpoint of {model}."
        for model, mark in _marks()
        if model != but and any(getattr(group.get(mark.tensor), "shape", None) == mark.shape for group in groups)
    ]
    return "".join(looks)


def _marks() -> Iterator[tuple[str, Mark]]:
    """Model and mark, of built-in encoders and those of other packages; one that cannot be imported is skipped."""
    for name in ENCODERS.names():
        try:
            encoder = ENCODERS.load(name)
        except ConfigError:
            continue
        for mark in getattr(getattr(encoder, "checkpoint", None), "marks", ()):
            if isinstance(mark, Mark):
                yield mark.model or name, mark
