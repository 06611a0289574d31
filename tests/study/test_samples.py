"""Sizes are nested and tested on the same folds; shuffled labels keep records, folds and balance."""

import numpy as np
import pandas as pd
import pytest

from ecglens.datasets import DATASETS
from ecglens.lenses.separability.joint_samples import joint_sample
from ecglens.study import Study
from ecglens.study.draws import SHUFFLED, TRUE, draws
from ecglens.study.samples import Sample, common_size, draw_samples

SIZES = {"XS": 40, "S": 80, "L": 200, "XL": 5000, "full": None}
SINUS, AF = "426783006", "164889003"


def make_records(n: int = 600, n_positive: int = 140) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    codes = [[AF] if row < n_positive else [SINUS] for row in rng.permutation(n)]
    return pd.DataFrame(
        {"patient_id": [f"p{row // 2}" for row in range(n)], "codes": codes},
        index=pd.Index([f"r{row}" for row in range(n)], name="record_id"),
    )


@pytest.fixture(scope="module")
def cards():
    return {"georgia": DATASETS.load("georgia").card}


@pytest.fixture(scope="module")
def study():
    return Study.model_validate(
        {"name": "x", "datasets": ["georgia"], "encoders": ["age-sex"], "tasks": ["af"], "sizes": SIZES, "folds": 5}
    )


@pytest.fixture(scope="module")
def samples(study, cards):
    made = draw_samples(study, {"georgia": make_records()}, cards)
    return {(sample.size, sample.labels): sample for sample in made}


def trained(sample, draw: int) -> set[str]:
    return set(sample.records.loc[sample.records[f"draw_{draw}"], "record_id"])


def test_every_size_is_tested_on_the_same_records_in_the_same_folds(samples) -> None:
    columns = ["record_id", "patient_id", "label", "fold"]
    largest = samples["L", TRUE].records
    assert len(largest) == 200
    for size in ("XS", "S"):
        pd.testing.assert_frame_equal(samples[size, TRUE].records[columns], largest[columns])


@pytest.mark.parametrize("labels", [TRUE, SHUFFLED])
def test_draws_are_nested_balanced_and_differ(samples, labels) -> None:
    for draw in range(3):
        assert trained(samples["XS", labels], draw) < trained(samples["S", labels], draw)
    assert trained(samples["XS", labels], 0) != trained(samples["XS", labels], 1)
    for size, n in (("XS", 40), ("S", 80), ("L", 200)):
        records = samples[size, labels].records
        assert len(draws(records)) == 3
        for mask in draws(records):
            assert mask.sum() == n
            assert records.loc[mask, "label"].sum() == n / 2


def test_the_largest_size_trains_on_everything_in_every_draw(samples) -> None:
    assert all(mask.all() for mask in draws(samples["L", TRUE].records))
    assert samples["L", TRUE].describe()["n_draws"] == 3
    described = samples["XS", TRUE].describe()
    assert (described["n"], described["n_tested"], described["n_draws"]) == (40, 200, 3)


def test_a_size_beyond_the_data_says_so_and_the_next_one_carries_the_folds(samples) -> None:
    assert "needs 2500 positives, has 140" in samples["XL", TRUE].reason
    assert samples["XL", TRUE].members.empty
    assert samples["L", TRUE].reason == ""


def test_natural_prevalence_has_folds_of_its_own(samples) -> None:
    full = samples["full", TRUE].records
    assert len(full) == 600
    assert full["label"].sum() == 140
    assert full.groupby("patient_id")["fold"].nunique().max() == 1


def test_shuffled_labels_keep_records_folds_and_the_share_of_positives_in_every_fold(samples) -> None:
    true, shuffled = samples["L", TRUE].records, samples["L", SHUFFLED].records
    for column in ("record_id", "fold"):
        assert list(shuffled[column]) == list(true[column])
    assert (shuffled.groupby("fold")["label"].sum() == true.groupby("fold")["label"].sum()).all()
    agreement = (shuffled["label"] == true["label"]).mean()
    assert abs(agreement - 0.5) < 4 * 0.5 / np.sqrt(200)


def test_the_joint_sample_of_a_task_holds_the_first_draw_of_the_common_size(study, cards, samples, state_of) -> None:
    assert common_size(study, list(samples.values()), "af") == "full"
    state = state_of(study.model_copy(update={"sizes": {"XS": 40, "S": 80}}), {"georgia": make_records()}, cards)
    joint = joint_sample(state, "af")
    (sample,) = (s for s in state.samples if (s.size, s.labels) == ("S", TRUE))
    assert set(joint["record_id"]) == trained(sample, 0)
    assert list(joint.columns) == ["record_id", "patient_id", "label", "drawn", "dataset"]


@pytest.fixture(scope="module")
def repeated(study, cards):
    made = draw_samples(study.model_copy(update={"repeats": 3}), {"georgia": make_records()}, cards)
    return {(sample.size, sample.labels): sample for sample in made}


@pytest.mark.parametrize("labels", [TRUE, SHUFFLED])
@pytest.mark.parametrize("size", ["XS", "L", "full"])
def test_a_repeat_tests_the_same_records_in_other_folds_and_leaves_the_first_as_it_was(
    samples, repeated, size, labels
) -> None:
    once, sample = samples[size, labels], repeated[size, labels]
    pd.testing.assert_frame_equal(sample.tested, once.records)
    assert sample.describe() == once.describe()
    parts = [part.reset_index(drop=True) for _, part in sample.records.groupby("repeat")]
    for repeat, part in enumerate(parts):
        assert list(part["record_id"]) == list(parts[0]["record_id"])
        assert set(part["fold"]) == set(range(5 * repeat, 5 * repeat + 5))
        assert part.groupby("patient_id")["fold"].nunique().max() == 1
        assert set(part.groupby("fold")["label"].nunique()) == {2}
        assert len({mask.sum() for mask in draws(part)}) == 1
    assert not any((part["fold"] % 5 == parts[0]["fold"]).all() for part in parts[1:])
    same_labels = [(part["label"] == parts[0]["label"]).all() for part in parts[1:]]
    assert same_labels == [labels == TRUE] * 2


def test_the_common_size_of_a_task_is_that_of_its_own_samples(study) -> None:
    sizes = {"af": ("XS", "S"), "cd": ("XS",)}
    made = [Sample("georgia", task, size, TRUE, pd.DataFrame()) for task, names in sizes.items() for size in names]
    made += [Sample("ptb-xl", "af", size, TRUE, pd.DataFrame()) for size in ("XS", "S")]
    assert [common_size(study, made, task) for task in ("af", "cd", "sb")] == ["S", "XS", None]


def test_a_sample_is_described_by_its_place(samples) -> None:
    said = samples["XS", SHUFFLED].describe()
    assert [said[name] for name in ("dataset", "task", "size", "labels")] == ["georgia", "af", "XS", SHUFFLED]


def test_as_many_draws_as_a_study_may_ask_are_made_without_a_warning(study, cards) -> None:
    many = study.model_copy(update={"draws": 150, "sizes": {"XS": 40, "S": 80}, "shuffled": "none"})
    small, large = draw_samples(many, {"georgia": make_records()}, cards)
    assert [len(draws(sample.records)) for sample in (small, large)] == [150, 150]
    assert all(mask.all() for mask in draws(large.records))
    few = draw_samples(many.model_copy(update={"draws": 2}), {"georgia": make_records()}, cards)[0].records
    pd.testing.assert_frame_equal(small.records[few.columns], few)
