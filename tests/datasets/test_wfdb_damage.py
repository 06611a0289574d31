"""Damage of every kind is refused with its reason, and messages show nothing that they should not."""

import struct
from pathlib import Path

import numpy as np
import pytest

from ecglens.datasets.wfdb import read_header, read_signal
from ecglens.errors import RecordError
from ecglens.records import LEADS


def reason(header: Path) -> str:
    with pytest.raises(RecordError) as caught:
        read_signal(read_header(header))
    assert header.stem[-5:] in caught.value.detail
    return caught.value.reason


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


def test_two_signals_of_one_name_are_refused(tmp_path, write_record):
    header = write_record(tmp_path, "E00001", leads=(*LEADS, "v1"), steps=np.ones((70, 13), dtype="<i2"))
    with pytest.raises(RecordError, match="more than one signal is called V1"):
        read_header(header)


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
