"""The made-up run and its summary."""

import pytest
from tests.made_up.run import make_results

from ecglens.report import Summary, summarise
from ecglens.study.results import Results


@pytest.fixture(scope="session")
def results() -> Results:
    return make_results()


@pytest.fixture(scope="session")
def summary(results) -> Summary:
    return summarise(results)
