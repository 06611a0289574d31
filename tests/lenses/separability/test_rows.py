"""Columns of separability are those that its stage writes."""

import pandas as pd
import pytest
from tests.made_up.lens_run import DATA, faults, run_lenses, written

from ecglens.geometry import project_pca
from ecglens.lenses.separability import LENS, compute

(STAGE,) = LENS.stages
TABLES = {**STAGE.tables, **STAGE.raw}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(compute, "project_umap", lambda x, *_, **__: project_pca(x))  # compiles for long
        yield run_lenses(tmp_path_factory.mktemp("separability"), lenses=["separability"])


def rows(run, table: str) -> pd.DataFrame:
    return pd.concat(map(pd.read_parquet, written(run, STAGE, table)), ignore_index=True)


@pytest.mark.parametrize("table", TABLES)
def test_files_have_the_columns_of_their_row_type(run, table) -> None:
    assert list(faults(run, STAGE, table, TABLES[table])) == []


def test_tables_by_record_have_every_record_once(run) -> None:
    sample = run.joint_samples["separability"]["af"]
    neighbours, points = rows(run, "neighbourhood"), rows(run, "projection")
    for _, part in [*neighbours.groupby("encoder"), *points.groupby(["encoder", "method"])]:
        assert not part.duplicated(["dataset", "record_id"]).any()
        assert len(part) == len(sample)
        assert set(part["dataset"]) == set(DATA)
    assert neighbours["same_label"].between(0, 1).all()


def test_a_number_over_repeats_is_the_mean_of_its_values(run) -> None:
    place = ["encoder", "task", "level", "stratum", "counts", "space", "metric"]
    values = rows(run, "resample").fillna({"task": ""}).groupby(place)["value"].agg(["mean", "size"])
    numbers = rows(run, "geometry").fillna({"task": ""}).set_index(place)
    joined = values.join(numbers[["value", "n_repeats"]])
    assert len(joined) == len(values) > 0
    assert joined["n_repeats"].tolist() == joined["size"].tolist()
    assert joined["value"].to_numpy() == pytest.approx(joined["mean"].to_numpy())
