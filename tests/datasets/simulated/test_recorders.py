"""Simulated recorders: band, hum, resolution and derived leads, measured on what they record."""

from dataclasses import fields, replace

import numpy as np
import pytest
from scipy.signal import periodogram

from ecglens.datasets.simulated.recorders import RECORDERS, digitise

NAMES = list(RECORDERS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("end", ["high_pass", "low_pass"])
def test_half_the_power_passes_at_the_ends_of_the_band(name: str, end: str) -> None:
    recorder = replace(RECORDERS[name], noise_mv=0, mains_mv=0)
    time = np.arange(round(100 * recorder.fs)) / recorder.fs
    leads = np.tile(10 * np.sin(2 * np.pi * getattr(recorder, end) * time), (8, 1))
    recorded = digitise(leads, recorder, np.random.default_rng(0))[6] / recorder.gain
    settled = slice(round(40 * recorder.fs), None)
    assert np.mean(recorded[settled] ** 2) / np.mean(leads[6, settled] ** 2) == pytest.approx(0.5, rel=0.03)


@pytest.mark.parametrize("name", NAMES)
def test_hum_stands_at_the_mains_frequency(name: str) -> None:
    recorder = RECORDERS[name]
    recorded = digitise(np.zeros((8, round(10 * recorder.fs))), recorder, np.random.default_rng(1)) / recorder.gain
    frequency, density = periodogram(recorded[6:], recorder.fs)
    density = density.mean(axis=0)
    above = frequency > 10
    assert frequency[above][density[above].argmax()] == pytest.approx(recorder.mains_hz, abs=0.2)
    # A sinusoid of amplitude a has the power a^2 / 2; the leads' amplitudes spread by half around the mean.
    near = np.abs(frequency - recorder.mains_hz) < 0.3
    amplitude = np.sqrt(2 * density[near].sum() * frequency[1])
    assert amplitude == pytest.approx(recorder.mains_mv, rel=0.4)


@pytest.mark.parametrize("name", NAMES)
def test_values_are_multiples_of_the_resolution(name: str) -> None:
    recorder = RECORDERS[name]
    leads = np.random.default_rng(0).normal(size=(8, 20_000))
    values = np.unique(digitise(leads, recorder, np.random.default_rng(0)))
    microvolts = values.astype(float) * 1000 / recorder.gain
    off_grid = microvolts - np.round(microvolts / recorder.resolution_uv) * recorder.resolution_uv
    assert np.abs(off_grid).max() <= 0.5 * 1000 / recorder.gain + 1e-9
    assert np.median(np.diff(microvolts)) == pytest.approx(recorder.resolution_uv, abs=0.5)


@pytest.mark.parametrize("name", NAMES)
def test_limb_leads_follow_einthoven_and_goldberger(name: str) -> None:
    recorder = RECORDERS[name]
    leads = np.random.default_rng(0).normal(size=(8, 5000))
    mv = digitise(leads, recorder, np.random.default_rng(0)) / recorder.gain
    one, two = mv[0], mv[1]
    expected = np.stack([two - one, -(one + two) / 2, one - two / 2, two - one / 2])
    np.testing.assert_allclose(mv[2:6], expected, atol=2 * (recorder.resolution_uv / 1000 + 1 / recorder.gain))


def test_difference_runs_from_all_equal_over_as_defined_to_exaggerated() -> None:
    device = [field.name for field in fields(RECORDERS["chn"]) if field.name not in {"fs", "gain", "seconds"}]
    equal = [recorder.apart(0) for recorder in RECORDERS.values()]
    assert {recorder.mains_mv for recorder in equal} == {0}  # which leaves its frequency without meaning
    for name in set(device) - {"mains_hz"}:
        assert len({getattr(recorder, name) for recorder in equal}) == 1
        values = {
            difference: [getattr(recorder.apart(difference), name) for recorder in RECORDERS.values()]
            for difference in (0.5, 1, 1.5)
        }
        assert values[1] == pytest.approx([getattr(recorder, name) for recorder in RECORDERS.values()])
        assert np.ptp(values[0.5]) < np.ptp(values[1]) < np.ptp(values[1.5])


def test_gain_and_saturation() -> None:
    recorder = replace(RECORDERS["ptb-xl"], noise_mv=0, mains_mv=0, gain=200.0, resolution_uv=5.0)
    leads = np.tile(np.sin(2 * np.pi * 10 * np.arange(5000) / 500), (8, 1))
    recorded = digitise(leads, recorder, np.random.default_rng(0))
    assert np.ptp(recorded[6]) == pytest.approx(2 * 200, rel=0.15)
    assert np.abs(digitise(1e4 * leads, recorder, np.random.default_rng(0)).astype(int)).max() == 32_767
