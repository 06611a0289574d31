"""Verdicts on scores: which side is better, and when a study may say that nothing was found."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.report.ranking import is_above, rank_encoders
from ecglens.report.tables import p_text
from ecglens.report.verdicts import BASELINE, CHANCE, headlines, judge_scores

from ecglens.report import summarise
from ecglens.report.formats import make_tables
from ecglens.report.html import render_html
from ecglens.study.results import cell_frame

TEST = {"n": 5, "n_records": 20, "probe": "mlp", "worse": 0.1, "equal": 0.2, "better": 0.7, "sd": 0.1, "p_value": 0.01}
PLACE = {"task": "af", "dataset": "simulated-chn", "size": "S"}


def test_row(**facts) -> dict:
    return PLACE | TEST | {"low": facts["value"] - 0.05, "high": facts["value"] + 0.05} | facts


test_row.__test__ = False


def judged(summary, rows: list[dict], baselines=("features", "age-sex"), difference: float = 0.1):
    scores = {"conv": 0.7, "features": 0.8, "age-sex": 0.5}
    rows = [*rows, *(PLACE | {"statistic": "score", "encoder": e, "value": v, "n": 5} for e, v in scores.items())]
    return judge_scores(
        rank_encoders(cell_frame("comparison", {}, pd.DataFrame(rows)), summary.grid), baselines, difference
    )


@pytest.mark.parametrize(
    ("value", "p_holm", "detectable", "answer"),
    [
        (0.30, 0.001, 0.40, "yes"),
        (-0.30, 0.001, 0.05, "lower"),
        (0.30, 0.051, 0.40, "cannot tell"),
        (0.01, 0.700, 0.40, "cannot tell"),
        (0.01, 0.700, 0.101, "cannot tell"),
        (0.01, 0.700, 0.10, "no better"),
        (0.06, 0.060, 0.10, "cannot tell"),  # the interval reaches 0.11
        (-0.06, 0.060, 0.10, "no better"),
        (0.00, 1.000, np.nan, "cannot tell"),
        (0.30, np.nan, np.nan, "cannot tell"),
    ],
)
def test_no_better_needs_a_study_that_could_have_shown_the_difference(
    summary, value, p_holm, detectable, answer
) -> None:
    row = test_row(
        statistic="against shuffled labels", encoder="conv", value=value, p_holm=p_holm, detectable=detectable
    )
    (verdict,) = judged(summary, [row])
    assert (verdict.question, verdict.answer) == (CHANCE, answer)
    assert verdict.other_f1 == pytest.approx(0.7 - value)


def test_every_sentence_states_n_and_what_it_could_have_shown(summary) -> None:
    row = test_row(statistic="against shuffled labels", encoder="conv", value=0.26, p_holm=0.2, detectable=0.4)
    (headline,) = headlines(judged(summary, [row]), str.upper)
    assert headline.text == (
        "cannot tell on SIMULATED-CHN: F1 0.70 against 0.44, n = 20 could show a difference of 0.40"
    )
    for detectable, power in ((1.2, "n = 20 could not show even a difference of 1"), (np.nan, "power is not known")):
        (headline,) = headlines(judged(summary, [row | {"detectable": detectable}]), str)
        assert power in headline.text
    (headline,) = headlines(judged(summary, [row | {"equal": 0.97}]), str)
    assert "practically equal with probability 0.97" in headline.text


def test_an_encoder_that_was_not_tested_is_named(summary) -> None:
    row = test_row(statistic="against shuffled labels", encoder="conv", value=0.26, p_holm=0.01, detectable=0.2)
    tested, other = headlines(judged(summary, [row]), str, [("conv", row["task"]), ("features", row["task"])])
    assert (tested.encoder, other.encoder, other.question) == ("conv", "features", CHANCE)
    assert other.text.startswith("not tested")


@pytest.mark.parametrize("sides", [("conv", "features"), ("features", "conv")])
@pytest.mark.parametrize(("lead", "answer"), [(0.2, "yes"), (-0.2, "lower")])
def test_the_best_baseline_is_the_other_side_whichever_comes_first(summary, sides, lead, answer) -> None:
    sign = 1 if sides[0] == "conv" else -1
    row = test_row(statistic="pair", encoder=sides[0], other=sides[1], value=sign * lead, p_holm=0.01, detectable=0.1)
    others = [
        test_row(statistic="pair", encoder="conv", other="age-sex", value=0.2, p_holm=0.01, detectable=0.1),
        test_row(statistic="pair", encoder="age-sex", other="features", value=-0.3, p_holm=0.01, detectable=0.1),
    ]
    (verdict,) = judged(summary, [row, *others])
    assert (verdict.question, verdict.encoder, verdict.other) == (BASELINE, "conv", "features")
    assert (verdict.answer, verdict.difference) == (answer, pytest.approx(lead))
    assert (verdict.low, verdict.high) == pytest.approx((lead - 0.05, lead + 0.05))
    (headline,) = headlines([verdict], str)
    assert "of features" in headline.text
    assert headline.text.startswith({"yes": "above the best baseline", "lower": "below the best baseline"}[answer])


def test_without_a_baseline_nothing_is_held_against_one(summary) -> None:
    row = test_row(statistic="pair", encoder="conv", other="features", value=0.2, p_holm=0.01, detectable=0.1)
    assert judged(summary, [row], baselines=()) == ()


def test_significantly_worse_than_shuffled_labels_is_not_above_chance(summary) -> None:
    row = {"statistic": "against shuffled labels", "encoder": "conv", "detectable": 0.1}
    rows = [test_row(**row, value=value, p_holm=p) for value, p in ((0.2, 0.01), (-0.2, 0.01), (0.2, 0.2))]
    ranking = rank_encoders(cell_frame("comparison", {}, pd.DataFrame(rows)), summary.grid)
    assert is_above(ranking.chance).tolist() == [True, False, False]
    assert ranking.table.set_index("encoder").loc["conv", ["above_chance", "compared"]].tolist() == [1, 3]


def test_only_a_significantly_better_encoder_is_marked_and_no_p_is_zero(results) -> None:
    comparison = results.comparison.copy()
    pair = (
        (comparison["statistic"] == "pair") & (comparison["dataset"] == "simulated-chn") & (comparison["task"] == "af")
    )
    comparison.loc[pair, "value"] = [0.2, -0.2, 0.2]
    comparison.loc[pair, "p_holm"] = [0.001, 0.0001, 0.4]
    comparison.loc[pair, "p_value"] = 0.0
    summary = summarise(replace(results, comparison=comparison))
    (table,) = (table for table in make_tables(summary) if table.title.startswith("Encoders compared in pairs: atrial"))
    shown = [row for row in table.rows if row[0].text.startswith("simulated-chn") and row[3].text != "shuffled labels"]
    assert [row[4].strong for row in shown] == [True, False, False]
    assert [row[4].notes for row in shown] == [(), ("significantly lower",), ()]
    assert [row[5].text for row in shown] == ["< 0.001"] * 3
    assert [row[6].text for row in shown] == ["0.001", "< 0.001", "0.400"]
    assert [row[7].text for row in shown] == ["0.09"] * 3


def test_the_first_words_of_the_report_name_what_the_study_could_show(summary) -> None:
    page = render_html(summary)
    start = page.index("What stands out</h2>")
    assert "n = 250 could show a difference of 0.21" in page[start : page.index("Scores</h2>")]
    assert "found nothing" not in page
    (table,) = (table for table in make_tables(summary) if table.title.startswith("Verdicts on scores"))
    answers = {(row[0].text, row[1].text, row[2].text): row[3].text for row in table.rows}
    assert answers["conv", "af", "above chance"].startswith("above chance on simulated-chn")
    assert answers["age-sex", "af", "above chance"].startswith("cannot tell on")
    assert answers["conv", "cd", "above the best baseline"].startswith("below the best baseline on simulated-chn")
    assert ("features", "af", "above the best baseline") not in answers


def test_p_values_are_never_rounded_to_zero() -> None:
    assert [p_text(p) for p in (0.0, 0.00099, 0.001, 0.0449, 1.0, np.nan)] == [
        "< 0.001", "< 0.001", "0.001", "0.045", "1.000", "–",
    ]  # fmt: skip
