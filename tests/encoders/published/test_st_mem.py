import numpy as np
from scipy import signal

from ecglens.encoders import load_encoder


def test_st_mem_filters_three_crops_one_by_one(code15):
    found, fs = load_encoder("st-mem-full@untrained").recipe.apply(code15, 400)
    resampled = signal.resample(code15, 2560, axis=-1)
    crops = [record[:, start : start + 2250] for record in resampled for start in (0, 155, 310)]
    for cutoff, kind in ((0.67, "highpass"), (40, "lowpass")):
        crops = [signal.sosfiltfilt(signal.butter(5, cutoff, kind, fs=250, output="sos"), crop) for crop in crops]
    np.testing.assert_allclose(found, [(crop - crop.mean()) / crop.std() for crop in crops], rtol=0, atol=1e-5)
    assert fs == 250
