"""What the lens of separability says in a report."""

import pandas as pd
import pytest
from tests.made_up.small import texts_of
from tests.made_up.small_separability import projection, row, separability_summary

from ecglens.lenses.separability.rows import ProjectionRow
from ecglens.lenses.separability.sections import separability_sections
from ecglens.study.results import cannot_fill_frame

ROWS = [row("conv", "label", "knn_rescaled", 0.5), row("conv", "source", "knn_rescaled", 0.1)]
POINT = {"encoder": "conv", "task": "af", "method": "umap", "x": 1.0, "y": 2.0, "record_id": "r1", "dataset": "here"}


def notes(points: pd.DataFrame, **changes) -> dict[str, str]:
    _, section = separability_sections(separability_summary(*ROWS, points=points, **changes))
    return {note.subject: note.text for note in section.notes}


def test_the_verdict_stands_out_with_the_limits_of_the_study() -> None:
    summary = separability_summary(*ROWS, study={"thresholds": {"label_high": 0.35}})
    first, second = separability_sections(summary)
    (table,) = first.tables
    assert texts_of(table)[0][:3] == ["conv", "af", "follows the label"]
    assert texts_of(table)[1][2] == "not measured"
    assert dict(table.terms)["label"] == "absent below 0.1, strong from 0.35"
    assert dict(table.terms)["source"].endswith("absent below 0.2, strong from 0.4")
    assert first.frames["verdicts on separability"]["words"].tolist() == ["follows the label", "not measured"]
    assert len(second.frames["separability"]) == len(ROWS) + 3


def test_a_picture_that_is_there_has_no_note() -> None:
    assert set(notes(projection(POINT))) == {"features, af"}


@pytest.mark.parametrize("method", ["pca", "umap"])
def test_the_note_is_on_umap(method) -> None:
    assert ("conv, af" in notes(projection(POINT | {"method": method}))) == (method == "pca")


def test_a_picture_that_cannot_be_drawn_says_why() -> None:
    gap = cannot_fill_frame(ProjectionRow, {"encoder": "conv", "task": "af"}, "UMAP needs 5 records, there are 3.")
    assert notes(gap)["conv, af"] == "No picture: UMAP needs 5 records, there are 3."
    assert notes(gap)["features, af"] == "No picture: not computed yet."
    failures = pd.DataFrame([("geometry", "features__af", "E: gone")], columns=["stage", "cell", "error"])
    assert notes(gap, failures=failures)["features, af"] == "No picture: geometry failed: E: gone."
