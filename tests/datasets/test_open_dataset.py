"""Readers by name and by import path, and what is refused."""

import pytest

from ecglens.datasets import open_dataset
from ecglens.datasets.georgia import Georgia
from ecglens.errors import ConfigError


def test_a_reader_by_import_path_is_the_one_by_name(tmp_path, write_record):
    write_record(tmp_path, "E00001")
    found = open_dataset("ecglens.datasets.georgia:Georgia", tmp_path, name="copy")
    assert found == Georgia(tmp_path, name="copy")


def test_an_unknown_option_is_refused_with_the_legal_ones(tmp_path):
    with pytest.raises(ConfigError, match=r"'fss'\. Did you mean 'fs'\? Options: reader, root, name, fs\."):
        open_dataset("ptb-xl", tmp_path, fss=100)


@pytest.mark.parametrize(
    ("reader", "message"),
    [
        ("os:path", "neither a Python class nor a Python function"),
        ("pathlib:PurePath", "without the attributes name, card"),
    ],
)
def test_what_is_no_reader_is_refused(tmp_path, reader, message):
    with pytest.raises(ConfigError, match=message):
        open_dataset(reader, tmp_path)
