"""Which records the geometry compares, and whose patient is whose."""

from types import SimpleNamespace

import pandas as pd
import pytest

from ecglens.datasets import DATASETS
from ecglens.lenses.separability.joint_samples import EVERYTHING, joint_samples, unite
from ecglens.records import record_table
from ecglens.study import Study

SINUS, AF = "426783006", "164889003"


def records(prefix: str, n: int = 12) -> pd.DataFrame:
    """Every third record is atrial fibrillation; the patients of all data sets are called 0, 1, ..."""
    return record_table(
        {
            "record_id": f"{prefix}{number:03d}",
            "patient_id": str(number),
            "fs": 500,
            "codes": [AF if number % 3 == 0 else SINUS],
        }
        for number in range(n)
    )


def state_of(tables: dict[str, pd.DataFrame], readers: dict[str, str], **geometry: int) -> SimpleNamespace:
    """A run in which no data set fills a size."""
    study = Study.model_validate(
        {
            "name": "x",
            "datasets": [{"name": name, "reader": reader, "root": "."} for name, reader in readers.items()],
            "encoders": ["age-sex"],
            "tasks": ["af"],
            "geometry": geometry,
        }
    )
    cards = {name: DATASETS.load(reader).card for name, reader in readers.items()}
    return SimpleNamespace(
        study=study, cards=cards, tables=tables, samples=[], tasks=("af",), common_sizes={"af": None}
    )


@pytest.fixture
def sample() -> pd.DataFrame:
    readers = {"first": "georgia", "copy": "georgia", "other": "chn"}
    tables = {"first": records("E"), "copy": records("E"), "other": records("JS")}
    return joint_samples(state_of(tables, readers))["af"]


def patients(sample: pd.DataFrame, dataset: str) -> set[str]:
    return set(sample.loc[sample["dataset"] == dataset, "patient_id"])


def test_patients_of_two_publishers_are_never_one(sample) -> None:
    assert len(patients(sample, "other")) == 12
    assert not patients(sample, "first") & patients(sample, "other")


def test_patients_of_two_copies_of_a_data_set_are_one(sample) -> None:
    assert patients(sample, "first") == patients(sample, "copy")


def test_labels_and_order_do_not_depend_on_the_order_of_data_sets() -> None:
    readers = {"a": "georgia", "b": "chn"}
    tables = {"a": records("E"), "b": records("JS")}
    one = joint_samples(state_of(tables, readers))["af"]
    other = joint_samples(state_of(dict(reversed(tables.items())), dict(reversed(readers.items()))))["af"]
    pd.testing.assert_frame_equal(one, other)
    assert one["label"].tolist() == [1, 0, 0] * 8
    assert set(one["drawn"]) == {"natural"}


def test_no_data_set_gives_more_than_is_asked() -> None:
    state = state_of({"a": records("E", 30), "b": records("JS", 12)}, {"a": "georgia", "b": "chn"}, max_records=20)
    assert joint_samples(state)["af"]["dataset"].value_counts().to_dict() == {"a": 20, "b": 12}


@pytest.mark.parametrize(
    "other",
    [{"dataset": "b"}, {"task": "cd"}, {"size": "L"}, {"labels": "shuffled"}],
    ids=lambda other: next(iter(other)),
)
def test_a_data_set_gives_its_sample_of_the_common_size(other: dict[str, str]) -> None:
    state = state_of({"a": records("E")}, {"a": "georgia"})
    state.common_sizes["af"] = "S"

    def drawn(first: int, **changes: str) -> SimpleNamespace:
        members = pd.DataFrame({"record_id": [f"E{first:03d}"], "patient_id": [str(first)], "label": [1]})
        place = {"dataset": "a", "task": "af", "size": "S", "labels": "true"} | changes
        return SimpleNamespace(**place, reason="", members=members)

    state.samples += [drawn(3, **other), drawn(6)]
    found = joint_samples(state)["af"]
    assert found[["record_id", "patient_id", "drawn"]].to_numpy().tolist() == [["E006", "georgia/6", "S"]]


def test_a_sample_that_is_not_filled_is_not_used() -> None:
    state = state_of({"a": records("E")}, {"a": "georgia"})
    state.common_sizes["af"] = "S"
    place = {"dataset": "a", "task": "af", "size": "S", "labels": "true"}
    state.samples.append(SimpleNamespace(**place, reason="too few", members=None))
    assert set(joint_samples(state)["af"]["drawn"]) == {"natural"}


def test_records_of_several_tasks_are_united_once(sample) -> None:
    part = sample[sample["dataset"] == "first"].iloc[:5]
    united = unite({"af": sample, "cd": part.assign(label=1)})
    assert len(united) == len(sample)
    assert not {"label", "drawn"} & set(united)
    assert united[["dataset", "record_id"]].apply(tuple, axis=1).is_monotonic_increasing


def test_the_sample_of_all_tasks_has_no_name() -> None:
    found = joint_samples(state_of({"a": records("E")}, {"a": "georgia"}))
    assert set(found) == {"af", EVERYTHING}
