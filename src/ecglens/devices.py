"""Checks of PyTorch device names."""

from __future__ import annotations

from ecglens.errors import ConfigError, printable


def check_device(device: str) -> None:
    """Raise `ConfigError` if PyTorch has no such device.

    Examples
    --------
    >>> check_device("cpu")
    """
    import torch

    try:
        torch.zeros(1, device=device).item()
    except (RuntimeError, AssertionError, ValueError) as error:  # the second where PyTorch was built without CUDA
        reason = printable(str(error).partition("\n")[0], most=200)
        raise ConfigError(
            f"device '{printable(device)}' is not available ({reason}). Use 'cpu', or omit it."
        ) from error
