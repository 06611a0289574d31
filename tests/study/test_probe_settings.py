"""What makes the results of a probe out of date: its parameters, its code, its package."""

import sys

import pytest

from ecglens.study.fields import ProbeEntry
from ecglens.study.probe_settings import probe_settings


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
