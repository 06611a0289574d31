"""Simulated data sets: labels against the signal, the nulls, the seed, and bad arguments."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import butter, find_peaks, sosfiltfilt
from scipy.stats import mannwhitneyu

from ecglens.datasets.base import is_simulated
from ecglens.datasets.chn import Chn
from ecglens.datasets.simulated import RECORDERS, Simulation, simulate, simulate_all, simulated_records
from ecglens.datasets.simulated.layouts import SimulatedRecord
from ecglens.errors import ConfigError, DatasetError

LAYOUTS = list(RECORDERS)


def draw(layout: str, n: int, simulation: Simulation, seed: int = 0) -> list[SimulatedRecord]:
    return list(simulated_records(layout, n, seed, simulation, RECORDERS[layout]))


def rr_variation(record: SimulatedRecord, fs: float) -> float:
    """Coefficient of variation of the intervals between QRS complexes, found in V1 to V6."""
    band = butter(2, (8, 25), "bandpass", fs=fs, output="sos")
    energy = (sosfiltfilt(band, record.signal[6:]) ** 2).sum(axis=0)
    energy = np.convolve(energy, np.ones(round(0.12 * fs)), "same")
    peaks, _ = find_peaks(energy, height=np.percentile(energy, 98) / 4, distance=round(0.3 * fs))
    rr = np.diff(peaks)
    return float(rr.std() / rr.mean())


def split(records: Sequence[SimulatedRecord], fs: float) -> tuple[list[float], list[float]]:
    values = [(rr_variation(record, fs), "AF" in record.findings) for record in records]
    return [v for v, af in values if af], [v for v, af in values if not af]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_intervals_are_irregular_in_fibrillation(layout: str) -> None:
    af, sinus = split(draw(layout, 40, Simulation(prevalence_af=0.5)), RECORDERS[layout].fs)
    assert np.median(af) > 0.13
    assert np.median(sinus) < 0.05
    assert np.mean(np.array(af)[:, None] > np.array(sinus)) > 0.97


def test_null_fibrillation_shows_in_no_interval() -> None:
    af, sinus = split(draw("georgia", 60, Simulation(prevalence_af=0.5, af_effect=0)), 500)
    assert max(af) < 0.08
    assert mannwhitneyu(af, sinus).pvalue > 0.05


def test_null_leaves_signal_and_age_untouched_by_the_labels() -> None:
    null = draw("chn", 12, Simulation(prevalence_af=0.5, prevalence_cd=0.5, af_effect=0, cd_effect=0))
    healthy = draw("chn", 12, Simulation(prevalence_af=0, prevalence_cd=0))
    assert {finding for record in null for finding in record.findings} > {"AF", "RBBB"}
    for one, other in zip(null, healthy, strict=True):
        np.testing.assert_array_equal(one.signal, other.signal)
        assert (one.age, one.sex, one.patient) == (other.age, other.sex, other.patient)


def test_effect_touches_positives_only() -> None:
    some = draw("ptb-xl", 12, Simulation(prevalence_af=0.4, prevalence_cd=0.4))
    healthy = draw("ptb-xl", 12, Simulation(prevalence_af=0, prevalence_cd=0))
    for one, other in zip(some, healthy, strict=True):
        positive = bool({"AF", "1AVB", "RBBB", "LBBB"} & set(one.findings))
        assert np.array_equal(one.signal, other.signal) != positive


def test_prevalences_and_patients() -> None:
    records = draw("georgia", 240, Simulation(repeats=0.2))
    people = {record.patient: record for record in records}
    assert list(people) == list(range(1, len(people) + 1))
    assert len(people) == pytest.approx(0.8 * 240, abs=3 * np.sqrt(240 * 0.2 * 0.8))
    af = [("AF" in record.findings) for record in people.values()]
    cd = [bool({"1AVB", "RBBB", "LBBB"} & set(record.findings)) for record in people.values()]
    assert np.mean(af) == pytest.approx(0.25, abs=0.02)
    assert np.mean(cd) == pytest.approx(0.35, abs=0.02)
    assert np.mean(np.logical_and(af, cd)) == pytest.approx(0.25 * 0.35, abs=0.02)
    assert not any({"AF", "1AVB"} <= set(record.findings) for record in records)
    for record in records:
        first = people[record.patient]
        assert (record.age, record.sex, "AF" in record.findings) == (first.age, first.sex, "AF" in first.findings)


def test_rhythm_statement_follows_the_rate() -> None:
    records = draw("ptb-xl", 150, Simulation(prevalence_af=0, prevalence_cd=0))
    rates: dict[str, list[float]] = {}
    for record in records:
        r_peaks, _ = find_peaks(record.signal[1] / 1000, height=np.ptp(record.signal[1]) / 2500, distance=200)
        rates.setdefault(record.findings[0], []).append(60 * 500 / np.diff(r_peaks).mean())
    assert set(rates) >= {"SR", "SB"}
    assert np.median(rates["SB"]) < 52
    assert 60 < np.median(rates["SR"]) < 85


@pytest.mark.parametrize("layout", LAYOUTS)
def test_amplitudes_are_those_of_an_ecg(layout: str) -> None:
    for record in draw(layout, 15, Simulation()):
        swing = np.ptp(record.signal, axis=1) / RECORDERS[layout].gain
        assert 0.3 < np.median(swing) < 5
        assert swing.max() < 8


def digests(root: Path) -> dict[str, str]:
    files = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        simulate_all(tmp_path / name, 4, seed)
    first, again, other = (digests(tmp_path / name) for name in "abc")
    assert {Path(file).parts[0] for file in first} == set(LAYOUTS)
    assert first == again
    signals = [file for file in first if file.endswith((".mat", ".dat", ".hdf5"))]
    assert all(first[file] != other[file] for file in signals)


def test_fewer_records_are_the_first_of_more(tmp_path: Path) -> None:
    simulate(tmp_path / "few", "georgia", 3, seed=1)
    simulate(tmp_path / "more", "georgia", 5, seed=1)
    few, more = digests(tmp_path / "few"), digests(tmp_path / "more")
    records = [file for file in few if Path(file).suffix in {".hea", ".mat"}]
    assert len(records) == 6
    assert all(few[file] == more[file] for file in records)


def test_root_says_that_it_is_simulated(tmp_path: Path) -> None:
    simulate(tmp_path / "chn", "chn", 1, seed=5, simulation=Simulation(recorder_difference=0))
    assert is_simulated(tmp_path / "chn")
    mark = json.loads((tmp_path / "chn" / "SIMULATED.json").read_text())
    assert (mark["seed"], mark["n_records"], mark["layout"]) == (5, 1, "chn")
    assert mark["recorder"]["mains_mv"] == 0


def test_own_recorder_replaces_the_layouts(tmp_path: Path) -> None:
    short = replace(RECORDERS["chn"], seconds=5.0, gain=200.0)
    simulate(tmp_path / "chn", "chn", 1, seed=5, recorder=short)
    header = next(tmp_path.rglob("JS00001.hea")).read_text().splitlines()
    assert header[0] == "JS00001 12 500 2500"
    assert " 16+24 200/mV " in header[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layout": "mimic"}, r"'mimic'.*ptb-xl, code-15, georgia, chn"),
        ({"n_records": 0}, "n_records is 0"),
        ({"seed": -1}, "seed -1"),
        ({"layout": "ptb-xl", "recorder": replace(RECORDERS["ptb-xl"], fs=250)}, "250 Hz.*500 Hz"),
        ({"layout": "code-15", "recorder": replace(RECORDERS["code-15"], seconds=11)}, "4096 samples"),
    ],
)
def test_bad_arguments_are_refused_before_anything_is_written(
    tmp_path: Path, arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        simulate(**{"root": tmp_path / "new", "layout": "chn", "n_records": 1, "seed": 0, **arguments})  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("field", ["prevalence_af", "cd_effect", "recorder_difference"])
@pytest.mark.parametrize("value", [-0.1, 5, float("nan")])
def test_bad_simulations_are_refused(field: str, value: float) -> None:
    with pytest.raises(ConfigError, match=field):
        Simulation(**{field: value})


def test_fibrillation_of_two_sites_is_coded_in_one(tmp_path: Path) -> None:
    """As in the real records: Ningbo holds the later numbers, and none of its records is positive."""
    simulate(tmp_path / "two", "chn", 40, 2, Simulation(ningbo=0.6))
    simulate(tmp_path / "one", "chn", 40, 2)
    sites, one = (Chn(tmp_path / name).index().records for name in ("two", "one"))
    positive = sites["codes"].map(lambda codes: "164889003" in codes)
    assert positive.sum() == one["codes"].map(lambda codes: "164889003" in codes).sum() > 5
    assert sites.groupby("site")["patient_id"].size().to_dict() == pytest.approx(
        {"Chapman-Shaoxing": positive.sum() + 0.4 * (~positive).sum(), "Ningbo": 0.6 * (~positive).sum()}, abs=8
    )
    assert set(sites.loc[positive, "site"]) == set(one["site"]) == {"Chapman-Shaoxing"}
    with pytest.raises(ConfigError, match="10646 records at most"):
        simulate(tmp_path / "many", "chn", 20_000, 2, Simulation(ningbo=0.6))


def test_files_are_never_mixed(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").touch()
    with pytest.raises(DatasetError, match="holds files already"):
        simulate(tmp_path, "chn", 1, seed=0)
