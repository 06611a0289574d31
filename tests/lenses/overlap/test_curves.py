"""Curves of overlap and of reliability: every line lies on the numbers of its own encoder or data set."""

import numpy as np
import pytest
from tests.made_up.small_overlap import DATASETS, DIM, at, between, inside, overlap_summary

from ecglens.lenses.overlap.curves import cutoff_curve, reliability_curve
from ecglens.lenses.overlap.summary import Portability
from ecglens.report.drawing import COLOURS

SHARES = {"conv": {10: 0.3, 20: 0.4, 50: 0.6}, "features": {10: 0.2, 20: 0.5, 50: 0.9}}
SHUFFLED = {10: 0.1, 20: 0.15, 50: 0.3}
ROWS = [row for name, shares in SHARES.items() for row in at(shares, name)]


def excess(shares: dict[int, float]) -> list[float]:
    return [(share - k / DIM) / (1 - k / DIM) for k, share in shares.items()]


def test_each_encoder_is_a_line_above_chance_and_shuffled_labels_are_dotted(drawn) -> None:
    rows = [*ROWS, *at({10: 1.0, 20: 1.0}, probe="tree"), *at(SHUFFLED, labels="shuffled")]
    assert cutoff_curve(overlap_summary(rows=rows), "af") is not None
    (axes,) = drawn[0].axes
    lines = {line.get_label(): line for line in axes.lines}
    for name, colour in zip(SHARES, COLOURS[:2], strict=True):
        assert lines[name].get_xdata().tolist() == [10, 20, 50]
        assert lines[name].get_ydata().tolist() == pytest.approx(excess(SHARES[name]))
        assert (lines[name].get_color(), lines[name].get_linestyle()) == (colour, "-")
    dotted = [line for line in axes.lines if line.get_linestyle() == ":" and len(line.get_xdata())]
    assert [line.get_ydata().tolist() for line in dotted] == [pytest.approx(excess(SHUFFLED))]
    assert dotted[0].get_color() == COLOURS[0]
    assert [text.get_text() for text in axes.get_xticklabels()] == ["10", "20", "50"]


def test_the_legend_has_the_mean_height_of_each_line(drawn) -> None:
    cutoff_curve(overlap_summary(rows=ROWS), "af")
    x = np.log([10, 20, 50])
    heights = {name: np.trapezoid(excess(shares), x) / (x[-1] - x[0]) for name, shares in SHARES.items()}
    shown = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert shown == [f"{name}, area {height:.2f}" for name, height in heights.items()]


def test_the_caption_says_whether_the_cut_off_matters() -> None:
    summary = overlap_summary(rows=ROWS)
    caption = cutoff_curve(summary, "af").caption
    (verdict,) = summary.of(Portability).cutoffs.values()
    assert verdict.depends  # features is last at 10, first at 50
    assert caption.endswith(verdict.sentence)
    alone = cutoff_curve(overlap_summary(rows=at(SHARES["conv"])), "af").caption
    assert alone.endswith("where all curves have a value.")


@pytest.mark.parametrize("rows", [[], between(0.4), [*between(0.4), *at(SHUFFLED, labels="shuffled")]])
def test_one_cut_off_is_no_curve(rows) -> None:
    assert cutoff_curve(overlap_summary(rows=rows), "af") is None


GROWTH = {1: 0.3, 4: 0.7, 2: 0.5}


def test_reliability_has_a_panel_per_encoder_and_a_line_per_data_set(drawn) -> None:
    rows = [*ROWS, *inside("growth_jaccard", GROWTH), *inside("growth_jaccard", {1: 0.1, 2: 0.2}, "features")]
    rows += inside("growth_jaccard", {1: 0.9, 2: 0.9}, probe="tree")  # not the best probe
    rows += [row | {"labels": "shuffled"} for row in inside("growth_jaccard", {1: 0.05, 2: 0.06})]
    assert reliability_curve(overlap_summary(rows=rows), "af") is not None
    conv, features = drawn[0].axes
    assert (conv.get_title(), features.get_title()) == ("conv", "features")
    true = [line for line in conv.lines if line.get_linestyle() == "-"]
    dotted = [line for line in conv.lines if line.get_linestyle() == ":"]
    for lines, x, y in ((true, [1, 2, 4], [0.3, 0.5, 0.7]), (dotted, [1, 2], [0.05, 0.06])):
        assert [line.get_color() for line in lines] == list(COLOURS[: len(DATASETS)])
        for line in lines:
            assert (line.get_xdata().tolist(), line.get_ydata().tolist()) == (x, y)
    assert [line.get_ydata().tolist() for line in features.lines] == [[0.1, 0.2]] * len(DATASETS)
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == list(DATASETS)


def test_without_growth_there_is_no_picture() -> None:
    assert reliability_curve(overlap_summary(rows=ROWS), "af") is None
    elsewhere = [*ROWS, *inside("growth_jaccard", GROWTH, probe="tree")]
    assert reliability_curve(overlap_summary(rows=elsewhere), "af") is None
