"""The alignment index: which side is subtracted from which, and whose spread it has."""

import numpy as np
import pytest

from ecglens.geometry import Alignment
from ecglens.geometry.alignment import alignment_rows


def row(level, value, metric="knn_rescaled", counts="natural", **facts):
    place = {"stratum": "all", "counts": counts, "space": "", "n": 10, "level": level, "metric": metric, "reason": ""}
    replicates, null = value + np.array([-0.1, 0.0, 0.1]), np.array([0.0, 0.1])
    return place | {"value": value, "range": (-1, 1), "replicates": replicates, "null": null} | facts


def test_it_is_positive_where_the_label_leads():
    assert Alignment(label=0.7, source=0.2).index == pytest.approx(0.5)
    (found,) = alignment_rows([row("source", 0.2), row("label", 0.7)])
    assert (found["metric"], found["level"], found["value"]) == ("knn_index", "alignment", pytest.approx(0.5))
    assert found["range"] == (-2, 2)


def test_replicates_and_permutations_are_paired():
    (found,) = alignment_rows([row("label", 0.7), row("source", 0.2)])
    # Patients who move both levels alike do not move their difference.
    assert (found["patient_low"], found["patient_high"]) == pytest.approx((0.5, 0.5))
    assert found["null_mean"] == 0


def test_equal_counts_keep_the_differences_of_subsamples():
    sides = [
        row("label", 0.7, counts="equal", repeats=[0.6, 0.8], spread_over="repeats"),
        row("source", 0.2, counts="equal", repeats=[0.3, 0.1], spread_over="repeats"),
    ]
    (found,) = alignment_rows(sides)
    assert found["repeats"] == pytest.approx([0.3, 0.7])


def test_a_side_without_a_number_is_the_reason():
    (found,) = alignment_rows([row("label", 0.7), row("source", np.nan, reason="there is one data set only: chn")])
    assert (found["status"], found["reason"]) == ("cannot-fill", "there is one data set only: chn")
    assert np.isnan(found["value"])


def test_clusters_of_other_spaces_and_strata_without_both_sides_do_not_count():
    assert not list(alignment_rows([row("label", 0.7, "ari", space="pca50"), row("source", 0.2, "ari", space="pca50")]))
    assert not list(alignment_rows([row("label-within-source", 0.7), row("source", 0.2)]))
