"""Run one study with one worker, with two, and with every list of names turned around: all numbers are the same."""

import random
import time
from pathlib import Path

import pandas as pd
import yaml

from ecglens.study import load_study, run_study
from torture.common import Tally, write_study

FULLER = {
    "datasets": ["georgia", "chn"],
    "encoders": [{"name": "random-conv", "dim": 16}, "signal-features", "age-sex"],
    "tasks": ["cd"],
    "sizes": {"T": 8, "U": 12},
    "draws": 2,
    "folds": 2,
    "probes": ["xgboost", "decision-tree", "random-forest", "logistic-regression", "mlp"],
    "shuffled": ["random-conv"],
    "attribution": {"top_k": 3, "cutoffs": [2], "seeds": 2, "halves": 1},
    "geometry": {"k": 2, "seeds": 2, "repeats": 2, "permutations": 5, "bootstraps": 5},
}
TABLES = ("samples", "pools", "probe", "comparison", "attribution", "overlap", "geometry", "projection")


def torture(tally: Tally, seed: int, end: float, folder: Path) -> None:
    rng, study = random.Random(seed), write_study(folder, **FULLER | {"seed": seed})
    right = numbers(study, folder / "one", 1)
    variants = {"two workers": (study, 2), "another order": (shuffled(rng, study), 1)}
    for name, (file, workers) in variants.items():
        tally.count("variants")
        found = numbers(file, folder / name.replace(" ", "-"), workers)
        for table in TABLES:
            tally.counts["rows compared"] += len(right[table])
            try:
                pd.testing.assert_frame_equal(found[table], right[table], check_exact=True)
            except AssertionError as error:
                tally.fault(f"{name}: {table}: {' '.join(str(error).split())[:400]}")
    if time.monotonic() > end:
        print("determinism: took longer than its share; the number of runs is fixed", flush=True)


def shuffled(rng: random.Random, study: Path) -> Path:
    """The same study with its lists of names in another order."""
    data = yaml.safe_load(study.read_text())
    for field in ("datasets", "encoders", "probes"):
        turned = rng.sample(data[field], len(data[field]))
        data[field] = turned if turned != data[field] else turned[::-1]
    path = study.with_name("turned.yaml")
    path.write_text(yaml.safe_dump(data, sort_keys=False))
    return path


def numbers(study: Path, out: Path, workers: int) -> dict[str, pd.DataFrame]:
    """Every table of a run in an order of its own."""
    results = run_study(load_study(study), out, workers=workers)
    tables = {name: getattr(results, name) for name in TABLES}
    keys = {name: [column for column in table if table[column].dtype.kind != "f"] for name, table in tables.items()}
    return {name: table.sort_values(keys[name], ignore_index=True, kind="stable") for name, table in tables.items()}
