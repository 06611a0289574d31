"""Columns of scores are those that their stages write."""

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score
from tests.made_up.lens_run import faults, run_lenses, written

from ecglens.lenses.scores import LENS

TABLES = {name: (stage, row) for stage in LENS.stages for name, row in {**stage.tables, **stage.raw}.items()}
FIT = ["encoder", "dataset", "task", "size", "labels", "probe", "draw", "repeat", "fold"]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_lenses(tmp_path_factory.mktemp("scores"), lenses=["scores"], repeats=2)


def rows(run, table: str) -> pd.DataFrame:
    return pd.concat(map(pd.read_parquet, written(run, TABLES[table][0], table)), ignore_index=True)


@pytest.mark.parametrize("table", TABLES)
def test_files_have_the_columns_of_their_row_type(run, table) -> None:
    stage, row = TABLES[table]
    assert list(faults(run, stage, table, row)) == []


def test_a_fit_is_named_by_its_keys(run) -> None:
    scores = rows(run, "probe").query("status == 'done'")
    assert not scores.duplicated([*FIT, "metric"]).any()
    assert (scores["fold"] // 4 == scores["repeat"]).all(), "folds are numbered on from one repeat to the next"
    assert not rows(run, "prediction").duplicated([*FIT, "record_id"]).any()


def test_predictions_and_scores_are_of_the_same_fits(run) -> None:
    scores = rows(run, "probe").query("metric == 'auroc'").set_index(FIT)["value"]
    predictions = rows(run, "prediction").groupby(FIT)[["label", "probability"]]
    found = predictions.apply(lambda part: roc_auc_score(part["label"], part["probability"]))
    pd.testing.assert_series_equal(found.sort_index(), scores.sort_index(), check_names=False, check_index_type=False)


def test_a_size_that_cannot_be_filled_is_one_row_with_its_keys_and_a_reason(run) -> None:
    huge = rows(run, "probe").query("size == 'huge'")
    assert len(huge) == 2 * 2 * 2  # encoders, data sets, labels
    assert set(huge["status"]) == {"cannot-fill"}
    assert huge["reason"].str.contains("needs 2500 positives").all()
    assert huge[["encoder", "dataset", "task", "labels"]].notna().all(axis=None)
