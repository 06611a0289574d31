"""How a cell's numbers come to lie in files, and what is in them if there are none."""

from pathlib import Path

import pandas as pd
import pytest

from ecglens.errors import CannotFillError, StoreError
from ecglens.files import read_schema, read_table
from ecglens.lens import Row, Stage
from ecglens.study.cell import CellTask
from ecglens.study.cell_job import CellJob, compute_cell
from ecglens.study.results import beside, is_finished, write_frame


class MainRow(Row):
    encoder: str
    value: float


class PlaneRow(Row):
    encoder: str
    x: float


class RawRow(Row):
    encoder: str
    repeat: int


def compute(task: CellTask):
    return {
        "main": pd.DataFrame({"value": [task.settings["value"]], "extra": [1]}),
        "plane": pd.DataFrame({"x": [0.5, 0.25]}),
        "raw": pd.DataFrame({"repeat": [0, 1]}),
    }


def refuse(_: CellTask):
    raise CannotFillError("too few records")


def stage(function) -> Stage:
    return Stage(
        name="main", row=MainRow, cells=list, compute=function, beside={"plane": PlaneRow}, raw={"raw": RawRow}
    )


def job(out: Path, function=compute, reason: str = "", **inputs: Path) -> CellJob:
    task = CellTask({"encoder": "e"}, {}, {}, None, inputs, {"value": 0.75}, 7, reason)
    return CellJob(task, stage(function), out / "results/main/e__12345678.parquet", {"code": "abc"})


def test_every_table_lies_in_its_own_folder_under_the_same_name(tmp_path) -> None:
    work = job(tmp_path)
    compute_cell(work)
    assert read_table(work.output).to_dict("records") == [
        {"encoder": "e", "value": 0.75, "status": "done", "reason": ""}
    ]
    plane, raw = (read_table(beside(work.output, name)) for name in ("plane", "raw"))
    assert plane["x"].tolist() == [0.5, 0.25]
    assert plane["status"].tolist() == ["done", "done"]
    assert raw.to_dict("list") == {"encoder": ["e", "e"], "repeat": [0, 1]}
    schema, facts = read_schema(work.output)
    assert schema.names == ["encoder", "value", "status", "reason"]
    assert facts == {"code": "abc", "stage": "main", "key": {"encoder": "e"}, "seed": 7, "beside": ["plane", "raw"]}


@pytest.mark.parametrize(("function", "reason", "why"), [(refuse, "", "too few records"), (compute, "none", "none")])
def test_a_cell_that_cannot_be_filled_is_one_row_with_the_reason(tmp_path, function, reason, why) -> None:
    work = job(tmp_path, function, reason)
    compute_cell(work)
    (row,) = read_table(work.output).to_dict("records")
    assert (row["encoder"], row["status"], row["reason"]) == ("e", "cannot-fill", why)
    assert pd.isna(row["value"])
    assert is_finished(work.output, work.stage)
    assert not beside(work.output, "plane").exists()


def test_a_cell_is_finished_only_if_all_its_tables_are_whole(tmp_path) -> None:
    work = job(tmp_path)
    assert not is_finished(work.output, work.stage)
    compute_cell(work)
    assert is_finished(work.output, work.stage)
    for name in ("main", "plane", "raw"):
        path = beside(work.output, name)
        content = path.read_bytes()
        path.write_bytes(content[:-20])
        assert not is_finished(work.output, work.stage)
        path.unlink()
        assert not is_finished(work.output, work.stage)
        path.write_bytes(content)
        assert is_finished(work.output, work.stage)


def test_the_own_table_is_written_last(tmp_path, monkeypatch) -> None:
    written = []
    monkeypatch.setattr("ecglens.study.cell_job.write_frame", lambda path, *_: written.append(path.parent.name))
    compute_cell(job(tmp_path))
    assert sorted(written) == ["main", "plane", "raw"]
    assert written[-1] == "main"


def test_nothing_is_computed_from_an_altered_file_of_another_cell(tmp_path) -> None:
    path = tmp_path / "input.parquet"
    write_frame(path, pd.DataFrame({"value": [0.5]}))
    path.write_bytes(path.read_bytes().replace(b"value", b"valve"))
    with pytest.raises(StoreError, match=r"input\.parquet: the file is damaged"):
        compute_cell(job(tmp_path, other=path))
    assert not (tmp_path / "results").exists()
