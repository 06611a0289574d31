"""A study with a sound reader of one's own beside one of every faulty kind."""

import json

import pytest
from tests.datasets import readers

from ecglens.errors import DatasetError
from ecglens.study import load_study, run_study
from ecglens.study.plan import dry_run
from ecglens.study.task_entry import TaskEntry

STUDY = """
name: readers
encoders: [age-sex]
tasks: [af]
sizes: {tiny: 20}
folds: 3
probes: [decision-tree]
shuffled: []
attribution: {top_k: 2}
geometry: {seeds: 2}
datasets:
"""


def study_of(folder, *kinds):
    (folder / "records").mkdir(exist_ok=True)
    (folder / "records" / "file").touch()
    lines = [
        f"  - {{name: {kind.__name__}, reader: 'tests.datasets.readers:{kind.__name__}', root: records}}\n"
        for kind in kinds
    ]
    (folder / "study.yaml").write_text(STUDY + "".join(lines))
    return load_study(folder / "study.yaml")


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readers")
    kinds = [readers.Sound, readers.OneRaises, *readers.REFUSED, *readers.LEFT_OUT]
    return run_study(study_of(folder, *kinds), folder / "out"), folder / "out"


@pytest.mark.parametrize("reader", readers.REFUSED, ids=lambda reader: reader.__name__)
def test_a_faulty_reader_fails_by_name_and_takes_no_other_with_it(run, reader) -> None:
    (error,) = run[0].failures.query(f"stage == 'index' and cell == '{reader.__name__}'")["error"]
    assert readers.REFUSED[reader] in error
    assert "DatasetError" in error


@pytest.mark.parametrize("reader", readers.LEFT_OUT, ids=lambda reader: reader.__name__)
def test_records_that_cannot_be_used_are_listed_and_never_scored(run, reader) -> None:
    results, folder = run
    defects = results.defects.query(f"dataset == '{reader.__name__}' and encoder == ''")
    assert set(defects["reason"]) == {readers.LEFT_OUT[reader]}
    assert len(defects) == readers.N
    plan = json.loads((folder / "plan.json").read_text())
    assert plan["records"][reader.__name__]["summary"]["usable"] == 0


def test_the_sound_readers_are_scored(run) -> None:
    scored = run[0].probe.query("status == 'done'")
    assert set(scored["dataset"]) == {"Sound", "OneRaises"}
    (defect,) = run[0].defects.query("dataset == 'OneRaises'").itertuples()
    assert (defect.record_id, defect.reason) == ("r7", "reader-error")


def test_nothing_but_faulty_readers_is_one_clear_error(tmp_path) -> None:
    with pytest.raises(DatasetError, match="are a mapping"):
        run_study(study_of(tmp_path, readers.MappingCodes), tmp_path / "out")


@pytest.mark.parametrize(
    "reader",
    [reader for reader in readers.REFUSED if reader is not readers.ReadRaises],
    ids=lambda reader: reader.__name__,
)
def test_the_dry_run_refuses_a_faulty_reader(tmp_path, reader) -> None:
    with pytest.raises(DatasetError) as caught:
        dry_run(study_of(tmp_path, readers.Sound, reader))
    assert readers.REFUSED[reader] in str(caught.value)


def test_the_dry_run_tries_some_records(tmp_path) -> None:
    tried = dry_run(study_of(tmp_path, readers.Sound, readers.ReadRaises, *readers.LEFT_OUT))["records tried"]
    assert tried[0] == "Sound: 8 of 8 tried can be used; 0 of 60 left out by the table"
    assert "0 of 8 tried can be used" in tried[1]
    assert "reader-error: KeyError: 'signal'" in tried[1]
    for sentence, (reader, reason) in zip(tried[2:], readers.LEFT_OUT.items(), strict=True):
        assert sentence.startswith(f"{reader.__name__}: 0 of ")
        assert f": {reason}: " in sentence


def test_a_vocabulary_of_ones_own_is_labelled_by_a_task_of_ones_own(tmp_path) -> None:
    study = study_of(tmp_path, readers.Sound, readers.OwnVocabulary)
    reason = "task 'af' has no codes in the vocabulary 'mine' of data set 'OwnVocabulary'"
    assert dry_run(study)["cannot be filled"] == [f"OwnVocabulary, af, tiny: {reason}"]
    own = study.model_copy(update={"tasks": (TaskEntry(name="own", task="tests.datasets.readers:TASK"),)})
    results = run_study(own, tmp_path / "out")
    assert set(results.probe.query("status == 'done'")["dataset"]) == {"Sound", "OwnVocabulary"}
    assert results.samples.set_index("dataset")["n_positive"].to_dict() == {"Sound": 10, "OwnVocabulary": 10}
