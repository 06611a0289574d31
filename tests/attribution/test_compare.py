import numpy as np
import pandas as pd
import pytest

from ecglens.attribution import Importance, compare_importances, overlap, reliability
from ecglens.attribution.compare import COLUMNS

RNG = np.random.default_rng(0)
D, N_FOLDS, SPLITS = 30, 4, 5
BASE = np.sort(RNG.gamma(1.0, size=D))[::-1]


def measured(noise: float, splits: int = SPLITS, permutations: int = 3) -> Importance:
    by_fold = np.abs(BASE + noise * RNG.normal(size=(1, N_FOLDS, D)))
    halves = np.abs(BASE + noise * RNG.normal(size=(splits, 2, D)))
    return Importance(by_fold, np.full(N_FOLDS, 10), halves, permuted=np.abs(RNG.normal(size=(permutations, D))))


IMPORTANCES = {"ptb-xl": measured(0.1), "georgia": measured(0.2), "chn": measured(0.3)}
X = RNG.normal(size=(50, D))


def table(**settings) -> pd.DataFrame:
    return compare_importances(IMPORTANCES, "ptb-xl", X, ks=(5, 10, 30, 50), k=5, **settings)


def value(found: pd.DataFrame, **where) -> float:
    for column, wanted in where.items():
        found = found[found[column] == wanted]
    (only,) = found["value"]
    return only


def test_every_pair_is_compared_once_and_by_the_numbers_of_its_parts() -> None:
    found = table()
    assert list(found.columns) == COLUMNS
    share = found[(found["metric"] == "share") & (found["unit"] == "feature") & (found["k"] == 5)]
    assert list(zip(share["dataset"], share["other"], strict=True)) == [
        ("ptb-xl", "georgia"), ("ptb-xl", "chn"), ("georgia", "chn"),
    ]  # fmt: skip
    expected = overlap(IMPORTANCES["georgia"].mean, IMPORTANCES["chn"].mean, 10)
    place = {"unit": "feature", "dataset": "georgia", "other": "chn", "k": 10}
    assert value(found, **place, metric="share") == expected.share
    assert value(found, **place, metric="p_value") == expected.p_value
    inside = found[(found["metric"] == "reliability_share") & (found["dataset"] == "chn") & (found["k"] == 10)]
    halves = IMPORTANCES["chn"].halves
    inside = inside[inside["unit"] == "feature"].sort_values("repeat")
    np.testing.assert_array_equal(inside["value"], reliability(halves[:, 0], halves[:, 1], 10).share)


def test_a_top_of_all_features_is_left_out() -> None:
    assert set(table()["k"].dropna()) == {5, 10}
    assert compare_importances(IMPORTANCES, "ptb-xl", X, ks=(D,), k=D)["k"].isna().all()


def test_correlated_features_of_the_reference_are_one_group() -> None:
    twins = np.repeat(X[:, : D // 2], 2, axis=1)
    found = compare_importances(IMPORTANCES, "ptb-xl", twins, ks=(5,), k=5)
    place = {"dataset": "ptb-xl", "other": "chn", "metric": "dim"}
    assert value(found, unit="feature", **place) == D
    assert value(found, unit="group", **place) == D // 2


def test_halves_have_the_chance_of_permuted_halves_if_there_are_any() -> None:
    place = {"unit": "feature", "dataset": "ptb-xl", "other": "georgia", "k": 5, "metric": "halves_chance"}
    plain = value(table(), **place)
    assert plain == pytest.approx(5 / D)
    # Permuted labels that choose the very same features: all of the overlap is chance.
    same = {name: found.halves[:2] for name, found in IMPORTANCES.items()}
    assert value(table(null_halves=same), **place) > 0.5


def test_growth_averages_up_to_half_of_the_fits() -> None:
    growth = table()
    growth = growth[growth["metric"] == "growth_jaccard"]
    assert sorted(set(growth["count"])) == [1, 2]
    assert (growth["dataset"] == growth["other"]).all()
