"""Figures of separability: marks stand at their numbers, and every point has the colour of its own group."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from tests.made_up.small import GRID
from tests.made_up.small_separability import natural, projection, row, separability_summary

from ecglens.lenses.separability.figures import levels, planes
from ecglens.report.drawing import COLOURS, LABEL_COLOURS

NUMBERS = {"conv": (0.2, 0.6), "features": (0.4, -0.3)}
"""Label and source level of rescaled kNN."""
ROWS = [
    row(encoder, level, "knn_rescaled", value, null_high=high)
    for (encoder, values), high in zip(NUMBERS.items(), (0.05, 0.12), strict=True)
    for level, value in zip(("label", "source"), values, strict=True)
]


def errorbars(axes):
    """Position, ends of both bars and mark of every encoder."""
    found = []
    for mark, _, (across, up) in axes.containers:
        place = (mark.get_xdata()[0], mark.get_ydata()[0])
        found.append((place, across.get_segments()[0][:, 0], up.get_segments()[0][:, 1], mark))
    return found


def test_the_source_is_across_and_the_label_is_up(drawn) -> None:
    assert levels(separability_summary(*ROWS), "af") is not None
    knn, ari = drawn[0].axes
    for (place, across, up, mark), (label, source), colour in zip(
        errorbars(knn), NUMBERS.values(), COLOURS[:2], strict=True
    ):
        assert place == (source, label)
        assert across.tolist() == pytest.approx([source - 0.1, source + 0.1])
        assert up.tolist() == pytest.approx([label - 0.1, label + 0.1])
        assert mark.get_color() == colour
    assert (knn.get_xlabel(), knn.get_ylabel()) == ("source level", "label level")
    assert errorbars(ari) == []
    for low, _ in (knn.get_xlim(), knn.get_ylim()):
        assert low < -0.3
    assert knn.get_xlim() == knn.get_ylim()


def test_grey_reaches_up_to_the_highest_chance_level(drawn) -> None:
    levels(separability_summary(*ROWS), "af")
    axes = drawn[0].axes[0]
    ends = [patch.get_window_extent().transformed(axes.transData.inverted()) for patch in axes.patches]
    assert [ends[0].ymax, ends[1].xmax] == pytest.approx([0.12, 0.12])


def test_untrained_encoders_are_hollow(drawn) -> None:
    provenance = {"encoders": {"conv": {"card": {"n_parameters": 0}}, "features": {"card": {"n_parameters": 9}}}}
    levels(separability_summary(*ROWS, provenance=provenance), "af")
    conv, features = (mark for *_, mark in errorbars(drawn[0].axes[0]))
    assert conv.get_markerfacecolor() == "white"
    assert features.get_markerfacecolor() == COLOURS[1]


def test_an_encoder_of_one_level_has_no_mark_and_none_of_both_no_picture(drawn) -> None:
    summary = separability_summary(*ROWS[:3])
    assert levels(summary, "af") is not None
    assert len(errorbars(drawn[0].axes[0])) == 1
    assert [text.get_text() for text in drawn[0].legends[0].get_texts()] == ["conv"]
    assert levels(separability_summary(ROWS[0]), "af") is None


def test_a_missing_interval_has_no_length(drawn) -> None:
    bare = [each | {"patient_low": np.nan, "patient_high": np.nan} for each in ROWS[:2]]
    levels(separability_summary(*bare), "af")
    ((place, across, up, _),) = errorbars(drawn[0].axes[0])
    assert (across.tolist(), up.tolist()) == ([place[0]] * 2, [place[1]] * 2)


N = 90
RNG = np.random.default_rng(0)
POINTS = projection(*(
    {"encoder": "conv", "task": "af", "method": method, "record_id": f"r{i}", "dataset": GRID.datasets[i % 3 > 0],
     "label": i % 2, "x": RNG.normal(), "y": RNG.normal()}
    for method in ("pca", "umap") for i in range(N)
))  # fmt: skip


def coloured(axes) -> set:
    (points,) = axes.collections
    colours = points.get_facecolors()[:, :3].tolist()
    return {(*place, *colour) for place, colour in zip(points.get_offsets().tolist(), colours, strict=True)}


def test_every_point_has_the_colour_of_its_label_or_data_set(drawn) -> None:
    picture = planes(separability_summary(points=POINTS), "af", "conv", POINTS)
    assert picture.form == "png"
    assert f"{N} records" in picture.caption
    colours = {"label": LABEL_COLOURS, "dataset": dict(zip(GRID.datasets, COLOURS, strict=False))}
    for axes, (method, column) in zip(
        drawn[0].axes, [(method, column) for method in ("pca", "umap") for column in colours], strict=True
    ):
        part = POINTS[POINTS["method"] == method]
        assert axes.get_title().startswith(f"{method.upper()} by ")
        assert coloured(axes) == {
            (each.x, each.y, *to_rgba(colours[column][getattr(each, column)])[:3]) for each in part.itertuples()
        }


def test_points_are_not_drawn_group_by_group(drawn) -> None:
    points = POINTS.sort_values("label", ignore_index=True)
    planes(separability_summary(points=points), "af", "conv", points)
    (marks,) = drawn[0].axes[0].collections
    first = pd.DataFrame(marks.get_facecolors()).iloc[: N // 2]
    assert len(first.drop_duplicates()) == 2


def test_the_quality_of_each_plane_is_its_own(drawn) -> None:
    quality = [
        natural("conv", "picture", metric, value, space=space)
        for space, metric, value in (
            ("pca", "trustworthiness", 0.7), ("umap", "trustworthiness", 0.9), ("umap", "continuity", 0.8)
        )
    ]  # fmt: skip
    other = natural("features", "picture", "trustworthiness", 0.1, space="pca")
    planes(separability_summary(*quality, other, points=POINTS), "af", "conv", POINTS)
    words = [axes.texts[0].get_text() for axes in drawn[0].axes]
    assert words == ["trustworthiness 0.70"] * 2 + ["trustworthiness 0.90, continuity 0.80"] * 2
