"""Geometry of the made-up run."""

from itertools import product

import numpy as np
import pandas as pd
from tests.made_up.names import DATASETS, ENCODERS, TASKS

from ecglens.lenses.separability.rows import GeometryRow, ProjectionRow
from ecglens.study.results import cell_frame


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
        frames.append(cell_frame(GeometryRow, {"encoder": encoder, "task": task}, pd.DataFrame(rows)))
    for encoder, (_, by_source) in strength.items():
        place = {"task": "", "stratum": "all", "counts": "natural"}
        mixing = place | {"level": "mixing", "patient_low": 0.3, "patient_high": 0.9}
        rows = [mixing | {"metric": "source_classifier", "value": 0.33 + by_source / 2, "null_high": 0.38}]
        rows.append(place | {"level": "source", "counts": "equal", "metric": "knn_rescaled", "value": by_source})
        frames.append(cell_frame(GeometryRow, {"encoder": encoder}, pd.DataFrame(rows)))
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
                frames.append(cell_frame(ProjectionRow, place, pd.DataFrame(rows).assign(method=method)))
    return pd.concat(frames, ignore_index=True)
