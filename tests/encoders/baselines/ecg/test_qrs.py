import numpy as np
import pandas as pd
import pytest

from ecglens.encoders.baselines.ecg.qrs import align_beats, cut_beats, detect_qrs


def assert_found(peaks, centres, fs, within=0.012) -> None:
    """One peak for each planted centre (seconds), and no other."""
    assert len(peaks) == len(centres)
    assert np.abs(peaks / fs - centres).max() <= within


@pytest.mark.parametrize("fs", [100.0, 250.0, 500.0])
@pytest.mark.parametrize("rr", [(0.33, 0.34), (0.5, 1.3), (1.6, 1.8)])
def test_planted_beats_are_found_at_any_rate(planted, irregular, fs, rr) -> None:
    onsets = irregular(*rr)
    signal = planted(onsets, fs=fs, pr=None, t_height=0.1, noise=0.05)
    assert_found(detect_qrs(signal, fs), onsets + 0.045, fs)


def test_a_t_wave_as_tall_as_the_qrs_is_no_beat(planted, irregular) -> None:
    onsets = irregular(0.8, 1.0)
    assert_found(detect_qrs(planted(onsets, t_height=1.0), 250), onsets + 0.045, 250)


def test_beats_of_a_third_of_the_height_and_of_any_unit_are_found(planted) -> None:
    onsets = np.arange(0.5, 9.5, 0.9)
    signal = planted(onsets)
    small = planted(onsets[4:5])
    weak = signal - 0.6 * small
    assert_found(detect_qrs(weak, 250), onsets + 0.045, 250)
    np.testing.assert_array_equal(detect_qrs(1000 * weak, 250), detect_qrs(weak, 250))


def test_an_artefact_in_two_leads_neither_adds_nor_hides_beats(planted, irregular) -> None:
    onsets = irregular(0.7, 0.9)
    signal = planted(onsets, noise=0.02)
    signal[6:8, 1180:1230] += 8 * np.sin(np.linspace(0, 20, 50))
    assert_found(detect_qrs(signal, 250), onsets + 0.045, 250)


def test_padding_with_zeros_adds_no_beats(planted) -> None:
    onsets = np.arange(0.5, 4.5, 0.8)
    signal = np.pad(planted(onsets, seconds=5, noise=0.01), [(0, 0), (1500, 1250)])
    assert_found(detect_qrs(signal, 250), onsets + 6.045, 250)


@pytest.mark.parametrize("signal", [np.zeros((12, 1000)), np.ones((12, 625))])
def test_without_beats_there_are_none(signal) -> None:
    assert len(detect_qrs(signal, 250)) == 0


def test_alignment_undoes_jitter(planted) -> None:
    onsets = np.arange(0.5, 9.5, 0.9)
    truth = np.round((onsets + 0.045) * 250).astype(int)
    jitter = np.random.default_rng(1).integers(-8, 9, len(truth))
    aligned = align_beats(planted(onsets, noise=0.02), truth + jitter, 250)
    assert np.abs(aligned - truth).max() <= 1


def test_cut_beats_repeats_the_ends() -> None:
    signal = np.arange(10.0)[None]
    np.testing.assert_array_equal(
        cut_beats(signal, np.array([1, 9]), 2, 1)[:, 0],
        [[0, 0, 1, 2], [7, 8, 9, 9]],
    )


def test_real_records_agree_with_an_independent_detector(shared, wfdb) -> None:
    root = shared / "ecg" / "ptb-xl"
    rates, matched, ours_in_all, theirs_in_all = [], 0, 0, 0
    for name in pd.read_csv(root / "ptbxl_database.csv")["filename_hr"][::8]:
        signal = wfdb.rdrecord(root / name).p_signal.T
        # xqrs learns on the first beats and may leave one out at either end.
        ours = within(detect_qrs(signal, 500), 500, 4500)
        found = [wfdb.processing.xqrs_detect(signal[lead], 500, verbose=False) for lead in (1, 7, 10)]
        theirs = within(sorted(found, key=len)[1], 500, 4500)
        rates.append([60 * 500 / np.median(np.diff(peaks)) for peaks in (ours, theirs)])
        matched += (np.abs(ours[:, None] - theirs).min(axis=1) <= 0.08 * 500).sum()
        ours_in_all += len(ours)
        theirs_in_all += len(theirs)
    assert len(rates) > 30
    assert 2 * matched / (ours_in_all + theirs_in_all) > 0.99
    assert np.mean(np.abs(np.diff(rates)) < 2) > 0.95


def within(peaks, low, high):
    return peaks[(peaks >= low) & (peaks < high)]
