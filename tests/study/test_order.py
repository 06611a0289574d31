"""Results depend on the sets that a study names, not on the order in which it names them."""

import pandas as pd
import pytest

from ecglens.study import run_study

SETTINGS = {
    "encoders": [{"name": "random-conv", "dim": 16}, "age-sex"],
    "tasks": ["cd", "af"],
    "sizes": {"one": 20, "other": 20, "small": 24},
    "draws": 2,
    "folds": 2,
    "shuffled": ["age-sex"],
    "attribution": {"top_k": 3, "cutoffs": [1], "seeds": 1, "halves": 1},
    "geometry": {"k": 3, "seeds": 2, "repeats": 3, "permutations": 5, "bootstraps": 5, "max_records": 40},
    "projection": {"n_neighbors": 4},
}
TABLES = ("samples", "joint_samples", "probe", "comparison", "attribution", "overlap", "geometry", "projection")


def in_order(results, name: str) -> pd.DataFrame:
    table = getattr(results, name).copy()
    keys = [column for column in table if table[column].dtype.kind != "f"]
    return table.sort_values(keys, ignore_index=True, kind="stable")


@pytest.fixture(scope="module")
def both(data, study_of, tmp_path_factory):
    study = study_of(data, **SETTINGS)
    lists = {name: tuple(reversed(getattr(study, name))) for name in ("datasets", "encoders", "tasks", "probes")}
    sizes = dict(reversed(SETTINGS["sizes"].items()))
    turned = study_of(data, **SETTINGS | {"sizes": sizes}).model_copy(update=lists)
    return [run_study(one, tmp_path_factory.mktemp("run")) for one in (study, turned)]


@pytest.mark.parametrize("name", TABLES)
def test_the_order_of_names_in_a_study_changes_no_number(both, name: str) -> None:
    one, two = (in_order(results, name) for results in both)
    assert len(one)
    pd.testing.assert_frame_equal(one, two, check_exact=True)
