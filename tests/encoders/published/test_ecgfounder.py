import hashlib
import json
import math
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import signal

from ecglens.encoders import Batch, load_encoder
from ecglens.encoders.published.ecgfounder import EcgFounder, Net1D
from ecglens.errors import ConfigError

MANIFEST = json.loads((Path(__file__).parents[1] / "parity-synthetic/ecgfounder-12lead/manifest.json").read_text())


def filled(name, shape) -> torch.Tensor:
    """A weight or bias by the rule of the manifest of the recorded set."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(shape, dtype=np.float32)
    scale = 1 / np.float32(math.sqrt(math.prod(shape[1:]))) if len(shape) > 1 else np.float32(0.1)
    return torch.from_numpy(scale * noise)


def test_without_filters_it_gives_what_the_official_evaluation_script_gives(shared, tmp_path):
    tensors = {name: filled(name, tensor.shape) for name, tensor in Net1D().state_dict().items()}
    torch.save({"state_dict": tensors, "epoch": np.int64(1)}, tmp_path / "12_lead_ECGFounder.pth")
    weights = tmp_path / "12_lead_ECGFounder.pth"
    encoder = load_encoder("ecgfounder-12lead", weights=weights, verify=False, recipe="zscore-only")
    folder = shared / "parity" / "ecgfounder-12lead"
    x, fs = encoder.recipe.apply(np.load(folder / "raw_input.npz")["signal"], 500)
    embedding = encoder.pool(encoder.encode(Batch(x, fs, records=None)))
    expected = np.load(folder / "expected.npz")["embedding_zscore_only"]
    np.testing.assert_allclose(embedding, expected, rtol=1e-5, atol=5e-5)


def test_what_is_skipped_is_what_the_official_network_does_not_run():
    patterns = EcgFounder.checkpoint.skip
    skipped = {name for name, *_ in MANIFEST["state_dict"] if any(fnmatchcase(name, each) for each in patterns)}
    assert skipped == {*MANIFEST["unused_in_forward"], *MANIFEST["head_not_in_embedding"]}


def normalised(segment) -> np.ndarray:
    return (segment - segment.mean()) / (segment.std() + 1e-8)


def test_the_recipe_of_the_manuscript_lead_by_lead():
    record = np.random.default_rng(0).normal(size=(12, 5200)).cumsum(axis=1)  # 13 s at 400 Hz
    expected = np.zeros((12, 5000))
    for number, lead in enumerate(record):
        y = np.interp(np.linspace(0, 5199, 6500), np.arange(5200), lead)
        y = signal.sosfiltfilt(signal.butter(2, 0.5, "highpass", fs=500, output="sos"), y)
        y = signal.sosfiltfilt(signal.butter(2, 50, "lowpass", fs=500, output="sos"), y)
        for mains in (50, 60):
            y = signal.filtfilt(*signal.iirnotch(mains, 30, fs=500), y)
        expected[number] = y[:5000]
    found, fs = EcgFounder.recipes["manuscript"].apply(record[None], 400)
    assert (found.shape, fs) == ((1, 12, 5000), 500)
    np.testing.assert_allclose(found[0], normalised(expected), rtol=0, atol=1e-5)


@pytest.mark.parametrize("recipe", EcgFounder.recipes)
@pytest.mark.parametrize(("seconds", "windows"), [(7, 1), (10, 1), (24, 2)])
def test_windows_are_normalised_and_short_records_filled(recipe, seconds, windows):
    record = 1 + np.random.default_rng(0).normal(size=(1, 12, 500 * seconds))
    record[0, 3, 100:110] = np.nan
    found, _ = EcgFounder.recipes[recipe].apply(record, 500)
    assert found.shape == (windows, 12, 5000)
    np.testing.assert_allclose(found.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(found.std(axis=(1, 2)), 1, atol=1e-5)
    filled_up = found[0, :, 500 * seconds :]
    np.testing.assert_array_equal(filled_up, np.broadcast_to(filled_up[:1, :1], filled_up.shape))


def test_an_unknown_recipe_is_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"dataset\.py, zscore-only, manuscript"):
        load_encoder("ecgfounder-12lead@untrained", recipe="dataset")
