"""Uses of the public API: mypy has to refuse every line marked ``# wrong`` and no other."""

from pathlib import Path

import numpy as np

import ecglens
from ecglens import (
    Batch,
    EcgLensError,
    EncoderCard,
    Recipe,
    Study,
    embed,
    explain,
    extract,
    get_task,
    load_encoder,
    load_results,
    load_study,
    measure_geometry,
    open_dataset,
    probe,
    run_study,
    summarise,
    write_report,
)

X, y, patients = np.zeros((8, 2)), np.tile([0, 1], 4), np.arange(8)
dataset = open_dataset("georgia", "georgia", name="mine")
encoder = load_encoder("age-sex")
card: EncoderCard = encoder.card
records = dataset.index().records

ecglens.no_such_verb  # wrong
card.dim + 1
card.no_such_field  # wrong
EncoderCard("mine", dim="four")  # wrong
encoder.card.dim.upper()  # wrong
open_dataset("georgia")  # wrong
extract(1, 2, 3)  # wrong
extract(dataset, records, encoder, Path("out"), pooling="max")
embed(dataset, encoder, "out").matrix.shape
embed(encoder, dataset, "out")  # wrong
probe(X, y, patients, probe="mlp", n_folds=5).set_index("metric")
probe(X, y, patients, engine="slow")  # wrong
probe(X, y)  # wrong
explain(X, y, patients, n_fold=5)  # wrong
measure_geometry(X, {"af": y}, patients, patients)
measure_geometry(X, y, patients, patients)  # wrong
get_task("af").positive["scp-ecg"] | {"AFLT"}
get_task("af").codes  # wrong
study: Study = load_study("study.yaml")
run_study(study, "out", workers="two")  # wrong
run_study("study.yaml", "out")  # wrong
results = load_results("out")
load_results(3)  # wrong
summarise(results).title.upper()
summarise("out")  # wrong
write_report(results, Path("report.html"))
Recipe().apply(X)  # wrong
error: type[Exception] = EcgLensError
number: int = ecglens.__version__  # wrong


def encode(batch: Batch) -> int:
    return batch.signals  # wrong
