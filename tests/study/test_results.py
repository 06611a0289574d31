import pandas as pd
import pytest

from ecglens.errors import StoreError
from ecglens.files import read_schema, write_json
from ecglens.lens import load_lenses
from ecglens.lenses.overlap.rows import AttributionRow
from ecglens.study.results import DefectRow, cannot_fill_frame, cell_frame, load_results, write_frame

ROWS = [row for lens in load_lenses() for stage in lens.stages for row in stage.tables.values()]


def test_a_frame_is_readable_by_pandas_and_carries_its_provenance(tmp_path) -> None:
    frame = pd.DataFrame({"fold": [0, 1], "value": [0.5, None]})
    write_frame(tmp_path / "deep" / "cell.parquet", frame, provenance={"seed": 7})
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "deep" / "cell.parquet"), frame)
    assert read_schema(tmp_path / "deep" / "cell.parquet")[1] == {"seed": 7}


def test_a_folder_without_a_plan_is_no_run(tmp_path) -> None:
    with pytest.raises(StoreError, match="ecglens run"):
        load_results(tmp_path)


def test_a_file_of_another_version_is_named(tmp_path) -> None:
    rows = cell_frame(AttributionRow, {"encoder": "conv"}, pd.DataFrame({"feature": [0], "value": [0.5]}))
    file = "results/attribution/old.parquet"
    write_frame(tmp_path / file, rows.drop(columns="additivity_error"))
    nothing = {name: [] for name in ("samples", "joint_samples", "failures")}
    write_json(tmp_path / "plan.json", nothing | {"cells": {"attribution": [file]}})
    write_frame(tmp_path / "defects.parquet", pd.DataFrame(columns=list(DefectRow.columns())))
    with pytest.raises(StoreError, match=r"old.parquet: no column additivity_error: .* into another folder"):
        load_results(str(tmp_path))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_a_folder_is_read_as_one_table_whatever_could_not_be_filled(row, tmp_path) -> None:
    text = {name: ["x"] for name in row.columns() if name in row.texts()}
    numbers = {name: [0.5] for name in row.columns() if name not in row.texts()}
    write_frame(tmp_path / "a.parquet", cannot_fill_frame(row, {}, "too few records"), row)
    write_frame(tmp_path / "b.parquet", cell_frame(row, {}, pd.DataFrame(text | numbers)), row)
    write_frame(tmp_path / "c.parquet", cannot_fill_frame(row, {}, "too few records"), row)
    found = pd.read_parquet(tmp_path)
    assert found["status"].tolist() == ["cannot-fill", "done", "cannot-fill"]
    for name in text:
        assert found[name].isna().tolist() == [True, False, True]
