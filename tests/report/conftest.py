"""A made-up run with everything a report has to show: numbers, gaps of every kind, and hostile text."""

from dataclasses import replace
from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from ecglens.study.results import SHORTCUT_COLUMNS, Results, cannot_fill_frame, cell_frame

DATASETS = ("simulated-ptb-xl", "simulated-georgia", "simulated-chn")
ENCODERS = {"conv": 200, "features": 120, "age-sex": 3}
STRENGTH = {"conv": 0.72, "features": 0.86, "age-sex": 0.5}
TASKS = ("af", "cd")
SIZES = {"XS": 100, "S": 250, "L": 1000}
FOLDS = 5
PROBES = ("logistic-regression", "xgboost")
TOO_FEW = "a draw of 1000 records (equal) needs 500 positives, has 301. Use a smaller size."
NEGATIVES = {"af": "negatives from Chapman-Shaoxing only (Ningbo holds no positive)", "cd": ""}
HOSTILE = "<script>alert('x')</script>"


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
            frames.append(cannot_fill_frame("probe", key, TOO_FEW))
        elif (encoder, dataset, task, size) != ("features", DATASETS[2], "cd", "S"):
            mean = STRENGTH[encoder] if labels == "true" else 0.5
            for place, probe in enumerate(PROBES):
                rows = fold_rows(mean + 0.04 * place, SIZES[size], rng).assign(probe=probe, draw=0, repeat=0)
                frames.append(cell_frame("probe", key, rows))
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
    return cell_frame("comparison", {}, pd.DataFrame(rows))


def attribution_frame(rng: np.random.Generator) -> pd.DataFrame:
    frames = []
    for labels, probe, encoder, dataset, task in product(("true", "shuffled"), PROBES, ENCODERS, DATASETS, TASKS):
        key = {"encoder": encoder, "dataset": dataset, "task": task, "size": "S", "labels": labels, "probe": probe}
        rows = pd.DataFrame({"feature": range(ENCODERS[encoder]), "value": rng.random(ENCODERS[encoder])})
        frames.append(cell_frame("attribution", key, rows))
    return pd.concat(frames, ignore_index=True)


OVERLAP = {"conv": 0.3, "features": 0.9}
AT_CHANCE = {
    "share": 0.25, "chance": 0.12, "null_mean": np.nan, "null_low": np.nan, "null_high": np.nan,
    "p_permutation": np.nan, "corrected": np.nan, "reliability_share": 0.2, "growth_jaccard": 0.1,
}  # fmt: skip
KS = (10, 20, 50)


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
                cell_frame("overlap", key | {"labels": labels}, pd.DataFrame(rows)) for labels in ("true", "shuffled")
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
        frames.append(cell_frame("overlap", key, pd.DataFrame(rows)))
        shuffled = pd.DataFrame(rows)
        other = shuffled["metric"].isin(AT_CHANCE)
        shuffled.loc[other, "value"] = shuffled.loc[other, "metric"].map(AT_CHANCE)
        frames.append(cell_frame("overlap", key | {"labels": "shuffled"}, shuffled))
    return pd.concat(frames, ignore_index=True)


def geometry_frame(rng: np.random.Generator) -> pd.DataFrame:
    """Encoder conv follows the data set, features the label, age-sex nothing, but its picture looks otherwise."""
    strength = {"conv": (0.02, 0.7), "features": (0.6, 0.05), "age-sex": (0.0, 0.0)}
    frames = []
    for encoder, task in product(ENCODERS, TASKS):
        by_label, by_source = strength[encoder]
        strata = [("label", "all", by_label), ("source", "all", by_source), ("label-across-sources", "all", by_label)]
        strata += [("label-within-source", name, by_label + 0.3) for name in DATASETS]
        strata += [("source-within-label", label, by_source) for label in "01"]
        rows = []
        for level, stratum, value in strata:
            n_classes = 3 if level.startswith("source") else 2
            facts = {"level": level, "stratum": stratum, "n": 750, "n_classes": n_classes, "counts": "natural"}
            null = {"null_mean": 0.0, "null_high": 0.03, "p_value": 0.005}
            people = {"patient_low": value - 0.04, "patient_high": value + 0.05}
            rows.append(facts | {"metric": "knn_raw", "value": (1 + value) / 2})
            rows.append(facts | {"metric": "knn_rescaled", "value": value + 0.01} | people | null)
            equal = facts | {"counts": "equal", "n": 600, "n_repeats": 4, "spread_over": "repeats"}
            spread = {"low": value - 0.02, "high": value + 0.02}
            rows.append(equal | {"metric": "knn_rescaled", "value": value} | spread | people | null)
            if stratum == "all" and level != "label-across-sources":
                rows.append(equal | {"metric": "ari", "value": value, "space": "embedding"} | spread | people | null)
            if level != "label-across-sources":
                seeds = {"n_repeats": 4, "spread_over": "seeds"}
                rows += [facts | {"metric": m, "value": value, "space": "embedding"} | seeds for m in ("ari", "ami")]
            if level == "label":
                plane = 0.5 if encoder == "age-sex" else value
                rows.append(facts | {"metric": "ari", "value": plane, "space": "umap"})
        for metric in ("knn_index", "ari_index"):
            value = by_label - by_source
            index = {"value": value, "patient_low": value - 0.03, "patient_high": value}
            rows.append({"level": "alignment", "stratum": "all", "counts": "equal", "metric": metric} | index)
        picture = {"level": "picture", "stratum": "all", "counts": "natural", "space": "umap", "n": 750}
        rows += [picture | {"metric": m, "value": v} for m, v in (("trustworthiness", 0.91), ("continuity", 0.87))]
        frames.append(cell_frame("geometry", {"encoder": encoder, "task": task}, pd.DataFrame(rows)))
    for encoder, (_, by_source) in strength.items():
        place = {"task": "", "stratum": "all", "counts": "natural"}
        mixing = place | {"level": "mixing", "patient_low": 0.3, "patient_high": 0.9}
        rows = [mixing | {"metric": "source_classifier", "value": 0.33 + by_source / 2, "null_high": 0.38}]
        rows.append(place | {"level": "source", "counts": "equal", "metric": "knn_rescaled", "value": by_source})
        frames.append(cell_frame("geometry", {"encoder": encoder}, pd.DataFrame(rows)))
    return pd.concat(frames, ignore_index=True)


def projection_frame(rng: np.random.Generator) -> pd.DataFrame:
    centres = rng.normal(0, 6, (len(DATASETS), 2))
    frames = []
    for encoder, task in product(list(ENCODERS)[:2], TASKS):
        for centre, dataset in zip(centres, DATASETS, strict=True):
            label = rng.integers(0, 2, 250)
            pull = {"conv": (1.0, 0.4), "features": (0.15, 5.0)}[encoder]
            xy = centre * pull[0] + rng.normal(0, 1, (250, 2)) + np.outer(label, [pull[1], pull[1]])
            rows = {"record_id": [f"r{i}" for i in range(250)], "dataset": dataset, "label": label,
                    "x": xy[:, 0], "y": xy[:, 1]}  # fmt: skip
            for method in ("umap", "pca"):
                place = {"encoder": encoder, "task": task}
                frames.append(cell_frame("projection", place, pd.DataFrame(rows).assign(method=method)))
    return pd.concat(frames, ignore_index=True)


def known_records(dataset: str) -> dict:
    summary = {
        "listed": 1204, "usable": 1200, "expected": 10344, "patients": 1200, "expected_patients": None,
        "has_patient_ids": dataset == DATASETS[0], "simulated": True, "prevalence": {}, "fs": {"500": 1200},
        "seconds": {"minimum": 5.0, "median": 10.0, "maximum": 10.0},
        "age": {"minimum": 18.0, "median": 61.0, "maximum": 90.0}, "age_missing": 3,
        "sex": {"F": 600, "M": 598, "unknown": 2}, "defects": {"truncated": 4},
    }  # fmt: skip
    name = dataset.removeprefix("simulated-")
    return {"card": {"name": name, "title": name, "notes": ["A trap of the real files."]}, "summary": summary}


def encoder_facts(name: str) -> dict:
    card = {
        "name": name, "dim": ENCODERS[name], "n_parameters": 1000 if name == "conv" else 0,
        "notes": ["A note & a sign."],
        "pretraining": {"conv": ["ptb-xl"], "features": None, "age-sex": []}[name],
    }  # fmt: skip
    return {"card": card, "recipe": "Resample(fs=100) -> ZScore(over='lead')"}


def make_results(**changes) -> Results:
    rng = np.random.default_rng(0)
    sample_rows = [
        (dataset, task, size, labels, 0 if unfilled else n, 0 if unfilled else n // 2, 0 if unfilled else n,
         TOO_FEW if unfilled else "")
        for dataset, task, (size, n), labels in product(DATASETS, TASKS, SIZES.items(), ("true", "shuffled"))
        for unfilled in [(dataset, task, size) == (DATASETS[1], "af", "L")]
    ]  # fmt: skip
    defects = [(DATASETS[0], HOSTILE, "truncated", f"file & {HOSTILE}", "")]
    defects += [(DATASETS[0], f"r{i}", "nan", "lead V1", "") for i in range(250)]
    defects += [(DATASETS[2], "r7", "window", "3.2 s is shorter than 5 s", "conv")]
    results = Results(
        study={
            "name": "A small <study>", "seed": 1, "data": None,
            "datasets": [{"name": name} for name in DATASETS], "encoders": [{"name": name} for name in ENCODERS],
            "tasks": list(TASKS), "sizes": dict(sorted(SIZES.items())), "folds": FOLDS,
            "probes": [{"name": name} for name in PROBES],
            "shuffled": "all", "attribution": {"top_k": 20},
            "geometry": {"k": 10, "features": "raw", "seeds": 4, "repeats": 4, "max_records": 1000},
        },
        provenance={
            "versions": {"ecglens": "0.1.0", "numpy": "2.0"}, "platform": "Linux", "study": "0a1b",
            "encoders": {name: encoder_facts(name) for name in ENCODERS},
        },
        records={name: known_records(name) for name in DATASETS},
        defects=pd.DataFrame(defects, columns=["dataset", "record_id", "reason", "detail", "encoder"]),
        samples=pd.DataFrame(
            sample_rows, columns=["dataset", "task", "size", "labels", "n", "n_positive", "n_patients", "reason"]
        ).assign(n_tested=1000, n_draws=1, negatives=lambda table: table["task"].map(NEGATIVES)),
        joint_samples=pd.DataFrame(
            [(task, name, 250, 125, "S") for task, name in product(TASKS, DATASETS)],
            columns=["task", "dataset", "n", "n_positive", "drawn"],
        ),
        probe=probe_frame(rng),
        comparison=comparison_frame(rng),
        attribution=attribution_frame(rng),
        overlap=overlap_frame(rng),
        geometry=geometry_frame(rng),
        projection=projection_frame(rng),
        failures=pd.DataFrame(
            [
                ("probe", f"features__{DATASETS[2]}__cd__S__true", "Traceback ...\nValueError: no <beats> found\n"),
                ("geometry", "age-sex__af", "Traceback ...\nValueError: all rows are equal\n"),
            ],
            columns=["stage", "cell", "error"],
        ),
    )  # fmt: skip
    return replace(results, **{"shortcuts": shortcut_frame(), **changes})


def shortcut_frame() -> pd.DataFrame:
    """The site gives one label away; elsewhere there is one site, and no other fact says anything."""
    rows = []
    for dataset, task, fact in product(DATASETS, TASKS, ("site", "length")):
        row = {"dataset": dataset, "task": task, "drawn": "L", "fact": fact, "n": 990, "n_positive": 500}
        given = (dataset, task) == (DATASETS[2], "af")
        if fact == "site" and not given:
            rows.append(row | {"n_values": 1, "status": "cannot-fill", "reason": "the same in all records"})
            continue
        value, p = (0.884, 0.001) if fact == "site" else (0.51, 0.6)
        numbers = {"value": value, "low": value - 0.02, "high": value + 0.02, "p_value": p, "p_holm": p}
        rows.append(row | numbers | {"n_values": 2, "detectable": 0.55, "status": "done", "reason": ""})
    return pd.DataFrame(rows, columns=SHORTCUT_COLUMNS)


@pytest.fixture(scope="session")
def results() -> Results:
    return make_results()


@pytest.fixture(scope="session")
def summary(results):
    from ecglens.report import summarise

    return summarise(results)
