"""What the lens of overlap puts into a report."""

import numpy as np
import pytest
from tests.made_up.small_overlap import GRID, at, attribution_rows, between, inside, overlap_summary
from tests.made_up.small_scores import scores_of

from ecglens.lenses.overlap.sections import overlap_sections
from ecglens.lenses.overlap.summary import Portability
from ecglens.report.section import Section

CURVES = [*at({10: 0.3, 20: 0.4}), *at({10: 0.5, 20: 0.6}, "features")]


def section(rows=(), **changes) -> Section:
    (found,) = overlap_sections(overlap_summary(scores_of(grid=GRID), rows=list(rows), **changes))
    return found


def test_tables_for_files_are_those_of_the_summary() -> None:
    summary = overlap_summary(scores_of(grid=GRID), rows=[*between(0.4), *CURVES])
    (found,) = overlap_sections(summary)
    own = summary.of(Portability)
    expected = {
        "overlap": own.overlap, "overlap, means": own.means, "overlap of every pair": own.matrix,
        "reliability": own.reliability, "growth over fits": own.growth, "overlap curve": own.curve,
        "agreement of cut-offs": own.taus,
    }  # fmt: skip
    assert set(found.frames) == set(expected)
    for name, frame in expected.items():
        assert found.frames[name] is frame


@pytest.mark.parametrize(
    ("rows", "titles"),
    [
        ([], []),
        (between(0.4), ["Feature overlap", "Feature overlap of all pairs"]),
        (CURVES, ["Feature overlap", "Feature overlap of all pairs", "Overlap by cut-off"]),
        (
            [*between(0.4), *inside("growth_jaccard", {1: 0.2, 2: 0.3})],
            ["Feature overlap", "Feature overlap of all pairs", "Reliability of rankings"],
        ),
    ],
)
def test_figures_are_those_that_have_numbers(rows, titles) -> None:
    assert [picture.title for picture in section(rows).figures()] == [f"{title}: task af" for title in titles]


@pytest.mark.parametrize(
    ("name", "estimator", "error", "noted"),
    [("tree", "my.module:Tree", np.nan, True), ("tree", None, np.nan, False), ("tree", "my.module:Tree", 1e-6, False),
     ("other", "my.module:Tree", np.nan, False)],
)  # fmt: skip
def test_sampled_explanations_of_custom_probes_are_named(name, estimator, error, noted) -> None:
    study = {"probes": [{"name": name, "estimator": estimator, "explain_rows": 64}, {"name": "mlp"}]}
    notes = section(between(0.4), study=study, attribution=attribution_rows(error)).notes
    assert [note.subject for note in notes] == [name] * noted
    for note in notes:
        assert "on 64 records of each data set" in note.text
