"""For people who have matrices of embeddings, and neither records nor an encoder at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.attribution import compare_importances, measure_importance
from ecglens.attribution.agreement import FEATURE, GROUP
from ecglens.attribution.reliability import NO_CEILING, TOO_LOW
from ecglens.errors import ConfigError
from ecglens.probes import PROBES, Engine, cross_validate, fold_metrics
from ecglens.sampling import assign_folds

CURVE = ["share", "chance", "ceiling", "p_value"]
INSIDE = ["reliability_share", "reliability_jaccard", "kendall_tau"]


@dataclass(frozen=True)
class Labelled:
    """Embeddings of one data set with their labels.

    Parameters
    ----------
    X
        ``[n, d]``.
    y
        Labels 0 or 1, ``[n]``.
    patients
        Patient of each record, ``[n]``; folds and halves share none.
    """

    X: NDArray[Any]
    y: NDArray[Any]
    patients: NDArray[Any]


@dataclass(frozen=True)
class MatrixOverlap:
    """What `overlap_of_matrices` found.

    Parameters
    ----------
    f1
        Mean F1 over folds by data set.
    reference
        The data set on which the probe scores highest.
    table
        As from `ecglens.attribution.compare_importances`.
    """

    f1: Mapping[str, float]
    reference: str
    table: pd.DataFrame

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
        """How well the ranking of each data set repeats between halves, in the top `k` and (tau) of all features.

        Empty where none was halved.
        """
        rows = self.table[(self.table["unit"] == FEATURE) & self.table["k"].isin([k, np.nan])]
        rows = rows[rows["metric"].isin(INSIDE)]
        wide = rows.pivot_table(index="dataset", columns="metric", values="value", sort=False)
        return wide.reindex(columns=INSIDE).reset_index()


def _in_words(pair: pd.DataFrame) -> dict[str, str]:
    """Metric to value of one pair; what cannot be concluded is a sentence."""
    found: dict[str, str] = {}
    for unit, part in pair.groupby("unit", sort=False):
        values = dict(zip(part["metric"], part["value"], strict=True))
        words = {metric: "–" if np.isnan(value) else f"{value:.3g}" for metric, value in values.items()}
        if "ceiling" in values and np.isnan(values["ceiling"]):
            words |= dict.fromkeys(["ceiling", "halves", "halves_chance", "corrected"], NO_CEILING)
        elif "corrected" in values and np.isnan(values["corrected"]):
            words["corrected"] = TOO_LOW.format(ceiling=words["ceiling"], chance=words["halves_chance"])
        found |= {metric + (" of groups" if unit == GROUP else ""): text for metric, text in words.items()}
    return found


def read_matrix(path: Path) -> NDArray[Any]:
    """Read embeddings ``[n, d]`` from a ``.npy`` file, which stays on disk; nothing in it is run.

    Raises
    ------
    ConfigError
        Not such a file, not a matrix of numbers, or values that are not finite.
    """
    try:
        x: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read as a .npy file of numbers: {error}") from error
    if x.ndim != 2 or not np.issubdtype(x.dtype, np.number):
        raise ConfigError(f"{path}: holds {x.dtype} {x.shape}, embeddings are numbers [n, d]")
    bad = np.flatnonzero(~np.isfinite(x).all(axis=1))
    if len(bad):
        raise ConfigError(f"{path}: {len(bad)} rows hold values that are not finite, the first is row {bad[0]}")
    return x


def read_column(path: Path, n: int) -> NDArray[Any]:
    """Read one value per record from a ``.npy`` file or a text file with a line each.

    Raises
    ------
    ConfigError
        Not such a file, or not `n` values.
    """
    try:
        values: NDArray[Any]
        if path.suffix == ".npy":
            values = np.load(path, allow_pickle=False).ravel()
        else:
            values = np.array(path.read_text(encoding="utf-8").rstrip("\n").split("\n"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    if len(values) != n:
        raise ConfigError(f"{path}: holds {len(values)} values, the matrix has {n} rows. Give one value per row.")
    return values


def read_labels(path: Path, n: int) -> NDArray[np.int64]:
    """Read labels 0 and 1 as `read_column` does; anything else raises `ConfigError`."""
    values = read_column(path, n).astype(str)
    known = {"0": 0, "1": 1, "0.0": 0, "1.0": 1, "False": 0, "True": 1}
    wrong = [(row, value) for row, value in enumerate(values) if value.strip() not in known]
    if wrong:
        raise ConfigError(f"{path}: row {wrong[0][0]} holds {str(wrong[0][1])!r}, labels are 0 or 1")
    return np.array([known[value.strip()] for value in values])


def read_labelled(matrices: list[Path], labels: list[Path], patients: list[Path] | None) -> dict[str, Labelled]:
    """Read data sets, each named by its matrix's file.

    Raises
    ------
    ConfigError
        Fewer than two matrices, or not as many files of labels or patients as matrices, or two files of one name.
    """
    names = [path.stem for path in matrices]
    counts = {"labels": len(labels), "patients": len(matrices) if patients is None else len(patients)}
    wrong = [f"{n} files of {what}" for what, n in counts.items() if n != len(matrices)]
    if wrong or len(matrices) < 2:
        raise ConfigError(
            f"{len(matrices)} matrices and {', '.join(wrong) or 'their labels'}: give two or more of each, --labels "
            "(and --patients) once for every matrix"
        )
    if len(set(names)) < len(names):
        raise ConfigError(f"the matrices are called {', '.join(names)}: give each file its own name")
    found = {}
    for number, (name, path) in enumerate(zip(names, matrices, strict=True)):
        x = read_matrix(path)
        who = read_column(patients[number], len(x)) if patients else np.arange(len(x))
        found[name] = Labelled(x, read_labels(labels[number], len(x)), who)
    return found


def overlap_of_matrices(
    datasets: Mapping[str, Labelled],
    *,
    probe: str = "xgboost",
    n_folds: int = 15,
    k: int = 50,
    cutoffs: tuple[int, ...] = (10, 25, 50, 100, 200),
    seeds: int = 3,
    halves: int = 5,
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
        Patient-disjoint stratified folds.
    k, cutoffs
        Sizes of the top.
    seeds, halves
        As for `ecglens.attribution.measure_importance`.
    seed
        Of everything random.
    engine
        As for `ecglens.probes.cross_validate`.

    Raises
    ------
    CannotFillError
        Too few records or patients for the folds.
    ConfigError
        The matrices differ in width or have no more than `k` features, or the probe is unknown.

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
        raise ConfigError(f"the matrices have {widths} features: compare data sets under one encoder")
    if (width := next(iter(widths.values()))) <= k:
        raise ConfigError(f"the top {k} of {width} features is all of them. Use a smaller k.")
    chosen, importances, f1 = PROBES.load(probe), {}, {}
    for number, (name, data) in enumerate(datasets.items()):
        # Models that begin alike would agree on features that no label asks for.
        own_seed = int(np.random.default_rng([seed, number]).integers(2**32))
        folds = assign_folds(data.y, data.patients, n_folds, own_seed)
        scored = cross_validate(data.X, data.y, folds, chosen, own_seed, engine=engine)
        metrics = fold_metrics(data.y, scored.probability, folds)
        f1[name] = float(metrics.loc[metrics["metric"] == "f1", "value"].mean())
        importances[name] = measure_importance(
            data.X, data.y, folds, chosen, seed=own_seed, seeds=seeds, halves=halves, engine=engine
        )
    reference = max(f1, key=lambda name: f1[name])
    ks = sorted({*cutoffs, k})
    table = compare_importances(importances, reference, datasets[reference].X, ks=ks, k=k, seed=seed)
    return MatrixOverlap(f1, reference, table)
