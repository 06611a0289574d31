"""Names of a study that look alike once they are parts of file names, or are too long for it."""

from itertools import product

import pytest

from ecglens.errors import ConfigError
from ecglens.study import run_study
from ecglens.study.names import check_names


def test_names_that_make_too_long_a_file_name_are_refused(data, study_of) -> None:
    long = {"sizes": {"s" * 80: 20}, "encoders": [{"name": "e" * 80, "encoder": "age-sex"}], "shuffled": "none"}
    check_names(study_of(data))
    with pytest.raises(ConfigError, match=rf"Shorten: encoder '{'e' * 80}' \(80\)"):
        check_names(study_of(data, **long, probes=[{"name": "p" * 60, "probe": "decision-tree"}]))


def test_names_that_join_to_the_same_text_are_cells_of_their_own(data, study_of, tmp_path) -> None:
    names = {"encoders": ("a__b", "a", "A"), "datasets": ("c", "b__c")}
    roots = sorted(data.iterdir())
    study = study_of(
        data,
        encoders=[{"name": name, "encoder": "age-sex"} for name in names["encoders"]],
        datasets=[
            {"name": name, "reader": root.name, "root": root}
            for name, root in zip(names["datasets"], roots, strict=True)
        ],
        sizes={"tiny": 20},
        draws=1,
        folds=2,
        probes=["logistic-regression"],
        shuffled="none",
        attribution={"seeds": 1, "halves": 0, "top_k": 2, "cutoffs": [1]},
        geometry={"k": 3, "seeds": 1, "repeats": 1, "permutations": 2, "bootstraps": 2, "max_records": 20},
        projection={"n_neighbors": 3},
    )
    found = run_study(study, tmp_path)
    assert found.failures.empty
    done = found.probe[found.probe["status"] == "done"]
    assert set(zip(done["encoder"], done["dataset"], strict=True)) == set(product(*names.values()))
    for stage in (tmp_path / "results").iterdir():
        files = [path.name.lower() for path in stage.iterdir()]
        assert len(set(files)) == len(files), "names that differ in case are files of their own on every disk"
