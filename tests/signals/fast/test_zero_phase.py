import numpy as np
import pytest
from scipy import signal

from ecglens.signals.fast.zero_phase import filtfilt, sosfiltfilt

DESIGNS = {
    "band-pass": signal.butter(4, [0.67, 40], "bandpass", fs=500),
    "notch": signal.iirnotch(50, 30, fs=500),
    "low-pass": signal.butter(1, 40, fs=500),
    "unscaled": tuple(3 * polynomial for polynomial in signal.butter(3, 40, fs=500)),
}


@pytest.mark.parametrize("name", DESIGNS)
def test_transfer_functions_do_what_scipy_does_in_the_same_order(batch, name):
    b, a = DESIGNS[name]
    expected = signal.filtfilt(b, a, batch)
    np.testing.assert_allclose(filtfilt(b, a, batch), expected, rtol=0, atol=4 * np.finfo(float).eps * abs(batch).max())


@pytest.mark.parametrize("kind", ["bandpass", "highpass", "lowpass"])
@pytest.mark.parametrize("order", [1, 2, 5])
def test_sections_equal_scipy(batch, kind, order):
    sections = signal.butter(order, [0.67, 40] if kind == "bandpass" else 0.67, kind, fs=500, output="sos")
    expected = signal.sosfiltfilt(sections, batch)
    np.testing.assert_allclose(sosfiltfilt(sections, batch), expected, rtol=0, atol=1e-11)


@pytest.mark.parametrize("order", [1, 2, 5])
def test_signals_have_to_be_longer_than_the_padding_that_scipy_takes(order):
    sections = signal.butter(order, 0.1, output="sos")
    b, a = signal.butter(order, 0.1)
    x = np.random.default_rng(order).normal(size=(2, 40))
    for ours, scipys, design in ((filtfilt, signal.filtfilt, (b, a)), (sosfiltfilt, signal.sosfiltfilt, (sections,))):
        lengths = [n for n in range(2, 40) if _runs(scipys, *design, x[:, :n])]
        assert [n for n in range(2, 40) if _runs(ours, *design, x[:, :n])] == lengths
        shortest = x[:, : lengths[0]]
        np.testing.assert_allclose(ours(*design, shortest), scipys(*design, shortest), rtol=0, atol=1e-12)


def _runs(function, *arguments):
    try:
        function(*arguments)
    except ValueError:
        return False
    return True
