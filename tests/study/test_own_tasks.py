"""A study whose tasks are defined in its file, one of them without codes for one of its two vocabularies."""

import pytest

from ecglens.errors import ConfigError
from ecglens.report import render, summarise
from ecglens.study import load_results, run_study
from ecglens.study.plan import dry_run

REASON = "task 'ptb-only' has no codes in the vocabulary 'snomed-ct' of data set 'simulated-georgia'"
TASKS = [
    {"name": "af", "title": "fibrillation, by my codes", "positive": {"scp-ecg": ["AFIB"], "snomed-ct": ["164889003"]}},
    {
        "name": "ptb-only",
        "title": "fibrillation in Germany",
        "positive": {"scp-ecg": ["AFIB"], "never-seen": ["x"]},
        "ignore": {"scp-ecg": ["AFLT"]},
        "notes": {"ptb-xl": "Read in Berlin."},
    },
]


@pytest.fixture(scope="module")
def study(data, study_of):
    return study_of(data, tasks=TASKS, probes=["logistic-regression"], sizes={"tiny": 20, "small": 30})


@pytest.fixture(scope="module")
def folder(study, tmp_path_factory):
    out = tmp_path_factory.mktemp("own-tasks")
    run_study(study, out)
    return out


@pytest.fixture(scope="module")
def results(folder):
    return load_results(folder)


def test_the_dry_run_lists_what_cannot_be_filled(study) -> None:
    planned = dry_run(study)
    assert planned["cannot be filled"] == [
        f"simulated-georgia, ptb-only, {size}: {REASON}" for size in ("tiny", "small")
    ]


def test_cells_without_codes_are_unfilled_with_the_reason_and_stop_nothing(results) -> None:
    assert results.failures.empty
    missing = results.samples.query("dataset == 'simulated-georgia' and task == 'ptb-only'")
    assert set(missing["reason"]) == {REASON}
    assert (missing["n"] == 0).all()
    unfilled = results.probe.query("status == 'cannot-fill'")
    assert set(unfilled["reason"]) == {REASON}
    assert set(zip(unfilled["dataset"], unfilled["task"], strict=True)) == {("simulated-georgia", "ptb-only")}
    done = results.probe.query("status == 'done'")
    assert set(zip(done["dataset"], done["task"], strict=True)) == {
        ("simulated-georgia", "af"), ("simulated-ptb-xl", "af"), ("simulated-ptb-xl", "ptb-only")
    }  # fmt: skip
    assert set(results.shortcuts.query("reason == @REASON")["dataset"]) == {"simulated-georgia"}


def test_a_pool_leaves_out_a_data_set_without_codes(results) -> None:
    held = results.joint_samples.groupby("task")["dataset"].agg(set).to_dict()
    assert held == {"af": {"simulated-georgia", "simulated-ptb-xl"}, "ptb-only": {"simulated-ptb-xl"}}
    measured = results.geometry.query("status == 'done'")
    assert set(measured["task"]) == {"", "af", "ptb-only"}
    drawn = results.projection.query("task == 'ptb-only' and status == 'done'")
    assert set(drawn["dataset"]) == {"simulated-ptb-xl"}


def test_results_show_titles_notes_and_reasons_of_the_study(results) -> None:
    summary = summarise(results)
    assert summary.tasks == {"af": "fibrillation, by my codes", "ptb-only": "fibrillation in Germany"}
    shown = render(summary, "markdown")
    assert "fibrillation in Germany" in shown
    assert REASON.replace("'", "&#39;") in shown or REASON in shown


def test_a_data_set_without_codes_for_any_task_stops_nothing(data, study_of, tmp_path) -> None:
    alone = study_of(data, tasks=TASKS[1:], probes=["logistic-regression"], sizes={"tiny": 20}, shuffled="none")
    results = run_study(alone, tmp_path, workers=1)
    assert results.failures.empty
    assert set(results.geometry.query("status == 'done'")["encoder"]) == {"age-sex", "random-conv"}


def test_a_task_without_codes_for_any_data_set_is_refused(data, study_of) -> None:
    none = {"name": "none", "positive": {"never-seen": ["x"]}}
    with pytest.raises(
        ConfigError, match=r"tasks\.none: task 'none' has codes for none of the study's data sets, whose"
    ):
        dry_run(study_of(data, tasks=["af", none]))
