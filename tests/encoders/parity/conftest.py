"""Every published encoder with weights filled by a rule, beside what its official code gave for the same weights."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch

from ecglens.encoders import Batch, Encoder, load_encoder

SYNTHETIC = Path(__file__).parents[1] / "parity-synthetic"
SLUGS = sorted(folder.name for folder in SYNTHETIC.iterdir() if folder.is_dir())
SLOW = {"ecg-fm", "ecg-jepa", "hubert-ecg-base", "hubert-ecg-large", "st-mem-full"}

NEIGHBOURS = {
    "ecg-fm": "args cfg criterion optimizer_history task_state extra_state last_optimizer_state",
    "ecg-jepa": "epoch",
    "ecgfounder-12lead": "epoch step optimizer scheduler",
    "st-mem-full": "epoch optimizer scaler config",
}
"""What stands beside the tensors in the published files."""


def sines(positions: np.ndarray, width: int) -> np.ndarray:
    """Sines, then cosines, of positions at geometric frequencies, ``[positions, width]``."""
    angles = np.outer(positions, 10000 ** -(np.arange(width / 2) / (width / 2)))
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)


def between_zeros(table: np.ndarray) -> np.ndarray:
    """A row of zeros before and behind: the places of ST-MEM's separators."""
    return np.pad(table, [(1, 1), (0, 0)])[None]


COMPUTED = {
    "pos_embed": np.hstack([sines(np.tile(np.arange(50), 8), 384), sines(np.repeat(np.arange(8), 50), 384)]),
    "encoder.pos_embedding": between_zeros(sines(np.arange(30), 768)),
    "decoder_pos_embed": between_zeros(sines(np.arange(30), 256)),
}
"""Tensors that the official code computes instead of learning them."""


def filled(name: str, shape: list[int], dtype: str, prefix: str) -> np.ndarray:
    """A tensor by the rule of the manifests: noise seeded by its name, scaled so that signals pass through."""
    if dtype != "float32":
        return np.zeros(shape, dtype=dtype)
    seed = int.from_bytes(hashlib.sha256((prefix + name).encode()).digest()[:8], "little")
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(shape, dtype=np.float32)
    if name.endswith(("running_var", "weight_g", "parametrizations.weight.original0")):
        return np.float32(1) + np.float32(0.1) * np.abs(noise)
    if len(shape) > 1:
        return noise / np.float32(math.sqrt(math.prod(shape[1:])))
    return np.float32(0.1) * noise + np.float32(name.endswith("weight"))


def state_dict(manifest: Mapping[str, Any]) -> dict[str, torch.Tensor]:
    """All tensors of a published file; those filled by the rule held against the digest of the manifest."""
    prefix = manifest.get("weight_seed_prefix", manifest.get("weight_rule_prefix"))
    tied, computed = manifest.get("tied", {}), manifest.get("computed", [])
    shapes = {name: of for name, *of in manifest["state_dict"] if name not in computed}
    arrays = {name: filled(tied.get(name, name), *of, prefix) for name, of in shapes.items()}
    assert known_digest(manifest) in (None, digest_of(arrays))
    arrays |= {name: COMPUTED[name].astype(np.float32) for name in computed}
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


def digest_of(arrays: Mapping[str, np.ndarray]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(name.encode() + arrays[name].tobytes())
    return digest.hexdigest()


def known_digest(manifest: Mapping[str, Any]) -> str | None:
    if "weight_digest_sha256" in manifest:
        return manifest["weight_digest_sha256"]["value"]
    # The last bits of computed tables differ between machines.
    return manifest.get("state_dict_sha256_without_computed" if manifest["computed"] else "state_dict_sha256")


def write_as_published(tensors: dict[str, torch.Tensor], slug: str, manifest: Mapping[str, Any], folder: Path) -> Path:
    """The published container, with the published keys beside the tensors."""
    path = folder / manifest["checkpoint"]["file"].split()[0]
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(tensors, path)
        return path
    key = re.search(r"ckpt\['(\w+)'\]", manifest["checkpoint"]["container_path"])
    neighbours = dict.fromkeys(NEIGHBOURS.get(slug, "").split())
    torch.save({key[1]: tensors} | neighbours if key else tensors, path)
    return path


POOLINGS = {"embedding": "mean", "embedding_last": "last", "embedding_max": "max"}
"""What the fixtures call an embedding of each pooling."""


@dataclass(frozen=True)
class Case:
    """One encoder with its weights, and what its official code gave.

    `model_input` are the values at the flat index `at` of all that the network is fed.
    """

    slug: str
    manifest: Mapping[str, Any]
    encoder: Encoder
    signal: np.ndarray
    model_input: np.ndarray
    at: Any
    expected: Mapping[str, np.ndarray]

    @cached_property
    def batch(self) -> Batch:
        return Batch(*self.encoder.recipe.apply(self.signal, 500), records=None)

    @cached_property
    def tokens(self) -> np.ndarray:
        return self.encoder.encode(self.batch)

    @property
    def windows(self) -> int:
        return len(self.batch.signals) // len(self.signal)

    @property
    def outputs(self) -> list[str]:
        """What the fixture holds of the network's output."""
        return [name for name in (*POOLINGS, "tokens") if name in self.expected]

    def output(self, name: str) -> np.ndarray:
        """What our encoder gives for it: pooled and averaged over the windows of a record, or tokens."""
        if name in POOLINGS:
            pooled = self.encoder.pool(self.tokens, POOLINGS[name])
            return pooled.reshape(len(self.signal), self.windows, -1).mean(axis=1)
        # ST-MEM's fixture holds every third token of the middle crop, the others all tokens of the first record.
        first = self.tokens[1, ::3] if self.slug == "st-mem-full" else self.tokens[: self.windows]
        return first.reshape(self.expected[name].shape)

    def tolerance(self, what: str) -> dict[str, float]:
        """Of ``model_input``, ``embedding`` or ``tokens``."""
        given = self.manifest["tolerance"]
        if f"{what}_atol" in given:
            return {"atol": given[f"{what}_atol"], "rtol": given.get(f"{what}_rtol", 0)}
        sentence = given[what] if what in given else given["embedding*"]
        return {"atol": float(re.search(r"<= (\S+)", sentence)[1]), "rtol": 0}

    @property
    def input_size(self) -> int:
        return int(np.prod(self.expected.get("model_input_shape", self.model_input.size)))

    @property
    def n_parameters(self) -> int:
        """Of the file, without those that no embedding depends on."""
        manifest = self.manifest
        if "n_parameters_used_for_embedding" in manifest:
            return manifest["n_parameters_used_for_embedding"]
        unused = {*manifest["skip_names"], *manifest.get("unused_at_inference", [])}
        return sum(math.prod(shape) for name, shape, _ in manifest["state_dict"] if name not in unused)


def synthetic(slug: str, shared: Callable[[], Path]) -> tuple[Path, np.ndarray, np.ndarray, Any]:
    """The made-up set: its folder, signals, and values of the network's input with their flat index."""
    folder = SYNTHETIC / slug
    expected = np.load(folder / "expected.npz")
    signal = np.load(SYNTHETIC / "signal.npz")["signal"]
    return folder, signal, expected["model_input_probe"], expected["model_input_probe_index"]


def recorded(slug: str, shared: Callable[[], Path]) -> tuple[Path, np.ndarray, np.ndarray, Any]:
    """The same of the set with real records."""
    folder = shared() / "parity" / slug
    raw = np.load(folder / "raw_input.npz")
    return folder, raw["signal"], raw["model_input"].ravel(), slice(None)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param((source, slug), id=f"{source.__name__}-{slug}", marks=pytest.mark.slow if slug in SLOW else ())
        for source in (synthetic, recorded)
        for slug in SLUGS
    ],
)
def case(request, tmp_path_factory) -> Case:
    source, slug = request.param
    folder, signal, model_input, at = source(slug, lambda: request.getfixturevalue("shared"))
    manifest = json.loads((folder / "manifest.json").read_text())
    path = write_as_published(state_dict(manifest), slug, manifest, tmp_path_factory.mktemp("weights"))
    # The weights are made up, so the file is not the published one.
    encoder = load_encoder(slug, weights=path, verify=False)
    path.unlink()
    return Case(slug, manifest, encoder, signal, model_input, at, np.load(folder / "expected.npz"))
