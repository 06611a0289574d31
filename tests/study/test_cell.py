"""What a cell is computed from: its seed, its records, and their embeddings."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecglens.errors import CannotFillError, StoreError
from ecglens.study.cell import CellTask, cell_matrix, joint_matrix
from ecglens.study.results import write_frame

KEY = {"encoder": "e", "dataset": "georgia", "task": "af", "size": "S", "labels": "true"}


@dataclass(frozen=True)
class Stored(CellTask):
    """A cell whose embeddings are the numbers of the records, but for those that the encoder left out."""

    def open_embeddings(self, dataset: str):
        left_out = self.embeddings[dataset]

        class Taken:
            def take(self, ids):
                found = np.array([name not in left_out for name in ids], dtype=bool)
                numbers = [[float(name[1:]), 1.0] for name, kept in zip(ids, found, strict=True) if kept]
                return np.array(numbers, dtype=np.float32).reshape(-1, 2), found

        return Taken()


def cell(sample: pd.DataFrame, folder: Path, embeddings: dict[str, set[str]], key: dict[str, str] = KEY) -> Stored:
    write_frame(folder / "sample.parquet", sample)
    return Stored(key, embeddings, {}, folder / "sample.parquet", {}, {}, 0)


def repeats() -> pd.DataFrame:
    one = pd.DataFrame({"record_id": [f"r{n}" for n in range(8)], "label": [0, 1] * 4, "fold": [0] * 4 + [1] * 4})
    return pd.concat([one.assign(repeat=0), one.assign(repeat=1, fold=[2, 2, 3, 3, 2, 2, 3, 3])])


def seed(key: dict[str, str], purpose: str = "probe", of: int = 0) -> int:
    return CellTask(key, {}, {}, None, {}, {}, of).derived_seed(purpose)


def test_all_encoders_and_probes_meet_the_same_randomness_and_no_other_cell_does() -> None:
    assert seed(KEY) == seed(KEY | {"encoder": "other"}) == seed(KEY | {"probe": "mlp"})
    others = [seed(KEY | {name: "other"}) for name in ("dataset", "task", "size", "labels")]
    others += [seed(KEY, "umap"), seed(KEY, of=1)]
    assert len({seed(KEY), *others}) == 7


def test_embeddings_and_rows_of_every_repeat_are_in_the_order_of_the_sample(tmp_path) -> None:
    x, parts = cell_matrix(cell(repeats(), tmp_path, {"georgia": set()}))
    assert x[:, 0].tolist() == list(range(8))
    assert [list(part) for part in parts] == [["record_id", "label", "fold", "repeat"]] * 2
    assert [part["fold"].tolist() for part in parts] == [[0] * 4 + [1] * 4, [2, 2, 3, 3, 2, 2, 3, 3]]


def test_records_that_the_encoder_left_out_are_dropped_from_both(tmp_path) -> None:
    x, parts = cell_matrix(cell(repeats(), tmp_path, {"georgia": {"r2", "r5"}}))
    assert x[:, 0].tolist() == [0, 1, 3, 4, 6, 7]
    for part in parts:
        assert part["record_id"].tolist() == ["r0", "r1", "r3", "r4", "r6", "r7"]
        assert part.index.tolist() == list(range(6))
        assert list(part) == ["record_id", "label", "fold", "repeat"]


@pytest.mark.parametrize(
    ("left_out", "why"),
    [
        ({"r4", "r5", "r6", "r7"}, "left out 4 of 8 records; 1 folds hold none"),
        ({"r0", "r2"}, "left out 2 of 8 records; fold 0 holds one class only"),
        ({"r0", "r4"}, "left out 2 of 8 records; fold 2 holds one class only"),
    ],
)
def test_folds_that_the_encoder_emptied_cannot_be_filled(tmp_path, left_out, why) -> None:
    with pytest.raises(CannotFillError, match=why):
        cell_matrix(cell(repeats(), tmp_path, {"georgia": left_out}))


def joint() -> pd.DataFrame:
    return pd.DataFrame({"record_id": ["r1", "r2", "r3", "r4"], "dataset": ["b", "b", "a", "a"]})


def test_a_joint_matrix_holds_all_data_sets_by_name(tmp_path) -> None:
    x, rows = joint_matrix(cell(joint(), tmp_path, {"b": {"r2"}, "a": set()}))
    assert x[:, 0].tolist() == [3, 4, 1]
    assert rows["record_id"].tolist() == ["r3", "r4", "r1"]
    assert rows["dataset"].tolist() == ["a", "a", "b"]
    assert rows.index.tolist() == [0, 1, 2]


def test_a_joint_matrix_of_no_record_cannot_be_filled(tmp_path) -> None:
    with pytest.raises(CannotFillError, match="the encoder left out all 4 records"):
        joint_matrix(cell(joint(), tmp_path, {"a": {"r3", "r4"}, "b": {"r1", "r2"}}))


def test_an_altered_sample_is_not_used(tmp_path) -> None:
    task = cell(joint(), tmp_path, {"a": set()})
    content = bytearray(task.sample.read_bytes())
    content[len(content) // 2] ^= 1
    task.sample.write_bytes(content)
    with pytest.raises(StoreError, match="damaged"):
        task.read_sample()


def test_a_cell_without_a_sample_says_so() -> None:
    with pytest.raises(ValueError, match="has no sample"):
        CellTask(KEY, {}, {}, None, {}, {}, 0).read_sample()
