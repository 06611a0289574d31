"""Which records are tested for shortcuts: those that probes are tested on, or else all labelled ones."""

import pandas as pd
import pytest
from tests.made_up.lens_run import DATA, N, make_run

from ecglens.lenses.records import cells
from ecglens.lenses.records.cells import foresee_shortcuts, shortcut_cells
from ecglens.lenses.records.shortcuts import compute_shortcuts
from ecglens.study.cell import CellTask

OWN = {"name": "own", "title": "own", "positive": {"scp-ecg": ["AFIB"]}}


@pytest.fixture
def run(tmp_path):
    return lambda **changes: make_run(tmp_path, **{"lenses": ["records"], "shuffled": "none"} | changes)


@pytest.mark.parametrize(("sizes", "drawn", "n"), [
    ({"tiny": 12, "small": 24, "huge": 5000}, "small", 24),
    ({"tiny": 12}, "tiny", 12),
    ({"tiny": 12, "all": None}, "all", N),
    ({"huge": 5000}, "natural", N),
])  # fmt: skip
def test_records_are_those_of_the_largest_size_that_is_filled(run, sizes, drawn, n) -> None:
    state = run(sizes=sizes)
    found, records = cells.tested_records(state, "chn", "af")
    assert (found, len(records)) == (drawn, n)
    assert records["record_id"].is_unique
    tested = {
        record for s in state.samples if (s.dataset, s.size) == ("chn", drawn) for record in s.tested["record_id"]
    }
    assert drawn == "natural" or set(records["record_id"]) == tested


def test_repeats_of_the_cross_validation_count_a_record_once(run) -> None:
    _, records = cells.tested_records(run(repeats=3), "chn", "af")
    assert records["record_id"].is_unique
    assert len(records) == 24


def test_facts_are_those_of_the_record(run) -> None:
    state = run()
    _, records = cells.tested_records(state, "georgia", "af")
    table = state.tables["georgia"].loc[records["record_id"]].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        records[["patient_id", "fs", "n_samples", "age", "sex", "site"]],
        table[["patient_id", "fs", "n_samples", "age", "sex", "site"]],
        check_dtype=False,
    )
    assert (records["label"] == records["record_id"].str[1:].astype(int) % 2).all()


def test_shuffled_labels_are_not_tested(run) -> None:
    for asked in ("all", "none"):
        _, records = cells.tested_records(run(shuffled=asked), "chn", "af")
        assert (records["label"] == records["record_id"].str[1:].astype(int) % 2).all()


def test_one_cell_per_data_set_and_task_with_the_reason_where_there_are_no_labels(run) -> None:
    found = {tuple(cell.key.values()): cell for cell in shortcut_cells(run(tasks=["af", OWN]))}
    assert set(found) == {(name, task) for name in DATA for task in ("af", "own")}
    for (name, task), cell in found.items():
        assert ("no codes in the vocabulary 'snomed-ct'" in cell.reason) == (task == "own")
        assert cell.settings == {"drawn": "small" if task == "af" else "natural"}
        assert len(pd.read_parquet(cell.sample)) == (24 if task == "af" else 0)
        assert name in cell.sample.name


def test_negatives_of_barred_sites_are_left_out_as_in_the_samples(run) -> None:
    state = run(sizes={"huge": 5000})
    table = state.tables["chn"]
    positive = pd.Series(range(N), index=table.index) % 2 == 1
    table["site"] = positive.map({True: "one", False: "two"})
    table.loc[table.index[:6], "site"] = "one"
    _, records = cells.tested_records(state, "chn", "af")
    assert set(records["site"]) == {"one"}
    assert len(records) == N // 2 + 3
    with_any = run(sizes={"huge": 5000}, negatives="any")
    with_any.records.tables["chn"] = table
    assert len(cells.tested_records(with_any, "chn", "af")[1]) == N


def test_the_dry_run_says_what_a_run_would_find(run) -> None:
    state = run(sizes={"all": None}, folds=2)
    assert foresee_shortcuts(run(sizes={"all": None}, folds=2)) == {"shortcuts": "none found"}
    positive = pd.Series(range(N), index=state.tables["chn"].index) % 2 == 1
    state.tables["chn"]["fs"] = positive.map({True: 500.0, False: 250.0})
    state.tables["chn"]["n_samples"] = 10 * state.tables["chn"]["fs"]
    (line,) = foresee_shortcuts(state)["shortcuts"]
    assert line.startswith("chn, af: sampling rate predicts the label with a balanced accuracy of 1.00 [")
    (cell,) = (cell for cell in shortcut_cells(state) if cell.key["dataset"] == "chn")
    rows = compute_shortcuts(CellTask(cell.key, {}, {}, cell.sample, {}, cell.settings, state.study.seed))
    row = rows.set_index("fact").loc["sampling rate"]
    assert f"of {row['value']:.2f} [{row['low']:.2f}, {row['high']:.2f}]" in line
