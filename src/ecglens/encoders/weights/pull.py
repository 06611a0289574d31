"""Download of published weights into the cache folder, on request only."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ecglens.encoders import ENCODERS
from ecglens.encoders.weights.checkpoint import Checkpoint, pin, pinned, weights_place
from ecglens.errors import ConfigError, EncoderError


def pull(
    name: str,
    file: str | Path | None = None,
    cache: str | Path | None = None,
    echo: Callable[[str], object] = print,
) -> Path:
    """Show the licence of the published weights of an encoder, then download, check and store them.

    Parameters
    ----------
    name
        Name of the encoder.
    file
        File that was downloaded in a browser, to be checked and stored; the default is to download it.
    cache
        Folder to use instead of the user's cache folder, ``~/.cache/ecglens`` on Linux.
    echo
        Function that prints a line.

    Returns
    -------
    path
        Stored file; its SHA-256 is pinned beside it.

    Raises
    ------
    ConfigError
        The encoder is unknown, or has no published weights.
    EncoderError
        The download fails, the file does not fit the encoder, or its SHA-256 is not the known or pinned one.

    Examples
    --------
    >>> pull("age-sex")
    Traceback (most recent call last):
    ecglens.errors.ConfigError: encoder 'age-sex' has no published weights to pull
    """
    encoder = ENCODERS.load(name)
    checkpoint = getattr(encoder, "checkpoint", None)
    if not isinstance(checkpoint, Checkpoint):
        raise ConfigError(f"encoder {name!r} has no published weights to pull")
    size = f" ({checkpoint.n_bytes:,} bytes)" if checkpoint.n_bytes else ""
    echo(f"{name}: {checkpoint.file}{size} from {checkpoint.url}")
    echo(f"licence: {checkpoint.terms}")
    path = weights_place(encoder.card.name, checkpoint, cache)
    path.parent.mkdir(parents=True, exist_ok=True)
    found = Path(file) if file else _download(name, checkpoint, path.parent)
    digest: str = encoder(weights=found).weights_sha256
    before = pinned(path)
    if before not in (None, digest):
        raise EncoderError(
            f"encoder {name!r}: {found} has the sha256 {digest}, but {before} was pinned when it was first pulled. "
            f"To use the new file, delete {path.parent} first."
        )
    if found != path:
        partial = path.with_name(f"{path.name}.partial")
        partial.unlink(missing_ok=True)  # Were it a link, what it points to would be overwritten.
        shutil.copyfile(found, partial)
        partial.replace(path)
    pin(path, digest)
    echo(f"sha256: {digest} ({'as known' if checkpoint.sha256 else 'none is known to compare with; pinned'})")
    return path


def _download(name: str, checkpoint: Checkpoint, folder: Path) -> Path:
    by_hand = f"Download {checkpoint.file} from {checkpoint.url}, then run `ecglens encoders pull {name} --file PATH`."
    if checkpoint.host != "huggingface":
        raise EncoderError(f"encoder {name!r}: its host has no plain downloads. {by_hand}")
    try:
        hub = import_module("huggingface_hub")
    except ImportError as error:
        raise EncoderError(
            f"encoder {name!r}: downloading needs huggingface_hub: `pip install 'ecglens[hub]'`. Or: {by_hand}"
        ) from error
    try:
        return Path(hub.hf_hub_download(checkpoint.place, checkpoint.file, local_dir=folder))
    except Exception as error:  # each transport has errors of its own, without a class in common
        said = f"{type(error).__name__}: {error}"
        raise EncoderError(f"encoder {name!r}: the download failed ({said}). {by_hand}") from error
