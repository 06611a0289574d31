"""Figures are files, equal for equal numbers, in colours that stay apart."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image
from tests.made_up.small import GRID, summary_of

from ecglens.report.drawing import (
    COLOURS,
    MARKERS,
    dataset_handles,
    dot,
    finish,
    lane,
    lane_height,
    legend_below,
    look_of,
    mark_of,
    rows_of_encoders,
)
from ecglens.report.figure import Picture


def drawn(form: str) -> Picture:
    figure = Figure(figsize=(3.0, 2.0), layout="constrained")
    figure.subplots().plot([0, 1], [1, 0])
    return finish(figure, "A title that is longer than the figure is wide", "Caption.", form)


def test_an_svg_is_as_wide_as_it_says_and_has_no_date() -> None:
    picture = drawn("svg")
    assert (picture.form, picture.width) == ("svg+xml", 288)  # 3 inches of 96 pixels
    assert b'width="216pt"' in picture.content  # 3 inches of 72 points
    assert b"<dc:date>" not in picture.content


def test_a_png_is_as_wide_as_it_says() -> None:
    image = Image.open(io.BytesIO(drawn("png").content))
    assert image.size == (3 * 170, 2 * 170)


@pytest.mark.parametrize("form", ["svg", "png"])
def test_same_numbers_same_bytes(form) -> None:
    from matplotlib import rc_context

    from ecglens.report.drawing import STYLE

    with rc_context(STYLE):
        assert drawn(form) == drawn(form)


def test_a_data_set_looks_the_same_in_every_figure() -> None:
    summary = summary_of(simulated=frozenset({"there"}))
    assert [look_of(summary, name) for name in GRID.datasets] == [mark_of(0), mark_of(1)]
    handles = dataset_handles(summary)
    assert [handle.get_label() for handle in handles] == ["here", "there (simulated)"]
    assert [handle.get_color() for handle in handles] == list(COLOURS[:2])
    assert [handle.get_marker() for handle in handles] == list(MARKERS[:2])
    assert mark_of(len(COLOURS)) == mark_of(0)


def test_marks_of_an_encoder_lie_in_its_row_one_lane_a_data_set() -> None:
    summary = summary_of()
    places = [lane(summary, GRID.encoders, "features", name) for name in GRID.datasets]
    assert np.mean(places) == pytest.approx(1)
    assert places[1] - places[0] == pytest.approx(lane_height(summary)) == pytest.approx(1 / 3)


def test_rows_are_read_from_the_top() -> None:
    axes = Figure().subplots()
    rows_of_encoders(axes, GRID.encoders)
    assert [label.get_text() for label in axes.get_yticklabels()] == list(GRID.encoders)
    assert axes.get_ylim() == (1.5, -0.5)


@pytest.mark.parametrize(("width", "columns"), [(0.5, 1), (3.1, 2), (20.0, 4)])
def test_a_legend_has_as_many_columns_as_fit(width, columns) -> None:
    figure = Figure(figsize=(width, 2.0), layout="constrained")
    legend_below(figure, [dot("a name of 9", color="red") for _ in range(5)])
    assert figure.legends[0]._ncols == columns


COLOUR_VISION = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def cielab(linear: np.ndarray) -> np.ndarray:
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(linear @ to_xyz.T / [0.9505, 1, 1.089]).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


@pytest.mark.parametrize("vision", COLOUR_VISION)
def test_colours_of_four_data_sets_stay_apart(vision: str) -> None:
    rgb = np.array([to_rgb(name) for name in COLOURS[:4]])
    linear = np.where(rgb > 0.04045, ((rgb + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    lab = cielab(np.clip(linear @ np.transpose(COLOUR_VISION[vision]), 0, 1))
    distances = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    assert distances[np.triu_indices(4, 1)].min() > 15  # a difference of 2.3 is just noticeable
