"""Bars and squares of feature overlap stand at the numbers of their encoder and data sets."""

import numpy as np
import pytest
from tests.made_up.small import small_results, summary_of
from tests.made_up.small_overlap import DATASETS, GRID, between, inside, overlap_results, overlap_summary
from tests.made_up.small_scores import scores_of

from ecglens.lenses.overlap.figures import overlap_figure, overlap_matrix
from ecglens.lenses.overlap.summary import read_overlap
from ecglens.report.drawing import COLOURS, GREY
from ecglens.report.gaps import Grid

PAIRS = {("a", "b"): 0.3, ("a", "c"): 0.5, ("b", "c"): 0.7}


def of_pairs(encoder: str = "conv", probe: str = "mlp", plus: float = 0.0, **facts) -> list[dict]:
    """Every pair has a share of its own."""
    rows = between(0.0, encoder, probe, **facts)
    for row in rows:
        if row["metric"] == "share":
            row["value"] = PAIRS[row["dataset"], row["other"]] + plus
    return rows


ROWS = [*of_pairs(null_mean=0.15), *of_pairs("features", plus=0.1), *of_pairs(probe="tree", plus=0.2)]


def summary(*rows: dict):
    """Features is first by rank, and last in the study; the reference is a."""
    return overlap_summary(scores_of(grid=GRID), rows=list(rows))


def bars(axes) -> dict:
    return {round(bar.get_y() + bar.get_height() / 2, 6): bar for bar in axes.patches}


def test_a_bar_is_the_share_in_common_with_the_reference(drawn) -> None:
    assert overlap_figure(summary(*ROWS), "af") is not None
    (axes,) = drawn[0].axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["features", "conv"]
    expected = {
        encoder + lane: (PAIRS["a", name] + plus, COLOURS[DATASETS.index(name)])
        for encoder, plus in ((0, 0.1), (1, 0.0))
        for name, lane in (("b", 0.0), ("c", 0.25))
    }
    found = bars(axes)
    assert set(found) == set(expected)
    for place, (share, colour) in expected.items():
        assert found[place].get_width() == pytest.approx(share)
        assert found[place].get_facecolor()[:3] == pytest.approx([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    references = {(text.get_text(), text.get_position()[1]) for text in axes.texts}
    assert references == {("reference", -0.25), ("reference", 0.75)}


def test_lines_across_a_bar_are_chance_independence_and_ceiling(drawn) -> None:
    overlap_figure(summary(*ROWS), "af")
    (axes,) = drawn[0].axes
    own = [line for line in axes.lines if np.isclose(np.mean(line.get_ydata()), 1.0)]  # conv against b
    found = {(line.get_color(), line.get_linestyle() == "-"): line.get_xdata()[0] for line in own}
    assert found == {("black", True): 0.15, ("black", False): 0.1, (GREY, True): 0.9}
    shown = [text.get_text() for text in drawn[0].legends[0].get_texts()]
    assert shown == [*DATASETS, "chance", "independent", "ceiling"]


def test_a_line_that_no_bar_has_is_not_in_the_legend(drawn) -> None:
    overlap_figure(summary(*of_pairs()), "af")
    assert "chance" not in [text.get_text() for text in drawn[0].legends[0].get_texts()]


def test_shuffled_labels_alone_are_no_picture() -> None:
    assert overlap_figure(summary(*of_pairs(labels="shuffled")), "af") is None
    assert overlap_matrix(summary(*of_pairs(labels="shuffled")), "af") is None


def test_squares_are_symmetric_with_the_ceiling_on_the_diagonal(drawn) -> None:
    halves = [row | {"value": 0.9} for row in inside("reliability_share", {0: 0.0})]
    wrong = inside("reliability_share", {0: 0.1}, probe="tree")
    assert overlap_matrix(summary(*ROWS, *halves, *wrong), "af") is not None
    features, conv = drawn[0].axes
    assert (features.get_title(), conv.get_title()) == ("features", "conv")
    expected = [[0.9, 0.3, 0.5], [0.3, 0.9, 0.7], [0.5, 0.7, 0.9]]
    np.testing.assert_allclose(conv.images[0].get_array(), expected)
    shown = {text.get_position(): text.get_text() for text in conv.texts}
    assert shown == {(b, a): f"{expected[a][b]:.2f}" for a in range(3) for b in range(3)}
    found = np.ma.filled(features.images[0].get_array(), np.nan)
    assert np.isnan(np.diag(found)).all()
    np.testing.assert_allclose(found[np.triu_indices(3, 1)], np.array(list(PAIRS.values())) + 0.1)
    assert len(features.texts) == 6


def test_two_data_sets_are_one_pair_and_need_no_square() -> None:
    grid = Grid(("a", "b"), GRID.encoders, GRID.tasks, GRID.sizes, GRID.shuffled)
    own = read_overlap(summary_of(grid=grid, results=overlap_results(ROWS)))
    two = summary_of(own, scores_of(grid=grid), grid=grid, results=small_results())
    assert overlap_matrix(two, "af") is None
