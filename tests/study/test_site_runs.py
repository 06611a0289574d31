"""A run says where negatives come from, and measures sites where a joint sample holds several."""

import pytest

from ecglens.lenses.records.shortcuts import above_chance
from ecglens.study import run_study
from ecglens.study.plan import dry_run

CHAPMAN, NINGBO = "Chapman-Shaoxing", "Ningbo"


@pytest.fixture(scope="module")
def finished(study_of, data_of, tmp_path_factory):
    """Simulated CHN with both sites, all fibrillation at one, beside a data set without sites."""
    data = data_of(tmp_path_factory.mktemp("data"), layouts=("chn", "georgia"), n_records=160, ningbo=0.6)
    changes = {"tasks": ["af", "cd"], "sizes": {"tiny": 66}, "probes": ["logistic-regression"], "encoders": ["age-sex"]}
    study = study_of(data, **changes, shuffled="none", attribution={"seeds": 1, "halves": 0}, geometry={"seeds": 1})
    return study, run_study(study, tmp_path_factory.mktemp("run"))


def test_a_run_says_where_negatives_come_from_and_lists_no_shortcut_by_site(finished) -> None:
    study, results = finished
    said = results.samples.set_index(["dataset", "task"])["negatives"]
    assert said["simulated-chn", "af"] == f"negatives from {CHAPMAN} only ({NINGBO} holds no positive)"
    assert set(said.drop(("simulated-chn", "af"))) == {""}
    assert above_chance(results.shortcuts).empty
    plan = dry_run(study)
    assert plan["negatives"] == [f"simulated-chn, af: {said['simulated-chn', 'af']}"]
    assert plan["shortcuts"] == "none found"
    (shortcut,) = dry_run(study.model_copy(update={"negatives": "any"}))["shortcuts"]
    assert shortcut.startswith("simulated-chn, af: site predicts the label with a balanced accuracy of 0.")


def test_a_run_measures_the_site_where_a_sample_holds_two(finished) -> None:
    rows = finished[1].geometry
    sites = rows[rows["level"].isin(["site", "site-within-source"])]
    assert set(sites["task"]) == {"cd", ""}
    assert set(sites.loc[sites["level"] == "site-within-source", "stratum"]) == {"simulated-chn"}
    assert sites.loc[sites["metric"] == "knn_rescaled", "status"].eq("done").all()
    assert set(sites.loc[(sites["level"] == "site") & (sites["metric"] == "knn_raw"), "n_classes"]) == {3}
