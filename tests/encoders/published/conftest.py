import numpy as np
import pytest


@pytest.fixture(scope="module")
def code15() -> np.ndarray:
    """Records as in CODE-15%: 4096 samples at 400 Hz, ``[2, 12, 4096]``."""
    return np.random.default_rng(0).normal(size=(2, 12, 4096)).cumsum(axis=-1) / 50
