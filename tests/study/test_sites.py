"""Negatives come from sites at which the label occurs."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import f1_score

from ecglens.datasets import DATASETS
from ecglens.lenses.records import cells, shortcuts
from ecglens.lenses.records.shortcuts import above_chance
from ecglens.lenses.separability.joint_samples import joint_sample, unite
from ecglens.study import Study
from ecglens.study.samples import draw_samples
from ecglens.study.sites import NegativeSites, labelled, negative_sites
from ecglens.tasks import get_task

SINUS, AF, FLUTTER = "426783006", "164889003", "164890007"
CARDS = {"chn": DATASETS.load("chn").card}
SIZES = {"XS": 60, "full": None}
CHAPMAN, NINGBO = "Chapman-Shaoxing", "Ningbo"


def make_study(**changes) -> Study:
    settings = {"name": "x", "datasets": ["chn"], "encoders": ["age-sex"], "tasks": ["af"], "sizes": SIZES, "folds": 5}
    return Study.model_validate(settings | changes)


def make_records(n: int = 2000, share: float = 0.23, prevalence: float = 0.17, stray: int = 0) -> pd.DataFrame:
    """Two sites of which the first holds `share` of the records and all fibrillation, but for some strays."""
    rng = np.random.default_rng(1)
    site = np.where(rng.random(n) < share, CHAPMAN, NINGBO)
    positive = (site == CHAPMAN) & (rng.random(n) < prevalence)
    positive[rng.choice(np.flatnonzero(site == NINGBO), stray, replace=False)] = True
    rows = {
        "patient_id": [f"p{row}" for row in range(n)],
        "codes": [[AF] if hit else [SINUS] for hit in positive],
        "site": site,
        "fs": 500.0,
        "n_samples": 5000,
        "age": 60.0,
        "sex": "F",
    }
    return pd.DataFrame(rows, index=pd.Index([f"r{row}" for row in range(n)], name="record_id"))


def f1_of_the_site(records: pd.DataFrame, sample) -> float:
    called = records.loc[sample.members["record_id"], "site"] == CHAPMAN
    return f1_score(sample.members["label"], called)


@pytest.mark.parametrize("size", SIZES)
def test_the_rule_site_hence_label_is_worth_nothing_by_default(size) -> None:
    records = make_records()
    found = {s.size: s for s in draw_samples(make_study(shuffled="none"), {"chn": records}, CARDS)}
    assert set(records.loc[found[size].members["record_id"], "site"]) == {CHAPMAN}
    assert found[size].describe()["negatives"] == f"negatives from {CHAPMAN} only ({NINGBO} holds no positive)"
    prevalence = found[size].members["label"].mean()
    assert f1_of_the_site(records, found[size]) == pytest.approx(2 * prevalence / (1 + prevalence))


def test_with_negatives_from_any_site_the_rule_scores_what_the_sites_give_away() -> None:
    """F1 is 2 / (3 - s) on equal classes, if a share s of the negatives lies in the other site."""
    records = make_records()
    (sample,) = draw_samples(make_study(negatives="any", shuffled="none", sizes={"XS": 100}), {"chn": records}, CARDS)
    negatives = sample.members.loc[sample.members["label"] == 0, "record_id"]
    other = (records.loc[negatives, "site"] == NINGBO).mean()
    assert sample.negatives == ""
    assert f1_of_the_site(records, sample) == pytest.approx(2 / (3 - other))
    assert f1_of_the_site(records, sample) > 0.85


def test_one_stray_code_lets_the_other_site_in_and_the_shortcut_is_listed(state_of) -> None:
    state = state_of(make_study(shuffled="none", sizes={"XS": 100}), {"chn": make_records(stray=1)}, CARDS)
    assert state.samples[0].negatives == ""
    listed = above_chance(shortcuts.test_facts(cells.tested_records(state, "chn", "af")[1], seed=0))
    assert listed["fact"].tolist() == ["site"]
    assert listed["value"].item() > 0.8


def test_shuffled_labels_and_the_joint_sample_follow_the_same_rule(state_of) -> None:
    records = make_records()
    for sizes in ({"XS": 60}, {"XS": 5000}):
        state = state_of(make_study(sizes=sizes), {"chn": records}, CARDS)
        assert {sample.negatives for sample in state.samples} == {state.samples[0].negatives} != {""}
        sample = joint_sample(state, "af")
        assert set(records.loc[sample["record_id"], "site"]) == {CHAPMAN}


def test_a_size_that_lacks_negatives_names_the_way_to_more() -> None:
    records = make_records(share=0.1, prevalence=0.7)
    sample = draw_samples(make_study(sizes={"XS": 200}), {"chn": records}, CARDS)[0]
    assert "needs 100 negatives" in sample.reason
    assert "`negatives: any`" in sample.reason


@pytest.mark.parametrize(
    ("positives", "records", "barred"),
    [
        ({"a": 30, "b": 20, "c": 0}, {"a": 100, "b": 100, "c": 100}, ("c",)),
        ({"a": 30, "b": 0, "c": 0}, {"a": 100, "b": 900, "c": 40}, ("b", "c")),
        ({"a": 30, "b": 1}, {"a": 100, "b": 900}, ()),
        ({"a": 10, "b": 0}, {"a": 100, "b": 9}, ()),
        ({"a": 10, "b": 0}, {"a": 100, "b": 10}, ("b",)),
        ({"a": 0, "b": 0}, {"a": 100, "b": 100}, ()),
        ({"": 30}, {"": 100}, ()),
        ({"a": 30, "": 0}, {"a": 100, "": 100}, ("records without a site",)),
    ],
)
def test_a_site_that_should_hold_positives_and_has_none_gives_no_negatives(positives, records, barred) -> None:
    site = pd.Series([name for name, n in records.items() for _ in range(n)], dtype="string")
    label = pd.Series([int(i < positives[name]) for name, n in records.items() for i in range(n)])
    assert negative_sites(label, site).barred == barred


def test_records_that_the_task_leaves_out_do_not_count_as_negatives_of_their_site() -> None:
    records = make_records()
    records["codes"] = [[FLUTTER] if site == NINGBO else codes for site, codes in records[["site", "codes"]].to_numpy()]
    assert labelled(records, get_task("af"), "snomed-ct", "site")[1] == NegativeSites((CHAPMAN,), ())


def test_a_record_table_without_sites_is_one_site() -> None:
    records = make_records()
    pool, sites = labelled(records.drop(columns="site"), get_task("af"), "snomed-ct", "site")
    assert len(pool) == len(records)
    assert str(sites) == ""


def test_a_sentence_lists_few_sites_by_name() -> None:
    sites = NegativeSites(("0", "1"), tuple("abcdef"))
    assert str(sites) == "negatives from site 0 and site 1 only (a, b, c, d and 2 more hold no positive)"


def test_joint_samples_name_the_site_where_a_data_set_has_some(state_of) -> None:
    records = make_records()
    study = make_study(sizes={"XS": 60}, negatives="any")
    sample = joint_sample(state_of(study, {"chn": records}, CARDS), "af")
    assert sample["site"].tolist() == records.loc[sample["record_id"], "site"].tolist()
    assert unite({"af": sample})["site"].tolist() == sample["site"].tolist()
    bare = joint_sample(state_of(study, {"chn": records.drop(columns="site")}, CARDS), "af")
    assert list(bare) == ["record_id", "patient_id", "label", "drawn", "dataset"]
    assert list(unite({"af": bare})) == ["record_id", "patient_id", "dataset"]
