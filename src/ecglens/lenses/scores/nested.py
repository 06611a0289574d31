"""Nested choice of the probe, and the definition of "mean F1" in tables and tests."""

from __future__ import annotations

import pandas as pd

from ecglens.stats import choose_on_other_folds

NESTED = "chosen on other folds"
"""Value of the column probe. No probe can have this name, because names have no spaces."""

FIRST_CHOICE = "logistic-regression"


def choose_probes(fits: pd.DataFrame) -> pd.Series[str]:
    """Probe of every fold that has the highest mean F1 on the other folds of the same repeat.

    Draws of a fold are averaged first. Among equals, the first by name is chosen.

    Parameters
    ----------
    fits
        Fits of one cell: columns probe, repeat, fold and f1, one row per fit.

    Returns
    -------
    Series
        Name of the chosen probe, by fold.
    """
    scores = fits.groupby(["repeat", "fold", "probe"])["f1"].mean().unstack("probe")  # noqa: PD010 - keeps NaN
    chosen = choose_on_other_folds(scores, scores.index.get_level_values("repeat"))
    return pd.Series(scores.columns[chosen], index=scores.index.get_level_values("fold"), name="probe", dtype="str")


def nested_fits(fits: pd.DataFrame) -> pd.DataFrame:
    """Fits of the probes that `choose_probes` chooses: all draws of one probe in every fold."""
    chosen: pd.DataFrame = fits[fits["probe"].to_numpy() == fits["fold"].map(choose_probes(fits)).to_numpy()]
    return chosen


def fixed_probe(names: list[str]) -> str:
    """The fixed probe of a study: logistic regression, or the first probe if a study leaves it out."""
    return FIRST_CHOICE if FIRST_CHOICE in names else names[0]
