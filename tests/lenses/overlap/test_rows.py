"""Columns of feature overlap are those that its stages write."""

import pandas as pd
import pytest
from tests.made_up.lens_run import DATA, DIM, faults, run_lenses, written

from ecglens.lenses.overlap import LENS

TABLES = {name: (stage, row) for stage in LENS.stages for name, row in {**stage.tables, **stage.raw}.items()}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_lenses(tmp_path_factory.mktemp("overlap"), lenses=["overlap"], probes=["decision-tree"])


def rows(run, table: str) -> pd.DataFrame:
    return pd.concat(map(pd.read_parquet, written(run, TABLES[table][0], table)), ignore_index=True)


@pytest.mark.parametrize("table", TABLES)
def test_files_have_the_columns_of_their_row_type(run, table) -> None:
    stage, row = TABLES[table]
    assert list(faults(run, stage, table, row)) == []


def test_every_feature_has_one_importance_in_a_cell_and_one_in_every_replicate(run) -> None:
    place = ["encoder", "dataset", "task", "size", "labels", "probe"]
    attribution, replicates = rows(run, "attribution"), rows(run, "replicate")
    assert (attribution.groupby(place)["feature"].agg(sorted).map(list(range(DIM)).__eq__)).all()
    fits = replicates.groupby([*place, "kind", "repeat", "part"])["feature"].agg(sorted)
    assert fits.map(list(range(DIM)).__eq__).all()
    assert set(replicates["kind"]) == {"fold", "half", "permuted"}
    assert set(replicates.loc[replicates["kind"] != "fold", "n"]) == {0}


def test_a_number_of_one_data_set_names_it_twice(run) -> None:
    overlap = rows(run, "overlap")
    overlap = overlap[overlap["status"] == "done"]
    assert set(overlap["dataset"]) | set(overlap["other"]) == set(DATA)
    inside = overlap[overlap["metric"].str.startswith(("reliability", "growth"))]
    assert (inside["dataset"] == inside["other"]).all()
    assert (
        overlap.loc[overlap["metric"] == "share", "dataset"] != overlap.loc[overlap["metric"] == "share", "other"]
    ).all()
