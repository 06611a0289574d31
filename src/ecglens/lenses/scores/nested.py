"""F1 without choosing the probe on the fold that is scored: the one definition of "mean F1" in tables and tests."""

from __future__ import annotations

import pandas as pd

from ecglens.stats import choose_on_other_folds

NESTED = "chosen on other folds"
"""Stands for a probe in tables. No probe of a study can have this name, because names have no spaces."""

FIRST_CHOICE = "logistic-regression"


def choose_probes(fits: pd.DataFrame) -> pd.Series[str]:
    """Probe of every fold that has the highest mean F1 on the other folds of the same repeat.

    Draws of a fold are averaged first. Of equals, the first by name is taken.

    Parameters
    ----------
    fits
        Fits of one cell: columns probe, repeat, fold and f1, one row per fit.

    Returns
    -------
    Series
        Name of the probe, by fold.
    """
    scores = fits.groupby(["repeat", "fold", "probe"])["f1"].mean().unstack("probe")  # noqa: PD010 - keeps NaN
    chosen = choose_on_other_folds(scores, scores.index.get_level_values("repeat"))
    return pd.Series(scores.columns[chosen], index=scores.index.get_level_values("fold"), name="probe", dtype="str")


def nested_fits(fits: pd.DataFrame) -> pd.DataFrame:
    """The fits of one cell that `choose_probes` chooses: of every fold, all draws of one probe."""
    chosen: pd.DataFrame = fits[fits["probe"].to_numpy() == fits["fold"].map(choose_probes(fits)).to_numpy()]
    return chosen


def fixed_probe(names: list[str]) -> str:
    """The probe that stands for itself in every cell: logistic regression, or the first of a study without it."""
    return FIRST_CHOICE if FIRST_CHOICE in names else names[0]
