"""The figure of the reference scale, as matplotlib has it before it is written."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ecglens.report.dial import draw_dial

NUMBERS = pd.DataFrame(
    {
        "label: kNN": [0.0, 0.4, 1.0], "label: ARI": [0.1, 0.2, 0.3], "source: kNN": [1.0, 0.5, -0.2],
        "source: ARI": [0.9, np.nan, 0.0],
    },
    index=[0.0, 0.5, 1.0],
)  # fmt: skip


@pytest.fixture
def axes(tmp_path, drawn):
    draw_dial(NUMBERS, tmp_path / "dial.png")
    ((axes,),) = (figure.axes for figure in drawn)
    return axes


def curves(axes):
    return {line.get_label(): line for line in axes.lines if line.get_label() in NUMBERS}


def test_every_column_is_a_curve_over_the_dial(axes) -> None:
    found = curves(axes)
    assert list(found) == list(NUMBERS)
    for name, line in found.items():
        np.testing.assert_array_equal(line.get_xdata(), NUMBERS.index)
        np.testing.assert_array_equal(line.get_ydata(), NUMBERS[name])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(NUMBERS)


def test_colour_is_the_metric_and_the_style_is_the_level(axes) -> None:
    found = curves(axes)
    for metric in ("kNN", "ARI"):
        assert found[f"label: {metric}"].get_color() == found[f"source: {metric}"].get_color()
    assert found["label: kNN"].get_color() != found["label: ARI"].get_color()
    assert {name: line.get_linestyle() for name, line in found.items()} == {
        name: "-" if name.startswith("label") else "--" for name in NUMBERS
    }


def test_chance_is_a_line_at_zero(axes) -> None:
    (chance,) = [line for line in axes.lines if line.get_label() not in NUMBERS]
    assert set(chance.get_ydata()) == {0}


def test_the_suffix_is_the_format(tmp_path) -> None:
    draw_dial(NUMBERS, tmp_path / "dial.svg")
    assert "<svg" in (tmp_path / "dial.svg").read_text()
    draw_dial(NUMBERS, tmp_path / "dial.png")
    with Image.open(tmp_path / "dial.png") as image:
        assert image.size == (round(6.4 * 170), round(3.4 * 170))
