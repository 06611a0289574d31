"""Columns of shortcuts are those that their stage writes."""

import pandas as pd
import pytest
from tests.made_up.lens_run import DATA, faults, run_lenses, written

from ecglens.lenses.records import LENS
from ecglens.lenses.records.rows import ShortcutRow
from ecglens.lenses.records.shortcuts import FACTS

(STAGE,) = LENS.stages


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return run_lenses(tmp_path_factory.mktemp("records"), lenses=["records"])


def test_files_have_the_columns_of_their_row_type(run) -> None:
    assert STAGE.tables == {"shortcuts": ShortcutRow}
    assert list(faults(run, STAGE, "shortcuts", ShortcutRow)) == []


def test_every_fact_has_one_row_by_data_set_and_task(run) -> None:
    rows = pd.concat(map(pd.read_parquet, written(run, STAGE, "shortcuts")))
    assert rows.groupby(["dataset", "task"])["fact"].agg(list).to_dict() == {(name, "af"): [*FACTS] for name in DATA}
    done = rows[rows["status"] == "done"]
    assert (done["p_holm"] >= done["p_value"]).all()
    assert ((done["low"] <= done["value"]) & (done["value"] <= done["high"])).all()
    assert (done["n_positive"] < done["n"]).all()
