import numpy as np
import pytest
from scipy import signal

from ecglens.errors import ConfigError, RecipeError
from ecglens.signals import Butterworth, FIRBandpass, MedianBaseline, Notch


def per_lead(function, x):
    return np.array([[function(lead) for lead in record] for record in x])


@pytest.mark.parametrize(("kind", "cutoff"), [("bandpass", (0.67, 40)), ("highpass", 0.67), ("lowpass", 40)])
@pytest.mark.parametrize("order", [2, 5])
def test_butterworth_equals_scipy(batch, kind, cutoff, order):
    sections = signal.butter(order, cutoff, kind, fs=500, output="sos")
    y, fs = Butterworth(kind, cutoff, order)(batch, 500)
    assert fs == 500
    np.testing.assert_allclose(y, per_lead(lambda lead: signal.sosfiltfilt(sections, lead), batch), rtol=0, atol=1e-12)


def test_butterworth_as_transfer_function_equals_scipy(batch):
    b, a = signal.butter(4, [0.67, 40], "bandpass", fs=500)
    y, _ = Butterworth("bandpass", (0.67, 40), 4, form="ba")(batch, 500)
    np.testing.assert_allclose(y, per_lead(lambda lead: signal.filtfilt(b, a, lead), batch), rtol=0, atol=1e-12)
    assert not np.array_equal(y, Butterworth("bandpass", (0.67, 40), 4)(batch, 500)[0])


@pytest.mark.parametrize("frequency", [10, 40, 60])
def test_butterworth_has_the_squared_gain_of_the_bilinear_transform_and_no_delay(frequency):
    fs, cutoff, order = 500, 40, 3
    x = np.cos(2 * np.pi * frequency * np.arange(5000) / fs)[None, None]
    gain = 1 / (1 + (np.tan(np.pi * frequency / fs) / np.tan(np.pi * cutoff / fs)) ** (2 * order))
    y, _ = Butterworth("lowpass", cutoff, order)(x, fs)
    np.testing.assert_allclose(y[..., 1000:-1000], gain * x[..., 1000:-1000], rtol=0, atol=1e-6)


@pytest.mark.parametrize("frequency", [50, 60])
def test_notch_equals_scipy(batch, frequency):
    b, a = signal.iirnotch(frequency, 30, fs=500)
    y, _ = Notch(frequency, q=30)(batch, 500)
    np.testing.assert_allclose(y, per_lead(lambda lead: signal.filtfilt(b, a, lead), batch), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("fs", "numtaps"), [(500, 151), (400, 121), (250, 75), (100, 31)])
def test_fir_equals_scipy(batch, fs, numtaps):
    taps = signal.firwin(numtaps, [0.05, 47], pass_zero=False, fs=fs)
    y, _ = FIRBandpass(0.05, 47, seconds=0.3)(batch, fs)
    np.testing.assert_allclose(y, per_lead(lambda lead: signal.filtfilt(taps, 1, lead), batch), rtol=0, atol=1e-12)


@pytest.mark.parametrize(("fs", "kernel"), [(500, 201), (250, 101), (254, 101), (5, 3)])
def test_median_baseline_equals_medfilt(batch, fs, kernel):
    y, _ = MedianBaseline(0.4)(batch, fs)
    np.testing.assert_array_equal(y, batch - per_lead(lambda lead: signal.medfilt(lead, kernel), batch))


@pytest.mark.parametrize("length", [9, 10, 17])
def test_median_baseline_equals_sorting_every_window(length):
    x = np.random.default_rng(3).normal(size=(2, 3, length))
    padded = np.pad(x, [(0, 0), (0, 0), (4, 4)])
    medians = [np.sort(padded[..., i : i + 9], axis=-1)[..., 4] for i in range(length)]
    np.testing.assert_array_equal(MedianBaseline(9)(x, 1)[0], x - np.stack(medians, axis=-1))


@pytest.mark.parametrize(
    ("step", "frequency"),
    [
        (Butterworth("lowpass", 50), "50 Hz"),
        (Butterworth("bandpass", (0.5, 60)), "60 Hz"),
        (Notch(50), "50 Hz"),
        (FIRBandpass(0.05, 50), "50 Hz"),
    ],
)
def test_frequency_that_the_signal_does_not_hold_is_refused(step, frequency):
    with pytest.raises(RecipeError, match=rf"{type(step).__name__}\(.*{frequency} is not below .* 100 Hz"):
        step(np.zeros((1, 12, 1000)), 100)


@pytest.mark.parametrize(
    ("step", "longest_refused"),
    [
        (Butterworth("bandpass", (0.67, 40), 4), 27),
        (Butterworth("bandpass", (0.67, 40), 4, form="ba"), 27),
        (Notch(50), 9),
        (FIRBandpass(0.05, 47), 453),
        (MedianBaseline(0.4), 200),
    ],
)
def test_signal_that_is_too_short_is_refused(step, longest_refused):
    with pytest.raises(RecipeError, match=rf"{longest_refused} samples at 500 Hz .* are too few"):
        step(np.ones((1, 12, longest_refused)), 500)
    assert step(np.ones((1, 12, longest_refused + 1)), 500)[0].shape == (1, 12, longest_refused + 1)


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: Butterworth("bandstop", 40), "kind has to be one of bandpass, highpass, lowpass"),
        (lambda: Butterworth("lowpass", 40, form="zpk"), "form has to be one of sos, ba"),
        (lambda: Butterworth("lowpass", (1, 40)), "lowpass takes 1"),
        (lambda: Butterworth("bandpass", 40), "bandpass takes 2"),
        (lambda: Butterworth("bandpass", (40, 1)), "ascending"),
        (lambda: Butterworth("highpass", 0), "positive"),
        (lambda: Butterworth("highpass", float("nan")), "positive"),
        (lambda: Butterworth("lowpass", 40, order=0), "order"),
        (lambda: Butterworth("lowpass", 40, order=2.5), "order"),
        (lambda: Notch(0), "frequency"),
        (lambda: Notch(50, q=-1), "q has to be"),
        (lambda: FIRBandpass(47, 0.05), "low and high"),
        (lambda: FIRBandpass(0.05, 47, seconds=0), "seconds"),
        (lambda: MedianBaseline(-1), "seconds"),
    ],
)
def test_wrong_parameters_are_refused_at_once(make, rule):
    with pytest.raises(ConfigError, match=rule):
        make()
