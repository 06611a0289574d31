import math
from itertools import pairwise

import numpy as np
import pytest

from ecglens.encoders.baselines.ecg.beats import median_beat
from ecglens.encoders.baselines.ecg.measures import (
    atrial_wave,
    fibrillation,
    measure,
    rhythm,
    sample_entropy,
    texture,
    ventricular_waves,
)
from ecglens.encoders.baselines.ecg.qrs import detect_qrs
from ecglens.records import LEADS

FS = 250
ONSETS = np.arange(0.5, 9.4, 0.85)


def rhythm_of(intervals, typical=None):
    peaks = np.cumsum([100, *np.round(np.asarray(intervals) * 1000).astype(int)])
    return rhythm(peaks, np.ones(len(peaks), dtype=bool) if typical is None else typical, fs=1000)


def test_rhythm_follows_its_definitions() -> None:
    rr = np.random.default_rng(0).uniform(0.4, 1.4, 20).round(3)
    found = rhythm_of(rr)
    relative = rr / rr.mean()
    jumps = [abs(b - a) for a, b in pairwise(relative)]
    assert found["heart_rate"] == pytest.approx(60 / np.median(rr))
    assert [found["rr_cv"], found["rr_all_cv"]] == pytest.approx([rr.std() / rr.mean()] * 2)
    assert found["rr_rmssd"] == pytest.approx(math.sqrt(sum(jump**2 for jump in jumps) / 19))
    assert found["rr_jump_share"] == pytest.approx(sum(jump > 0.1 for jump in jumps) / 19)
    assert found["rr_median_jump"] == pytest.approx(np.median(jumps))


def test_one_premature_beat_is_seen_but_does_not_make_the_rhythm_irregular() -> None:
    typical = np.ones(11, dtype=bool)
    typical[5] = False
    found = rhythm_of([0.8] * 4 + [0.5, 1.1] + [0.8] * 4, typical)
    assert found["rr_cv"] == pytest.approx(0, abs=1e-12)
    assert found["rr_all_cv"] > 0.15
    assert found["premature_share"] == pytest.approx(0.1)
    assert found["atypical_share"] == pytest.approx(1 / 11)


def test_memory_tells_a_slow_swing_from_independent_intervals() -> None:
    time = np.arange(40)
    assert rhythm_of(0.8 + 0.1 * np.sin(time / 3))["rr_memory"] > 0.8
    assert abs(rhythm_of(np.random.default_rng(1).uniform(0.5, 1.1, 400))["rr_memory"]) < 0.15


def test_sample_entropy_equals_counting_by_hand() -> None:
    x = np.random.default_rng(3).normal(1, 0.2, 15)
    one = two = 1
    for i in range(14):
        for j in range(i + 1, 14):
            if abs(x[i] - x[j]) <= 0.1:
                one += 1
                two += abs(x[i + 1] - x[j + 1]) <= 0.1
    assert sample_entropy(x) == pytest.approx(math.log(one / two))


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_few_beats_leave_zeros(n) -> None:
    found = rhythm(np.arange(n) * 200, np.ones(n, dtype=bool), FS)
    assert found["heart_rate"] == (75 if n > 1 else 0)
    assert not any(value for name, value in found.items() if name != "heart_rate")


def test_ventricular_waves_are_those_planted(planted) -> None:
    width, st, t_height = 0.1, 0.12, 0.3
    signal = planted(ONSETS, qrs_width=width, st=st, t_height=t_height, noise=0.005)
    found = ventricular_waves(median_beat(signal, detect_qrs(signal, FS), FS))
    gains = signal[:, round((ONSETS[0] + width / 2) * FS)]
    positive = gains > 0
    assert found["qrs_duration"] == pytest.approx(width, abs=0.016)
    np.testing.assert_allclose(found["r_amplitude"][positive], gains[positive], atol=0.03)
    np.testing.assert_allclose(found["s_amplitude"][~positive], gains[~positive], atol=0.03)
    np.testing.assert_allclose(found["qrs_area"], gains * width / 2, rtol=0.05, atol=0.002)
    np.testing.assert_allclose(found["st_level"], gains * st, atol=0.03)
    np.testing.assert_allclose(found["t_amplitude"], gains * t_height, atol=0.02)
    # The T wave peaks 210 ms after the end of the QRS.
    assert found["t_peak_interval"] == pytest.approx((width + 0.21) / 0.85**0.5, abs=0.02)
    axis = math.atan2(gains[LEADS.index("aVF")], gains[LEADS.index("I")])
    assert math.atan2(found["axis_sin"], found["axis_cos"]) == pytest.approx(axis, abs=0.03)


def test_the_end_of_the_qrs_has_its_sign(planted) -> None:
    late = planted(ONSETS + 0.07, qrs_width=0.07, pr=None, t_height=0)
    signal = planted(ONSETS, qrs_width=0.08, pr=0.16, t_height=0) - 0.5 * late
    found = ventricular_waves(median_beat(signal, detect_qrs(signal, FS), FS))
    assert (np.sign(found["qrs_initial"]) == -np.sign(found["qrs_terminal"])).all()
    assert found["qrs_duration"] == pytest.approx(0.14, abs=0.016)


def test_p_wave_and_fibrillatory_waves_change_places(planted, irregular) -> None:
    onsets = irregular(0.5, 1.2)
    wave = 0.1 * np.sin(2 * np.pi * 6 * np.arange(2500) / FS)
    found = {}
    for name, signal in {
        "sinus": planted(ONSETS, noise=0.01),
        "fibrillation": planted(onsets, pr=None, noise=0.01) + wave,
    }.items():
        peaks = detect_qrs(signal, FS)
        beat = median_beat(signal, peaks, FS)
        found[name] = {**atrial_wave(signal, peaks, beat), **fibrillation(signal, peaks, beat)}
    sinus, af = found["sinus"], found["fibrillation"]
    assert sinus["p_coherence"] > 0.9
    assert af["p_coherence"] < 0.4
    assert sinus["pr_interval"] == pytest.approx(0.16, abs=0.025)
    np.testing.assert_allclose(sinus["p_amplitude"], 0.15 * planted(ONSETS)[:, round(0.545 * FS)], atol=0.02)
    # The root mean square of the sine, less what lies under the QRS: 45 of 212 samples.
    assert af["f_amplitude_V1"] == pytest.approx(0.1 / 2**0.5, rel=0.25)
    assert af["f_share_V1"] > 3 * sinus["f_share_V1"]
    assert sinus["f_amplitude_V1"] < 0.02


@pytest.mark.parametrize(("hertz", "name"), [(6, "power_4_9"), (14, "power_9_20"), (30, "power_20_40")])
def test_a_pure_tone_lies_in_its_band(hertz, name) -> None:
    tone = np.tile(np.sin(2 * np.pi * hertz * np.arange(2500) / FS), (12, 1))
    found = texture(tone, FS)
    for band in ("power_4_9", "power_9_20", "power_20_40"):
        np.testing.assert_allclose(found[band], band == name, atol=1e-6)
    # 5 % of a sine's time is spent above sin(90 % of a quarter turn).
    np.testing.assert_allclose(found["spread"], 2 * np.sin(0.45 * np.pi), atol=0.02)


def test_units_of_time_do_not_depend_on_the_sampling_rate(planted) -> None:
    slow, fast = (measure(planted(ONSETS, fs=fs), fs) for fs in (250.0, 500.0))
    for name in ("heart_rate", "pr_interval", "qrs_duration", "t_peak_interval"):
        assert slow[name] == pytest.approx(fast[name], rel=0.1)
    np.testing.assert_allclose(slow["qrs_area"], fast["qrs_area"], rtol=0.05)
