"""Which probe speaks for a fold: the best of the other folds of its repeat, and of equals the first by name."""

import numpy as np
import pandas as pd
import pytest

from ecglens.lenses.scores.nested import choose_probes, fixed_probe, nested_fits


def fits(scores: dict[str, list[float]], repeat: list[int] | None = None) -> pd.DataFrame:
    """One fit per probe and fold."""
    rows = [
        {"probe": probe, "repeat": repeat[fold] if repeat else 0, "fold": fold, "f1": value}
        for probe, values in scores.items()
        for fold, value in enumerate(values)
    ]
    return pd.DataFrame(rows).sample(frac=1, random_state=0)


def test_the_scored_fold_has_no_say() -> None:
    # On all folds mlp is best, by fold 0 alone; without fold 0 it is svm.
    table = fits({"mlp": [1.0, 0.5, 0.5], "svm": [0.0, 0.6, 0.6]})
    assert choose_probes(table).sort_index().tolist() == ["svm", "mlp", "mlp"]


def test_of_equals_the_first_by_name_is_chosen_whatever_the_order_of_rows() -> None:
    table = fits({"svm": [0.5, 0.5, 0.5], "mlp": [0.5, 0.5, 0.5], "xgboost": [0.5, 0.5, 0.5]})
    assert set(choose_probes(table)) == {"mlp"}
    assert set(choose_probes(table.iloc[::-1])) == {"mlp"}


def test_folds_of_another_repeat_have_no_say() -> None:
    table = fits({"mlp": [0.9, 0.9, 0.1, 0.1], "svm": [0.5, 0.5, 0.5, 0.5]}, repeat=[0, 0, 1, 1])
    assert choose_probes(table).sort_index().tolist() == ["mlp", "mlp", "svm", "svm"]


def test_a_probe_with_more_folds_goes_before_a_better_one_with_fewer() -> None:
    table = fits({"mlp": [0.9, np.nan, np.nan, np.nan], "svm": [0.5, 0.5, 0.5, 0.5]})
    assert set(choose_probes(table)) == {"svm"}


def test_all_fits_of_the_chosen_probe_are_kept_and_no_others() -> None:
    table = fits({"mlp": [1.0, 0.5, 0.5], "svm": [0.0, 0.6, 0.6]})
    twice = pd.concat([table, table])
    kept = nested_fits(twice)
    assert len(kept) == 6
    assert kept.groupby("fold")["probe"].unique().map(list).tolist() == [["svm"], ["mlp"], ["mlp"]]
    assert kept.groupby("fold")["f1"].mean().tolist() == pytest.approx([0.0, 0.5, 0.5])


@pytest.mark.parametrize(
    ("names", "expected"), [(["mlp", "logistic-regression"], "logistic-regression"), (["svm", "mlp"], "svm")]
)
def test_the_fixed_probe_is_logistic_regression_or_the_first(names: list[str], expected: str) -> None:
    assert fixed_probe(names) == expected


def test_draws_of_a_fold_are_averaged_before_probes_are_compared() -> None:
    # Weighted by draws, the nine of fold 0 would make the tree best on folds 0 and 1.
    table = pd.concat([fits({"mlp": [0.6, 0.6, 0.6], "tree": [1.0, 0.1, 0.1]})] + [fits({"tree": [1.0]})] * 8)
    assert choose_probes(table)[2] == "mlp"
