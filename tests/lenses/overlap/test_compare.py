"""What `explain_sample` writes is what `compare_datasets` reads, and two data sets share what their tops share."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from ecglens.attribution import Importance
from ecglens.errors import CannotFillError
from ecglens.lenses.overlap.attribution import _replicate_rows
from ecglens.lenses.overlap.compare import AT_CHANCE, _read_importance, compare_datasets
from ecglens.study.cell import CellTask
from ecglens.study.results import write_frame

D, TOP = 6, 2


def importance(best: list[int], seed: int = 0, permutations: int = 3) -> Importance:
    """Features of which some matter more than all others, in every fold and half."""
    rng = np.random.default_rng(seed)
    gain = np.zeros(D)
    gain[best] = 10 + np.arange(len(best))
    return Importance(
        rng.random((2, 4, D)) + gain,
        np.array([5, 6, 5, 7]),
        rng.random((3, 2, D)) + gain,
        permuted=rng.random((permutations, D)),
    )


def write(found: Importance, path):
    """The file of a cell, in any order of rows."""
    write_frame(path, _replicate_rows(found).sample(frac=1, random_state=1))
    return path


@pytest.mark.parametrize("permutations", [0, 3])
def test_what_was_written_is_read(tmp_path, permutations) -> None:
    made = importance([1, 4], permutations=permutations)
    read = _read_importance(write(made, tmp_path / "a.parquet"))
    np.testing.assert_array_equal(read.by_fold, made.by_fold)
    np.testing.assert_array_equal(read.halves, made.halves)
    np.testing.assert_array_equal(read.n_held_out, made.n_held_out)
    assert read.permuted.tolist() == made.permuted.tolist()
    np.testing.assert_array_equal(read.mean, made.mean)


@dataclass(frozen=True)
class Stored(CellTask):
    def open_embeddings(self, dataset: str):
        assert dataset == "b"

        class Taken:
            def take(self, ids):
                return np.random.default_rng(3).normal(size=(len(ids), D)), np.ones(len(ids), dtype=bool)

        return Taken()


def compared(tmp_path, tops: dict[str, list[int]]) -> pd.DataFrame:
    inputs = {
        name: write(importance(top, seed), tmp_path / f"{name}.parquet")
        for seed, (name, top) in enumerate(tops.items())
    }
    sample = tmp_path / "sample.parquet"
    write_frame(sample, pd.DataFrame({"record_id": [f"r{n}" for n in range(20)] * 2}))
    settings = {"cutoffs": [1, TOP], "top_k": TOP, "reference": "b"}
    key = {"encoder": "e", "task": "af", "size": "S", "labels": "true", "probe": "mlp"}
    return compare_datasets(Stored(key, {}, {}, sample, inputs, settings, 0))


def test_every_pair_of_data_sets_shares_what_their_tops_share(tmp_path) -> None:
    tops = {"a": [1, 4], "b": [1, 5], "c": [0, 2]}
    rows = compared(tmp_path, tops).query("unit == 'feature' and metric == 'share' and k == @TOP")
    shares = {frozenset((row.dataset, row.other)): row.value for row in rows.itertuples()}
    assert shares == {frozenset("ab"): 0.5, frozenset("ac"): 0.0, frozenset("bc"): 0.0}


def test_what_data_sets_share_under_shuffled_labels_is_no_data_set_of_its_own(tmp_path) -> None:
    rows = compared(tmp_path, {"a": [1, 4], "b": [1, 5], f"a{AT_CHANCE}": [0, 2], f"b{AT_CHANCE}": [0, 2]})
    assert set(rows["dataset"]) | set(rows["other"]) <= {"a", "b"}


def test_one_data_set_cannot_be_compared(tmp_path) -> None:
    with pytest.raises(CannotFillError, match="overlap needs two data sets, the cell has b"):
        compared(tmp_path, {"b": [1], f"b{AT_CHANCE}": [2]})
