"""Checkpoints of published encoders: description, strict loading, and pinned digests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePath

import torch
from platformdirs import user_cache_path
from torch import Tensor, nn

from ecglens.encoders.weights.recognise import Mark, resemblance
from ecglens.encoders.weights.tensors import listed, read_tensors
from ecglens.errors import EncoderError

_PAGES = {"huggingface": "https://huggingface.co/{}", "google-drive": "https://drive.google.com/open?id={}"}


@dataclass(frozen=True)
class Checkpoint:
    """Facts about a published file of weights.

    Parameters
    ----------
    file
        Published name of the file.
    source
        ``"huggingface:<owner>/<repository>"`` or ``"google-drive:<id>"``.
    licence
        Licence of the weights.
    non_commercial
        Whether the licence rules out commercial use.
    sha256, n_bytes
        SHA-256 and size of the published file, if known.
    key
        Top-level key of the tensors; ``None`` for a bare state dict.
    skip
        Patterns (`fnmatch`) of the names of tensors that the encoder does not need. All others are loaded.
    aliases
        Pairs of an alternative tensor name and its meaning; a ``*`` at the end of both stands for the same text.
    marks
        Tensors by which a file of this or of a related model is recognised, for error messages.

    Examples
    --------
    >>> Checkpoint("model.safetensors", "huggingface:owner/model", "MIT").url
    'https://huggingface.co/owner/model'
    """

    file: str
    source: str
    licence: str
    non_commercial: bool = False
    sha256: str | None = None
    n_bytes: int | None = None
    key: str | None = None
    skip: tuple[str, ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def host(self) -> str:
        """Host: ``"huggingface"`` or ``"google-drive"``."""
        return self.source.partition(":")[0]

    @property
    def place(self) -> str:
        """Repository or id at the host."""
        return self.source.partition(":")[2]

    @property
    def url(self) -> str:
        """Address of the page of the file."""
        return _PAGES[self.host].format(self.place)

    @property
    def terms(self) -> str:
        """Licence, with its restriction."""
        return f"{self.licence} (non-commercial use only)" if self.non_commercial else self.licence


def load_into(network: nn.Module, path: str | Path, checkpoint: Checkpoint, name: str, *, verify: bool = True) -> str:
    """Load all weights of a file into a network, or none.

    Parameters
    ----------
    network
        Network whose tensors are overwritten. Network and file may use either of PyTorch's two names for weight norms.
    path
        The file.
    checkpoint
        Facts about the published file.
    name
        Name of the encoder, for messages.
    verify
        Whether to refuse a file whose SHA-256 is not the published one, or the one pinned beside it.

    Returns
    -------
    sha256
        SHA-256 of the file, in hexadecimal.

    Raises
    ------
    EncoderError
        Tensors are missing, unexpected, misshaped, mistyped, not finite or contradictory, or the digest differs.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     torch.save({"weight": torch.ones(2, 3)}, Path(folder) / "model.pt")
    ...     published = Checkpoint("model.pt", "huggingface:owner/model", "MIT")
    ...     load_into(nn.Linear(3, 2), Path(folder) / "model.pt", published, "mine")
    Traceback (most recent call last):
    ecglens.errors.EncoderError: encoder 'mine': ...model.pt does not fit: 1 missing: bias.
    """
    tensors, contradictory = _resolve(read_tensors(path, checkpoint.key), checkpoint)
    slots = {_canonical(slot, checkpoint.aliases): (slot, values) for slot, values in network.state_dict().items()}
    shared = [each for each in slots if each in tensors]
    fitting = [each for each in shared if tensors[each].shape == slots[each][1].shape]
    faults = {
        "missing": [each for each in slots if each not in tensors],
        "unexpected": [each for each in tensors if each not in slots],
        "misshaped": [
            f"{each} {list(tensors[each].shape)} instead of {list(slots[each][1].shape)}"
            for each in shared
            if each not in fitting
        ],
        "mistyped": [
            f"{each} {tensors[each].dtype} instead of {slots[each][1].dtype}"
            for each in fitting
            if tensors[each].is_floating_point() != slots[each][1].is_floating_point()
        ],
        "not finite": [each for each in fitting if not tensors[each].isfinite().all()],
        "contradictory": contradictory,
    }
    if any(faults.values()):
        found = "; ".join(f"{len(names)} {fault}: {listed(names)}" for fault, names in faults.items() if names)
        raise EncoderError(f"encoder {name!r}: {path} does not fit: {found}.{resemblance(tensors, but=name)}")
    digest, known = sha256_of(path), checkpoint.sha256 or pinned(path)
    if verify and known not in (None, digest):
        raise EncoderError(
            f"encoder {name!r}: {path} has the sha256 {digest}, the known file {checkpoint.file} has {known}. "
            f"Download it again from {checkpoint.url}, or set the option verify to false to use another file."
        )
    network.load_state_dict({slots[each][0]: values for each, values in tensors.items()})
    return digest


def find_weights(name: str, checkpoint: Checkpoint, cache: str | Path | None = None) -> Path:
    """Path of the weights that `pull` stored.

    Parameters
    ----------
    name
        Name of the encoder.
    checkpoint
        Facts about the published file.
    cache
        Folder to use instead of the user's cache folder, ``~/.cache/ecglens`` on Linux.

    Raises
    ------
    EncoderError
        The file is missing. The message states its source, its licence and the command that downloads it.

    Examples
    --------
    >>> find_weights("mine", Checkpoint("model.pt", "huggingface:owner/model", "MIT"), cache="nowhere")
    Traceback (most recent call last):
    ecglens.errors.EncoderError: encoder 'mine' needs model.pt from https://huggingface.co/owner/model (licence: MIT)...
    """
    path = weights_place(name, checkpoint, cache)
    # A file without a pin was not checked, or not to the end.
    if not path.is_file() or pinned(path) is None:
        raise EncoderError(
            f"encoder {name!r} needs {checkpoint.file} from {checkpoint.url} (licence: {checkpoint.terms}). "
            f"{_advice(name, checkpoint)} Or give its path as the option weights."
        )
    return path


def weights_place(name: str, checkpoint: Checkpoint, cache: str | Path | None) -> Path:
    """Path of the weights in the cache folder, even if missing; raises `EncoderError` for a path outside."""
    place = PurePath(name, checkpoint.file)
    if place.is_absolute() or ".." in place.parts:
        raise EncoderError(f"encoder {name!r}: {checkpoint.file!r} would lie outside the cache")
    return Path(cache or user_cache_path("ecglens", appauthor=False)) / "weights" / place


def sha256_of(path: str | Path) -> str:
    """Digest of a file, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def pin(path: Path, digest: str) -> None:
    """Write the digest of a file beside it, so that ``sha256sum -c`` can check it."""
    partial = path.with_name(f"{path.name}.sha256.partial")
    partial.unlink(missing_ok=True)  # Were it a link, what it points to would be overwritten.
    partial.write_text(f"{digest}  {path.name}\n")
    partial.replace(_pin_file(path))


def pinned(path: str | Path) -> str | None:
    """Digest that is pinned beside a file, if any."""
    beside = _pin_file(Path(path))
    return (beside.read_text(errors="replace").split() or [""])[0] if beside.is_file() else None


def _pin_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def _advice(name: str, checkpoint: Checkpoint) -> str:
    if checkpoint.host == "huggingface":
        return f"Run `ecglens encoders pull {name}`."
    return f"Download it in a browser, then run `ecglens encoders pull {name} --file PATH`."


def _resolve(tensors: Mapping[str, Tensor], checkpoint: Checkpoint) -> tuple[dict[str, Tensor], list[str]]:
    """Tensors that the network needs, by canonical name, and the names that contradict one another."""
    kept: dict[str, Tensor] = {}
    contradictory = []
    for name, tensor in tensors.items():
        if any(fnmatchcase(name, pattern) for pattern in checkpoint.skip):
            continue
        canonical = _canonical(name, checkpoint.aliases)
        first = kept.setdefault(canonical, tensor)
        if first is not tensor and not torch.equal(first, tensor):
            contradictory.append(f"{name} and another spelling of {canonical}")
    return kept, contradictory


_WEIGHT_NORM = (("parametrizations.weight.original0", "weight_g"), ("parametrizations.weight.original1", "weight_v"))


def _canonical(name: str, aliases: Sequence[tuple[str, str]]) -> str:
    for new, old in _WEIGHT_NORM:
        name = name.replace(new, old)
    for alias, meant in aliases:
        if fnmatchcase(name, alias):
            return meant.removesuffix("*") + name.removeprefix(alias.removesuffix("*"))
    return name
