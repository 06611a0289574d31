"""What a run computes although it is there, and what it leaves undone although it is not."""

import shutil
from pathlib import Path

import pytest

from ecglens.errors import ConfigError, DatasetError
from ecglens.study import load_results, run_study

SMALL = {
    "encoders": [{"name": "random-conv", "dim": 16}],
    "sizes": {"tiny": 20},
    "draws": 1,
    "probes": ["logistic-regression"],
    "shuffled": "none",
    "attribution": {"seeds": 1, "halves": 1, "permutations": 0, "top_k": 2, "cutoffs": [2]},
    "geometry": {"k": 5, "seeds": 1, "repeats": 2, "permutations": 5, "bootstraps": 5},
}
STAGES = ("shortcuts", "probe", "comparison", "attribution", "overlap", "geometry", "projection")
GEOMETRY = {"geometry", "projection", "resample", "neighbourhood"}


@pytest.fixture(scope="module")
def study(data, study_of):
    return study_of(data, **SMALL)


@pytest.fixture(scope="module")
def whole(study, tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    assert run_study(study, out).failures.empty
    return out


@pytest.fixture
def out(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "out"))


def times(out: Path) -> dict[Path, int]:
    """Time of the last change of every file that holds numbers."""
    return {
        path.relative_to(out): path.stat().st_mtime_ns
        for path in out.rglob("*")
        if path.is_file() and path.parent != out
    }


def test_a_lens_that_is_named_is_computed_again_and_no_other(study, out) -> None:
    before, first = times(out), load_results(out)
    again = run_study(study, out, recompute=("separability",))
    after = times(out)
    assert after.keys() == before.keys()
    touched = {path for path in after if after[path] != before[path]}
    assert touched == {path for path in before if path.parts[:1] == ("results",) and path.parts[1] in GEOMETRY}
    assert touched
    for stage in STAGES:
        assert again.tables[stage].equals(first.tables[stage])


def test_an_unknown_lens_is_refused_before_any_work(study, tmp_path) -> None:
    names = "records, scores, overlap, separability, signatures"
    with pytest.raises(ConfigError, match=rf"no lens 'separabilty'\. Did you mean 'separability'\? It has: .*{names}"):
        run_study(study, tmp_path / "new", recompute=("separabilty",))
    assert not (tmp_path / "new").exists()


def test_a_lens_that_the_study_does_not_ask_is_unknown(data, study_of, tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"no lens 'separability'.* It has: scores$"):
        run_study(study_of(data, **SMALL, lenses=["scores"]), tmp_path / "new", recompute=("separability",))
    assert not (tmp_path / "new").exists()


def test_only_what_is_stored_is_shown(study, out, monkeypatch) -> None:
    first = load_results(out)
    for path in (out / "results/geometry").iterdir():
        path.unlink()
    damaged = next((out / "results/shortcuts").iterdir())
    damaged.write_bytes(damaged.read_bytes()[:-100])
    before = times(out)
    monkeypatch.setattr("ecglens.study.cells.compute_cell", lambda _: 1 / 0)
    found = run_study(study, out, only_cached=True)
    assert found.failures.empty
    for stage in ("probe", "comparison", "attribution", "overlap"):
        assert len(first.tables[stage]) > 0
        assert found.tables[stage].equals(first.tables[stage])
    assert found.geometry.empty
    assert 0 < len(found.shortcuts) < len(first.shortcuts)
    after = times(out)
    assert {path: time for path, time in before.items() if path in after} == after
    assert {path.parts[1] for path in before.keys() - after.keys()} <= {"shortcuts", "projection"}


def test_nothing_that_another_study_stored_is_shown(study, data, study_of, out) -> None:
    other = study_of(data, **SMALL | {"encoders": [{"name": "random-conv", "dim": 8}], "seed": 6})
    before = times(out)
    found = run_study(other, out, only_cached=True)
    assert all(found.tables[stage].empty for stage in STAGES)
    assert before.items() <= times(out).items()
    assert not [path for path in times(out).keys() - before.keys() if path.parts[0] != "samples"]


def test_a_folder_without_record_tables_has_nothing_to_show(study, tmp_path) -> None:
    with pytest.raises(DatasetError, match="none is stored: run without --only-cached"):
        run_study(study, tmp_path, only_cached=True)
