"""Probes by the names of a study."""

import pytest
from sklearn.neighbors import KNeighborsClassifier

from ecglens.errors import ConfigError
from ecglens.probes import PROBES
from ecglens.study.fields import ProbeEntry
from ecglens.study.probe_entries import load_probe

NEIGHBOURS = {"estimator": "sklearn.neighbors.KNeighborsClassifier", "params": {"n_neighbors": 9}}


def test_a_probe_is_known_by_its_own_name_or_by_the_one_it_stands_for() -> None:
    assert load_probe(ProbeEntry(name="mlp")) is PROBES.load("mlp")
    assert load_probe(ProbeEntry(name="mine", probe="decision-tree")) is PROBES.load("decision-tree")


def test_an_estimator_keeps_its_name_and_parameters() -> None:
    probe = load_probe(ProbeEntry(name="nn", **NEIGHBOURS))
    assert probe.name == "nn"
    assert isinstance(probe.make(0), KNeighborsClassifier)
    assert probe.make(0).n_neighbors == 9


def test_an_estimator_is_tried_only_where_the_study_is_checked() -> None:
    entry = ProbeEntry(name="nn", **NEIGHBOURS)
    assert load_probe(entry).name == load_probe(entry, n_trial=20).name == "nn"
    with pytest.raises(ConfigError, match="8 records"):
        load_probe(entry, n_trial=8)


def test_what_is_no_probe_is_refused_with_the_legal_names() -> None:
    with pytest.raises(ConfigError, match=r"'os:path' is not a probe\. Known: .*decision-tree"):
        load_probe(ProbeEntry(name="mine", probe="os:path"))
