"""Commands for people who have matrices of embeddings, and neither records nor an encoder at hand."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

NUMBERS = [
    "level", "counts", "space", "metric", "value", "patient_low", "patient_high", "null_mean", "null_high", "p_value",
    "reason",
]  # fmt: skip
"""Columns that are printed of a geometry."""


def overlap(
    matrices: Annotated[list[Path], typer.Argument(help="Embeddings of two or more data sets, .npy [n, d].")],
    labels: Annotated[list[Path], typer.Option(help="0 or 1 per row, .npy or text; one file per matrix, in order.")],
    patients: Annotated[list[Path] | None, typer.Option(help="Patient per row; by default every row is one.")] = None,
    probe: Annotated[str, typer.Option(help="Whose features are compared.")] = "xgboost",
    k: Annotated[int, typer.Option(min=1, help="Size of the top.")] = 50,
    folds: Annotated[int, typer.Option(min=2, help="Patient-disjoint folds.")] = 15,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    csv: Annotated[Path | None, typer.Option(help="Write every number here.")] = None,
) -> None:
    """Compare the features that a probe relies on, from matrices alone."""
    from ecglens.matrices import overlap_of_matrices, read_labelled
    from ecglens.terminal import print_facts, print_frame

    found = overlap_of_matrices(read_labelled(matrices, labels, patients), probe=probe, n_folds=folds, k=k, seed=seed)
    print_facts(f"Mean F1 of {probe}; reference: {found.reference}", {n: f"{v:.2f}" for n, v in found.f1.items()})
    for pair, facts in found.describe(k).items():
        print_facts(pair, facts)
    print_frame(f"How well a ranking repeats inside a data set, top {k}", found.inside(k))
    print_frame("Share of the top over its size", found.curve())
    if csv:
        found.table.to_csv(csv, index=False)


def geometry(
    matrix: Annotated[Path, typer.Argument(help="Embeddings of all data sets, .npy [n, d].")],
    labels: Annotated[Path, typer.Option(help="0 or 1 per row, .npy or text.")],
    sources: Annotated[Path, typer.Option(help="Data set per row.")],
    patients: Annotated[Path | None, typer.Option(help="Patient per row; by default every row is one.")] = None,
    k: Annotated[int, typer.Option(min=1, help="Neighbours per record.")] = 10,
    metric: Annotated[Literal["euclidean", "cosine"], typer.Option(help="Distance of neighbours.")] = "euclidean",
    device: Annotated[str | None, typer.Option(help="PyTorch device of the search, such as cuda.")] = None,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    csv: Annotated[Path | None, typer.Option(help="Write every number here.")] = None,
) -> None:
    """Does the geometry of embeddings follow the diagnosis or the recorder? From a matrix alone."""
    import numpy as np

    from ecglens.geometry import GeometryPlan, measure_geometry
    from ecglens.matrices import read_column, read_labels, read_matrix
    from ecglens.report.signatures import RULES, geometry_facts, judge
    from ecglens.study.thresholds import Thresholds
    from ecglens.terminal import print_facts, print_frame, progress_bars

    x = read_matrix(matrix)
    who = read_column(patients, len(x)) if patients else np.arange(len(x))
    with progress_bars() as progress:
        found = measure_geometry(
            x,
            {"label": read_labels(labels, len(x))},
            read_column(sources, len(x)),
            who,
            GeometryPlan(k=k, metric=metric, device=device, seed=seed),
            progress.show,
        )
    shown = found[found["level"].isin(["label", "dataset", "alignment", "mixing"])]
    print_frame(f"Geometry of {matrix.name}", shown[NUMBERS])
    facts, limits = geometry_facts(found), Thresholds.model_validate({})
    judged = [judge(rule, matrix.name, "label", facts, limits) for rule in RULES if rule.needs <= facts.keys()]
    print_facts("Signatures", {one.rule: one.sentence or one.state for one in judged})
    if csv:
        found.to_csv(csv, index=False)


def calibrate(
    records: Annotated[int, typer.Option(min=40, help="Planted records.")] = 1000,
    prevalence: Annotated[float, typer.Option(min=0.02, max=0.5, help="Share of records with the label.")] = 0.3,
    seed: Annotated[int, typer.Option(min=0)] = 0,
    csv: Annotated[Path | None, typer.Option(help="Write every number here.")] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the dial here, .svg or .png.")] = None,
) -> None:
    """What it takes to get a number: planted embeddings from pure recorder to pure diagnosis."""
    from ecglens.geometry import Planted, calibration_table
    from ecglens.terminal import print_frame

    found = calibration_table(Planted(n=records, prevalence=prevalence, seed=seed))
    kept = found[found["level"].isin(["label", "dataset"]) & found["metric"].isin(["knn_raw", "knn_rescaled", "ari"])]
    kept = kept[(kept["counts"] == "natural") & (kept["space"].fillna("embedding") == "embedding")]
    kept = kept.assign(number=kept["level"] + ": " + kept["metric"])
    wide = kept.pivot_table(index="dial", columns="number", values="value")
    print_frame("From the recorder (0) to the diagnosis (1)", wide.reset_index())
    if csv:
        found.to_csv(csv, index=False)
    if picture:
        from ecglens.report.dial import draw_dial

        draw_dial(wide, picture)
