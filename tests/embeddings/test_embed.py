"""The verb embed: every record of a data set or some of them, kept in a store."""

import numpy as np
import pytest

from ecglens import embed, extract, load_encoder, open_dataset
from ecglens.datasets.simulated import simulate
from ecglens.errors import ConfigError


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    root = tmp_path_factory.mktemp("embed")
    simulate(root / "georgia", "georgia", 8, 1)
    return open_dataset("georgia", root / "georgia")


def test_all_records_are_embedded_as_extract_does(dataset, tmp_path) -> None:
    encoder, records = load_encoder("random-conv", dim=16), dataset.index().records
    found = embed(dataset, encoder, str(tmp_path / "one"), pooling="max")
    expected = extract(dataset, records, encoder, tmp_path / "two", pooling="max")
    assert found.record_ids.tolist() == records.index.tolist()
    np.testing.assert_array_equal(found.matrix, expected.matrix)
    assert embed(dataset, encoder, tmp_path / "one").folders != found.folders


def test_some_records_are_embedded_and_kept(dataset, tmp_path) -> None:
    encoder, some = load_encoder("age-sex"), dataset.index().records.iloc[[5, 2]]
    found = embed(dataset, encoder, tmp_path, some)
    assert found.record_ids.tolist() == some.index.tolist()
    assert embed(dataset, encoder, tmp_path, some).folders == found.folders


def test_a_pooling_that_the_encoder_does_not_have_is_refused(dataset, tmp_path) -> None:
    with pytest.raises(ConfigError, match="cls"):
        embed(dataset, load_encoder("age-sex"), tmp_path, pooling="cls")
