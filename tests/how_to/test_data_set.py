"""The data set of docs/how-to/data-set.md."""

import numpy as np

from ecglens import open_dataset


def test_the_page_adds_a_data_set(install) -> None:
    page = install("data-set")
    output = [page.run(*command) for command in page.commands()]
    assert "my-hospital" in output[1]
    assert "FAIL" not in output[2]
    assert "24 usable of 24 listed" in output[2]


def test_its_records_are_those_of_the_files(install) -> None:
    page = install("data-set")
    page.run(*page.commands()[0])
    dataset = open_dataset("my-hospital", page.folder / "records")
    assert dataset.name == "my-hospital"
    records = dataset.index().records
    stored = np.load(page.folder / "records" / "signals" / f"{records.index[3]}.npy")
    (signal,) = dataset.read([records.index[3]])
    np.testing.assert_allclose(signal, stored.T / 1000, rtol=1e-6)


def test_without_an_entry_point_the_path_of_the_class_is_its_name(install) -> None:
    page = install("data-set")
    page.run(*page.commands()[0])
    assert open_dataset("my_hospital:MyHospital", page.folder / "records").index().records.shape[0] == 24
