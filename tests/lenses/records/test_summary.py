"""What is known of records, and why nothing is."""

import pandas as pd
from tests.made_up.small import empty, small_results, summary_of

from ecglens.lenses.records.rows import ShortcutRow
from ecglens.lenses.records.summary import RecordSummary, read_records

FACTS = {"listed": 120, "usable": 100, "patients": 90}


def found(**changes) -> RecordSummary:
    results = small_results(shortcuts=empty(ShortcutRow), **changes)
    return read_records(summary_of(results=results, simulated=frozenset({"there"})))


def test_every_data_set_has_a_row() -> None:
    table = found(records={"here": {"summary": FACTS}}).records.set_index("dataset")
    assert table.loc["here", ["listed", "usable", "patients", "status"]].tolist() == [120, 100, 90, "done"]
    assert table["simulated"].tolist() == [False, True]
    assert table.loc["there", ["status", "reason"]].tolist() == ["missing", "not computed yet"]


def test_a_data_set_that_could_not_be_read_says_why() -> None:
    failures = pd.DataFrame([("index", "there", "OSError: gone")], columns=["stage", "cell", "error"])
    table = found(failures=failures).records.set_index("dataset")
    assert table["status"].tolist() == ["missing", "failed"]
    assert table.loc["there", "reason"] == "reading there failed: OSError: gone"


def test_windows_are_counted_by_encoder_data_set_and_fate() -> None:
    fates = {"here": {"windows": {"padded": 3, "several": 2}}, "there": {}}
    encoders = {"conv": {"embeddings": fates}, "features": {}}
    table = found(provenance={"encoders": encoders}).windows
    assert table.to_numpy().tolist() == [["conv", "here", "padded", 3], ["conv", "here", "several", 2]]
    assert found().windows.empty
