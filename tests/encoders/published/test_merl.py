import numpy as np
from scipy import signal

from ecglens.encoders import load_encoder


def test_merl_cuts_10_s_before_it_scales(code15):
    found, fs = load_encoder("merl-resnet18@untrained").recipe.apply(code15, 400)
    cut = signal.resample(code15, 5120, axis=-1)[:, [0, 1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11], :5000]
    low, high = (extreme(axis=(1, 2), keepdims=True) for extreme in (cut.min, cut.max))
    np.testing.assert_allclose(found, (cut - low) / (high - low + 1e-8), rtol=0, atol=1e-5)
    assert fs == 500
