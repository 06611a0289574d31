"""Labels against sets compared by hand."""

import numpy as np
import pandas as pd
import pytest

from ecglens.errors import ConfigError
from ecglens.tasks import Task, get_task, labels

TOY = Task("toy", "toy", {"v": frozenset({"A", "B"})}, {"v": frozenset({"X"})})


def test_labels_equal_sets_compared_by_hand():
    rng = np.random.default_rng(0)
    rows = [list(rng.choice(["A", "B", "X", "AB", "x", "C"], rng.integers(0, 4), replace=False)) for _ in range(500)]
    expected = [1 if "A" in row or "B" in row else pd.NA if "X" in row else 0 for row in rows]
    codes = pd.Series(rows, index=[f"r{i}" for i in range(500)])
    found = labels(TOY, codes, "v")
    assert (found.dtype, found.name) == ("Int8", "toy")
    assert found.index.equals(codes.index)
    assert found.tolist() == expected
    assert {1, 0} < set(expected)


def test_unknown_codes_are_left_out():
    codes = pd.Series([None, pd.NA, float("nan"), "A", [], np.array(["A"], dtype=object), ("X",)])
    assert labels(TOY, codes, "v").tolist() == [pd.NA, pd.NA, pd.NA, pd.NA, 0, 1, pd.NA]


def test_a_vocabulary_without_codes_is_refused_with_those_that_have_some():
    with pytest.raises(ConfigError, match="scp-ecg, snomed-ct, code-15"):
        labels(get_task("af"), pd.Series([["AFIB"]]), "icd-10")


@pytest.mark.parametrize("positive", [{}, {"v": frozenset()}])
def test_a_task_without_positive_codes_is_refused(positive):
    with pytest.raises(ConfigError, match="task 'none' has no positive codes"):
        Task("none", "none", positive)


def test_a_code_cannot_be_positive_and_excluded():
    with pytest.raises(ConfigError, match="'B' of the vocabulary 'v' cannot be both"):
        Task("both", "both", {"v": frozenset("AB"), "w": frozenset("C")}, {"v": frozenset("BD"), "u": frozenset("A")})
    assert Task("fine", "fine", {"v": frozenset("A")}, {"w": frozenset("A")}).name == "fine"
