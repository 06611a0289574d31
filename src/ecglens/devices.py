"""Torch devices that a study names."""

from __future__ import annotations

from ecglens.errors import ConfigError


def check_device(device: str) -> None:
    """Raise `ConfigError` where PyTorch has no such device.

    Examples
    --------
    >>> check_device("cpu")
    """
    import torch

    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:  # the latter where PyTorch was built without CUDA
        reason = str(error).partition("\n")[0]
        raise ConfigError(f"device {device!r} is not here ({reason}). Use 'cpu', or leave it out.") from error
