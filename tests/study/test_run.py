"""A whole study, small: what comes out, what is resumed, what a failure does."""

import pandas as pd
import pytest

from ecglens.errors import ConfigError, DatasetError
from ecglens.files import read_schema
from ecglens.study import load_results, run_study
from ecglens.study.plan import dry_run

SVC = {"name": "mine", "estimator": "sklearn.svm.SVC"}
KNN = "sklearn.neighbors.KNeighborsClassifier"
TABLES = (
    "samples",
    "joint_samples",
    "probe",
    "comparison",
    "attribution",
    "overlap",
    "geometry",
    "projection",
    "defects",
)


@pytest.fixture(scope="module")
def finished(data, study_of, tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    return run_study(study_of(data), out), out


def same(one, two) -> None:
    for name in TABLES:
        a, b = (getattr(results, name) for results in (one, two))
        keys = [column for column in a.columns if column not in ("value", "x", "y")]
        pd.testing.assert_frame_equal(
            a.sort_values(keys).reset_index(drop=True), b.sort_values(keys).reset_index(drop=True), obj=name
        )


def test_every_stage_has_results(finished) -> None:
    results, _ = finished
    assert results.failures.empty
    assert set(results.probe["encoder"]) == {"age-sex", "random-conv"}
    done = results.probe[results.probe["status"] == "done"]
    assert set(done["dataset"]) == {"simulated-ptb-xl", "simulated-georgia"}
    assert set(done["size"]) == {"tiny", "small"}
    f1 = done[(done["metric"] == "f1") & (done["labels"] == "true")]
    fits = f1.groupby(["size", "probe", "encoder", "dataset"]).size()
    assert (fits["tiny"] == 3 * 3).all()  # folds x draws
    assert (fits["small", "decision-tree"] == 3 * 3).all()
    assert (fits["small", "logistic-regression"] == 3).all()  # without a seed, nothing of the largest size would differ
    assert f1["value"].between(0, 1).all()
    assert set(results.geometry["level"]) >= {"label", "source", "alignment", "mixing", "picture"}
    assert set(results.projection["method"]) == {"umap", "pca"}
    assert set(results.attribution.loc[results.attribution["status"] == "done", "encoder"]) == {
        "age-sex",
        "random-conv",
    }


def test_a_dry_run_counts_the_fits_that_are_made(finished, data, study_of) -> None:
    f1 = finished[0].probe.query("metric == 'f1' and status == 'done'")
    assert dry_run(study_of(data))["probe fits"] == len(f1)
    assert dry_run(study_of(data, repeats=3))["probe fits"] == 3 * len(f1)


def test_shuffled_labels_stand_beside_the_encoder_that_asked_for_them(finished) -> None:
    results, _ = finished
    shuffled = results.probe[results.probe["labels"] == "shuffled"]
    assert set(shuffled["encoder"]) == {"random-conv"}
    assert set(shuffled.loc[shuffled["status"] == "done", "size"]) == {"tiny", "small"}


def test_a_size_that_cannot_be_filled_says_why(finished) -> None:
    results, _ = finished
    large = results.probe[results.probe["size"] == "large"]
    assert set(large["status"]) == {"cannot-fill"}
    assert large["value"].isna().all()
    assert large["reason"].str.contains("needs 2500 positives").all()


def test_samples_are_nested_and_patients_stay_in_one_fold(finished) -> None:
    _, out = finished
    read = {
        size: pd.read_parquet(next((out / "samples").glob(f"simulated-georgia__af__{size}__true__*")))
        for size in ("tiny", "small")
    }
    assert list(read["tiny"]["record_id"]) == list(read["small"]["record_id"])
    for size, sample in read.items():
        assert sample["draw_0"].sum() == {"tiny": 20, "small": 30}[size]
        assert sample.loc[sample["draw_0"], "label"].mean() == 0.5
        assert sample.groupby("patient_id")["fold"].nunique().max() == 1


def test_every_file_carries_its_provenance(finished) -> None:
    _, out = finished
    for path in (out / "results").rglob("*.parquet"):
        facts = read_schema(path)[1]
        assert facts["seed"] == 5
        assert facts["versions"]["ecglens"]
        assert facts["embeddings"] or facts["inputs"] or facts["sample"]


def test_the_numbers_do_not_depend_on_workers_nor_on_the_device(finished, data, study_of, tmp_path) -> None:
    results, out = finished
    with_torch = study_of(data, geometry={"seeds": 2, "device": "cpu"})
    found = run_study(with_torch, tmp_path, workers=2)
    same(found, results)
    files = [{path.name for path in (folder / "results" / "geometry").iterdir()} for folder in (tmp_path, out)]
    assert files[0] == files[1], "a run can go on where there is no such device"


def test_running_again_computes_only_what_is_missing(data, study_of, tmp_path) -> None:
    study = study_of(data, encoders=["age-sex"], shuffled="none")
    first = run_study(study, tmp_path)
    files = sorted(path for path in tmp_path.rglob("*") if path.is_file() and path.suffix in (".parquet", ".npy"))
    lost = next(path for path in files if "probe" in path.parts)
    content, times = lost.read_bytes(), {path: path.stat().st_mtime_ns for path in files if path.parent != tmp_path}
    lost.unlink()
    same(run_study(study, tmp_path), first)
    assert lost.read_bytes() == content
    assert {path for path in times if path.stat().st_mtime_ns != times[path]} == {lost}


def test_touched_files_are_read_again_and_changed_settings_make_new_cells(data, study_of, tmp_path) -> None:
    study = study_of(data, encoders=["age-sex"], shuffled="none")
    run_study(study, tmp_path)
    before = set((tmp_path / "results" / "probe").iterdir())
    other = run_study(study.model_copy(update={"seed": 6}), tmp_path)
    assert other.study["seed"] == 6
    fresh = set((tmp_path / "results" / "probe").iterdir()) - before
    filled = other.probe[other.probe["status"] == "done"]
    assert len(fresh) >= len(filled.groupby(["encoder", "dataset", "task", "size", "labels"]))


def test_a_study_that_cannot_run_is_refused_before_anything_is_written(data, study_of, tmp_path) -> None:
    out = tmp_path / "out"
    for changes, error, message in [
        ({"tasks": ["af", "atrial"]}, ConfigError, r"tasks\.atrial: .*af-or-afl"),
        ({"probes": [{"name": "xgboost", "explain_rows": 9}]}, ValueError, "explained on all records"),
        ({"probes": ["svm"]}, ConfigError, r"probes\.svm: .*xgboost"),
        ({"probes": [{"name": "mine", "probe": "os:path"}]}, ConfigError, r"probes\.mine: 'os:path' is not a probe"),
        (
            {"probes": [{"name": "mine", "estimator": "sklearn.svm.SVC", "params": {"kernal": 1}}]},
            ConfigError,
            "Did you mean",
        ),
        (
            {"probes": [{"name": "mine", "estimator": KNN, "params": {"n_neighbors": 14}}]},
            ConfigError,
            r"probes\.mine: .*two classes from 13 records",
        ),
        ({"probes": [{"name": "mine", "estimator": "os.system"}]}, ConfigError, r"probes\.mine: .*os\.system"),
        ({"geometry": {"device": "abacus"}}, ConfigError, r"geometry\.device: device 'abacus' is not available"),
        ({"encoders": ["resnet"]}, ConfigError, r"encoders\.resnet: .*random-conv"),
        ({"encoders": [{"name": "random-conv", "dims": 3}]}, ConfigError, r"encoders\.random-conv.*dims"),
        ({"encoders": [{"name": "age-sex", "pooling": "cls"}]}, ConfigError, "pooling"),
        ({"datasets": [{"name": "ptb-xl", "root": tmp_path / "nowhere"}]}, DatasetError, "nowhere"),
        ({"datasets": [{"name": "ptb-xl", "root": data / "georgia"}]}, DatasetError, "georgia"),
        ({"datasets": [{"name": "ptb-xl", "root": data / "ptb-xl", "hz": 100}]}, ConfigError, "hz"),
    ]:
        with pytest.raises(error, match=message):
            run_study(study_of(data, shuffled="none", **changes), out)
    assert not out.exists()


def test_an_unfinished_run_can_be_read(finished, tmp_path) -> None:
    results, out = finished
    for path in (out / "results" / "geometry").iterdir():
        path.rename(path.with_suffix(".away"))
    try:
        assert load_results(out).geometry.empty
        assert len(load_results(out).probe) == len(results.probe)
    finally:
        for path in (out / "results" / "geometry").iterdir():
            path.rename(path.with_suffix(".parquet"))


def test_two_copies_of_a_data_set_are_not_each_others_neighbours(data, study_of, tmp_path) -> None:
    copies = [{"name": name, "reader": "georgia", "root": data / "georgia"} for name in ("one", "two")]
    results = run_study(
        study_of(data, datasets=copies, encoders=["random-conv"], shuffled="none", sizes={"tiny": 20}), tmp_path
    )
    rows = results.geometry[(results.geometry["level"] == "source") & (results.geometry["metric"] == "knn_rescaled")]
    # Each record's twin would be its nearest neighbour and belong to the other copy: far below chance.
    assert rows["value"].iloc[0] > -0.15


def test_no_readable_data_set_is_an_error_with_the_first_reason(data, study_of, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("ecglens.study.stages.inspect_records", lambda _: 1 / 0)
    with pytest.raises(DatasetError, match=r"(?s)no data set could be read.*ZeroDivisionError"):
        run_study(study_of(data), tmp_path)
