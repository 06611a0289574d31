"""Embedding in jobs of a few kilobytes: one per network, data set and shard of records."""

import json
import pickle

import numpy as np
import pytest

from ecglens.embeddings import load_embeddings
from ecglens.files import read_json
from ecglens.study import embed as module
from ecglens.study.embed import EmbedTask, embed_jobs, unite_shards, write_wanted
from ecglens.study.fields import DatasetEntry, EncoderEntry
from ecglens.study.progress import Silent
from ecglens.study.run import run_study


@pytest.fixture
def small_shards(monkeypatch):
    monkeypatch.setattr(module, "shard_bounds", lambda n: [(start, min(start + 32, n)) for start in range(0, n, 32)])


@pytest.fixture(scope="module")
def data(tmp_path_factory, data_of):
    """Enough records for two shards of 32."""
    return data_of(tmp_path_factory.mktemp("more"), n_records=180)


@pytest.fixture
def study(data, study_of):
    return study_of(data, sizes={"tiny": 50}, encoders=["age-sex"], shuffled=[])


def jobs_of(n: int, tmp_path):
    entry, encoder = DatasetEntry(name="georgia", root=tmp_path), EncoderEntry(name="age-sex")
    wanted = write_wanted(tmp_path, "georgia", [f"JS{number:05}" for number in range(n)])
    return embed_jobs((encoder,), entry, tmp_path / "records.parquet", wanted, n, tmp_path)


def test_a_job_is_small_however_many_records_there_are(tmp_path) -> None:
    jobs = jobs_of(100_000, tmp_path)
    assert len(jobs) == 196
    assert max(len(pickle.dumps(job)) for job in jobs) < 4096
    assert sum(job.argument.stop - job.argument.start for job in jobs) == 100_000
    assert len({job.argument.ticket for job in jobs}) == len(jobs)


def test_the_list_of_records_is_named_by_its_content_and_healed(tmp_path) -> None:
    path = write_wanted(tmp_path, "georgia", ["a", "b"])
    assert write_wanted(tmp_path, "georgia", ["a", "c"]) != path
    path.write_text("")
    assert write_wanted(tmp_path, "georgia", ["a", "b"]) == path
    assert read_json(path)["record_ids"] == ["a", "b"]


def test_facts_of_shards_become_those_of_the_data_set(tmp_path) -> None:
    def made(number: int, **facts):
        about = {"card": {"name": "x"}, "recipe": "", "folders": [str(tmp_path / f"f{number}")], "unread": {}}
        return about | {"windows": {}, "provenance": {"a": 1, "n": number}, "defects": []} | facts

    parts = [
        made(1, windows={"1 window": 1}, defects=[{"record_id": "a"}]),
        made(2, windows={"2 windows": 3, "1 window": 1}, defects=[{"record_id": "b"}], unread={"c": {"reason": "x"}}),
    ]
    found = unite_shards(parts)
    assert found["windows"] == {"2 windows": 3, "1 window": 2}
    assert [defect["record_id"] for defect in found["defects"]] == ["a", "b"]
    assert found["unread"] == {"c": {"reason": "x"}}
    assert found["provenance"] == {"a": 1}
    assert unite_shards(parts[:1])["store"] == str(tmp_path / "f1")


class Watch(Silent):
    def __init__(self) -> None:
        self.totals: dict[str, int] = {}

    def stage(self, name: str, total: int) -> None:
        self.totals[name] = total


def test_a_study_in_shards_has_the_numbers_of_one_without(study, tmp_path, small_shards, monkeypatch) -> None:
    watch = Watch()
    many = run_study(study, tmp_path / "many", progress=watch)
    monkeypatch.undo()
    one = run_study(study, tmp_path / "one")
    assert many.failures.empty
    assert one.failures.empty
    for name in ("probe", "geometry"):
        ours, theirs = (getattr(each, name).drop(columns=["seconds"], errors="ignore") for each in (many, one))
        assert ours.equals(theirs)
    stores = sorted((tmp_path / "many/embeddings").glob("*.json"))
    assert len(stores) == 2
    assert all(len(load_embeddings(store).folders) > 1 for store in stores)
    assert watch.totals["embed"] == sum(
        np.load(folder / "record_ids.npy").size for folder in (tmp_path / "many/embeddings").glob("*/")
    )
    embedded = json.loads((tmp_path / "many/plan.json").read_text())["provenance"]["encoders"]["age-sex"]["embeddings"]
    assert all(facts["encoder"]["name"] == "age-sex" for facts in embedded.values())


def test_a_shard_that_fails_leaves_one_failure_and_no_half_store(study, tmp_path, small_shards, monkeypatch):
    extract = module.extract_poolings

    def broken(dataset, records, *args, **kwargs):
        if len(records) == 32:
            raise RuntimeError("out of memory")
        return extract(dataset, records, *args, **kwargs)

    monkeypatch.setattr(module, "extract_poolings", broken)
    results = run_study(study, tmp_path)
    assert results.failures[["stage", "cell"]].to_numpy().tolist() == [
        ["embed", f"age-sex__{entry.name}"] for entry in study.datasets
    ]
    assert results.probe.empty
    monkeypatch.undo()
    assert run_study(study, tmp_path).failures.empty


def test_what_is_opened_is_kept_for_the_next_shard_and_not_longer(study, tmp_path, small_shards, monkeypatch):
    loaded = []
    load = module.load_entry
    monkeypatch.setattr(module, "load_entry", lambda entry: (loaded.append(entry.name), load(entry))[1])
    run_study(study, tmp_path)
    run_study(study, tmp_path)
    assert loaded == ["age-sex"] * 2
    assert isinstance(jobs_of(3, tmp_path)[0].argument, EmbedTask)


def test_stored_embeddings_are_found_without_computing(study, tmp_path, small_shards, monkeypatch) -> None:
    whole = run_study(study, tmp_path)
    monkeypatch.setattr(module, "extract_poolings", None)
    again = run_study(study, tmp_path, only_cached=True)
    assert len(again.probe)
    assert again.probe.equals(whole.probe)
    next((tmp_path / "embeddings").glob("*/matrix.npy")).unlink()
    fewer = run_study(study, tmp_path, only_cached=True)
    assert set(fewer.probe["dataset"]) < set(whole.probe["dataset"])
