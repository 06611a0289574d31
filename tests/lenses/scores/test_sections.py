"""What the lens of scores says in a report."""

import pandas as pd
import pytest
from tests.made_up.small import small_results, summary_of
from tests.made_up.small_scores import scores_of

from ecglens.lenses.scores.rows import ProbeRow
from ecglens.lenses.scores.sections import score_sections
from ecglens.lenses.scores.verdicts import BASELINE, CHANCE, QUESTIONS, UNTESTED, Verdict
from ecglens.report import Summary
from ecglens.study.results import cannot_fill_frame, cell_frame

NUMBERS = {"f1": 0.7, "other_f1": 0.5, "difference": 0.2, "low": 0.1, "high": 0.3, "p_holm": 0.01}


def verdict(question: str, encoder: str) -> Verdict:
    place = {"encoder": encoder, "task": "af", "dataset": "here", "size": "S", "other": "age-sex"}
    return Verdict(question, answer="yes", detectable=0.1, equal=0.1, n=20, **place, **NUMBERS)


def summary(*verdicts: Verdict, probe: pd.DataFrame | None = None) -> Summary:
    stage = cell_frame(ProbeRow, {}, pd.DataFrame()) if probe is None else probe
    return summary_of(scores_of(verdicts=verdicts), results=small_results(probe=stage))


def test_verdicts_stand_out_by_question_and_the_untested_are_named() -> None:
    first, _ = score_sections(summary(verdict(CHANCE, "conv"), verdict(BASELINE, "conv")))
    assert first.place == 0
    assert [(finding.title, finding.about) for finding in first.findings] == [
        (f"{q}?", QUESTIONS[q]) for q in QUESTIONS
    ]
    chance, baseline = (finding.sentences for finding in first.findings)
    assert chance[0].startswith(
        "conv, af: above chance on here: F1 0.70 against 0.50, a difference of 0.10 is detectable with n = 20"
    )
    assert chance[1] == f"features, af: {UNTESTED}"
    assert [sentence.split(",")[0] for sentence in baseline] == ["conv"]
    assert len(first.frames["verdicts"]) == 2


def test_a_question_without_an_answer_has_no_heading() -> None:
    first, _ = score_sections(summary(verdict(CHANCE, "conv")))
    assert [finding.title for finding in first.findings] == [f"{CHANCE}?"]


def test_numbers_behind_all_tables_are_given() -> None:
    _, section = score_sections(summary())
    own = summary().of(type(scores_of()))
    assert section.frames["shuffled labels"].columns.tolist() == ["rank", "low", "high", "f1", "n_blocks"]
    assert section.frames["friedman"].to_dict("records")[0].keys() == own.ranking.test.keys()
    assert len(section.frames["F1"]) == len(own.f1)


def warnings(**counts: list[int]) -> pd.DataFrame:
    rows = [
        {"probe": probe, "fold": fold, "metric": "n_warnings", "value": value}
        for probe, values in counts.items()
        for fold, value in enumerate(values)
    ]
    rows.append({"probe": "mlp", "fold": 0, "metric": "f1", "value": 0.9})
    return cell_frame(ProbeRow, {}, pd.DataFrame(rows))


def test_fits_that_warned_are_counted() -> None:
    _, section = score_sections(summary(probe=warnings(xgboost=[0, 0, 0], mlp=[2, 0, 1])))
    (note,) = section.notes
    assert (note.subject, note.text) == (
        "mlp", "2 of 3 fits ended with a warning, such as of a missed convergence."
    )  # fmt: skip


@pytest.mark.parametrize("n_done", [0, 1])
def test_a_run_without_any_score_names_the_most_frequent_reason(n_done) -> None:
    gaps = [cannot_fill_frame(ProbeRow, {"encoder": "conv"}, reason) for reason in ("rare", "often", "often")]
    done = cell_frame(ProbeRow, {}, pd.DataFrame({"value": [0.5] * n_done}))
    _, section = score_sections(summary(probe=pd.concat([*gaps, done])))
    said = "No score could be computed. The most frequent reason: often"
    assert section.problems == (() if n_done else (said,))


def test_a_run_that_has_not_begun_has_no_problem() -> None:
    _, section = score_sections(summary())
    assert section.problems == ()
