from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(params=["random", "real"])
def batch(request: pytest.FixtureRequest) -> np.ndarray:
    """float64 [n, 12, samples] at 500 Hz: a random walk with noise, and recorded ECGs."""
    if request.param == "random":
        rng = np.random.default_rng(7)
        return 0.02 * rng.normal(size=(3, 12, 2500)).cumsum(axis=-1) + 0.1 * rng.normal(size=(3, 12, 2500))
    shared: Path = request.getfixturevalue("shared")
    return np.load(shared / "parity" / "ecg-fm" / "raw_input.npz")["signal"].astype(np.float64)
