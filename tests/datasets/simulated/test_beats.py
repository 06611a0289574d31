"""The simulated heart, measured on its leads the way an ECG is read."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import find_peaks

from ecglens.datasets.simulated.beats import DOWER, Heart, draw_heart, draw_leads

FS = 500
LEAD_I, V1, V6 = 0, 2, 7


def spatial_velocity(leads: NDArray[np.floating]) -> NDArray[np.floating]:
    return np.linalg.norm(np.gradient(leads, axis=1), axis=0)


def average_beat(leads: NDArray[np.floating]) -> tuple[NDArray[np.floating], int, int]:
    """Mean of the beats from 0.4 s before to 0.7 s after the middle of QRS, with the ends of QRS as sample numbers."""
    energy = np.convolve(spatial_velocity(leads) ** 2, np.ones(60), "same")
    peaks, _ = find_peaks(energy, height=energy.max() / 3, distance=150)
    peaks = peaks[(peaks > 200) & (peaks < leads.shape[1] - 350)]
    beat = np.mean([leads[:, peak - 200 : peak + 350] for peak in peaks], axis=0)
    velocity = spatial_velocity(beat)
    fast = 100 + np.flatnonzero(velocity[100:320] > 0.1 * velocity.max())
    qrs = max(np.split(fast, np.flatnonzero(np.diff(fast) > 12) + 1), key=len)
    return beat, int(qrs[0]), int(qrs[-1])


def hearts(kind: str | None, block: float = 1.0, n: int = 15) -> list[tuple[Heart, NDArray[np.floating]]]:
    drawn = []
    for seed in range(n):
        rng = np.random.default_rng(seed)
        heart = replace(draw_heart(rng, kind, block), rate=62.0)
        drawn.append((heart, draw_leads(heart, FS, 10, rng)[0]))
    return drawn


def pr_ms(leads: NDArray[np.floating]) -> float:
    """From where P leaves the baseline to where QRS begins."""
    beat, onset, _ = average_beat(leads)
    level = beat[:, onset - 15 : onset - 10].mean(axis=1, keepdims=True)
    before = np.linalg.norm(beat[:, : onset - 15] - level, axis=0)
    before = before - before.min()
    peak = 40 + int(before[40:].argmax())
    start = peak - int(np.argmax(before[peak::-1] < 0.15 * before[peak]))
    return (onset - start) / FS * 1000


def qrs_ms(leads: NDArray[np.floating]) -> float:
    _, onset, offset = average_beat(leads)
    return (offset - onset) / FS * 1000


def test_pr_interval_is_long_in_first_degree_block_only() -> None:
    normal = [pr_ms(leads) for _, leads in hearts(None)]
    long = [pr_ms(leads) for _, leads in hearts("1AVB")]
    assert min(normal) > 110
    assert max(normal) < 200 < min(long)
    assert max(long) < 320


def test_half_a_block_lies_half_way() -> None:
    half = [pr_ms(leads) for _, leads in hearts("1AVB", block=0.5)]
    ends = [[pr_ms(leads) for _, leads in hearts("1AVB", block=end)] for end in (0.0, 1.0)]
    assert np.mean(half) == pytest.approx(np.mean(ends), abs=5)


@pytest.mark.parametrize(("kind", "shortest", "longest"), [(None, 70, 112), ("RBBB", 120, 175), ("LBBB", 120, 175)])
def test_qrs_duration(kind: str | None, shortest: float, longest: float) -> None:
    widths = [qrs_ms(leads) for _, leads in hearts(kind)]
    assert shortest <= min(widths)
    assert max(widths) <= longest


def test_right_bundle_branch_block_ends_to_the_right_and_front() -> None:
    for _, leads in hearts("RBBB"):
        beat, onset, offset = average_beat(leads)
        late = beat[:, (onset + 2 * offset) // 3 : offset] - beat[:, onset, None]
        assert late[V1].max() > 0.2
        assert late[V6].min() < -0.15
        assert late[LEAD_I].min() < -0.1


def test_left_bundle_branch_block_is_negative_in_v1_and_broad_in_v6() -> None:
    for _, leads in hearts("LBBB"):
        beat, onset, offset = average_beat(leads)
        qrs = beat[:, onset : offset + 1] - beat[:, onset, None]
        assert qrs[V1].min() < -5 * qrs[V1].max()
        assert (qrs[V6] > qrs[V6].max() / 2).sum() / FS > 0.06
        assert qrs[V6].min() > -0.1


def test_t_wave_follows_the_cube_root_of_the_interval() -> None:
    heart = draw_heart(np.random.default_rng(3))
    onset_to_t = {}
    for rate in (50, 100):
        beat, onset, _ = average_beat(draw_leads(replace(heart, rate=rate), FS, 20, np.random.default_rng(0))[0])
        onset_to_t[rate] = 75 + int(beat[1, onset + 75 : onset + 210].argmax())
    assert onset_to_t[50] / onset_to_t[100] == pytest.approx(2 ** (1 / 3), abs=0.04)


def test_fibrillation_has_waves_at_4_to_9_hz_and_no_p() -> None:
    rng = np.random.default_rng(5)
    heart = draw_heart(rng, fibrillation=1.0)
    silent = replace(heart, waves=heart.waves * [1, 1, 0, 0, 0])
    assert not heart.waves[:2, 2:].any()
    v1 = draw_leads(silent, FS, 20, rng)[0][V1]
    frequency = np.fft.rfftfreq(v1.size, 1 / FS)
    power = np.abs(np.fft.rfft(v1)) ** 2
    assert 4 < frequency[power.argmax()] < 9
    assert 0.05 < np.ptp(v1) < 0.4


def test_lead_field_is_near_the_published_one() -> None:
    drawn = np.mean([draw_heart(np.random.default_rng(seed)).lead_field for seed in range(200)], axis=0)
    np.testing.assert_allclose(drawn, DOWER, rtol=0.02)
