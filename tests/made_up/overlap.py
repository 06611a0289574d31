"""Feature overlap of the made-up run."""

from itertools import combinations, product

import numpy as np
import pandas as pd
from tests.made_up.names import DATASETS, ENCODERS, PROBES, TASKS

from ecglens.lenses.overlap.rows import AttributionRow, OverlapRow
from ecglens.study.results import cell_frame

OVERLAP = {"conv": 0.3, "features": 0.9}
AT_CHANCE = {
    "share": 0.25, "chance": 0.12, "null_mean": np.nan, "null_low": np.nan, "null_high": np.nan,
    "p_permutation": np.nan, "corrected": np.nan, "reliability_share": 0.2, "growth_jaccard": 0.1,
}  # fmt: skip
KS = (10, 20, 50)


def attribution_frame(rng: np.random.Generator) -> pd.DataFrame:
    frames = []
    for labels, probe, encoder, dataset, task in product(("true", "shuffled"), PROBES, ENCODERS, DATASETS, TASKS):
        key = {"encoder": encoder, "dataset": dataset, "task": task, "size": "S", "labels": labels, "probe": probe}
        rows = pd.DataFrame({"feature": range(ENCODERS[encoder]), "value": rng.random(ENCODERS[encoder])})
        frames.append(cell_frame(AttributionRow, key, rows))
    return pd.concat(frames, ignore_index=True)


def overlap_frame(rng: np.random.Generator) -> pd.DataFrame:
    """Features agree up to their ceiling, conv hardly; age-sex has too few features for a top."""
    frames = []
    for encoder, task, probe in product(ENCODERS, TASKS, PROBES):
        key = {"encoder": encoder, "task": task, "size": "S", "labels": "true", "probe": probe}
        rows = []
        if encoder == "age-sex":
            for a, b in combinations(DATASETS, 2):
                pair = {"unit": "feature", "dataset": a, "other": b}
                rows += [pair | {"metric": "rbo", "value": 0.8}, pair | {"metric": "dim", "value": 3}]
            for dataset, repeat in product(DATASETS, range(3)):
                place = {"unit": "feature", "dataset": dataset, "other": dataset, "repeat": repeat}
                rows.append(place | {"metric": "kendall_tau", "value": 1.0})
            frames += [
                cell_frame(OverlapRow, key | {"labels": labels}, pd.DataFrame(rows)) for labels in ("true", "shuffled")
            ]
            continue
        for unit, (a, b) in product(("feature", "group"), combinations(DATASETS, 2)):
            place = {"unit": unit, "dataset": a, "other": b}
            for k in KS:
                chance, share = k / ENCODERS[encoder], OVERLAP[encoder]
                ceiling = 0.95
                numbers = {
                    "share": share, "chance": chance, "most": 1.0, "p_value": 0.01, "jaccard": share / (2 - share),
                    "null_mean": chance + 0.05, "null_low": chance, "null_high": chance + 0.1, "p_permutation": 0.03,
                    "ceiling": ceiling, "ceiling_low": 0.9, "ceiling_high": 1.0,
                    "corrected": (share - chance) / (ceiling - chance),
                }  # fmt: skip
                rows += [place | {"k": k, "metric": metric, "value": value} for metric, value in numbers.items()]
            rows += [place | {"metric": "rbo", "value": 0.5}, place | {"metric": "dim", "value": ENCODERS[encoder]}]
        for dataset, repeat in product(DATASETS, range(3)):
            place = {"unit": "feature", "dataset": dataset, "other": dataset, "repeat": repeat}
            rows += [
                place | {"k": k, "metric": f"reliability_{what}", "value": 0.95 + 0.02 * (repeat - 1)}
                for k, what in product(KS, ("share", "jaccard"))
            ]
            rows.append(place | {"metric": "kendall_tau", "value": 0.6})
        for dataset, count in product(DATASETS, (1, 2, 4, 8)):
            place = {"unit": "feature", "dataset": dataset, "other": dataset, "k": 20, "count": count}
            rows.append(place | {"metric": "growth_jaccard", "value": min(0.4 + 0.1 * count, 0.7)})
        frames.append(cell_frame(OverlapRow, key, pd.DataFrame(rows)))
        shuffled = pd.DataFrame(rows)
        other = shuffled["metric"].isin(AT_CHANCE)
        shuffled.loc[other, "value"] = shuffled.loc[other, "metric"].map(AT_CHANCE)
        frames.append(cell_frame(OverlapRow, key | {"labels": "shuffled"}, shuffled))
    return pd.concat(frames, ignore_index=True)
