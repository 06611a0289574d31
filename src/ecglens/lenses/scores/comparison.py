"""Comparison of encoders: paired tests on the same folds, and ranks over data sets and tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.lenses.scores.nested import nested_fits
from ecglens.stats import (
    ALPHA,
    Block,
    RankIntervals,
    corrected_interval,
    corrected_t_test,
    critical_difference,
    friedman,
    holm,
    practical_equivalence,
    rank_intervals,
    smallest_detectable,
)
from ecglens.status import DONE
from ecglens.study.cell import CellTask
from ecglens.study.draws import SHUFFLED, TRUE

REPLICATES = 1000
"""Number of bootstrap replicates for the intervals of ranks."""
SCORE_METRICS = ["f1", "n_train", "n_test"]
PREDICTION_COLUMNS = ["probe", "draw", "repeat", "record_id", "patient_id", "fold", "label", "probability"]


def compare_encoders(task: CellTask) -> pd.DataFrame:
    """Compare all pairs of encoders on every data set and task, and each encoder with its score on shuffled labels.

    Blocks are data sets x tasks at the size that the data sets have in common; probes are chosen on other folds.
    """
    sizes = {entry["task"]: entry["size"] for entry in task.settings["cells"]}
    asked = {
        (entry["encoder"], entry["task"], dataset) for entry in task.settings["cells"] for dataset in entry["datasets"]
    }
    encoders = list(dict.fromkeys(entry["encoder"] for entry in task.settings["cells"]))
    if not encoders:
        raise CannotFillError("no size that the data sets have in common: there is nothing to compare")
    rows: list[dict[str, Any]] = []
    means, blocks = [], []
    for name in sorted({(task_name, dataset) for _, task_name, dataset in asked}):
        own = [encoder for encoder in encoders if (encoder, *name) in asked]
        scores, chance = (_scores(task.inputs, own, name, labels) for labels in (TRUE, SHUFFLED))
        place = {"task": name[0], "dataset": name[1], "size": sizes[name[0]]}
        found = _means(scores) + _pairs(scores, task.settings["rope"])
        found += _against_chance(scores, chance, task.settings["rope"])
        rows += [place | row for row in found]
        means.append([scores[encoder]["f1"].mean() if encoder in scores else np.nan for encoder in encoders])
        if len(scores) == len(encoders):
            blocks.append(_block(task.inputs, scores, chance, name))
    if len(encoders) > 1:
        rows += _ranks(np.array(means), blocks, encoders, task.derived_seed("ranks"))
    return pd.DataFrame(rows)


def _scores(
    inputs: Mapping[str, Path], encoders: Sequence[str], name: tuple[str, str], labels: str
) -> dict[str, pd.DataFrame]:
    """F1 of the probe that the other folds choose, its name, repeat, n_train and n_test, by encoder and fold."""
    found = {}
    for encoder in encoders:
        path = inputs.get(f"probe {encoder} {name[1]} {name[0]} {labels}")
        rows = pd.read_parquet(path) if path else pd.DataFrame(columns=["status", "metric"])
        rows = rows[(rows["status"] == DONE) & rows["metric"].isin(SCORE_METRICS)]
        if len(rows):
            index = ["probe", "repeat", "draw", "fold"]
            fits = nested_fits(rows.pivot_table(index=index, columns="metric", values="value").reset_index())
            folds = fits.groupby("fold")
            found[encoder] = folds[["repeat", *SCORE_METRICS]].mean().assign(probe=folds["probe"].first())
    return found


def _means(scores: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    return [{"statistic": "score", "encoder": encoder, **_interval(folds)} for encoder, folds in scores.items()]


def _interval(folds: pd.DataFrame) -> dict[str, Any]:
    """Mean F1 with its interval, and the probe that most folds choose."""
    found = corrected_interval(folds["f1"], folds["n_train"].mean(), folds["n_test"].mean())
    low, high = np.clip([found.low, found.high], 0, 1)
    probe = folds["probe"].mode().iloc[0] if "probe" in folds else ""
    return {"value": found.mean, "low": low, "high": high, "n": found.n, "probe": probe, **_records(folds)}


def _records(folds: pd.DataFrame) -> dict[str, float]:
    return {"n_records": folds["n_test"].sum() / max(1, folds["repeat"].nunique())}


def _pairs(scores: Mapping[str, pd.DataFrame], rope: float) -> list[dict[str, Any]]:
    pairs = {(a, b): (scores[a], scores[b]) for a, b in combinations(scores, 2)}
    tests = _tests(list(pairs.values()), rope)
    return [{"statistic": "pair", "encoder": a, "other": b, **test} for (a, b), test in zip(pairs, tests, strict=True)]


def _against_chance(
    scores: Mapping[str, pd.DataFrame], chance: Mapping[str, pd.DataFrame], rope: float
) -> list[dict[str, Any]]:
    """Score of each encoder against its own on shuffled labels, and the mean over encoders."""
    both = [encoder for encoder in scores if encoder in chance]
    tests = _tests([(scores[encoder], chance[encoder]) for encoder in both], rope)
    rows = [
        {"statistic": "against shuffled labels", "encoder": encoder, **test}
        for encoder, test in zip(both, tests, strict=True)
    ]
    mean = [chance[encoder].drop(columns="probe") for encoder in both]
    return rows + (
        [{"statistic": "shuffled labels", **_interval(pd.concat(mean).groupby("fold").mean())}] if mean else []
    )


def _tests(sides: Sequence[tuple[pd.DataFrame, pd.DataFrame]], rope: float) -> list[dict[str, Any]]:
    """Paired tests with one adjustment for multiple testing, each with its detectable difference."""
    rows: list[dict[str, Any]] = []
    for one, other in sides:
        differences, n_train, n_test = (one["f1"] - other["f1"]).to_numpy(), one["n_train"].mean(), one["n_test"].mean()
        found = corrected_t_test(differences, n_train, n_test)
        low, high = np.clip([found.low, found.high], -1, 1)
        detectable = smallest_detectable(found.sd, found.n, n_train, n_test, ALPHA / len(sides))
        rows.append(
            {"value": found.mean, "low": low, "high": high, "sd": found.sd, "p_value": found.p_value, "n": found.n}
            | {"detectable": detectable, "probe": one["probe"].mode().iloc[0], **_records(one)}
            | practical_equivalence(differences, n_train, n_test, rope)._asdict()
        )
    adjusted = holm(np.array([row["p_value"] for row in rows]))
    return [row | {"p_holm": p_holm} for row, p_holm in zip(rows, adjusted, strict=True)]


def _block(
    inputs: Mapping[str, Path],
    scores: Mapping[str, pd.DataFrame],
    chance: Mapping[str, pd.DataFrame],
    name: tuple[str, str],
) -> Block:
    """Predicted classes of all encoders on the records that all of them took, on shuffled labels, too.

    Further repeats count as further draws. Folds and shuffled labels are those of the first repeat.
    """

    def read(labels: str, encoder: str, folds: pd.DataFrame) -> pd.DataFrame:
        path, asked = inputs[f"prediction {encoder} {name[1]} {name[0]} {labels}"], sorted(set(folds["probe"]))
        rows = pd.read_parquet(path, columns=PREDICTION_COLUMNS, filters=[("probe", "in", asked)])
        return rows[rows["probe"] == rows["fold"].map(folds["probe"])]

    true = [read(TRUE, encoder, folds) for encoder, folds in scores.items()]
    shuffled = [read(SHUFFLED, encoder, chance[encoder]) for encoder in scores if encoder in chance]
    shuffled = [rows[rows["repeat"] == 0] for rows in shuffled]
    records = reduce(pd.Index.intersection, (pd.Index(rows["record_id"].unique()) for rows in true + shuffled))
    records = records.sort_values()

    def facts(rows: pd.DataFrame) -> pd.DataFrame:
        first = rows[(rows["draw"] == 0) & (rows["repeat"] == 0)]
        own: pd.DataFrame = first.set_index("record_id").loc[records]
        return own

    def called(rows: pd.DataFrame) -> NDArray[np.bool_]:
        by_draw = rows.pivot_table(index=["repeat", "draw"], columns="record_id", values="probability")[records]
        by_draw = by_draw.reindex(pd.MultiIndex.from_product(by_draw.index.levels))
        # A probe without a seed has one draw, which stands for all.
        positive: NDArray[np.bool_] = (by_draw.groupby("repeat").ffill() > 0.5).to_numpy()
        return positive

    first = facts(true[0])
    return Block(
        label=first["label"].to_numpy(),
        fold=first["fold"].to_numpy(),
        patient=first["patient_id"].to_numpy(dtype=str),
        predicted=[called(rows) for rows in true],
        chance_label=facts(shuffled[0])["label"].to_numpy() if shuffled else None,
        chance_predicted=[called(rows) for rows in shuffled],
    )


def _ranks(means: NDArray[np.float64], blocks: list[Block], encoders: list[str], seed: int) -> list[dict[str, Any]]:
    found = friedman(means)
    nothing = np.full(len(encoders), np.nan)
    bounds = (
        rank_intervals(blocks, REPLICATES, seed, ranks=found.average_ranks)
        if blocks
        else RankIntervals(nothing, nothing, 0)
    )
    cd = critical_difference(len(encoders), found.n_blocks) if found.n_blocks > 1 else np.nan
    n = {"n": found.n_blocks}
    return [
        {"statistic": "friedman", "value": found.statistic, "p_value": found.p_value, **n},
        {"statistic": "critical difference", "value": cd, **n},
        {"statistic": "blocks left out", "value": found.n_left_out, "n": len(means)},
        {"statistic": "shuffled rank", "low": bounds.chance[0], "high": bounds.chance[1], **n},
        {"statistic": "replicates left out", "value": bounds.n_left_out, "n": REPLICATES if blocks else 0},
        *(
            {"statistic": "rank", "encoder": encoder, "value": rank, "low": below, "high": above, **n}
            for encoder, rank, below, above in zip(encoders, found.average_ranks, bounds.low, bounds.high, strict=True)
        ),
    ]
