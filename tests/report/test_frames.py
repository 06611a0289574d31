"""Reading tables: rows, groups in their order, rows with given values."""

import pandas as pd

from ecglens.report.frames import groups, rows, where

TABLE = pd.DataFrame({"task": ["cd", "af", "cd"], "labels": ["true", "true", "shuffled"], "n": [1, 2, 3]})


def test_rows_have_names() -> None:
    assert [(row.task, row.n) for row in rows(TABLE)] == [("cd", 1), ("af", 2), ("cd", 3)]


def test_groups_are_in_the_order_of_first_appearance() -> None:
    assert [(key, part["n"].tolist()) for key, part in groups(TABLE, "task")] == [("cd", [1, 3]), ("af", [2])]
    assert [key for key, _ in groups(TABLE, ["task", "labels"])] == [("cd", "true"), ("af", "true"), ("cd", "shuffled")]


def test_all_values_have_to_agree() -> None:
    assert where(TABLE, task="cd", labels="true")["n"].tolist() == [1]
    assert where(TABLE, task="none").empty
    assert where(TABLE) is TABLE
