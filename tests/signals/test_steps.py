import numpy as np
import pytest
from scipy import signal

from ecglens.errors import ConfigError, RecipeError
from ecglens.records import LEADS
from ecglens.signals import Resample, SelectLeads

RATES = [(500, 250), (500, 100), (400, 500), (360, 500), (257, 500), (500, 257.5)]


def per_lead(function, x):
    return np.array([[function(lead) for lead in record] for record in x])


def ramp(n=2, leads=12, samples=10):
    return np.arange(float(n * leads * samples)).reshape(n, leads, samples)


@pytest.mark.parametrize(("fs", "target"), RATES)
def test_fft_resampling_equals_scipy(batch, fs, target):
    y, reached = Resample(target)(batch, fs)
    count = round(batch.shape[-1] * target / fs)
    assert (reached, y.shape[-1]) == (target, count)
    np.testing.assert_allclose(y, per_lead(lambda lead: signal.resample(lead, count), batch), rtol=0, atol=1e-12)


def test_fft_resampling_of_a_periodic_sine_is_the_sine():
    wave = lambda fs: np.sin(2 * np.pi * 7 * np.arange(2 * fs) / fs + 0.3)[None, None]  # noqa: E731
    np.testing.assert_allclose(Resample(360)(wave(500), 500)[0], wave(360), rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("fs", "target", "up", "down"), [(500, 250, 1, 2), (400, 500, 5, 4), (257, 500, 500, 257), (500, 257.5, 103, 200)]
)
def test_polyphase_resampling_equals_scipy(batch, fs, target, up, down):
    y, _ = Resample(target, "polyphase")(batch, fs)
    np.testing.assert_allclose(
        y, per_lead(lambda lead: signal.resample_poly(lead, up, down), batch), rtol=0, atol=1e-12
    )


def test_polyphase_resampling_refuses_ratios_without_small_terms():
    with pytest.raises(RecipeError, match=r"500 to 333\.333 Hz .*'fft' or 'linear'"):
        Resample(333.333, "polyphase")(ramp(), 500)


@pytest.mark.parametrize(("fs", "target"), RATES)
def test_linear_resampling_equals_interp_and_keeps_the_ends(batch, fs, target):
    y, _ = Resample(target, "linear")(batch, fs)
    length = batch.shape[-1]
    count = round(length * target / fs)
    stretched = np.linspace(0, count - 1, length)
    expected = per_lead(lambda lead: np.interp(np.arange(count), stretched, lead), batch)
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(y[..., [0, -1]], batch[..., [0, -1]])


@pytest.mark.parametrize("method", ["fft", "polyphase", "linear"])
def test_resampling_to_the_same_rate_changes_nothing(batch, method):
    y, fs = Resample(500, method)(batch, 500)
    np.testing.assert_array_equal(y, batch)
    assert fs == 500


def test_select_leads_keeps_the_order_given():
    x = ramp()
    y, _ = SelectLeads(("V6", "I", "aVF"))(x, 500)
    np.testing.assert_array_equal(y, np.stack([x[:, 11], x[:, 0], x[:, 5]], axis=1))


def test_select_leads_refuses_signals_of_fewer_leads():
    with pytest.raises(RecipeError, match="needs all 12 leads, found 8"):
        SelectLeads(("I",))(ramp(leads=8), 500)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: Resample(0), "fs has to be a positive number"),
        (lambda: Resample(float("inf")), "fs"),
        (lambda: Resample(100, "cubic"), "method has to be one of fft, polyphase, linear"),
        (lambda: SelectLeads(("I", "V7")), ", ".join(LEADS)),
        (lambda: SelectLeads(()), "leads"),
        (lambda: SelectLeads("II"), "tuple"),
    ],
)
def test_wrong_parameters_are_refused_at_once(make, rule):
    with pytest.raises(ConfigError, match=rule):
        make()
