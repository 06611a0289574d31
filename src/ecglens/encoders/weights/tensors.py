"""Reading of tensor files without running code from them."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from ecglens.encoders.weights.recognise import resemblance
from ecglens.errors import EncoderError, printable

_PRINTED_NAMES, _PRINTED_CHARACTERS = 10, 100


def read_tensors(path: str | Path, key: str | None = None) -> dict[str, Tensor]:
    """Read the tensors of a safetensors or PyTorch file without running code from it.

    Parameters
    ----------
    path
        The file; its content decides on the format.
    key
        Top-level key of a PyTorch file; a file without that key must be a bare state dict.

    Returns
    -------
    tensors
        Name to tensor, on the CPU.

    Raises
    ------
    EncoderError
        The file is missing, unreadable, asks for a type that is not plain data, or holds no state dict there.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     torch.save({"epoch": 3, "model": {"weight": torch.ones(2)}}, Path(folder) / "model.pt")
    ...     read_tensors(Path(folder) / "model.pt", key="model")
    {'weight': tensor([1., 1.])}
    """
    container = _read(Path(path))
    if not isinstance(container, Mapping):
        raise EncoderError(f"{path}: expected a mapping of names to tensors, found {type(container).__name__}")
    tensors = container.get(key, container)
    if not isinstance(tensors, Mapping) or not all(isinstance(each, Tensor) for each in tensors.values()):
        wanted = f"under the key {key!r}" if key else "at the top level"
        found = f"found the keys {listed(container)}.{resemblance(container)}"
        raise EncoderError(f"{path}: expected tensors {wanted}, {found}")
    if strange := [name for name, tensor in tensors.items() if not isinstance(name, str) or not _is_plain(tensor)]:
        raise EncoderError(f"{path}: expected plain tensors with names, found others: {listed(strange)}")
    return dict(tensors)


def listed(names: Iterable[object]) -> str:
    """The first ten names, for a message, without control characters."""
    every = list(names)
    rest = len(every) - _PRINTED_NAMES
    return ", ".join(map(_named, every[:_PRINTED_NAMES])) + (f" and {rest} more" if rest > 0 else "")


def _named(name: object) -> str:
    return printable(name if isinstance(name, str) else f"<{type(name).__name__}>", _PRINTED_CHARACTERS)


def _is_plain(tensor: Tensor) -> bool:
    special = tensor.is_quantized or tensor.is_nested or tensor.is_complex()
    return tensor.layout is torch.strided and tensor.device.type == "cpu" and not special


def _read(path: Path) -> Any:
    if not path.is_file():
        raise EncoderError(f"{path}: no such file of weights")
    with path.open("rb") as file:
        head = file.read(9)
    try:
        # A safetensors file begins with the length of its JSON header in eight bytes, and that header.
        if head[8:] == b"{":
            return safetensors.torch.load_file(path)
        zipped = zipfile.is_zipfile(path)
        if zipped:
            _check_stored(path)
        with torch.serialization.safe_globals([(_Unread, name) for name in _UNREAD]):
            return torch.load(path, map_location="cpu", weights_only=True, mmap=zipped)
    except EncoderError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, an error of ours follows
        # `from None`: PyTorch's own message recommends to load the file without protection.
        refused = re.search(r"GLOBAL (\S+)|got <class '(\S+)'>", str(error))
        if refused:
            raise EncoderError(
                f"{path}: refused, because it asks for {_named(refused[1] or refused[2])}, which is not plain data "
                "and may run code. Get the file from its publisher, or have its tensors converted to safetensors."
            ) from None
        raise EncoderError(
            f"{path}: neither a safetensors file nor a PyTorch checkpoint can be read there ({type(error).__name__}). "
            "Was the download cut short, or a web page saved in its place?"
        ) from None


def _check_stored(path: Path) -> None:
    """Refuse compressed members: mapped as they are they would be noise, and unpacked they can have any size."""
    with zipfile.ZipFile(path) as archive:
        packed = [each.filename for each in archive.infolist() if each.compress_type != zipfile.ZIP_STORED]
    if packed:
        raise EncoderError(f"{path}: refused, because it is compressed, which torch.save never does: {listed(packed)}")


class _Unread:
    """Placeholder for objects in published files that are neither tensors nor built-in types, and are not read."""

    def __init__(self, *_: object) -> None:
        pass

    def __setstate__(self, _: object) -> None:
        pass


# Training arguments, and NumPy scalars as scores, under their old and their new path.
_UNREAD = ("argparse.Namespace", "numpy.dtype", "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar")
