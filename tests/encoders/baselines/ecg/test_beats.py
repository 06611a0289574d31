import numpy as np
import pytest

from ecglens.encoders.baselines.ecg.beats import find_p_wave, median_beat, remove_beats
from ecglens.encoders.baselines.ecg.qrs import detect_qrs

FS = 250
ONSETS = np.arange(0.5, 9.4, 0.85)


def beat_of(signal):
    return median_beat(signal, detect_qrs(signal, FS), FS)


@pytest.mark.parametrize("width", [0.08, 0.1, 0.12, 0.15])
@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_qrs_width_is_found(planted, width, noise) -> None:
    beat = beat_of(planted(ONSETS, qrs_width=width, noise=noise))
    assert (beat.offset - beat.onset) / FS == pytest.approx(width, abs=0.016)


@pytest.mark.parametrize("pr", [0.14, 0.18, 0.22, 0.28])
def test_pr_interval_is_found(planted, pr) -> None:
    beat = beat_of(planted(ONSETS, pr=pr, noise=0.01))
    wave = find_p_wave(beat)
    assert (beat.onset - wave.onset) / FS == pytest.approx(pr, abs=0.025)
    # The planted P wave is 100 ms long and symmetric.
    assert (beat.onset - wave.peak) / FS == pytest.approx(pr - 0.05, abs=0.016)
    assert wave.prominence == pytest.approx(0.15, abs=0.05)


def test_without_p_wave_there_is_next_to_none(planted) -> None:
    assert find_p_wave(beat_of(planted(ONSETS, pr=None, noise=0.01))).prominence < 0.03


def test_waves_are_those_of_the_record_and_ectopics_are_set_apart(planted) -> None:
    plain, odd = planted(ONSETS), planted(ONSETS[5:6] - 0.05, qrs_width=0.18, pr=None, t_height=0)[::-1] * 2
    signal = plain - planted(ONSETS[5:6]) + odd
    beat = beat_of(signal)
    np.testing.assert_array_equal(np.flatnonzero(~beat.typical), [5])
    np.testing.assert_allclose(beat.waves, beat_of(plain).waves, atol=0.02)
    assert beat.cycle == pytest.approx(0.85, abs=1 / FS)
    np.testing.assert_allclose(beat.waves[:, beat.centre], plain[:, round((0.5 + 0.045) * FS)], atol=0.02)


def test_removing_the_beats_leaves_what_was_added(planted) -> None:
    plain = planted(ONSETS)
    flutter = 0.1 * np.sin(2 * np.pi * 5.3 * np.arange(2500) / FS)
    peaks = detect_qrs(plain, FS)
    beat = median_beat(plain, peaks, FS)
    rest = remove_beats(plain + flutter, peaks, beat)
    inside = slice(peaks[0] - 50, peaks[-1] + 100)
    assert np.sqrt(np.square((rest - flutter)[:, inside]).mean()) < 0.02


def test_without_beats_all_is_flat() -> None:
    signal = np.random.default_rng(0).normal(size=(12, 1000))
    beat = median_beat(signal, np.zeros(0, dtype=int), FS)
    assert not beat.waves.any()
    assert beat.onset == beat.offset == beat.centre
    assert find_p_wave(beat).prominence == 0
    np.testing.assert_array_equal(remove_beats(signal, np.zeros(0, dtype=int), beat), signal)
