"""Lists of codes against the codes of the tasks, and with every damage that would make a negative of a positive."""

import csv

import pytest

from ecglens.datasets.snomed import is_concept, snomed_codes
from ecglens.tasks.tables import read_rows

AF, SR = "164889003", "426783006"


def published():
    return {row["code"] for row in read_rows("codes") if row["vocabulary"] == "snomed-ct"}


def test_every_code_of_the_tasks_and_of_the_real_records_is_a_concept(shared):
    codes = published()
    with (shared / "ecg" / "manifest_wfdb_challenge_format.csv").open() as file:
        codes.update(code for row in csv.DictReader(file) for code in row["dx"].split(",") if code)
    with (shared / "ecg" / "chn" / "ConditionNames_SNOMED-CT.csv").open(encoding="utf-8-sig") as file:
        codes.update(row["Snomed_CT"] for row in csv.DictReader(file))
    assert len(codes) > 80
    assert [code for code in codes if not is_concept(code)] == []


@pytest.mark.parametrize("code", sorted(published()))
def test_every_wrong_digit_and_every_swap_of_neighbours_is_noticed(code):
    """What the check digit of Verhoeff promises."""
    changed = {code[:i] + digit + code[i + 1 :] for i in range(len(code)) for digit in "0123456789"} - {code}
    swapped = {code[:i] + code[i + 1] + code[i] + code[i + 2 :] for i in range(len(code) - 1)} - {code}
    assert not [wrong for wrong in changed | swapped if is_concept(wrong)]


@pytest.mark.parametrize(
    "text",
    [f"{AF},{SR}", f"{AF};{SR}", f"{AF} {SR}", f"{AF}|{SR}", f"{AF}.0, {SR}.0", f"['{AF}', '{SR}']", f"{AF},\t;{SR},"],
)
def test_any_separator(text):
    assert snomed_codes(text) == [AF, SR]


@pytest.mark.parametrize("text", ["", " ", "Unknown", "nan", "NaN", "n/a", "N/A", "None", "null", ",", "[]"])
def test_no_code(text):
    assert snomed_codes(text) == []


@pytest.mark.parametrize(
    "text",
    [
        f"{AF}{SR}",
        "164 889003",
        AF[:-1],
        f"0{AF}",
        "1.64889003e8",
        f"{SR},AF",
        f"{SR},unknown",
        f"{SR}/{AF}",
        "164889003:1",
        "１６４８８９００３",
        "-164889003",
        "1" * 5000,
    ],
)
def test_what_is_no_code_is_refused(text):
    with pytest.raises(ValueError, match=r"\S"):
        snomed_codes(text)
