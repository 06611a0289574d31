"""A run folder that was damaged, or a run that could not read everything: the next run ends as an undisturbed one."""

import hashlib
import os
import shutil
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecglens.datasets.validate.gate import checked_read
from ecglens.errors import StoreError
from ecglens.files import write_table
from ecglens.records import READ_ERROR, Defect
from ecglens.study import load_results, run_study

SMALL = {
    "encoders": ["signal-features"],
    "sizes": {"tiny": 20},
    "draws": 1,
    "probes": ["logistic-regression", "decision-tree"],
    "shuffled": "none",
    "attribution": {"seeds": 1, "halves": 1, "top_k": 2, "cutoffs": [2]},
    "geometry": {"seeds": 1, "repeats": 2, "permutations": 10, "bootstraps": 10},
}
FOLDERS = ("records", "samples", "results/*")


def contents(out: Path) -> dict[str, str]:
    """Digest of every file that a run computes."""
    files = [path for top in (*FOLDERS, "embeddings/*") for path in out.glob(f"{top}/*") if path.is_file()]
    found = {str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return found | {"defects": hashlib.sha256((out / "defects.parquet").read_bytes()).hexdigest()}


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


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)


def other_columns(path: Path) -> None:
    write_table(path, pd.DataFrame({"nothing": [1]}), {"beside": []}) if path.suffix == ".parquet" else flip(path)


DAMAGE = {
    "cut": lambda path: os.truncate(path, path.stat().st_size // 2),
    "emptied": lambda path: os.truncate(path, 0),
    "zeroed": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "garbage": lambda path: path.write_bytes(np.random.default_rng(0).bytes(path.stat().st_size)),
    "flipped": flip,
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_whatever_file_is_damaged_is_computed_again(whole, study, out, how) -> None:
    places = [place for top in FOLDERS for place in out.glob(top)] + list((out / "embeddings").iterdir())
    for place in places:
        for path in sorted(place.iterdir()) if place.parent.name == "embeddings" else sorted(place.iterdir())[:2]:
            DAMAGE[how](path)
    for name in ("plan.json", "defects.parquet"):
        DAMAGE[how](out / name)
    assert run_study(study, out).failures.empty
    assert contents(out) == contents(whole)


def test_cells_in_other_columns_are_computed_again(whole, study, out) -> None:
    for place in ("probe", "comparison", "attribution", "overlap", "geometry", "projection"):
        other_columns(next((out / "results" / place).iterdir()))
    assert run_study(study, out).failures.empty
    assert contents(out) == contents(whole)


@pytest.mark.parametrize("how", sorted(DAMAGE.keys() - {"gone"}))
@pytest.mark.parametrize("stage", ["probe", "comparison", "attribution", "overlap", "geometry", "projection"])
def test_results_name_a_damaged_file(out, how, stage) -> None:
    path = next((out / "results" / stage).iterdir())
    DAMAGE[how](path)
    with pytest.raises(StoreError, match=rf"{path.name}: the file is damaged.* Run the study again"):
        load_results(out)


@pytest.mark.parametrize("name", ["plan.json", "defects.parquet"])
def test_results_name_a_damaged_plan_or_list_of_defects(out, name) -> None:
    for content in (b"", b"{}", b"[]", b"[" * 100_000, b'{"study": null, "seal": "ecglens-sha256:"}'):
        (out / name).write_bytes(content)
        with pytest.raises(StoreError, match=rf"{name}: the file is damaged"):
            load_results(out)


def test_a_folder_where_the_plan_should_be_is_replaced(study, out) -> None:
    (out / "plan.json").unlink()
    (out / "plan.json").mkdir()
    assert run_study(study, out).failures.empty
    assert load_results(out).failures.empty


def disturb(monkeypatch, module: str, ids: set[str], spoil) -> None:
    """Let the reading of some records go wrong in one module."""

    def read(dataset, records):
        found = zip(records.index, checked_read(dataset, records), strict=True)
        return [spoil(name, signal) if name in ids else signal for name, signal in found]

    monkeypatch.setattr(import_module(module), "checked_read", read)


def locked(name, _):
    return Defect(name, READ_ERROR, "unable to lock file")


def used(whole: Path) -> set[str]:
    """Two records that the study embeds."""
    store = next((whole / "embeddings").iterdir())
    return set(np.load(store / "record_ids.npy")[[1, 3]].tolist())


@pytest.mark.parametrize(
    ("module", "spoil", "stage", "reason"),
    [
        ("ecglens.datasets.validate.inspection", locked, "index", READ_ERROR),
        ("ecglens.embeddings.signals", locked, "embed", READ_ERROR),
        ("ecglens.embeddings.signals", lambda _, signal: signal[:, ::-1].copy(), "embed", "changed"),
        ("ecglens.embeddings.signals", lambda name, _: Defect(name, "missing-file", "gone"), "embed", "missing-file"),
    ],
)
def test_what_was_not_readable_is_said_and_not_remembered(
    whole, study, tmp_path, monkeypatch, module, spoil, stage, reason
) -> None:
    ids = used(whole)
    with monkeypatch.context() as patch:
        disturb(patch, module, ids, spoil)
        first = run_study(study, tmp_path)
    assert set(first.failures["stage"]) == {stage}
    assert first.failures["error"].str.contains(f"2 records could not be read.*{reason}").all()
    assert set(first.defects.loc[first.defects["reason"] == reason, "record_id"]) == ids
    assert "done" in set(first.probe["status"])
    again = run_study(study, tmp_path)
    assert again.failures.empty
    now, undisturbed = contents(tmp_path), contents(whole)
    assert {name: now.get(name) for name in undisturbed} == undisturbed
    kept = sorted((tmp_path / "results" / "probe").iterdir())
    times = {path: path.stat().st_mtime_ns for path in kept}
    assert run_study(study, tmp_path).failures.empty
    assert {path: path.stat().st_mtime_ns for path in kept} == times


def test_what_killed_runs_left_is_removed(study, out, whole) -> None:
    strays = [out / place / f".{'0' * 16}.part" for place in (".", "records", "results/probe", "embeddings")]
    for path in strays:
        path.write_bytes(b"half")
    run_study(study, out)
    assert not any(path.exists() for path in strays)
    assert contents(out) == contents(whole)
