import io
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from ecglens.report.curves import learning_curve
from ecglens.report.figures import draw_figures
from matplotlib.colors import to_rgb
from PIL import Image

from ecglens.report import summarise
from ecglens.report.drawing import COLOURS


@pytest.fixture(scope="module")
def pictures(summary):
    return draw_figures(summary)


def test_every_figure_with_numbers_is_drawn(pictures) -> None:
    titles = [picture.title for picture in pictures]
    assert len(titles) == len(set(titles)) == 1 + 2 * (7 + 2)
    assert all(title.endswith("(simulated records)") for title in titles)


def test_files_are_what_they_say(pictures) -> None:
    for picture in pictures:
        if picture.form == "png":
            image = Image.open(io.BytesIO(picture.content))
            assert image.size[0] == pytest.approx(picture.width / 96 * 170, abs=2)
        else:
            assert b"<svg" in picture.content[:1000]


def test_same_numbers_same_bytes(summary, pictures) -> None:
    assert [picture.content for picture in draw_figures(summary)] == [picture.content for picture in pictures]


def test_drawing_leaves_the_settings_of_matplotlib_alone(summary) -> None:
    before = dict(mpl.rcParams)
    draw_figures(summary)
    assert dict(mpl.rcParams) == before


COLOUR_VISION = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
"""Machado et al. (2009), severity 1, on linear RGB."""


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


def test_the_size_with_folds_of_its_own_is_named_below_the_learning_curve(results) -> None:
    def caption(balance: str) -> str:
        study = results.study | {"balance": balance, "sizes": {"XS": 100, "S": 250, "L": None}}
        picture = learning_curve(summarise(replace(results, study=study)), "cd")
        assert picture is not None
        return picture.caption

    assert "L alone has natural prevalence, and records and folds of its own" in caption("equal")
    assert "of its own" not in caption("natural")
