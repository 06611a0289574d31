"""Why a number is not there: the first thing that failed, or nothing has been computed."""

import pandas as pd
import pytest
from tests.made_up.small import small_results

from ecglens.lenses.scores.rows import ProbeRow
from ecglens.report.gaps import last_line, read_gaps, read_grid, unfilled_cells
from ecglens.study.results import cannot_fill_frame, cell_frame

ALL = {
    ("index", "here"): "reading here failed: E: index",
    ("embed", "conv__there"): "embedding there failed: E: embed",
    ("probe", "conv__here__af"): "probe failed: E: probe",
}


@pytest.mark.parametrize("kept", range(4))
def test_the_earliest_failure_is_the_reason(kept) -> None:
    rows = [(stage, cell, f"Traceback\nE: {stage}") for stage, cell in list(ALL)[kept:]]
    gaps = read_gaps(pd.DataFrame(rows, columns=["stage", "cell", "error"]))
    found = gaps.find("probe", ("conv", "here", "af"), "conv", ["here", "there"])
    assert found == (("failed", list(ALL.values())[kept]) if kept < 3 else ("missing", "not computed yet"))


def test_what_another_cell_needs_is_no_reason() -> None:
    rows = [("index", "far", "E"), ("embed", "features__here", "E"), ("geometry", "conv__here__af", "E")]
    gaps = read_gaps(pd.DataFrame(rows, columns=["stage", "cell", "error"]))
    assert gaps.find("probe", ("conv", "here", "af"), "conv", ["here"]) == ("missing", "not computed yet")


@pytest.mark.parametrize(
    ("shuffled", "names"),
    [("all", ("conv", "features")), ("none", ()), (["features"], ("features",))],
)
def test_encoders_on_shuffled_labels(shuffled, names) -> None:
    assert read_grid(small_results({"shuffled": shuffled})).shuffled == names


def test_sizes_are_ordered_by_records_and_all_records_come_last() -> None:
    sizes = {"all": None, "b": 100, "L": 1000, "S": 250, "a": 100}
    assert read_grid(small_results({"sizes": sizes})).sizes == ("a", "b", "S", "L", "all")


def test_cells_that_cannot_be_filled_have_their_reason() -> None:
    gap = cannot_fill_frame(ProbeRow, {"encoder": "conv", "task": "af"}, "too few")
    done = cell_frame(ProbeRow, {"encoder": "conv", "task": "cd"}, pd.DataFrame({"value": [0.5]}))
    found = unfilled_cells(pd.concat([gap, done], ignore_index=True), ["encoder", "task"])
    assert found == {("conv", "af"): "too few"}


@pytest.mark.parametrize(
    ("text", "line"), [("", ""), ("A\nB: c\n\n", "B: c"), ("A\nB \x1b[31m", "B \\x1b[31m"), ("\n  only  \n", "only")]
)
def test_the_last_line_says_what_happened(text, line) -> None:
    assert last_line(text) == line
