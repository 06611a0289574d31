"""The state of a run: files of cells and samples, outcomes of jobs, and what was left out."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from ecglens.datasets import DATASETS
from ecglens.errors import WriteError
from ecglens.files import read_json, read_table
from ecglens.lens import load_lenses
from ecglens.study import Study, load_results
from ecglens.study.executors.base import Job, Outcome
from ecglens.study.run_state import Records, RunState, describe_joint

SINUS, AF = "426783006", "164889003"
SETTINGS = {"name": "x", "datasets": ["georgia", "chn"], "encoders": ["age-sex"], "tasks": ["af"], "folds": 2}
SIZES = {"tiny": 8, "small": 16, "large": 5000}


def table(n_positive: int) -> pd.DataFrame:
    index = pd.Index([f"r{row}" for row in range(60)], name="record_id")
    codes = [[AF] if row < n_positive else [SINUS] for row in range(60)]
    return pd.DataFrame({"patient_id": [f"p{row}" for row in range(60)], "codes": codes}, index=index)


@pytest.fixture
def state(state_of, tmp_path) -> RunState:
    """Georgia fills small, CHN only tiny."""
    cards = {name: DATASETS.load(name).card for name in ("georgia", "chn")}
    study = Study.model_validate(SETTINGS | {"sizes": SIZES})
    return state_of(study, {"georgia": table(20), "chn": table(5)}, cards, tmp_path)


class Backwards:
    """An executor whose last job ends first; jobs named `bad` fail."""

    def __init__(self, unwritable: str = "") -> None:
        self.unwritable = unwritable
        self.n_run = 0

    def run(self, jobs, on_tick):
        for job in reversed(jobs):
            self.n_run += 1
            on_tick()
            bad = job.slug.startswith("bad")
            yield Outcome(job, job.argument, f"failed: {job.argument}" if bad else "", self.unwritable if bad else "")


class Watched:
    def __init__(self) -> None:
        self.said: list[object] = []

    def stage(self, name: str, total: int) -> None:
        self.said.append((name, total))

    def advance(self, done: int) -> None:
        self.said.append(done)


def jobs(*slugs: str) -> list[Job]:
    return [Job("s", slug, abs, number) for number, slug in enumerate(slugs)]


def test_data_sets_are_compared_at_the_largest_size_that_all_fill(state) -> None:
    assert state.common_sizes == {"af": "tiny"}
    filled = {(s.dataset, s.size) for s in state.samples if not s.reason}
    assert filled == {("georgia", "tiny"), ("georgia", "small"), ("chn", "tiny")}


def test_the_file_of_a_sample_is_named_by_its_content(state, state_of, tmp_path) -> None:
    records = state.samples[0].records
    path = state.sample_file("a", records)
    assert path.parent == tmp_path / "samples"
    assert state.sample_file("a", records.iloc[:1]) == path, "drawn once in a run"
    again, other = (state_of(state.study, state.tables, state.cards, tmp_path) for _ in range(2))
    assert again.sample_file("a", records) == path
    assert other.sample_file("a", records.iloc[::-1]) != path
    pd.testing.assert_frame_equal(read_table(path), records)


def test_a_damaged_sample_is_written_again(state, state_of, tmp_path) -> None:
    records = state.samples[0].records
    path = state.sample_file("a", records)
    path.write_bytes(path.read_bytes()[:-9])
    assert state_of(state.study, state.tables, state.cards, tmp_path).sample_file("a", records) == path
    pd.testing.assert_frame_equal(read_table(path), records)


def test_joint_samples_are_files_of_the_lens_that_asked_for_them(state) -> None:
    records = pd.DataFrame({"record_id": ["r1"], "dataset": ["georgia"]})
    state.joint_samples = {"separability": {"": records, "af": records}, "scores": {}}
    names = [path.name.rpartition("__")[0] for path in state.joint_files("separability").values()]
    assert names == ["joint", "joint__af"]
    assert state.joint_files("scores") == state.joint_files("nobody") == {}


def test_a_cell_without_a_file_is_none(state, tmp_path) -> None:
    key = ("age-sex", "georgia", "af", "tiny", "true")
    assert state.file("probe", key) is None
    made = tmp_path / "results" / "probe" / "cell__1.parquet"
    state.made["probe", *key] = made
    assert state.file("probe", key) is None, "planned, not computed"
    (tmp_path / "results" / "prediction").mkdir(parents=True)
    (tmp_path / "results" / "prediction" / "cell__1.parquet").touch()
    assert state.file("probe", key) is None
    assert state.file("probe", key, "prediction") == tmp_path / "results" / "prediction" / "cell__1.parquet"


def test_outcomes_come_in_the_order_of_jobs_and_each_group_fails_once(state) -> None:
    state.executor, state.progress = Backwards(), Watched()
    found = state.execute("embed", jobs("a", "bad", "b", "bad", "bad2"))
    assert [(job.slug, value) for job, value in found] == [("a", 0), ("b", 2)]
    assert state.failures == [
        {"stage": "embed", "cell": "bad", "error": "failed: 1"},
        {"stage": "embed", "cell": "bad2", "error": "failed: 4"},
    ]
    assert state.progress.said == [("embed", 5), 1, 2, 3, 4, 5]


def test_progress_is_what_is_measured(state) -> None:
    state.executor, state.progress = Backwards(), Watched()
    state.execute("embed", jobs("a", "b"), total=10, measure=iter((3, 4, 8, 10)).__next__)
    assert state.progress.said == [("embed", 10), 3, 4, 8, 10]


def test_a_full_disk_stops_the_stage(state) -> None:
    state.executor = Backwards("disk full")
    with pytest.raises(WriteError, match="disk full"):
        state.execute("probe", jobs("a", "b", "bad", "c"))
    assert state.executor.n_run == 2


def test_only_cached_runs_no_job(state) -> None:
    state.executor, state.only_cached = Backwards(), True
    assert state.execute("probe", jobs("a", "bad")) == []
    assert state.executor.n_run == 0
    assert state.failures == []


def test_records_left_out_are_defects_and_unread_ones_a_failure_too(state) -> None:
    lost = [{"record_id": name, "reason": "unreadable", "detail": "cut"} for name in ("r1", "r2")]
    made = {
        "card": {"dim": 3}, "recipe": "none", "store": "embeddings/a", "windows": {"1 window": 58},
        "provenance": {"weights": "w"}, "defects": [{"record_id": "r3", "reason": "embedding", "detail": "NaN"}],
        "unread": {defect["record_id"]: defect for defect in lost},
    }  # fmt: skip
    state.add_embeddings("age-sex", "chn", made)
    state.add_embeddings("age-sex", "georgia", made | {"unread": {}, "defects": []})
    assert state.stores.unread == {("age-sex", "chn"): ["r1", "r2"], ("age-sex", "georgia"): []}
    assert [defect["record_id"] for defect in state.defects] == ["r3", "r1", "r2"]
    assert {(defect["dataset"], defect["encoder"]) for defect in state.defects} == {("chn", "age-sex")}
    (failure,) = state.failures
    assert failure["cell"] == "age-sex__chn (unread records)"
    assert failure["error"].startswith("2 records could not be read.")
    assert failure["error"].endswith("r1: unreadable: cut")
    assert set(state.stores.encoders["age-sex"]["embeddings"]) == {"chn", "georgia"}


def test_the_plan_is_what_results_are_read_from(state, tmp_path) -> None:
    state.joint_samples = {"separability": {"af": pd.DataFrame({"dataset": ["chn"], "label": [1], "drawn": ["tiny"]})}}
    state.failures = [{"stage": "index", "cell": "chn", "error": "lost"}]
    state.write_plan()
    found = load_results(tmp_path)
    assert found.study == read_json(tmp_path / "plan.json")["study"]
    assert list(found.samples["dataset"]) == [sample.dataset for sample in state.samples]
    assert found.joint_samples.to_dict("records") == [
        {"task": "af", "dataset": "chn", "n": 1, "n_positive": 1, "drawn": "tiny"}
    ]
    assert found.failures["error"].tolist() == ["lost"]
    assert found.defects.empty


def test_joint_samples_are_counted_by_data_set_and_draw() -> None:
    rows = pd.DataFrame({"dataset": [*"aab"], "label": [1, 0, 0], "drawn": ["S", "S", "natural"]})
    said = describe_joint({"af": rows, "": rows.drop(columns="label")})
    assert [(row["task"], row["dataset"], row["n"], row["n_positive"], row["drawn"]) for row in said] == [
        ("af", "a", 2, 1, "S"), ("af", "b", 1, 0, "natural"),
    ]  # fmt: skip


def test_rows_of_a_stage_without_files_are_a_table_with_its_columns() -> None:
    lenses = load_lenses(["scores"])
    state = RunState(SimpleNamespace(), lenses, Path("nowhere"), Records([]))
    assert state.rows("probe").empty
    assert {"encoder", "value", "status", "reason"} <= set(state.rows("probe"))
    with pytest.raises(KeyError):
        state.rows("geometry")
