"""Tables of records, samples, joint samples, windows and pretraining."""

import pandas as pd
from tests.made_up.small import empty, small_results, summary_of, texts_of

from ecglens.lenses.records.rows import ShortcutRow
from ecglens.lenses.records.summary import read_records
from ecglens.lenses.records.tables import record_tables
from ecglens.report.table import Table
from ecglens.study.results import DefectRow, JointRow, SampleRow

KNOWN = {
    "listed": 1204, "usable": 1200, "expected": 10344, "patients": 1100, "has_patient_ids": True, "fs": {"500": 1200},
    "seconds": {"minimum": 5.0, "median": 10.0, "maximum": 10.0}, "age": None, "sex": {"F": 600, "unknown": 2},
}  # fmt: skip
SAID = "negatives from Chapman-Shaoxing only"


def tables(**changes) -> dict[str, Table]:
    results = small_results(shortcuts=empty(ShortcutRow), **changes)
    summary = summary_of(results=results, simulated=frozenset({"there"}))
    summary = summary_of(read_records(summary), results=results, simulated=summary.simulated)
    return {table.title: table for table in record_tables(summary)}


def sample(dataset: str, size: str, n: int, reason: str = "", labels: str = "true", negatives: str = "") -> dict:
    counts = {"n": n, "n_positive": n // 2, "n_patients": n, "n_tested": n, "n_draws": 1}
    place = {"dataset": dataset, "task": "af", "size": size, "labels": labels}
    return place | counts | {"reason": reason, "negatives": negatives}


def test_records_and_what_is_known_of_them() -> None:
    table = tables(records={name: {"summary": KNOWN} for name in ("here", "there")})["Records"]
    here = ["here", "1,204", "1,200", "4", "10,344", "1,100", "500", "5 / 10 / 10", "–", "600 / 0 / 2"]
    assert texts_of(table) == [here, ["there (simulated)", *here[1:4], "–", *here[5:]]]
    assert table.notes == ()


def test_without_patient_identifiers_a_record_counts_as_a_patient() -> None:
    table = tables(records={"here": {"summary": KNOWN | {"has_patient_ids": False}}})["Records"]
    assert table.rows[0][5].notes == ("no patient identifiers: every record counts as a patient",)
    assert texts_of(table)[1][:3] == ["there (simulated)", "not computed", "–"]


def test_records_left_out_are_counted_by_reason_and_encoder() -> None:
    rows = [("here", "r1", "nan", "", ""), ("here", "r2", "nan", "", ""), ("here", "r3", "window", "", "conv")]
    table = tables(defects=pd.DataFrame(rows, columns=[*DefectRow.columns()]))["Records left out"]
    assert texts_of(table) == [["here", "nan", "every encoder", "2"], ["here", "window", "conv", "1"]]


def test_samples_are_shown_by_size_under_true_labels() -> None:
    rows = [sample("here", "L", 1000), sample("here", "S", 250), sample("there", "S", 0, "needs 125 positives")]
    rows.append(sample("there", "L", 1000, labels="shuffled"))
    table = tables(samples=pd.DataFrame(rows, columns=[*SampleRow.columns()]))["Samples of the probes"]
    assert table.columns == ("data set", "task", "S", "L")
    assert texts_of(table) == [
        ["here", "af", "250 (125)", "1,000 (500)"],
        ["there (simulated)", "af", "cannot fill", "–"],
    ]
    assert table.notes == ("needs 125 positives",)
    assert "in 5 folds" in table.caption


def test_samples_and_joint_samples_name_the_sites_of_negatives() -> None:
    samples = [sample("here", "S", 250, negatives=SAID), sample("there", "S", 250)]
    joint = [("af", "here", 250, 125, "S"), ("af", "there", 80, 20, "natural")]
    found = tables(samples=pd.DataFrame(samples), joint_samples=pd.DataFrame(joint, columns=[*JointRow.columns()]))
    noted = {title: table.notes for title, table in found.items() if table.notes and title != "Records"}
    note = (f"here, af: {SAID}",)
    assert noted == {"Samples of the probes": note, "Joint samples": note}
    geometry = found["Joint samples"]
    assert texts_of(geometry) == [
        ["af", "here", "S", "250", "125"], ["af", "there (simulated)", "natural", "80", "20"],
    ]  # fmt: skip
    assert [row[0].notes for row in geometry.rows] == [note, ()]


def test_what_pretraining_saw_has_a_row_per_encoder() -> None:
    card = {"conv": {"card": {"name": "conv", "pretraining": ["here"]}}}
    table = tables(provenance={"encoders": card})["Pretraining"]
    assert texts_of(table) == [["conv", "seen", "simulated"], ["features", "unknown", "simulated"]]


def test_windows_are_shown_if_there_are_any() -> None:
    facts = {"conv": {"embeddings": {"here": {"windows": {"padded": 1200}}}}}
    assert texts_of(tables(provenance={"encoders": facts})["Windows"]) == [["conv", "here", "padded", "1,200"]]
    assert "Windows" not in tables()
