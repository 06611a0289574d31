"""Scores of the made-up run."""

from itertools import product

import numpy as np
import pandas as pd
from tests.made_up.names import DATASETS, ENCODERS, FOLDS, PROBES, SIZES, STRENGTH, TASKS, TOO_FEW

from ecglens.lenses.scores.rows import ComparisonRow, ProbeRow
from ecglens.study.results import cannot_fill_frame, cell_frame


def fold_rows(mean: float, n: int, rng: np.random.Generator) -> pd.DataFrame:
    """Every metric of every fold, around a mean."""
    n_test = n // FOLDS
    rows = []
    for fold in range(FOLDS):
        value = float(np.clip(mean + rng.normal(0, 0.03), 0, 1))
        names = ("f1", "auroc", "auprc", "balanced_accuracy", "precision", "recall", "f1_tuned", "threshold_tuned")
        metrics = dict.fromkeys(names, value) | {
            "mcc": 2 * value - 1, "brier": 0.25 * (1 - value), "calibration_slope": 1.2, "ece": 0.1,
        }  # fmt: skip
        counts = {"n_test": n_test, "n_test_positive": n_test // 2, "n_train": n - n_test}
        rows += [(fold, metric, number) for metric, number in (metrics | counts).items()]
    return pd.DataFrame(rows, columns=["fold", "metric", "value"])


def probe_frame(rng: np.random.Generator) -> pd.DataFrame:
    frames = []
    for encoder, dataset, task, size, labels in product(ENCODERS, DATASETS, TASKS, SIZES, ("true", "shuffled")):
        key = {"encoder": encoder, "dataset": dataset, "task": task, "size": size, "labels": labels}
        if (dataset, task, size) == (DATASETS[1], "af", "L"):
            frames.append(cannot_fill_frame(ProbeRow, key, TOO_FEW))
        elif (encoder, dataset, task, size) != ("features", DATASETS[2], "cd", "S"):
            mean = STRENGTH[encoder] if labels == "true" else 0.5
            for place, probe in enumerate(PROBES):
                rows = fold_rows(mean + 0.04 * place, SIZES[size], rng).assign(probe=probe, draw=0, repeat=0)
                frames.append(cell_frame(ProbeRow, key, rows))
    return pd.concat(frames, ignore_index=True)


def comparison_frame(rng: np.random.Generator) -> pd.DataFrame:
    """Features first, conv second, age-sex last and at chance; every pair on every data set and task."""
    rows = [
        {"statistic": "friedman", "value": 7.5, "p_value": 0.004, "n": 6},
        {"statistic": "critical difference", "value": 1.2, "n": 6},
        {"statistic": "shuffled rank", "low": 3.2, "high": 4.0, "n": 6},
    ]
    for rank, encoder in enumerate(("features", "conv", "age-sex"), start=1):
        rows.append(
            {"statistic": "rank", "encoder": encoder, "value": rank, "low": rank - 0.2, "high": rank + 0.3, "n": 6}
        )
        for dataset, task in product(DATASETS, TASKS):
            place = {"encoder": encoder, "dataset": dataset, "task": task, "size": "S", "probe": "xgboost"}
            gain = STRENGTH[encoder] + 0.04 - 0.54
            place |= {"n_records": 250, "n": FOLDS}
            rows.append(place | {"statistic": "score", "value": STRENGTH[encoder] + 0.04})
            if encoder == "features":
                rows.append({"statistic": "shuffled labels", "dataset": dataset, "task": task, "value": 0.54})
            chance = {"value": gain, "low": gain - 0.1, "high": gain + 0.1, "p_holm": 0.001 if gain > 0.1 else 0.7}
            chance |= {"p_value": 0.0005, "sd": 0.1, "detectable": 0.21, "worse": 0.1, "equal": 0.2, "better": 0.7}
            rows.append(place | {"statistic": "against shuffled labels"} | chance)
            for other in list(ENCODERS)[list(ENCODERS).index(encoder) + 1 :]:
                pair = {"value": STRENGTH[encoder] - STRENGTH[other], "low": 0.0, "high": 0.3}
                tests = {"p_value": 0.01, "p_holm": 0.03, "detectable": 0.09, "equal": 0.3}
                rows.append(place | {"statistic": "pair", "other": other} | pair | tests)
    return cell_frame(ComparisonRow, {}, pd.DataFrame(rows))
