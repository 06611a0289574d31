"""Planted shortcuts are listed, with the balanced accuracy that they were planted with, and nothing else is."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from ecglens.datasets import DATASETS
from ecglens.lenses.records.cells import shortcut_cells
from ecglens.lenses.records.shortcuts import FACTS, above_chance, compute_shortcuts
from ecglens.study import Study
from ecglens.study.cell import CellTask

SINUS, AF = "426783006", "164889003"
CARDS = {"chn": DATASETS.load("chn").card}
N = 3000


def study_of(**changes) -> Study:
    settings = {"name": "x", "datasets": ["chn"], "encoders": ["age-sex"], "tasks": ["af"], "folds": 5}
    return Study.model_validate(settings | {"sizes": {"S": 200, "M": 500}} | changes)


def records_of(**columns) -> pd.DataFrame:
    """Records without a shortcut, except what `columns` (a function of the label and a generator) plant."""
    rng = np.random.default_rng(4)
    positive = rng.random(N) < 0.15
    table = {
        "patient_id": [f"p{row}" for row in range(N)],
        "codes": [[AF] if hit else [SINUS] for hit in positive],
        "site": rng.choice(["one", "two", "three"], N),
        "fs": rng.choice([250.0, 500.0], N),
        "n_samples": rng.integers(2500, 5001, N),
        "age": np.where(rng.random(N) < 0.1, np.nan, 60.0),
        "sex": np.where(rng.random(N) < 0.1, None, "F"),
    }
    planted = {name: plant(positive, rng) for name, plant in columns.items()}
    return pd.DataFrame(table | planted, index=pd.Index([f"r{row}" for row in range(N)], name="record_id"))


@pytest.fixture
def shortcuts_of(state_of, tmp_path):
    def find(records: pd.DataFrame, **changes) -> pd.DataFrame:
        study = study_of(**changes)
        (cell,) = shortcut_cells(state_of(study, {"chn": records}, CARDS, tmp_path))
        return compute_shortcuts(CellTask(cell.key, {}, {}, cell.sample, {}, cell.settings, study.seed))

    return find


def test_without_a_shortcut_none_is_listed_and_every_fact_was_tested(shortcuts_of) -> None:
    found = shortcuts_of(records_of())
    assert above_chance(found).empty
    assert found["fact"].tolist() == list(FACTS)
    assert (found["status"] == "done").all()
    assert (found["n"] == 500).all()
    assert (found["n_positive"] == 250).all()
    assert set(found["drawn"]) == {"M"}
    assert found["detectable"].between(0.51, 0.62).all()


PLANTED = {
    "length": {"n_samples": lambda positive, rng: np.where(rng.random(N) < np.where(positive, 0.7, 0.2), 5000, 2500)},
    "sampling rate": {"fs": lambda positive, rng: np.where(rng.random(N) < np.where(positive, 0.8, 0.3), 500.0, 250.0)},
    "missing age": {"age": lambda positive, rng: np.where(rng.random(N) < np.where(positive, 0.6, 0.1), np.nan, 50)},
    "missing sex": {"sex": lambda positive, rng: np.where(rng.random(N) < np.where(positive, 0.6, 0.1), None, "M")},
    "site": {"site": lambda positive, rng: np.where(rng.random(N) < np.where(positive, 0.8, 0.3), "one", "two")},
}


@pytest.mark.parametrize("fact", PLANTED)
def test_a_planted_shortcut_is_listed_with_its_balanced_accuracy(fact, shortcuts_of) -> None:
    fixed = {} if fact == "length" else {"n_samples": lambda _, rng: np.full(N, 4000)}
    fixed |= {"fs": lambda _, rng: np.full(N, 400.0)} if fact == "length" else {}
    found = shortcuts_of(records_of(**(fixed | PLANTED[fact])))
    listed = above_chance(found)
    assert fact in listed["fact"].tolist()
    row = listed.set_index("fact").loc[fact]
    truth = 0.75
    assert row["value"] == pytest.approx(truth, abs=0.06)
    assert row["low"] < truth < row["high"]
    # A rate that is given away shows in the length, too: the number of samples is the same.
    assert set(listed["fact"]) <= {fact, *(["length"] if fact == "sampling rate" else [])}


def test_a_label_of_one_site_is_no_shortcut_by_default_and_listed_with_negatives_of_any_site(shortcuts_of) -> None:
    """Of the negatives, 0.77 lie in the other site: balanced accuracy is (1 + 0.77) / 2."""
    rng = np.random.default_rng(0)
    site = np.where(rng.random(N) < 0.23, "Chapman-Shaoxing", "Ningbo")
    positive = (site == "Chapman-Shaoxing") & (rng.random(N) < 0.4)
    records = records_of().assign(site=site, codes=[[AF] if hit else [SINUS] for hit in positive])
    default = shortcuts_of(records, sizes={"S": 200}).set_index("fact").loc["site"]
    assert (default["status"], default["reason"]) == ("cannot-fill", "the same in all records")
    found = above_chance(shortcuts_of(records, sizes={"S": 200}, negatives="any")).set_index("fact")
    assert list(found.index) == ["site"]
    closed = (1 + (site[~positive] == "Ningbo").mean()) / 2
    assert found.loc["site", "value"] == pytest.approx(closed, abs=0.04)
    assert found.loc["site", "low"] < closed < found.loc["site", "high"]


def test_of_each_patient_one_record_counts(shortcuts_of) -> None:
    """Patients with ten records, one value each: their records are no more evidence than they are."""
    rng = np.random.default_rng(1)
    records = records_of(patient_id=lambda *_: [f"p{row // 10}" for row in range(N)])
    people = pd.Series(records["patient_id"].unique())
    positive = records["patient_id"].isin(people.sample(60, random_state=1)).to_numpy()
    records["codes"] = [[AF] if hit else [SINUS] for hit in positive]
    records["site"] = records["patient_id"].map(dict(zip(people, rng.choice(["a", "b"], len(people)), strict=True)))
    found = shortcuts_of(records, sizes={"full": None})
    assert set(found["n"]) == {300}
    assert set(found["n_positive"]) == {60}
    assert above_chance(found).empty


def test_a_data_set_that_fills_no_size_is_judged_on_all_its_records(shortcuts_of) -> None:
    found = shortcuts_of(records_of(**PLANTED["missing age"]), sizes={"L": 2000})
    assert set(found["drawn"]) == {"natural"}
    assert set(found["n"]) == {N}
    assert "missing age" in above_chance(found)["fact"].tolist()


def test_a_table_without_samples_or_sites_is_tested_on_the_rest(shortcuts_of) -> None:
    records = records_of().drop(columns="site").assign(n_samples=pd.array([None] * N, dtype="Int64"))
    found = shortcuts_of(records).set_index("fact")
    assert found.loc[["site", "length"], "status"].tolist() == ["cannot-fill"] * 2
    assert found.loc["sampling rate", "status"] == "done"


def test_of_100_tables_without_a_shortcut_about_5_percent_list_one(shortcuts_of) -> None:
    rng, records = np.random.default_rng(3), records_of()
    listed = 0
    for seed in range(100):
        table = records.sample(600, random_state=seed).assign(codes=lambda part: rng.permutation(part["codes"]))
        listed += len(above_chance(shortcuts_of(table, sizes={"tiny": 80}, seed=seed))) > 0
    assert binomtest(listed, 100, 0.05, alternative="greater").pvalue > 0.01
    assert listed > 0
