import numpy as np
import pandas as pd
import pytest

from ecglens.embeddings.windows import count_windows
from ecglens.errors import RecipeError
from ecglens.signals import Recipe, Resample, Windows


def table(*lengths: int) -> pd.DataFrame:
    return pd.DataFrame({"n_samples": lengths, "fs": 500.0})


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (Windows(5, short="drop"), {"2 windows": 2, "left out as too short": 1, "1 window, 2.3 s not seen": 1}),
        (Windows(5, short="pad"), {"2 windows": 2, "filled up with zeros": 1, "1 window, 2.3 s not seen": 1}),
        (
            Windows(5, take="first"),
            {"1 window, 5 s not seen": 2, "left out as too short": 1, "1 window, 2.3 s not seen": 1},
        ),
        (Windows(4, count=3), {"3 windows": 3, "left out as too short": 1}),
    ],
)
def test_every_record_is_counted_once(step, expected) -> None:
    assert count_windows(table(5000, 5000, 1000, 3667), Recipe((step,))) == expected


def test_a_recipe_without_windows_counts_nothing() -> None:
    assert count_windows(table(5000), Recipe((Resample(100),))) == {}


@pytest.mark.parametrize("n_samples", [1000, 2500, 3667, 5000, 7499, 7500])
@pytest.mark.parametrize("step", [Windows(5, short="pad"), Windows(5, short="drop"), Windows(5, take="first")])
def test_the_words_agree_with_what_the_step_does(step, n_samples) -> None:
    (words,) = count_windows(table(n_samples), Recipe((step,)))
    try:
        cut, _ = step(np.zeros((1, 12, n_samples)), 500)
    except RecipeError:
        assert words == "left out as too short"
    else:
        assert words == "filled up with zeros" if n_samples < 2500 else words.startswith(f"{len(cut)} window")
