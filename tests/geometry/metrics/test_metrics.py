"""The shelf of metrics: names, words, and what is refused."""

import numpy as np
import pytest

from ecglens.errors import ConfigError
from ecglens.geometry.metrics import METRICS, GeometryMetric, check_metric, load_metric, words_of

WORDS = words_of(METRICS.builtins)


@pytest.mark.parametrize("name", METRICS.builtins)
def test_every_built_in_metric_is_registered_under_its_own_name_with_all_words(name):
    metric = load_metric(name)
    assert metric.name == name
    for each in (metric, *metric.reports):
        assert each.title
        assert each.symbol
        assert each.chance
        assert each.caption.endswith(".")
        assert each.low < each.high


def test_structure_lowers_measures_of_mixing_and_nothing_else():
    assert {name for name, metric in WORDS.items() if metric.falls} == {"ilisi", "bras"}


def test_a_typo_lists_the_legal_names():
    with pytest.raises(ConfigError, match=r"unknown metric 'knn_puritty'\. Did you mean 'knn_purity'"):
        load_metric("knn_puritty")


def test_what_is_no_metric_is_refused():
    with pytest.raises(ConfigError, match="is float, not an ecglens"):
        load_metric("math:pi")
    words = {"title": "mine", "symbol": "mine"}
    with pytest.raises(ConfigError, match="'mine' has no function"):
        check_metric(GeometryMetric(name="mine", **words))
    with pytest.raises(ConfigError, match="has the name of a built-in one: 'knn_raw'"):
        check_metric(GeometryMetric(name="knn_raw", **words, measure=lambda part: np.nan))
