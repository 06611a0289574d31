"""The synthetic reference scale: its ends, the way between, and what is planted."""

import numpy as np
import pytest
from tests.made_up.geometry import FAST, lead

from ecglens.errors import InputError
from ecglens.geometry import Planted, reference_scale


def test_ends_of_the_dial_and_the_way_between():
    table = reference_scale(Planted(n=800, strength=14), [0, 0.25, 0.5, 0.75, 1], FAST)
    by_dial = dict(list(table.groupby("dial")))
    ends = {"label": (0, 1), "source": (1, 0)}
    for level, (first, last) in ends.items():
        for metric in ("knn_rescaled", "ari"):
            way = [lead(part, level, metric)["value"] for part in by_dial.values()]
            assert way[0] == pytest.approx(first, abs=0.06)
            assert way[-1] == pytest.approx(last, abs=0.06)
    for metric in ("knn_rescaled", "knn_macro"):
        up = [lead(part, "label", metric)["value"] for part in by_dial.values()]
        down = [lead(part, "source", metric)["value"] for part in by_dial.values()]
        assert (np.diff(up) > -0.03).all()
        assert (np.diff(down) < 0.03).all()
    index = [lead(part, "alignment", "knn_index")["value"] for part in by_dial.values()]
    assert (np.diff(index) > 0).all()
    assert (index[0], index[-1]) == pytest.approx((-1, 1), abs=0.1)
    assert by_dial[1]["label_distance"].eq(14).all()
    assert lead(by_dial[1], "label")["p_value"] == pytest.approx(1 / 41)
    mixing = {dial: part[part["level"] == "mixing"].set_index("metric")["value"] for dial, part in by_dial.items()}
    assert mixing[0]["ilisi"] < 0.05
    assert mixing[1]["ilisi"] > 0.6
    assert mixing[0]["source_classifier"] > 0.99
    assert mixing[1]["source_classifier"] == pytest.approx(0.25, abs=0.08)
    assert mixing[0]["bras"] < mixing[1]["bras"]
    assert mixing[0]["pc_regression_source"] > 0.5 > mixing[1]["pc_regression_source"]
    assert mixing[1]["pc_regression_label"] > 0.5 > mixing[0]["pc_regression_label"]


def test_means_are_as_far_apart_as_the_dial_says():
    planted = Planted(n=40_000, strength=6)
    for dial in (0, 0.25, 1):
        X, label, source = planted.draw(dial)
        centres = np.array([X[(source == s) & (label == 0)].mean(axis=0) for s in range(4)])
        between = np.linalg.norm(centres[0] - centres[1])
        assert between == pytest.approx((1 - dial) * 6, abs=0.3)
        by_label = X[label == 1].mean(axis=0) - X[label == 0].mean(axis=0)
        assert np.linalg.norm(by_label) == pytest.approx(dial * 6, abs=0.15)


def test_every_data_set_has_the_same_prevalence_at_every_setting():
    planted = Planted(n=400, prevalence=0.3)
    (_, label, source), (_, again, _) = planted.draw(0), planted.draw(1)
    assert [label[source == s].mean() for s in range(4)] == pytest.approx([0.3] * 4)
    np.testing.assert_array_equal(label, again)


def test_too_few_dimensions_are_refused():
    with pytest.raises(InputError, match="4 data sets and a label need more than 4 dimensions"):
        Planted(dim=4).draw(0)
