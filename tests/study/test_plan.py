"""The dry run counts what a run would do, tries some records, and writes nothing."""

from dataclasses import replace

import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.validate.gate import checked_index
from ecglens.errors import ConfigError, StoreError
from ecglens.study import plan
from ecglens.study.plan import dry_run
from ecglens.study.samples import draw_samples
from ecglens.tasks import get_task, labels

SMALL = {"sizes": {"tiny": 12, "huge": 5000}, "folds": 2, "shuffled": ["age-sex"], "probes": ["logistic-regression"]}


@pytest.fixture(scope="module")
def small(data_of, tmp_path_factory):
    return data_of(tmp_path_factory.mktemp("small"), n_records=40)


@pytest.fixture(scope="module")
def tables(small):
    """Record tables without defects, by data set."""
    return {name: checked_index(open_dataset(name, small / name)) for name in ("ptb-xl", "georgia")}


@pytest.fixture
def said(small, study_of):
    return lambda **changes: dry_run(study_of(small, **SMALL | changes))


def test_records_embeddings_and_samples_are_counted_from_the_tables(said, tables) -> None:
    found = said()
    n = sum(len(index.records) for index in tables.values())
    assert found["records to read"] == n
    assert found["embeddings, at most"] == 2 * n
    assert found["samples"] == 2 * 2 * 2  # data sets, sizes, labels
    assert found["samples that cannot be filled"] == 2 * 2


def test_a_size_that_cannot_be_filled_is_named_once_with_what_it_lacks(said, tables, small) -> None:
    index = tables["georgia"]
    label = labels(get_task("af"), index.records["codes"], open_dataset("georgia", small / "georgia").card.vocabulary)
    lines = said()["cannot be filled"]
    assert len(lines) == 2, "shuffled labels lack what true ones lack"
    (line,) = (line for line in lines if line.startswith("simulated-georgia, af, huge: "))
    assert f"needs 2500 positives, has {(label == 1).sum()}" in line
    assert said(sizes={"tiny": 12})["cannot be filled"] == "none"


def test_every_lens_adds_its_own_lines_and_one_that_is_not_asked_none(said) -> None:
    assert {"probe fits", "attribution cells", "geometry cells", "shortcuts"} <= set(said())
    only = said(lenses=["overlap"])
    assert {"probe fits", "attribution cells"} <= set(only)
    assert not {"geometry cells", "shortcuts"} & set(only)


def test_some_records_of_every_data_set_are_tried(said) -> None:
    lines = said()["records tried"]
    assert [line.partition(":")[0] for line in lines] == ["simulated-georgia", "simulated-ptb-xl"]
    assert all("8 of 8 tried can be used" in line for line in lines)


def test_barred_sites_are_named(said, monkeypatch) -> None:
    assert said()["negatives"] == "of all sites"

    def drawn(*args):
        return [replace(sample, negatives="negatives from A only") for sample in draw_samples(*args)]

    monkeypatch.setattr(plan, "draw_samples", drawn)
    assert said()["negatives"] == [f"simulated-{name}, af: negatives from A only" for name in ("georgia", "ptb-xl")]


def test_nothing_is_written(small, study_of, tmp_path) -> None:
    before = {path: path.stat().st_mtime_ns for path in small.rglob("*")}
    dry_run(study_of(small, **SMALL), tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert {path: path.stat().st_mtime_ns for path in small.rglob("*")} == before


def test_what_a_run_would_refuse_is_refused(small, study_of, tmp_path) -> None:
    (tmp_path / "letter.txt").touch()
    with pytest.raises(StoreError, match=r"contains 'letter\.txt' but no run"):
        dry_run(study_of(small, **SMALL), tmp_path)
    with pytest.raises(StoreError, match="is inside the data set"):
        dry_run(study_of(small, **SMALL), small / "georgia" / "run")
    with pytest.raises(ConfigError, match=r"geometry\.device: device 'abacus' is not available"):
        dry_run(study_of(small, **SMALL, geometry={"device": "abacus"}))
    assert dry_run(study_of(small, **SMALL, lenses=["scores"], geometry={"device": "abacus"}))["probe cells"] > 0
