"""A made-up run with everything a report has to show: numbers, gaps of every kind, and hostile text."""

from itertools import product

import matplotlib as mpl
import numpy as np
import pandas as pd
from tests.made_up.names import DATASETS, ENCODERS, FOLDS, PROBES, SIZES, TASKS, TOO_FEW
from tests.made_up.overlap import attribution_frame, overlap_frame
from tests.made_up.scores import comparison_frame, probe_frame
from tests.made_up.separability import geometry_frame, projection_frame

from ecglens.lenses.records.rows import ShortcutRow
from ecglens.report import Summary
from ecglens.report.drawing import STYLE
from ecglens.report.figure import Picture
from ecglens.study.results import STATE, Results

NEGATIVES = {"af": "negatives from Chapman-Shaoxing only (Ningbo holds no positive)", "cd": ""}
HOSTILE = "<script>alert('x')</script>"


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


def make_results() -> Results:
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
    return Results(
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
        failures=pd.DataFrame(
            [
                ("probe", f"features__{DATASETS[2]}__cd__S__true", "Traceback ...\nValueError: no <beats> found\n"),
                ("geometry", "age-sex__af", "Traceback ...\nValueError: all rows are equal\n"),
            ],
            columns=["stage", "cell", "error"],
        ),
        lenses=("records", "scores", "overlap", "separability", "signatures"),
        tables={
            "shortcuts": shortcut_frame(),
            "probe": probe_frame(rng),
            "comparison": comparison_frame(rng),
            "attribution": attribution_frame(rng),
            "overlap": overlap_frame(rng),
            "geometry": geometry_frame(rng),
            "projection": projection_frame(rng),
        },
    )  # fmt: skip


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
    return pd.DataFrame(rows, columns=[*ShortcutRow.columns(), *STATE])


def draw_all(summary: Summary) -> list[Picture]:
    """All figures, in the order in which they are shown."""
    with mpl.rc_context(STYLE):
        return [picture for section in summary.sections for picture in section.figures()]
