"""Tables of feature overlap, each from the numbers that it shows."""

import numpy as np
import pytest
from tests.made_up.small import column, texts_of
from tests.made_up.small_overlap import DIM, GRID, attribution_rows, between, inside, overlap_summary
from tests.made_up.small_scores import scores_of

from ecglens.attribution.reliability import NO_CEILING
from ecglens.lenses.overlap.tables import (
    FEWER,
    TOO_LOW,
    curve_table,
    cutoff_table,
    pair_table,
    reference_table,
    reliability_table,
)
from ecglens.report import Summary
from ecglens.report.table import Table

NULL = {"null_mean": 0.15, "null_low": 0.1, "null_high": 0.2, "halves": 0.4, "halves_chance": 0.12}
CEILING = {"ceiling_low": 0.8, "ceiling_high": 1.0}


def summary(*rows: dict) -> Summary:
    """The study names features last; its rank is first."""
    return overlap_summary(scores_of(grid=GRID), rows=list(rows))


def reference(*rows: dict) -> Table:
    return reference_table(summary(*rows), "af")


def own(table: Table, encoder: str = "conv") -> dict[str, object]:
    (row,) = (row for row in table.rows if row[0].text == encoder)
    return dict(zip(table.columns, row, strict=True))


def changed(rows: list[dict], other: str, metric: str, value: float) -> list[dict]:
    """The same with another value of the pairs with one data set."""
    hit = (other, metric)
    return [row | ({"value": value} if (row["other"], row["metric"]) == hit else {}) for row in rows]


def test_shares_stand_beside_what_they_are_read_against() -> None:
    table = reference(*between(0.3, **NULL, **CEILING), *between(0.2, labels="shuffled"))
    assert texts_of(table)[1:3] == [
        ["conv", "MLP", "S", "reference", "0.30", "0.30", "0.30", "0.15 [0.10, 0.20]", "0.10", "0.40 (0.12)", "0.90",
         "0.33", "–"],
        ["conv, shuffled labels", "MLP", "S", "reference", "0.20", "0.20", "0.20", "–", "0.10", "–", "0.90", "0.22",
         "–"],
    ]  # fmt: skip
    assert [cell.quiet for cell in table.rows[2]] == [True] * len(table.columns)
    assert not table.rows[1][0].quiet


def test_encoders_are_in_the_order_of_their_ranks_and_gaps_have_reasons() -> None:
    table = reference(*between(0.3))
    assert [row[0] for row in texts_of(table)] == ["features", "conv", "conv, shuffled labels"]
    assert [cell.text for cell in table.rows[0][3:6]] == ["reference", "not computed", "not computed"]
    assert table.rows[0][4].notes == ("b: not computed yet",)


def test_a_mean_over_fewer_data_sets_says_so() -> None:
    rows = changed(between(0.3), "c", "corrected", np.nan)
    assert own(reference(*rows))["corrected"].notes == (FEWER.format(some=1, all=2),)
    assert own(reference(*between(0.3)))["corrected"].notes == ()
    none = [row for row in between(0.3) if row["metric"] != "corrected"]
    assert own(reference(*none))["corrected"].notes == ()


def test_a_ceiling_that_reaches_chance_and_one_that_was_not_measured_are_told_apart() -> None:
    low = own(reference(*changed(between(0.3), "b", "corrected", np.nan)))
    assert (low["b"].notes, low["c"].notes) == ((TOO_LOW,), ())
    rows = changed(changed(between(0.3), "b", "ceiling", np.nan), "b", "corrected", np.nan)
    assert own(reference(*rows))["b"].notes == (NO_CEILING,)


@pytest.mark.parametrize(("most", "noted"), [(0.95, True), (1.0, False)])
def test_a_side_with_too_few_features_limits_the_share(most, noted) -> None:
    notes = own(reference(*between(0.3, most=most)))["b"].notes
    assert notes == (("one side uses fewer than 20 features: at most 0.95 can be shared",) if noted else ())


def test_reliability_is_shown_of_every_probe_and_the_best_is_marked() -> None:
    rows = [
        *inside("reliability_share", {0: 0.9, 1: 1.0}),
        *inside("kendall_tau", {0: 0.6}, probe="tree"),
        *inside("growth_jaccard", {1: 0.5, 2: 0.5}),
        *inside("growth_jaccard", {1: 0.5, 2: 0.7}, probe="tree"),
        *between(0.3),
    ]
    table = reliability_table(summary(*rows), "af")
    shown = {(row[0], row[1], row[2]): row[3:] for row in texts_of(table)}
    assert len(shown) == 3 * 3  # encoders and probes, data sets
    assert shown["conv", "mlp", "a"] == ["2", "0.95 ± 0.07", "–", "–", "1 fit", "1e-06"]
    assert shown["conv", "tree", "a"] == ["1", "–", "–", "0.60", "still rising", "1e-06"]
    assert shown["features", "mlp", "a"] == ["–", "–", "–", "–", "–", "1e-06"]
    assert {cell.text for cell in column(table, "probe")[3:] if cell.strong} == {"mlp"}
    assert [row[0].text for row in table.rows][:3] == ["features"] * 3


def test_sampled_shap_values_have_no_additivity_error() -> None:
    found = overlap_summary(scores_of(grid=GRID), rows=[], attribution=attribution_rows(np.nan))
    assert {cell.text for cell in column(reliability_table(found, "af"), "additivity error")} == {"sampled"}


def test_every_probe_and_pair_is_shown_and_the_best_is_marked() -> None:
    tests = {"p_permutation": 0.0001, "p_value": 0.02, "jaccard": 0.2, "rbo": 0.5}
    rows = [*between(0.3, **NULL, **CEILING, **tests), *between(0.5, probe="tree")]
    table = pair_table(summary(*rows), "af")
    assert texts_of(table)[0] == [
        "conv", "mlp", "a", "b", "0.30", "0.15 [0.10, 0.20]", "0.10", "0.40 (0.12)", "0.90 [0.80, 1.00]", "0.33",
        "0.20", "0.50", "< 0.001", "0.020", "–", "–",
    ]  # fmt: skip
    assert [(row[1].text, row[1].strong) for row in table.rows] == [("mlp", True)] * 3 + [("tree", False)] * 3
    assert [(row[2], row[3]) for row in texts_of(table)[:3]] == [("a", "b"), ("a", "c"), ("b", "c")]


def at(shares: dict[int, float], encoder: str = "conv", labels: str = "true") -> list[dict]:
    return [
        row | {"k": k, "value": share if row["metric"] == "share" else k / DIM}
        for k, share in shares.items()
        for row in between(share, encoder, labels=labels)
        if row["metric"] in {"share", "chance"}
    ]


CURVES = [*at({10: 0.3, 20: 0.4}), *at({10: 0.2, 20: 0.2}, labels="shuffled"), *at({10: 0.9, 20: 0.8}, "features")]


def test_overlap_beyond_chance_at_every_cut_off_and_its_area() -> None:
    table = curve_table(summary(*CURVES), "af")
    assert table.columns == ("encoder", "top 10", "top 20", "area")

    def line(*shares: float) -> list[str]:
        heights = [(share - k / DIM) / (1 - k / DIM) for k, share in zip((10, 20), shares, strict=True)]
        return [f"{height:.2f}" for height in (*heights, np.mean(heights))]

    assert texts_of(table) == [
        ["features", *line(0.9, 0.8)],
        ["conv", *line(0.3, 0.4)],
        ["conv, shuffled labels", *line(0.2, 0.2)],
    ]


def test_agreement_of_cut_offs_and_what_it_means() -> None:
    shown = summary(*CURVES)
    table = cutoff_table(shown, "af")
    assert texts_of(table) == [["top 10", "1.00", "1.00"], ["top 20", "1.00", "1.00"]]
    sentence = "The ranking of encoders does not depend on the cut-off (lowest Kendall's tau 1.00)."
    assert table.caption.endswith(sentence)
    assert dict(reference_table(shown, "af").terms)["cut-off"] == sentence


def test_without_an_order_of_encoders_there_is_no_verdict_on_the_cut_off() -> None:
    shown = summary(*at({10: 0.3, 20: 0.4}))
    assert texts_of(cutoff_table(shown, "af")) == []
    assert "cut-off" not in dict(reference_table(shown, "af").terms)
