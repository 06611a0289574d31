import pandas as pd
import pytest

from ecglens.errors import StoreError
from ecglens.study.results import (
    STAGES,
    TEXT,
    Reference,
    best_probes,
    cannot_fill_frame,
    cell_frame,
    load_results,
    mean_f1,
    read_provenance,
    references,
    write_atomically,
    write_frame,
)


def test_a_frame_is_readable_by_pandas_and_carries_its_provenance(tmp_path) -> None:
    frame = pd.DataFrame({"fold": [0, 1], "value": [0.5, None]})
    write_frame(tmp_path / "deep" / "cell.parquet", frame, {"seed": 7})
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "deep" / "cell.parquet"), frame)
    assert read_provenance(tmp_path / "deep" / "cell.parquet") == {"seed": 7}


def test_a_write_that_fails_leaves_the_old_file_and_no_rest(tmp_path, monkeypatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_folder_without_a_plan_is_no_run(tmp_path) -> None:
    with pytest.raises(StoreError, match="ecglens run"):
        load_results(tmp_path)


def probe_rows() -> pd.DataFrame:
    scores = {("a", "tree"): [0.5, 0.7], ("a", "mlp"): [0.8, 0.6], ("b", "tree"): [0.9, 0.9], ("b", "mlp"): [0.7, 0.7]}
    rows = [
        {"encoder": "e", "dataset": dataset, "task": "af", "size": "S", "labels": "true", "probe": probe, "fold": fold}
        | {"metric": "f1", "value": value, "status": "done"}
        for (dataset, probe), values in scores.items()
        for fold, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_mean_f1_is_the_mean_over_folds() -> None:
    found = mean_f1(probe_rows()).set_index(["dataset", "probe"])["value"]
    assert found["a", "mlp"] == pytest.approx(0.7)
    assert found["b", "tree"] == pytest.approx(0.9)


def test_the_best_probe_is_best_over_data_sets_and_its_reference_where_it_is_best() -> None:
    (found,) = best_probes(references(probe_rows(), {"af": "S"}))
    # tree: (0.6 + 0.9) / 2 beats mlp: (0.7 + 0.7) / 2
    assert found == Reference("e", "af", "S", "tree", dataset="b", mean=pytest.approx(0.75))


def test_no_common_size_gives_no_best_probe() -> None:
    assert references(probe_rows(), {"af": None}) == []


@pytest.mark.parametrize("stage", STAGES)
def test_a_folder_is_read_as_one_table_whatever_could_not_be_filled(stage: str, tmp_path) -> None:
    text = {name: ["x"] for name in STAGES[stage] if name in TEXT}
    numbers = {name: [0.5] for name in STAGES[stage] if name not in TEXT}
    full = cell_frame(stage, {}, pd.DataFrame(text | numbers))
    write_frame(tmp_path / "a.parquet", cannot_fill_frame(stage, {}, "too few records"))
    write_frame(tmp_path / "b.parquet", full)
    write_frame(tmp_path / "c.parquet", cannot_fill_frame(stage, {}, "too few records"))
    found = pd.read_parquet(tmp_path)
    assert found["status"].tolist() == ["cannot-fill", "done", "cannot-fill"]
    for name in text:
        assert found[name].isna().tolist() == [True, False, True]
