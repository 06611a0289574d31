import numpy as np
import pytest
from scipy import signal

from ecglens.encoders import ENCODERS, load_encoder
from ecglens.encoders.published.hubert_ecg import DecimateLeadsInARow

SIZES = {"small": 512, "base": 768, "large": 960}


def test_leads_are_decimated_as_one_signal():
    x = np.random.default_rng(0).normal(size=(2, 12, 2500)).cumsum(axis=-1)
    found, fs = DecimateLeadsInARow(5)(x, 500)
    expected = [signal.decimate(np.concatenate(list(record)), 5).reshape(12, 500) for record in x]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert fs == 100


def test_the_recipe_filters_and_scales_records_before_it_cuts_windows():
    x = np.random.default_rng(0).normal(size=(1, 12, 5000)).cumsum(axis=-1) / 50
    found, fs = load_encoder("hubert-ecg-small@untrained").recipe.apply(x, 500)
    taps = signal.firwin(151, [0.05, 47], pass_zero=False, fs=500)
    leads = np.array([signal.filtfilt(taps, 1, lead) for lead in x[0]])
    low, high = leads.min(axis=1, keepdims=True), leads.max(axis=1, keepdims=True)
    scaled = 2 * (leads - low) / (high - low + 1e-8) - 1
    windows = [
        signal.decimate(scaled[:, half].ravel(), 5).reshape(12, 500) for half in (slice(2500), slice(2500, None))
    ]
    np.testing.assert_allclose(found, windows, rtol=0, atol=1e-5)
    assert fs == 100


@pytest.mark.parametrize(("size", "width"), SIZES.items())
def test_each_size_has_a_card_and_a_file_of_its_own(size, width):
    encoder = ENCODERS.load(f"hubert-ecg-{size}")
    assert (encoder.card.name, encoder.card.dim) == (f"hubert-ecg-{size}", width)
    assert encoder.checkpoint.url.endswith(size)
    assert encoder.checkpoint.marks[0].shape == (width, 512)
