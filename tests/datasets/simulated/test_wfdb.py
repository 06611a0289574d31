"""What is written is read back by the wfdb package."""

import warnings
from types import ModuleType

import numpy as np
import pytest

from ecglens.datasets.simulated.wfdb import write_dat, write_lines, write_mat
from ecglens.records import LEADS


@pytest.fixture(scope="module")
def wfdb() -> ModuleType:
    """Importing the package warns of a deprecation in pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wfdb
    return wfdb


@pytest.fixture
def signal() -> np.ndarray:
    return np.random.default_rng(0).integers(-32000, 32000, (12, 700)).astype(np.int16)


def test_plain_files(tmp_path, signal, wfdb) -> None:
    write_dat(tmp_path / "deep" / "00001_hr", signal, fs=500, gain=1000)
    found = wfdb.rdrecord(str(tmp_path / "deep" / "00001_hr"), physical=False)
    np.testing.assert_array_equal(found.d_signal.T, signal)
    assert (found.fs, found.adc_gain, found.units) == (500, [1000.0] * 12, ["mV"] * 12)
    assert found.sig_name == [lead.upper() for lead in LEADS]


def test_matlab_files(tmp_path, signal, wfdb) -> None:
    write_mat(tmp_path / "E00001", signal, 400, "16+24 200/mV", ["#Age: 61", "#Dx: 426783006"])
    found = wfdb.rdrecord(str(tmp_path / "E00001"), physical=False)
    np.testing.assert_array_equal(found.d_signal.T, signal)
    assert (found.fs, found.adc_gain, found.sig_name) == (400, [200.0] * 12, list(LEADS))
    assert found.comments == ["Age: 61", "Dx: 426783006"]


@pytest.mark.parametrize("write", ["dat", "mat"])
def test_checksums_are_the_sums_modulo_2_to_the_16th(tmp_path, signal, write) -> None:
    if write == "dat":
        write_dat(tmp_path / "a", signal, 500, 1000)
    else:
        write_mat(tmp_path / "a", signal, 500, "16+24 1000/mV", [])
    sums = [int(line.split()[6]) % 65536 for line in (tmp_path / "a.hea").read_text().splitlines()[1:]]
    assert sums == [sum(map(int, lead)) % 65536 for lead in signal]


def test_lines_end_the_same_everywhere(tmp_path) -> None:
    write_lines(tmp_path / "RECORDS", ["a", "é"])
    assert (tmp_path / "RECORDS").read_bytes() == b"a\n\xc3\xa9\n"
