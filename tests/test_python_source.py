import os
from pathlib import Path

import pytest

from ecglens.python_source import Import, read_source

CODE = '''"""Docstring."""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pandas import DataFrame

SIZE = 3
"""Records."""


class Box:
    """Docstring."""

    def size(self, n=SIZE):
        """Docstring."""
        from .deep import thing as other

        return other(n) + np.int64(1)
'''


def source(folder: Path, code: str):
    path = folder / "code.py"
    path.write_text(code)
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    return read_source(path)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Docstring."""', '"""Another."""'),
        ('        """Docstring."""\n', ""),
        ('"""Records."""\n', ""),
        ("SIZE = 3", "SIZE   =  (3)  # a comment"),
        ("\n\n\n", "\n\n\n\n\n"),
        ("return other(n) + np.int64(1)", "return (\n            other(n)\n            + np.int64(1)\n        )"),
    ],
)
def test_comments_docstrings_and_formatting_do_not_count(tmp_path, old, new) -> None:
    assert old in CODE
    assert source(tmp_path, CODE).digest == source(tmp_path, CODE.replace(old, new)).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SIZE = 3", "SIZE = 4"),
        ("SIZE = 3", "SIZE = 3.0"),
        ("SIZE = 3", "SIZE = '3'"),
        ("SIZE = 3", "SIZE: int = 3"),
        ("SIZE = 3", "SIZE = -3"),
        ("n=SIZE", "n=None"),
        ("n=SIZE", "*, n=SIZE"),
        ("def size", "async def size"),
        ("other(n) + ", "other(n) - "),
        ("return other", "other"),
        ("class Box:", "@frozen\nclass Box:"),
    ],
)
def test_every_change_of_code_counts(tmp_path, old, new) -> None:
    assert old in CODE
    assert source(tmp_path, CODE).digest != source(tmp_path, CODE.replace(old, new)).digest


def test_imports_count_wherever_they_stand_but_for_those_of_type_checkers(tmp_path) -> None:
    assert source(tmp_path, CODE).imports == {
        Import(0, "typing", "TYPE_CHECKING"),
        Import(0, "numpy"),
        Import(1, "deep", "thing"),
    }
    other = "import typing\nif typing.TYPE_CHECKING:\n    import a\nelse:\n    import b\nif x:\n    import c\n"
    assert {each.module for each in source(tmp_path, other).imports} == {"typing", "b", "c"}


def test_names_are_bound_by_imports_or_here(tmp_path) -> None:
    code = (
        "try:\n    from fast import go\nexcept ImportError:\n    def go(): ...\nimport a.b\nx = y = 1\n(p, q) = x, y\n"
    )
    assert source(tmp_path, code).bound == {
        "go": {Import(0, "fast", "go"), None},
        "a": {Import(0, "a.b")},
        **{name: {None} for name in "xypq"},
    }


def test_the_table_of_a_registry_does_not_count(tmp_path) -> None:
    one = source(tmp_path, 'THINGS: Registry = Registry("thing", {"a": "b:c"})\n')
    two = source(tmp_path, 'THINGS: Registry = Registry("thing", {"a": "b:c", "d": "e:f"})\n')
    assert one.digest == two.digest
    assert two.bound == {"THINGS": {None}}


def test_names_of_data_files_are_found(tmp_path) -> None:
    assert source(tmp_path, 'x = read("a.csv") + read("b.json") + "c.py"').data == {"a.csv", "b.json"}


def test_a_file_that_is_no_python_counts_by_its_bytes(tmp_path) -> None:
    assert source(tmp_path, "def (").digest != source(tmp_path, "def [").digest
