"""The critical-difference diagram: its marks, bars and lines stand where the numbers are."""

import itertools

import numpy as np
import pandas as pd
import pytest
from tests.made_up.small import summary_of
from tests.made_up.small_scores import row

from ecglens.lenses.scores.rank_figure import critical_differences
from ecglens.lenses.scores.ranking import rank_encoders
from ecglens.lenses.scores.rows import ComparisonRow
from ecglens.lenses.scores.summary import Scores
from ecglens.report.drawing import mark_of
from ecglens.report.gaps import Grid
from ecglens.study.results import cell_frame

RANKS = {"a": 3.9, "b": 1.0, "c": 2.2, "d": 1.5}
GRID = Grid(datasets=("here", "there"), encoders=tuple(RANKS), tasks=("af",), sizes=("S",), shuffled=())
TEST = [row("friedman", p_value=0.01, n=8), row("critical difference", value=1.0)]
OWN = [row("rank", name, value=rank, low=rank - 0.2, high=rank + 0.3) for name, rank in RANKS.items()]
SCORES = [row("score", name, "here", value=1 - rank / 10) for name, rank in RANKS.items()]


def picture_of(*rows):
    ranking = rank_encoders(cell_frame(ComparisonRow, {}, pd.DataFrame(rows)), GRID)
    return critical_differences(summary_of(Scores(pd.DataFrame(), pd.DataFrame(), ranking, ()), grid=GRID))


def draw(drawn, *more, rows=(*TEST, *OWN, *SCORES)):
    picture = picture_of(*rows, *more)
    assert picture is not None
    ((axes,),) = (figure.axes for figure in drawn)
    return picture, axes


def lines(axes, **look):
    """Ends of the lines of a look."""
    kept = [line for line in axes.lines if all(getattr(line, f"get_{name}")() == of for name, of in look.items())]
    return [(line.get_xdata(), line.get_ydata()) for line in kept]


def test_encoders_stand_by_rank_with_their_intervals_and_colours(drawn) -> None:
    _, axes = draw(drawn)
    marks = [line for line in axes.lines if line.get_linestyle() == "None"]
    intervals = lines(axes, alpha=0.5)
    for place, name in enumerate(sorted(RANKS, key=RANKS.get)):
        mark = mark_of(GRID.encoders.index(name))
        assert (marks[place].get_xdata()[0], marks[place].get_ydata()[0]) == (RANKS[name], -place)
        assert (marks[place].get_color(), marks[place].get_marker()) == (mark["color"], mark["marker"])
        assert tuple(intervals[place][0]) == pytest.approx((RANKS[name] - 0.2, RANKS[name] + 0.3))
    words = [text.get_text() for text in axes.texts]
    assert words[:4] == ["b  1.00", "d  1.50", "c  2.20", "a  3.90"]


def test_bars_join_the_largest_groups_within_the_critical_difference(drawn) -> None:
    _, axes = draw(drawn)
    groups = [{rank for rank in RANKS.values() if first <= rank < first + 1} for first in sorted(RANKS.values())]
    largest = [group for group in groups if len(group) > 1 and not any(group < other for other in groups)]
    bars = lines(axes, linewidth=2.4)
    assert [(min(x) + 0.03, max(x) - 0.03) for x, _ in bars] == [
        pytest.approx((min(group), max(group))) for group in largest
    ]
    heights = [y[0] for _, y in bars]
    assert len(set(heights)) == len(heights) == 2
    assert max(heights) < -len(RANKS) + 1  # below every encoder
    assert axes.get_ylim()[0] <= min(heights)


def test_the_ruler_is_as_long_as_the_critical_difference(drawn) -> None:
    _, axes = draw(drawn)
    ((x, _),) = lines(axes, linewidth=1.4)
    assert x[1] - x[0] == pytest.approx(1.0)
    assert "critical difference 1.00" in [text.get_text() for text in axes.texts]


def test_shuffled_labels_are_a_dotted_line_inside_the_picture(drawn) -> None:
    _, axes = draw(drawn, row("shuffled labels", "", "here", value=0.2), row("shuffled rank", low=4.5, high=5.0))
    ((x, _),) = lines(axes, linestyle=":")
    assert set(x) == {5.0}  # last of five
    assert axes.get_xlim()[1] > 5
    assert any(text.get_text().startswith("shuffled labels 5.00") for text in axes.texts)


def test_without_shuffled_labels_there_is_no_line(drawn) -> None:
    _, axes = draw(drawn)
    assert lines(axes, linestyle=":") == []
    assert axes.get_xlim()[1] == pytest.approx(len(RANKS) + 0.1)


def test_an_encoder_without_a_rank_is_left_out(drawn) -> None:
    rows = [*TEST, *itertools.chain.from_iterable((rank, score) for rank, score in zip(OWN, SCORES, strict=True))][:-2]
    _, axes = draw(drawn, rows=rows)
    assert [text.get_text().split()[0] for text in axes.texts[:3]] == ["b", "c", "a"]


@pytest.mark.parametrize("rows", [OWN, [TEST[0], TEST[1] | {"value": np.nan}, *OWN], TEST])
def test_without_ranks_or_a_test_there_is_no_picture(rows) -> None:
    assert picture_of(*rows) is None


def test_the_caption_counts_the_blocks(drawn) -> None:
    picture, _ = draw(drawn)
    assert "over 8 data sets x tasks" in picture.caption
