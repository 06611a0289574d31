"""The reader against wfdb on real records, closed forms on made ones, and damage of every kind."""

import struct
import warnings
from pathlib import Path

import numpy as np
import pytest

from ecglens.datasets.wfdb import read_header, read_signal
from ecglens.errors import RecordError
from ecglens.records import LEADS

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # wfdb 4.3 meets pandas' deprecations at import
    import wfdb


def by_wfdb(header: Path) -> np.ndarray:
    record = wfdb.rdrecord(str(header.with_suffix("")))
    names = [name.upper() for name in record.sig_name]
    return record.p_signal[:, [names.index(lead.upper()) for lead in LEADS]].T.astype(np.float32)


def reason(header: Path) -> str:
    with pytest.raises(RecordError) as caught:
        read_signal(read_header(header))
    assert header.stem[-5:] in caught.value.detail
    return caught.value.reason


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


@pytest.mark.parametrize(
    ("fault", "record", "expected"),
    [
        ("legacy_header", "E06320", "header"),
        ("lost_newline", "JS00010", "header"),
        ("orphan_name", "S17194", "header"),
        ("truncated", "JS20003", "truncated"),
    ],
)
def test_real_defects(shared, fault, record, expected):
    assert reason(shared / "ecg" / "defects" / fault / f"{record}.hea") == expected


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


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("E00001 12 500 600", "E00001 12 500", "header"),
        ("E00001 12 500 600", "E00002 12 500 600", "header"),
        ("E00001 12 500 600", "E00001 11 500 600", "header"),
        ("E00001 12 500 600", "E00001 12 0 600", "fs"),
        ("E00001 12 500 600", "E00001 12 500000 600", "fs"),
        ("E00001 12 500 600", "E00001 12 500 0", "header"),
        ("E00001 12 500 600", "E00001 12 500 600 05-May-2020 09:49:17", "header"),
        ("E00001.mat", "E00002.mat", "header"),
        ("E00001.mat", "../E00001.mat", "header"),
        ("E00001.mat", "/E00001.mat", "header"),
        ("16+24", "212+24", "header"),
        ("16+24", "16x2+24", "header"),
        ("16+24", "16:3+24", "header"),
        ("E00001 12 500 600", "E00001 12 500 601", "length"),
        ("E00001 12 500 600", "E00001 12 500 599", "length"),
        ("16+24", "16+20", "unreadable"),
        ("0 V3\n", "0 V33\n", "missing-lead"),
        ("1000/mV", "0/mV", "gain"),
        ("1000/mV", "-1000/mV", "gain"),
        ("1000/mV", "0.5/mV", "gain"),
        ("1000/mV", "1e9/mV", "gain"),
        ("1000/mV", "1000/mmHg", "gain"),
        ("1000/mV", "1e400/mV", "gain"),
        ("1000/mV", "1000.0.0/mV", "header"),
        ("1000/mV", "./mV", "header"),
        ("1000/mV", "1..5e2/mV", "header"),
        ("1000/mV", f"1000({'9' * 400})/mV", "header"),
        ("1000/mV", "１０００/mV", "header"),
        ("E00001 12 500 600", "E00001 12 ５００ 600", "header"),
        ("E00001 12 500 600", "E00001 12 500 2147483647", "length"),
        ("E00001 12 500 600", "E00001 12 500 99999999999999", "length"),
        ("E00001 12 500 600", f"E00001 12 500 {'9' * 22}", "header"),
        ("E00001 12 500 600", f"E00001 12 500 {'9' * 5000}", "header"),
        ("E00001 12 500 600", f"E00001 12 {'9' * 5000} 600", "fs"),
        ("16+24", f"16+{'9' * 5000}", "header"),
        ("16+24", "16+999999999999999999", "unreadable"),
        ("0 V3\n", "0 V2\n", "missing-lead"),
        ("0 V3\n", f"0 V3{' ' * 300_000}x\n", "missing-lead"),
        ("#Dx", f"#{'x' * 1_000_000}\n#Dx", "header"),
    ],
)
def test_damaged_headers(tmp_path, write_record, old, new, expected):
    header = write_record(tmp_path, "E00001")
    text = header.read_text()
    assert old in text
    header.write_text(text.replace(old, new, 1 if old.startswith("E00001 ") else -1))
    assert reason(header) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda content: content[:-1], "truncated"),
        (lambda content: content[:10], "truncated"),
        (lambda content: b"", "truncated"),
        (lambda content: content + b"\0\0", "length"),
        (lambda content: content[:-2] + b"\x55\x55", "checksum"),
        (lambda content: struct.pack("<i", 20) + content[4:], "unreadable"),
        (lambda content: content[:4] + struct.pack("<2i", 600, 12) + content[12:], "length"),
    ],
)
def test_damaged_signals(tmp_path, write_record, change, expected):
    header = write_record(tmp_path, "E00001")
    file = header.with_suffix(".mat")
    file.write_bytes(change(file.read_bytes()))
    assert reason(header) == expected


def test_missing_and_unreadable_files(tmp_path, write_record):
    header = write_record(tmp_path, "E00001", kind="dat")
    header.with_suffix(".dat").unlink()
    assert reason(header) == "missing-file"
    header.with_suffix(".dat").mkdir()
    assert reason(header) == "unreadable"
    assert reason(tmp_path / "E00002.hea") == "missing-file"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"#Dx: 1\n", bytes(range(256))])
def test_what_is_no_header(tmp_path, content):
    (tmp_path / "E00001.hea").write_bytes(content)
    assert reason(tmp_path / "E00001.hea") == "header"


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


def test_a_count_that_the_file_does_not_hold_is_seen_before_reading(tmp_path, write_record):
    header = write_record(tmp_path, "E00001", kind="dat")
    text = header.read_text()
    for count in ("2147483647", "9" * 18):
        header.write_text(text.replace("12 500 600", f"12 500 {count}"))
        assert reason(header) == "truncated"
    header.write_text(text.replace("12 500 600", "12 500 400000000"))
    with header.with_suffix(".dat").open("r+b") as file:
        file.truncate(400_000_000 * 24)  # a hole of 9.6 GB that takes no room
    assert reason(header) == "length"


@pytest.mark.parametrize("other", ["1000/mmHg", "0/NU", "1/degC"])
def test_units_of_further_signals_do_not_matter(tmp_path, write_record, other):
    leads = (*LEADS, "ABP")
    steps = np.random.default_rng(6).integers(-900, 900, (70, 13)).astype("<i2")
    header = write_record(tmp_path, "E00001", leads=leads, steps=steps)
    lines = header.read_text().splitlines()
    header.write_text("\n".join(line.replace("1000/mV", other) if "ABP" in line else line for line in lines))
    np.testing.assert_allclose(read_signal(read_header(header)), steps[:, :12].T / 1000, rtol=1e-6)


def test_two_signals_of_one_name_are_refused(tmp_path, write_record):
    header = write_record(tmp_path, "E00001", leads=(*LEADS, "v1"), steps=np.ones((70, 13), dtype="<i2"))
    with pytest.raises(RecordError, match="more than one signal is called V1"):
        read_header(header)


def test_comments_of_one_key_are_joined(tmp_path, write_record):
    comments = ("Dx: 1", "Age: 5", "Dx: 2", "3,4", "Age: 5", "a note without a key")
    header = write_record(tmp_path, "E00001", comments=comments)
    assert read_header(header).comments == {"Dx": "1, 2, 3,4", "Age": "5"}


@pytest.mark.parametrize("text", ["secret", "E00001 12 500 600\nsecret", "secret 12 500 600", "#secret"])
def test_messages_show_nothing_of_a_file_that_a_link_leads_to(tmp_path, write_record, text):
    (tmp_path / "E00001.hea").write_text(text)
    (tmp_path / "g1").mkdir()
    (tmp_path / "g1" / "E00001.hea").symlink_to(tmp_path / "E00001.hea")
    (tmp_path / "g2").symlink_to(tmp_path)
    for folder in ("g1", "g2"):
        with pytest.raises(RecordError) as caught:
            read_header(tmp_path / folder / "E00001.hea")
        assert "secret" not in caught.value.detail


@pytest.mark.parametrize("place", ["lead", "unit"])
def test_messages_hold_nothing_that_a_terminal_obeys(tmp_path, write_record, place):
    header = write_record(tmp_path, "E00001")
    old, new = {"lead": (" V3\n", " \x1b]0;LEAD\x07\n"), "unit": ("/mV", "/\x1b[31m")}[place]
    header.write_text(header.read_text().replace(old, new))
    with pytest.raises(RecordError) as caught:
        read_header(header)
    assert caught.value.detail.isprintable()
    assert "x1b" in caught.value.detail
