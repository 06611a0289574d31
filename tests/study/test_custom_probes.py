"""Anybody's classifier in a study: what it breaks, and what makes its results out of date."""

import sys

import pytest

from ecglens.study import run_study
from ecglens.study.fields import ProbeEntry
from ecglens.study.probe_settings import probe_settings

BAGGING = {"name": "bag", "estimator": "sklearn.ensemble.BaggingClassifier", "params": {"max_features": 20}}


def test_a_probe_that_fails_takes_no_other_with_it(data, study_of, tmp_path) -> None:
    encoders = ["age-sex", {"name": "random-conv", "dim": 32}]
    found = run_study(study_of(data, encoders=encoders, probes=["decision-tree", BAGGING]), tmp_path)
    done = found.probe[found.probe["status"] == "done"]
    assert set(map(tuple, done[["encoder", "probe"]].drop_duplicates().to_numpy())) == {
        ("age-sex", "decision-tree"),
        ("random-conv", "decision-tree"),
        ("random-conv", "bag"),
    }
    failed = found.failures[found.failures["stage"] == "probe"]
    assert len(failed) > 0
    assert failed["cell"].str.match(r"age-sex__.*__bag$").all()
    assert failed["error"].str.contains("ValueError: max_features must be <= n_features").all()
    ranks = found.comparison[found.comparison["statistic"] == "rank"]
    assert ranks["value"].notna().all()
    assert set(ranks["encoder"]) == {"age-sex", "random-conv"}


@pytest.fixture
def module(tmp_path, monkeypatch):
    path = tmp_path / "mine_to_change.py"
    path.write_text("from sklearn.dummy import DummyClassifier\n\n\nclass Mine(DummyClassifier):\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield path
    sys.modules.pop(path.stem, None)


def test_edited_code_and_another_version_of_a_package_make_new_cells(module, monkeypatch) -> None:
    entry = ProbeEntry(name="mine", estimator="mine_to_change.Mine")
    before = probe_settings(entry)
    assert before == probe_settings(entry)
    module.write_text(module.read_text() + "    answer = 42\n")
    assert probe_settings(entry) != before
    by_path = ProbeEntry(name="mine", probe="mine_to_change:Mine")
    before = probe_settings(by_path)
    module.write_text(module.read_text() + "    answer = 43\n")
    assert probe_settings(by_path) != before
    assert probe_settings(ProbeEntry(name="xgboost")).keys() == {"entry", "validation", "code"}
    forest = ProbeEntry(name="svm", estimator="sklearn.svm.SVC")
    before = probe_settings(forest)
    assert before["package"].keys() == {"scikit-learn"}
    monkeypatch.setattr("ecglens.study.probe_settings.version", lambda _: "0.0")
    assert probe_settings(forest) != before
