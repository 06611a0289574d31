"""The task of docs/how-to/task.md."""

import pandas as pd

from ecglens.datasets.simulated import simulate
from ecglens.tasks import get_task, labels


def test_the_page_adds_a_task(install) -> None:
    page = install("task")
    simulate(page.folder / "ptb-xl", "ptb-xl", 12, 1)
    listed, shown, checked = (page.run(*command) for command in page.commands())
    assert "paced" in listed
    assert "10370003" in shown
    assert "paced" in checked


def test_its_labels_follow_its_codes(install) -> None:
    install("task")
    codes = pd.Series([["10370003"], ["426783006"], ["251266004"], None])
    assert labels(get_task("paced"), codes, "snomed-ct").tolist() == [1, 0, pd.NA, pd.NA]
    assert get_task("my_tasks:PACED") is get_task("paced")
