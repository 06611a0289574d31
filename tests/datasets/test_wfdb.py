"""The reader against wfdb on real records, and closed forms on made ones."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from ecglens.datasets.wfdb import read_header, read_signal
from ecglens.records import LEADS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # wfdb 4.3 meets pandas' deprecations at import
    import wfdb


def by_wfdb(header: Path) -> np.ndarray:
    record = wfdb.rdrecord(str(header.with_suffix("")))
    names = [name.upper() for name in record.sig_name]
    return record.p_signal[:, [names.index(lead.upper()) for lead in LEADS]].T.astype(np.float32)


@pytest.mark.parametrize("folder", ["ptb-xl", "georgia", "chn", "cpsc", "ptb-xl-normalised"])
def test_real_records_equal_wfdb(shared, folder):
    headers = sorted((shared / "ecg" / folder).rglob("*.hea"))[:: 40 if folder == "ptb-xl-normalised" else 3]
    assert headers
    for path in headers:
        header = read_header(path)
        signal = read_signal(header)
        record = wfdb.rdheader(str(path.with_suffix("")))
        assert signal.dtype == np.float32
        np.testing.assert_array_equal(signal, by_wfdb(path))
        assert (header.fs, header.n_samples) == (record.fs, record.sig_len)
        assert [f"{key}: {value}" for key, value in header.comments.items()] == record.comments


def test_saturated_samples_are_nan_as_in_wfdb(shared):
    header = shared / "ecg" / "defects" / "saturated_nan" / "JS20003.hea"
    signal = read_signal(read_header(header))
    np.testing.assert_array_equal(signal, by_wfdb(header))
    assert np.isnan(signal[LEADS.index("V2")]).sum() == 5
    assert np.isnan(signal).sum() == 5


@pytest.mark.parametrize("kind", ["dat", "mat"])
@pytest.mark.parametrize("gain", ["200", "204.7", "1000.0(0)", "500(37)", "1e3(-12)"])
def test_gain_and_baseline_equal_wfdb(tmp_path, write_record, kind, gain):
    header = write_record(tmp_path, "E00001", kind=kind)
    header.write_text(header.read_text().replace("1000/mV", f"{gain}/mV"))
    np.testing.assert_array_equal(read_signal(read_header(header)), by_wfdb(header))


def test_adc_zero_is_the_baseline_where_none_is_given(tmp_path, write_record):
    header = write_record(tmp_path, "E00001")
    plain = read_signal(read_header(header))
    header.write_text(header.read_text().replace("/mV 16 0 ", "/mV 16 250 "))
    shifted = read_signal(read_header(header))
    np.testing.assert_allclose(shifted, plain - 0.25, atol=1e-6)
    np.testing.assert_array_equal(shifted, by_wfdb(header))


@pytest.mark.parametrize(("given", "per_mv"), [("1/uV", 1000), ("1000000/V", 1000), ("2000/mv", 2000), ("1000", 1000)])
def test_units_become_millivolts(tmp_path, write_record, given, per_mv):
    steps = np.random.default_rng(3).integers(-3000, 3000, (50, 12)).astype("<i2")
    header = write_record(tmp_path, "E00001", steps=steps)
    header.write_text(header.read_text().replace("1000/mV", given))
    np.testing.assert_allclose(read_signal(read_header(header)), steps.T / per_mv, rtol=1e-6)


def test_leads_are_ordered_by_name(tmp_path, write_record):
    leads = ("V6", "AVF", "X", "I", "V5", "avl", "II", "V1", "aVR", "V4", "III", "V3", "V2")
    steps = np.random.default_rng(4).integers(-900, 900, (70, 13)).astype("<i2")
    signal = read_signal(read_header(write_record(tmp_path, "E00001", leads=leads, steps=steps)))
    upper = [lead.upper() for lead in leads]
    np.testing.assert_allclose(signal, [steps[:, upper.index(lead.upper())] / 1000 for lead in LEADS], rtol=1e-6)


@pytest.mark.parametrize(
    "line", ["E00001 12 500 600 10:00:00 05/05/2020", "E00001 12 500/1 600", "E00001 12 500.0 600 9:49:17.5"]
)
def test_record_lines_of_the_specification(tmp_path, write_record, line):
    header = write_record(tmp_path, "E00001")
    header.write_text(header.read_text().replace("E00001 12 500 600", line, 1))
    assert (read_header(header).fs, read_header(header).n_samples) == (500, 600)


def test_wfdbs_own_writing_is_read_as_wfdb_reads_it(tmp_path):
    """Each lead spread over all 16 bits: gains beyond 32,768 per mV and baselines far from 0, also beyond 2**23."""
    rng = np.random.default_rng(5)
    signal = rng.normal(0, 1, (500, 12)) * np.geomspace(0.003, 3, 12) + np.linspace(-50, 50, 12)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        units, leads, formats = ["mV"] * 12, list(LEADS), ["16"] * 12
        wfdb.wrsamp("E00001", 500, units, leads, p_signal=signal, fmt=formats, write_dir=str(tmp_path))
    header = read_header(tmp_path / "E00001.hea")
    gains, baselines = zip(*((channel.gain, abs(channel.baseline)) for channel in header.channels), strict=True)
    assert max(gains) > 1e6
    assert max(baselines) > 2**23
    found = read_signal(header)
    np.testing.assert_array_equal(found, by_wfdb(tmp_path / "E00001.hea"))
    np.testing.assert_allclose(found, signal.T, atol=2e-4)


@pytest.mark.parametrize("other", ["1000/mmHg", "0/NU", "1/degC"])
def test_units_of_further_signals_do_not_matter(tmp_path, write_record, other):
    leads = (*LEADS, "ABP")
    steps = np.random.default_rng(6).integers(-900, 900, (70, 13)).astype("<i2")
    header = write_record(tmp_path, "E00001", leads=leads, steps=steps)
    lines = header.read_text().splitlines()
    header.write_text("\n".join(line.replace("1000/mV", other) if "ABP" in line else line for line in lines))
    np.testing.assert_allclose(read_signal(read_header(header)), steps[:, :12].T / 1000, rtol=1e-6)


def test_comments_of_one_key_are_joined(tmp_path, write_record):
    comments = ("Dx: 1", "Age: 5", "Dx: 2", "3,4", "Age: 5", "a note without a key")
    header = write_record(tmp_path, "E00001", comments=comments)
    assert read_header(header).comments == {"Dx": "1, 2, 3,4", "Age": "5"}
