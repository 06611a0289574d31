"""Steps before the lenses: every record is read once, and only records of samples are embedded."""

import pandas as pd
import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.validate.inspection import inspect_records
from ecglens.embeddings import load_embeddings
from ecglens.embeddings.shards import shard_bounds
from ecglens.errors import DatasetError
from ecglens.files import read_json, read_table, write_json
from ecglens.lens import load_lenses
from ecglens.study.entries import check
from ecglens.study.executors import InProcess
from ecglens.study.fields import EncoderEntry
from ecglens.study.run_state import Records, RunState
from ecglens.study.steps import STEPS, _by_network

TWICE = [{"name": "one", "encoder": "random-conv", "dim": 8}, {"name": "two", "encoder": "random-conv", "dim": 8}]


class Counting(InProcess):
    """Keeps the jobs that it runs."""

    def __init__(self) -> None:
        super().__init__()
        self.jobs = []

    def run(self, jobs, on_tick):
        self.jobs += jobs
        return super().run(jobs, on_tick)


@pytest.fixture(scope="module")
def small(data_of, tmp_path_factory):
    return data_of(tmp_path_factory.mktemp("small"), layouts=("georgia",), n_records=40)


@pytest.fixture
def begin(small, study_of, tmp_path):
    def begun(*steps: str, **changes) -> RunState:
        only_cached = changes.pop("only_cached", False)
        study = study_of(small, **{"sizes": {"tiny": 12}, "folds": 2, "shuffled": "none", "encoders": TWICE} | changes)
        lenses = load_lenses(study.lenses)
        state = RunState(study, lenses, tmp_path, Records(check(study, lenses)), only_cached, executor=Counting())
        for step in steps:
            STEPS[step](state)
        return state

    return begun


def test_record_tables_are_those_of_an_inspection(begin, small) -> None:
    state = begin("index")
    inspected = inspect_records(open_dataset("georgia", small / "georgia", name="simulated-georgia"))
    (name,) = state.tables
    pd.testing.assert_frame_equal(state.tables[name], inspected.records, check_index_type=False)
    assert [defect["record_id"] for defect in state.defects] == [defect.record_id for defect in inspected.defects]
    assert state.records.summaries[name]["summary"]["usable"] == len(inspected.records)
    assert state.failures == []


def test_a_data_set_is_read_again_only_if_something_changed(begin, small) -> None:
    assert len(begin("index").executor.jobs) == 1
    again = begin("index")
    assert again.executor.jobs == []
    again.records.files["simulated-georgia"].write_bytes(b"")
    assert len(begin("index").executor.jobs) == 1
    entry = {"name": "simulated-georgia", "reader": "georgia", "root": small / "georgia"}
    assert len(begin("index", datasets=[entry | {"name": "renamed"}]).executor.jobs) == 1
    added = small / "georgia" / "added.hea"
    added.touch()
    assert len(begin("index").executor.jobs) == 1
    added.unlink()
    assert begin("index").executor.jobs == []


def test_records_that_could_not_be_read_are_a_failure_and_tried_again(begin) -> None:
    facts_file = begin("index").records.files["simulated-georgia"].with_suffix(".json")
    facts = read_json(facts_file)
    lost = {"record_id": "E9", "reason": "read-error", "detail": "locked"}
    write_json(facts_file, facts | {"defects": [lost]})
    cached = begin("index", only_cached=True)
    assert [failure["cell"] for failure in cached.failures] == ["simulated-georgia (unread records)"]
    again = begin("index")
    assert len(again.executor.jobs) == 1
    assert again.failures == []


def test_without_any_readable_data_set_there_is_nothing_to_do(begin) -> None:
    with pytest.raises(DatasetError, match="none is stored: run without --only-cached"):
        begin("index", only_cached=True)


def test_every_sample_has_a_file_and_lenses_add_their_own(begin) -> None:
    state = begin("index", "sample")
    for sample in state.samples:
        pd.testing.assert_frame_equal(read_table(state.sample_files[sample.slug]), sample.records)
    assert set(state.joint_samples) == {lens.name for lens in state.lenses}
    assert set(state.joint_samples["separability"]) == {"af", ""}
    assert {"joint", "joint__af"} <= set(state.sample_files)


def test_networks_are_run_once_however_many_names_and_poolings_they_have(begin) -> None:
    state = begin("index", "sample", "embed", lenses=["scores"])
    (job,) = state.executor.jobs[1:]
    assert [entry.name for entry in job.argument.encoders] == ["one", "two"]
    assert state.stores.folders.keys() == {("one", "simulated-georgia"), ("two", "simulated-georgia")}
    assert not job.argument.ticket.exists()


def test_only_records_of_samples_are_embedded(begin) -> None:
    state = begin("index", "sample", "embed", lenses=["scores"])
    (sample,) = state.samples
    made = load_embeddings(state.stores.folders["one", "simulated-georgia"])
    assert set(made.record_ids) == set(sample.records["record_id"])
    assert len(made.record_ids) == 12 < len(state.tables["simulated-georgia"])


def test_a_data_set_without_a_sample_is_not_embedded(begin) -> None:
    state = begin("index", "sample", "embed", lenses=["scores"], sizes={"huge": 5000})
    assert len(state.executor.jobs) == 1
    assert state.stores.unwanted == {"simulated-georgia"}
    assert state.stores.folders == {}


def test_stored_embeddings_are_found_by_a_run_that_computes_nothing(begin) -> None:
    computed = begin("index", "sample", "embed", lenses=["scores"])
    found = begin("index", "sample", "embed", lenses=["scores"], only_cached=True)
    assert found.executor.jobs == []
    assert found.stores == computed.stores


def test_an_unfinished_data_set_has_no_embeddings(begin, monkeypatch) -> None:
    monkeypatch.setattr("ecglens.study.embed.shard_bounds", lambda n: [(0, 5), (5, n)])
    monkeypatch.setattr("ecglens.study.embed.extract_poolings", fails_after(1))
    state = begin("index", "sample", "embed", lenses=["scores"])
    assert len(state.executor.jobs) == 3
    assert state.stores.folders == {}
    assert [failure["cell"] for failure in state.failures] == ["one+two__simulated-georgia"]
    assert shard_bounds(12) == [(0, 12)]


def fails_after(n: int):
    from ecglens.embeddings import extract_poolings

    calls = iter(range(1000))

    def extract(*args, **options):
        if next(calls) >= n:
            raise RuntimeError("out of memory")
        return extract_poolings(*args, **options)

    return extract


def test_entries_are_one_network_if_they_load_the_same_encoder_with_the_same_options() -> None:
    def grouped(*entries) -> list[list[str]]:
        return [
            [each.name for each in group] for group in _by_network([EncoderEntry.model_validate(e) for e in entries])
        ]

    mean, last = (
        {"name": f"ecg-fm-{pooling}", "encoder": "ecg-fm", "pooling": pooling} for pooling in ("mean", "last")
    )
    assert grouped(mean, "age-sex", last) == [["ecg-fm-mean", "ecg-fm-last"], ["age-sex"]]
    assert grouped("ecg-fm", mean) == [["ecg-fm", "ecg-fm-mean"]]
    assert grouped(mean, last | {"windows": "first"}) == [["ecg-fm-mean"], ["ecg-fm-last"]]
