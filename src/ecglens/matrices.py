"""Analyses of matrices of embeddings, without records or an encoder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecglens.attribution import compare_importances, measure_importance
from ecglens.attribution.compare import FEATURE, GROUP
from ecglens.attribution.reliability import NO_CEILING, too_low
from ecglens.errors import ConfigError
from ecglens.geometry.metrics import METRICS, words_of
from ecglens.geometry.verdict import Measured
from ecglens.matrix_files import Labelled
from ecglens.probes import Engine, cross_validate, fold_metrics, get_probe
from ecglens.sampling import assign_folds

WORDS = words_of(METRICS.builtins)
CURVE = ["share", "null_mean", "null_high", "p_permutation", "chance", "ceiling"]
ALPHA = 0.05
LEADING = ("knn_rescaled", "knn_index")
CEILING = ("ceiling", "ceiling_low", "ceiling_high", "halves_chance")
INSIDE = ["reliability_share", "reliability_jaccard", "kendall_tau"]


@dataclass(frozen=True)
class MatrixOverlap:
    """Result of `overlap_of_matrices`.

    Parameters
    ----------
    f1
        Mean F1 over folds by data set.
    reference
        The data set on which the probe scores highest.
    table
        As from `ecglens.attribution.compare_importances`.
    permutations
        Number of permutations of the labels of each data set.
    """

    f1: Mapping[str, float]
    reference: str
    table: pd.DataFrame
    permutations: int

    def answer(self, k: int) -> list[str]:
        """A sentence for every pair of data sets: is the overlap larger than under permuted labels?"""
        rows = self.table[(self.table["unit"] == FEATURE) & (self.table["k"] == k)]
        pairs = rows[rows["dataset"] != rows["other"]].groupby(["dataset", "other"], sort=False)
        lowest = 1 / (self.permutations + 1) ** 2
        return [_answer(f"{a} and {b}", k, part.set_index("metric")["value"], lowest) for (a, b), part in pairs]

    def describe(self, k: int) -> dict[str, dict[str, str]]:
        """By pair of data sets: the numbers of the top `k` in words, features first, then groups of them."""
        pairs = self.table[(self.table["dataset"] != self.table["other"]) & self.table["k"].isin([k, np.nan])]
        by_pair = pairs.groupby(["dataset", "other"], sort=False)
        return {f"{a} and {b}, top {k}": _in_words(part) for (a, b), part in by_pair}

    def curve(self) -> pd.DataFrame:
        """The numbers of every pair at every cut-off that is smaller than the width."""
        rows = self.table[(self.table["unit"] == FEATURE) & self.table["metric"].isin(CURVE)]
        wide = rows.pivot_table(index=["dataset", "other", "k"], columns="metric", values="value", sort=False)
        return wide.reindex(columns=CURVE).reset_index().astype({"k": int})

    def inside(self, k: int) -> pd.DataFrame:
        """Reliability of the ranking of each data set between halves, in the top `k` and (tau) for all features.

        Empty if no data set was halved.
        """
        rows = self.table[(self.table["unit"] == FEATURE) & self.table["k"].isin([k, np.nan])]
        rows = rows[rows["metric"].isin(INSIDE)]
        wide = rows.pivot_table(index="dataset", columns="metric", values="value", sort=False)
        return wide.reindex(columns=INSIDE).reset_index()


def _answer(pair: str, k: int, numbers: pd.Series[float], lowest: float) -> str:
    """The answer for one pair; `lowest` is the smallest p that its permutations can give."""
    shared = f"{pair} share {numbers['share']:.2f} of the top {k} features"
    if np.isnan(numbers["null_mean"]):
        return f"{shared}; without permutations there is no chance level."
    chance = f"permuted labels {numbers['null_mean']:.2f} [{numbers['null_low']:.2f}, {numbers['null_high']:.2f}]"
    words = f"{shared}, {chance}, p = {numbers['p_permutation']:.3f}"
    if numbers["p_permutation"] <= ALPHA:
        return f"{words}: more than chance."
    if lowest > ALPHA:
        return f"{words}: cannot tell, because these permutations cannot give p below {lowest:.3f}."
    return f"{words}: cannot tell; shares above {numbers['null_high']:.2f} are detectable."


def _in_words(pair: pd.DataFrame) -> dict[str, str]:
    """Metrics of one pair by name; a sentence if a metric allows no conclusion."""
    found: dict[str, str] = {}
    for unit, part in pair.groupby("unit", sort=False):
        values = dict(zip(part["metric"], part["value"], strict=True))
        words = {metric: "–" if np.isnan(value) else f"{value:.3g}" for metric, value in values.items()}
        if "ceiling" in values and np.isnan(values["ceiling"]):
            words |= dict.fromkeys(["ceiling", "halves", "halves_chance", "corrected"], NO_CEILING)
        elif "corrected" in values and np.isnan(values["corrected"]):
            words["corrected"] = too_low(*(values[name] for name in CEILING))
        found |= {metric + (" of groups" if unit == GROUP else ""): text for metric, text in words.items()}
    return found


def is_leading(geometry: pd.DataFrame) -> pd.Series[bool]:
    """Main rows of a geometry: kNN of label and data set, and their difference, at equal counts."""
    asked = {"metric": LEADING, "level": ("label", "source", "alignment"), "counts": ("equal",), "stratum": ("all",)}
    return geometry[list(asked)].isin(asked).all(axis=1)


def describe_geometry(geometry: pd.DataFrame) -> pd.DataFrame:
    """A geometry as text: level and stratum, metric, value with interval, chance, p; or the reason of a missing value.

    Chance is the 95th percentile under permutation, the 5th of a number that structure makes smaller.
    """
    found = []
    for row in geometry.to_dict("records"):
        level = f"{row['level']}: {row['stratum']}" if row["stratum"] != "all" else row["level"]
        number = [row["metric"], row["space"], "equal" if row["counts"] == "equal" else ""]
        measured = Measured(row["value"], row["patient_low"], row["patient_high"])
        words = WORDS.get(row["metric"].partition(":")[0])
        reached = row["null_low"] if words is not None and words.falls else row["null_high"]
        chance, p = ("–" if pd.isna(each) else f"{each:z.3f}" for each in (reached, row["p_value"]))
        found.append(
            (
                level,
                ", ".join(part for part in number if pd.notna(part) and part),
                row["reason"] or f"{measured:z.3f}",
                chance,
                p,
            )
        )
    return pd.DataFrame(found, columns=["level", "number", "value", "chance", "p"])


def leading_purity(geometry: pd.DataFrame, level: str) -> Measured:
    """Rescaled kNN on equal counts at one level of a geometry with one task; NaN if it was not measured."""
    leading = geometry[is_leading(geometry)].set_index("level")[["value", "patient_low", "patient_high"]]
    values = leading.reindex([level]).to_numpy(dtype=float)
    return Measured(*values[0])


def overlap_of_matrices(
    datasets: Mapping[str, Labelled],
    *,
    probe: str = "xgboost",
    n_folds: int = 15,
    k: int = 50,
    cutoffs: tuple[int, ...] = (10, 25, 50, 100, 200),
    seeds: int = 3,
    halves: int = 5,
    permutations: int = 5,
    seed: int = 0,
    engine: Engine = "fast",
) -> MatrixOverlap:
    """Compare the features that a probe relies on in several data sets under one encoder.

    Parameters
    ----------
    datasets
        By name, all with the same features.
    probe
        Name of a probe.
    n_folds
        Number of patient-disjoint, stratified folds.
    k, cutoffs
        Number of top features, and further numbers for the curve.
    seeds, halves, permutations
        As for `ecglens.attribution.measure_importance`.
    seed
        Random seed.
    engine
        As for `ecglens.probes.cross_validate`.

    Raises
    ------
    CannotFillError
        Too few records or patients for the folds.
    ConfigError
        The matrices differ in width or have no more than `k` features, or there is no such probe.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> y = np.tile([0, 1], 60)
    >>> one, two = (rng.normal(size=(120, 8)) + 2 * np.outer(y, [1, 1, 0, 0, 0, 0, 0, 0]) for _ in range(2))
    >>> found = overlap_of_matrices(
    ...     {"a": Labelled(one, y, np.arange(120)), "b": Labelled(two, y, np.arange(120))},
    ...     probe="logistic-regression", n_folds=5, k=2, cutoffs=(2,),
    ... )
    >>> found.table.query("metric == 'share' and unit == 'feature'").value.tolist()
    [1.0]
    """
    widths = {name: data.X.shape[1] for name, data in datasets.items()}
    if len(set(widths.values())) != 1:
        raise ConfigError(f"the matrices have {widths} features. Compare embeddings of one encoder.")
    if (width := next(iter(widths.values()))) <= k:
        raise ConfigError(f"the top {k} of {width} features is all of them. Use a smaller k.")
    chosen, importances, f1 = get_probe(probe), {}, {}
    for number, (name, data) in enumerate(datasets.items()):
        # Models that begin alike would agree on features that no label asks for.
        own_seed = int(np.random.default_rng([seed, number]).integers(2**32))
        folds = assign_folds(data.y, data.patients, n_folds, own_seed)
        scored = cross_validate(data.X, data.y, folds, chosen, own_seed, engine=engine)
        metrics = fold_metrics(data.y, scored.probability, folds)
        f1[name] = float(metrics.loc[metrics["metric"] == "f1", "value"].mean())
        importances[name] = measure_importance(
            data.X,
            data.y,
            folds,
            chosen,
            seed=own_seed,
            seeds=seeds,
            halves=halves,
            permutations=permutations,
            engine=engine,
        )
    reference = max(f1, key=lambda name: f1[name])
    ks = sorted({*cutoffs, k})
    table = compare_importances(importances, reference, datasets[reference].X, ks=ks, k=k, seed=seed)
    return MatrixOverlap(f1, reference, table, permutations)
