"""Which encoder is better, and how sure that is: paired tests on the same folds, ranks over data sets and tasks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecglens.errors import CannotFillError
from ecglens.stats import (
    Block,
    RankIntervals,
    corrected_interval,
    corrected_t_test,
    critical_difference,
    friedman,
    holm,
    rank_intervals,
)
from ecglens.study.cell import CellTask
from ecglens.study.samples import SHUFFLED, TRUE

REPLICATES = 1000
"""Bootstrap replicates behind the intervals of the ranks."""
PREDICTION_COLUMNS = ["probe", "draw", "record_id", "patient_id", "fold", "label", "probability"]


def compare_encoders(task: CellTask) -> None:
    """Every pair of encoders on every data set and task, each encoder against shuffled labels, and average ranks."""
    task.run("comparison", _comparison_rows)


def _comparison_rows(task: CellTask) -> pd.DataFrame:
    """One probe per encoder and task, its best; blocks are data sets x tasks at the size they have in common."""
    chosen = {(entry["encoder"], entry["task"]): entry for entry in task.settings["best"]}
    at_chance = {key: entry | {"probe": _best_at_chance(task.inputs, entry)} for key, entry in chosen.items()}
    encoders = list(dict.fromkeys(encoder for encoder, _ in chosen))
    if not encoders:
        raise CannotFillError("no size that the data sets have in common: there is nothing to compare")
    rows: list[dict[str, Any]] = []
    means, blocks = [], []
    for name in sorted({(entry["task"], dataset) for entry in task.settings["best"] for dataset in entry["datasets"]}):
        scores = {
            encoder: _scores(task.inputs, chosen[encoder, name[0]], name[1])
            for encoder in encoders
            if (encoder, name[0]) in chosen
        }
        scores = {encoder: found for encoder, found in scores.items() if not found.empty}
        size = next(entry["size"] for entry in chosen.values() if entry["task"] == name[0])
        place = {"task": name[0], "dataset": name[1], "size": size}
        rows += _means(scores, chosen, place) + _pairs(scores, chosen, place)
        rows += _shuffled(task.inputs, scores, chosen, at_chance, place)
        means.append([scores[encoder]["f1"].mean() if encoder in scores else np.nan for encoder in encoders])
        if len(scores) == len(encoders):
            blocks.append(_block(task.inputs, encoders, chosen, at_chance, name))
    if len(encoders) > 1:
        rows += _ranks(np.array(means), blocks, encoders, task.derived_seed("ranks"))
    return pd.DataFrame(rows)


def _scores(inputs: Mapping[str, Path], entry: Mapping[str, Any], dataset: str, labels: str = TRUE) -> pd.DataFrame:
    """F1, n_train and n_test of every fold, averaged over draws."""
    wide = _by_probe(inputs, entry, dataset, labels)
    own: pd.DataFrame = wide[wide.index.get_level_values("probe") == entry["probe"]].droplevel("probe")
    return own


def _best_at_chance(inputs: Mapping[str, Path], entry: Mapping[str, Any]) -> str:
    """The probe that is best on shuffled labels, in the mean over data sets, of those with most of them.

    The best of several is chosen on both sides, and in the same way: so both gain equally from choosing.
    """
    found = [_by_probe(inputs, entry, dataset, SHUFFLED)["f1"].groupby("probe").mean() for dataset in entry["datasets"]]
    by_probe = pd.concat([pd.Series(dtype=float), *found]).dropna().groupby(level=0, sort=False)
    means, counts = by_probe.mean(), by_probe.count()
    return str(means[counts == counts.max()].idxmax()) if len(means) else ""


def _by_probe(inputs: Mapping[str, Path], entry: Mapping[str, Any], dataset: str, labels: str) -> pd.DataFrame:
    path = inputs.get(f"probe {entry['encoder']} {dataset} {entry['task']} {labels}")
    rows = pd.read_parquet(path) if path else pd.DataFrame({"status": []})
    rows = rows[rows["status"] == "done"]
    if rows.empty:
        rows = pd.DataFrame({"probe": [], "fold": [], "metric": [], "value": []})
    wide = rows.pivot_table(index=["probe", "fold"], columns="metric", values="value")
    return wide.reindex(columns=["f1", "n_train", "n_test"])


def _test(a: pd.DataFrame, b: pd.DataFrame) -> dict[str, float]:
    found = corrected_t_test((a["f1"] - b["f1"]).to_numpy(), a["n_train"].mean(), a["n_test"].mean())
    return {"value": found.mean, "low": found.low, "high": found.high, "p_value": found.p_value, "n": found.n}


def _means(
    scores: Mapping[str, pd.DataFrame], chosen: Mapping[Any, Mapping[str, Any]], place: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = []
    for encoder, folds in scores.items():
        probe = chosen[encoder, place["task"]]["probe"]
        rows.append({"statistic": "score", **place, "encoder": encoder, "probe": probe, **_interval(folds)})
    return rows


def _interval(folds: pd.DataFrame) -> dict[str, float]:
    found = corrected_interval(folds["f1"], folds["n_train"].mean(), folds["n_test"].mean())
    return {"value": found.mean, "low": found.low, "high": found.high, "n": found.n}


def _pairs(
    scores: Mapping[str, pd.DataFrame], chosen: Mapping[Any, Mapping[str, Any]], place: Mapping[str, Any]
) -> list[dict[str, Any]]:
    rows = [
        {"statistic": "pair", **place, "encoder": a, "other": b, **_test(scores[a], scores[b])}
        for a, b in combinations(scores, 2)
    ]
    return _with_holm(rows, chosen)


def _shuffled(
    inputs: Mapping[str, Path],
    scores: Mapping[str, pd.DataFrame],
    chosen: Mapping[Any, Mapping[str, Any]],
    at_chance: Mapping[Any, Mapping[str, Any]],
    place: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Each encoder's score against its own on shuffled labels, and the mean of these over encoders."""
    found = {name: _scores(inputs, at_chance[name, place["task"]], place["dataset"], SHUFFLED) for name in scores}
    found = {encoder: null for encoder, null in found.items() if not null.empty}
    rows = [
        {"statistic": "against shuffled labels", **place, "encoder": encoder, **_test(scores[encoder], null)}
        for encoder, null in found.items()
    ]
    if not rows:
        return []
    mean = pd.concat(found.values()).groupby("fold").mean()
    return [*_with_holm(rows, chosen), {"statistic": "shuffled labels", **place, **_interval(mean)}]


def _with_holm(rows: list[dict[str, Any]], chosen: Mapping[Any, Mapping[str, Any]]) -> list[dict[str, Any]]:
    adjusted = holm(np.array([row["p_value"] for row in rows]))
    return [
        row | {"p_holm": value, "probe": chosen[row["encoder"], row["task"]]["probe"]}
        for row, value in zip(rows, adjusted, strict=True)
    ]


def _block(
    inputs: Mapping[str, Path],
    encoders: list[str],
    chosen: Mapping[Any, Mapping[str, Any]],
    at_chance: Mapping[Any, Mapping[str, Any]],
    name: tuple[str, str],
) -> Block:
    """Predicted classes of all encoders on the records that all of them took, on shuffled labels, too."""
    task, dataset = name

    def read(labels: str, entries: Mapping[Any, Mapping[str, Any]]) -> list[pd.DataFrame]:
        paths = {encoder: inputs.get(f"prediction {encoder} {dataset} {task} {labels}") for encoder in encoders}
        found = [
            pd.read_parquet(
                path, columns=PREDICTION_COLUMNS, filters=[("probe", "==", entries[encoder, task]["probe"])]
            )
            for encoder, path in paths.items()
            if path
        ]
        return [rows for rows in found if len(rows)]  # empty where the probe failed

    true, shuffled = read(TRUE, chosen), read(SHUFFLED, at_chance)
    records = reduce(pd.Index.intersection, (pd.Index(rows["record_id"].unique()) for rows in true + shuffled))

    def facts(rows: pd.DataFrame) -> pd.DataFrame:
        own: pd.DataFrame = rows[rows["draw"] == 0].set_index("record_id").loc[records]
        return own

    def called(rows: pd.DataFrame) -> NDArray[np.bool_]:
        by_draw = rows.pivot_table(index="draw", columns="record_id", values="probability")
        positive: NDArray[np.bool_] = (by_draw[records] > 0.5).to_numpy()
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
