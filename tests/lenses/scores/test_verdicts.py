"""Verdicts on scores: which side is better, and when a study may say that nothing was found."""

import numpy as np
import pandas as pd
import pytest

from ecglens.lenses.scores.ranking import rank_encoders
from ecglens.lenses.scores.rows import ComparisonRow
from ecglens.lenses.scores.verdicts import BASELINE, CERTAIN, CHANCE, UNTESTED, Verdict, headlines, judge_scores
from ecglens.report.gaps import Grid
from ecglens.study.results import cell_frame

GRID = Grid(("chn", "georgia"), ("conv", "features", "age-sex"), ("af",), ("S",), ())
TEST = {"n": 5, "n_records": 20, "worse": 0.1, "equal": 0.2, "better": 0.7, "sd": 0.1, "p_value": 0.01}
PLACE = {"task": "af", "dataset": "chn", "size": "S"}
F1 = {"conv": 0.7, "features": 0.8, "age-sex": 0.5}


def one_test(**facts) -> dict:
    return PLACE | TEST | {"low": facts["value"] - 0.05, "high": facts["value"] + 0.05} | facts


def against_chance(encoder: str = "conv", **facts) -> dict:
    return one_test(
        statistic="against shuffled labels", encoder=encoder, **({"detectable": 0.1, "p_holm": 0.2} | facts)
    )


def pair(one: str, other: str, value: float, **facts) -> dict:
    facts = {"p_holm": 0.01, "detectable": 0.1} | facts
    return one_test(statistic="pair", encoder=one, other=other, value=value, **facts)


def judged(*rows: dict, baselines=("features", "age-sex"), f1=F1, difference=0.1) -> tuple[Verdict, ...]:
    places = {tuple(row[name] for name in PLACE) for row in rows}
    scores = [
        dict(zip(PLACE, place, strict=True)) | {"statistic": "score", "encoder": encoder, "value": value, "n": 5}
        for place in sorted(places)
        for encoder, value in f1.items()
    ]
    ranking = rank_encoders(cell_frame(ComparisonRow, {}, pd.DataFrame([*rows, *scores])), GRID)
    return judge_scores(ranking, baselines, difference)


@pytest.mark.parametrize(
    ("value", "p_holm", "detectable", "answer"),
    [
        (0.30, 0.001, 0.40, "yes"),
        (-0.30, 0.001, 0.05, "lower"),
        (0.30, 0.049, 0.40, "yes"),
        (0.30, 0.050, 0.40, "cannot tell"),
        (0.01, 0.700, 0.40, "cannot tell"),
        (0.01, 0.700, 0.101, "cannot tell"),
        (0.01, 0.700, 0.10, "no better"),
        (0.05, 0.060, 0.10, "cannot tell"),  # the interval reaches 0.10
        (0.049, 0.060, 0.10, "no better"),
        (-0.06, 0.060, 0.10, "no better"),
        (0.00, 1.000, np.nan, "cannot tell"),
        (0.30, np.nan, np.nan, "cannot tell"),
    ],
)
def test_no_better_needs_a_study_that_could_have_shown_the_difference(value, p_holm, detectable, answer) -> None:
    (verdict,) = judged(against_chance(value=value, p_holm=p_holm, detectable=detectable))
    assert (verdict.question, verdict.answer, verdict.other) == (CHANCE, answer, "shuffled labels")
    assert (verdict.f1, verdict.other_f1) == (0.7, pytest.approx(0.7 - value))


def test_the_difference_that_a_study_must_show_is_its_own() -> None:
    row = against_chance(value=0.01, detectable=0.2)
    assert [judged(row, difference=limit)[0].answer for limit in (0.19, 0.2)] == ["cannot tell", "no better"]


@pytest.mark.parametrize("sides", [("conv", "features"), ("features", "conv")])
@pytest.mark.parametrize(("lead", "answer"), [(0.2, "yes"), (-0.2, "lower")])
def test_the_best_baseline_is_the_other_side_whichever_comes_first(sides, lead, answer) -> None:
    sign = 1 if sides[0] == "conv" else -1
    row = pair(*sides, sign * lead, low=sign * lead - 0.05, high=sign * lead + 0.02)
    others = [pair("conv", "age-sex", 0.2), pair("age-sex", "features", -0.3)]
    (verdict,) = judged(row, *others)
    assert (verdict.question, verdict.encoder, verdict.other) == (BASELINE, "conv", "features")
    assert (verdict.answer, verdict.difference) == (answer, pytest.approx(lead))
    ends = (lead - 0.05, lead + 0.02) if sign == 1 else (lead - 0.02, lead + 0.05)
    assert (verdict.low, verdict.high) == pytest.approx(ends)
    (headline,) = headlines([verdict], str)
    assert "of features" in headline.text
    assert headline.text.startswith({"yes": "above the best baseline", "lower": "below the best baseline"}[answer])


def test_the_best_baseline_is_the_one_of_the_same_data_set_and_task() -> None:
    rows = [pair("conv", "features", 0.1), pair("conv", "age-sex", 0.3)]
    (verdict,) = judged(*rows, f1=F1 | {"features": 0.4})
    assert verdict.other == "age-sex"
    elsewhere = [row | {"dataset": "georgia"} for row in rows]
    assert {(one.dataset, one.other) for one in judged(*rows, *elsewhere)} == {
        ("chn", "features"), ("georgia", "features"),
    }  # fmt: skip


def test_without_a_baseline_nothing_is_held_against_one() -> None:
    assert judged(pair("conv", "features", 0.2), baselines=()) == ()


def test_verdicts_are_sorted_by_question_task_rank_and_data_set() -> None:
    rows = [against_chance(name, value=0.3, p_holm=0.01) for name in ("age-sex", "conv", "features")]
    rows += [row | {"dataset": "georgia"} for row in rows] + [row | {"task": "aa"} for row in rows]
    found = judged(*rows, pair("conv", "features", 0.1))
    assert [(one.task, one.encoder, one.dataset) for one in found if one.question == CHANCE] == [
        (task, encoder, dataset)
        for task, datasets in (("aa", ["chn"]), ("af", ["chn", "georgia"]))
        for encoder in ("features", "conv", "age-sex")  # by F1
        for dataset in datasets
    ]
    assert [one.question for one in found] == sorted(one.question for one in found)


def test_every_sentence_states_n_and_what_it_could_have_shown() -> None:
    row = against_chance(value=0.26, detectable=0.4)
    (headline,) = headlines(judged(row), str.upper)
    assert headline.text == "cannot tell on CHN: F1 0.70 against 0.44, a difference of 0.40 is detectable with n = 20"
    for detectable, power in (
        (1.0, "a difference of 1.00 is detectable with n = 20"),
        (1.01, "not even a difference of 1 is detectable with n = 20"),
        (np.nan, "all folds of n = 20 differ by the same amount, so the power is unknown"),
    ):
        (verdict,) = judged(row | {"detectable": detectable})
        assert verdict.power == power


@pytest.mark.parametrize(("equal", "said"), [(CERTAIN, True), (CERTAIN - 1e-9, False)])
def test_practically_equal_is_said_from_a_probability_on(equal, said) -> None:
    (verdict,) = judged(against_chance(value=0.26) | {"equal": equal})
    assert ("practically equal with probability 0.95" in verdict.numbers) == said


def test_clear_answers_come_first_and_every_data_set_is_named() -> None:
    rows = [against_chance(value=0.01, detectable=0.4), against_chance(value=0.3, p_holm=0.01) | {"dataset": "georgia"}]
    (headline,) = headlines(judged(*rows), str)
    first, second = headline.text.split("; ")
    assert first.startswith("above chance on georgia: F1 0.70 against 0.40")
    assert second.startswith("cannot tell on chn")


def test_no_better_names_what_it_is_held_against() -> None:
    (headline,) = headlines(judged(against_chance(value=0.01)), str)
    assert headline.text.startswith("no better than chance on chn")


def test_an_encoder_that_was_not_tested_is_named() -> None:
    verdicts = judged(against_chance(value=0.26), pair("conv", "features", 0.1))
    found = headlines(verdicts, str, [("conv", "af"), ("features", "af")])
    assert [(one.encoder, one.question) for one in found if one.text == UNTESTED] == [("features", CHANCE)]
    assert len(found) == 3
