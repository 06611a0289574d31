"""Every number of the geometry, how it is found, and why there is none."""

import numpy as np
import pandas as pd
import pytest
from tests.made_up.small import GRID
from tests.made_up.small_separability import geometry, natural, projection, row, separability_summary

from ecglens.lenses.separability.rows import GeometryRow
from ecglens.lenses.separability.summary import LEADING, Separability, by_alignment, leading, leading_measured
from ecglens.study.results import cannot_fill_frame

LABEL = row("conv", "label", "knn_rescaled", 0.3)


def found(*rows: dict, **changes) -> pd.DataFrame:
    return separability_summary(*rows, **changes).of(Separability).table


def test_every_number_is_kept_and_what_was_not_measured_has_rows_of_its_own() -> None:
    table = found(LABEL, natural("conv", "mixing", "ilisi", 0.4, task=""))
    assert table["value"].dropna().tolist() == [0.3, 0.4]
    gaps = table[table["value"].isna()]
    assert set(gaps["encoder"]) == {"features"}
    assert list(zip(gaps["level"], gaps["metric"], strict=True)) == list(LEADING)
    assert set(gaps["status"]) == {"missing"}


def test_the_reason_of_a_gap_is_that_of_the_cell_or_of_a_failure() -> None:
    gap = cannot_fill_frame(GeometryRow, {"encoder": "features", "task": "af"}, "left out all 9 records")
    table = found(geometry=pd.concat([geometry(LABEL), gap], ignore_index=True))
    own = table[table["encoder"] == "features"]
    assert set(zip(own["status"], own["reason"], strict=True)) == {("cannot-fill", "left out all 9 records")}
    assert len(own) == len(LEADING), "the row of the cell itself is no number"
    failures = pd.DataFrame([("embed", "features__there", "OSError: full")], columns=["stage", "cell", "error"])
    own = found(LABEL, failures=failures).query("encoder == 'features'")
    assert set(own["reason"]) == {"embedding there failed: OSError: full"}


def test_only_finished_points_of_a_picture_are_kept() -> None:
    point = {"encoder": "conv", "task": "af", "method": "umap", "x": 1.0, "y": 2.0}
    points = projection(
        point | {"status": "done", "reason": ""}, point | {"status": "cannot-fill", "reason": "few", "x": np.nan}
    )
    kept = separability_summary(LABEL, points=points).of(Separability).projection
    assert kept["x"].tolist() == [1.0]
    assert not {"status", "reason"} & set(kept)


def test_leading_numbers_are_of_all_records_on_equal_counts_in_the_embedding() -> None:
    others = [
        LABEL | {"value": 0.9} | change
        for change in ({"counts": "natural"}, {"stratum": "a"}, {"space": "umap"}, {"level": "source"})
    ]
    ari = row("features", "label", "knn_rescaled", 0.5, space="embedding")
    table = geometry(LABEL, *others, ari)
    assert leading(table, "label", "knn_rescaled")["value"].tolist() == [0.3, 0.5]
    assert leading(table, "label", "knn_rescaled", "natural")["value"].tolist() == [0.9]


def test_encoders_are_by_alignment_and_those_without_come_last() -> None:
    table = geometry(*(row(name, "alignment", "knn_index", value) for name, value in (("a", -0.5), ("c", 0.2))))
    assert by_alignment(table, ("x", "a", "y", "c")) == ["c", "a", "x", "y"]
    unknown = geometry(row("a", "alignment", "knn_index", np.nan), row("c", "alignment", "knn_index", -0.9))
    assert by_alignment(unknown, (*GRID.encoders, "a", "c"))[0] == "c"


def test_a_number_over_strata_is_their_mean_with_its_interval() -> None:
    strata = [row("conv", "label-within-source", "knn_rescaled", v, stratum=s) for s, v in (("a", 0.2), ("b", 0.6))]
    measured = leading_measured(geometry(*strata, LABEL), "label-within-source")
    assert (measured.value, measured.low, measured.high) == pytest.approx((0.4, 0.3, 0.5))
    assert np.isnan(leading_measured(geometry(LABEL), "site")).all()
