"""Which draws of a sample a probe is fitted on."""

import pandas as pd
import pytest

from ecglens.study.draws import draws, draws_of

ALL, HALF, OTHER = [True] * 4, [True, True, False, False], [False, True, True, False]


def sample(*columns: list[bool]) -> pd.DataFrame:
    return pd.DataFrame({"record_id": list("abcd"), **{f"draw_{n}": mask for n, mask in enumerate(columns)}})


def test_draws_are_the_columns_of_their_numbers() -> None:
    assert [mask.tolist() for mask in draws(sample(HALF, OTHER))] == [HALF, OTHER]
    assert draws(sample()) == []


@pytest.mark.parametrize(
    ("columns", "random", "n"),
    [
        ((ALL, ALL), False, 1),
        ((ALL, ALL), True, 2),
        ((HALF, OTHER), False, 2),
        ((HALF, OTHER), True, 2),
        ((), False, 0),
    ],
)
def test_fits_that_would_all_be_the_same_are_made_once(columns, random, n) -> None:
    assert [mask.tolist() for mask in draws_of(sample(*columns), random)] == list(columns[:n])
