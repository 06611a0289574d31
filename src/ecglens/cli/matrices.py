"""Commands for matrices of embeddings, without records or an encoder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    import pandas as pd

PICTURES = (".svg", ".png", ".pdf")


def _writable(file: Path | None) -> Path | None:
    """Refuse a file that cannot be written, before any work."""
    if file is None:
        return None
    if file.is_dir() or not file.parent.is_dir():
        raise typer.BadParameter(f"{file}: {'is a folder' if file.is_dir() else f'there is no folder {file.parent}'}")
    if not os.access(file if file.exists() else file.parent, os.W_OK):
        raise typer.BadParameter(f"{file}: cannot be written to")
    return file


def _picture(file: Path | None) -> Path | None:
    if file is not None and file.suffix.lower() not in PICTURES:
        raise typer.BadParameter(f"{file}: pictures end in {', '.join(PICTURES)}")
    return _writable(file)


Seed = Annotated[int, typer.Option(min=0, help="Random seed.")]
Csv = Annotated[Path | None, typer.Option(callback=_writable, help="Write every number to this file.")]
All = Annotated[bool, typer.Option("--all", help="Print all numbers, not only those of the answer.")]
Patients = "Patient of each row, .npy or text; by default every row is one patient."


def overlap(
    matrices: Annotated[
        list[Path], typer.Argument(help="Embeddings of two or more data sets, .npy, one row per record.")
    ],
    labels: Annotated[list[Path], typer.Option(help="0 or 1 per row, .npy or text; one file per matrix, in order.")],
    patients: Annotated[list[Path] | None, typer.Option(help=Patients)] = None,
    probe: Annotated[str, typer.Option(help="Name of the probe whose features are compared.")] = "xgboost",
    k: Annotated[int, typer.Option(min=1, help="Number of top features.")] = 50,
    folds: Annotated[int, typer.Option(min=2, help="Number of patient-disjoint folds.")] = 15,
    permutations: Annotated[int, typer.Option(min=0, help="Number of label permutations per data set.")] = 9,
    halves: Annotated[int, typer.Option(min=0, help="Number of splits of each data set into halves.")] = 5,
    seed: Seed = 0,
    csv: Csv = None,
    show_all: All = False,
) -> None:
    """Compare the features that a probe uses in several data sets, from matrices."""
    from ecglens.cli.console import print_facts, print_frame, print_sentence
    from ecglens.matrices import overlap_of_matrices
    from ecglens.matrix_files import read_labelled

    data = read_labelled(matrices, labels, patients)
    found = overlap_of_matrices(
        data, probe=probe, n_folds=folds, k=k, permutations=permutations, halves=halves, seed=seed
    )
    for sentence in found.answer(k):
        print_sentence(sentence)
    print_facts(f"Mean F1 of {probe}; reference: {found.reference}", {n: f"{v:.2f}" for n, v in found.f1.items()})
    if show_all:
        for pair, facts in found.describe(k).items():
            print_facts(pair, facts)
        print_frame(f"Reliability of rankings within data sets, top {k}", found.inside(k))
        print_frame("Share of the top over its size", found.curve())
    else:
        print_sentence(f"All {len(found.table)} numbers: --all, or --csv FILE.")
    _write(found.table, csv)


def geometry(
    matrix: Annotated[Path, typer.Argument(help="Embeddings of all data sets, .npy, one row per record.")],
    labels: Annotated[Path, typer.Option(help="0 or 1 per row, .npy or text.")],
    sources: Annotated[Path, typer.Option(help="Data set of each row, .npy or text.")],
    patients: Annotated[Path | None, typer.Option(help=Patients)] = None,
    k: Annotated[int, typer.Option(min=1, help="Number of neighbours per record.")] = 10,
    metric: Annotated[Literal["euclidean", "cosine"], typer.Option(help="Distance between embeddings.")] = "euclidean",
    device: Annotated[str | None, typer.Option(help="PyTorch device of the search, such as cuda.")] = None,
    seed: Seed = 0,
    csv: Csv = None,
    show_all: All = False,
) -> None:
    """Measure whether embeddings separate diagnoses or sources, from a matrix."""
    import numpy as np

    from ecglens.cli.console import print_sentence, print_texts, progress_bars
    from ecglens.geometry import GeometryPlan, measure_geometry
    from ecglens.geometry.verdict import judge_separability
    from ecglens.matrices import describe_geometry, is_leading, leading_purity
    from ecglens.matrix_files import read_column, read_labels, read_matrix

    x = read_matrix(matrix)
    y, where = read_labels(labels, len(x)), read_column(sources, len(x))
    who = read_column(patients, len(x)) if patients else np.arange(len(x))
    plan = GeometryPlan(k=k, metric=metric, device=device, seed=seed)
    with progress_bars() as progress:
        found = measure_geometry(x, {"label": y}, where, who, plan, progress.show)
    leading = found[is_leading(found)]
    label, source = (leading_purity(found, level) for level in ("label", "source"))
    verdict = judge_separability(label, source, int(leading["n"].max() if leading["n"].notna().any() else 0))
    print_sentence(f"{matrix.name}: {verdict.words}. {verdict.sentence[:1].upper()}{verdict.sentence[1:]}.")
    shown = describe_geometry(found if show_all else leading)
    title = "Value with 95 % interval over patients; chance: 95th percentile under permutation"
    print_texts(f"{title} (5th of ilisi and bras)" if show_all else title, shown, n_names=2)
    if not show_all:
        print_sentence(f"All {len(found)} numbers: --all, or --csv FILE.")
    _write(found, csv)
    if leading["value"].isna().all():
        raise typer.Exit(1)


def reference_scale(
    records: Annotated[int, typer.Option(min=40, help="Number of synthetic records.")] = 1000,
    prevalence: Annotated[float, typer.Option(min=0.02, max=0.5, help="Share of records with the label.")] = 0.3,
    seed: Seed = 0,
    csv: Csv = None,
    picture: Annotated[
        Path | None,
        typer.Option(callback=_picture, help="Write a figure of the scale to this file (.svg, .png or .pdf)."),
    ] = None,
) -> None:
    """Show the scores of synthetic embeddings, from fully source-driven to fully label-driven."""
    from ecglens.cli.console import print_frame, print_sentence
    from ecglens.geometry import Planted, reference_scale

    found = reference_scale(Planted(n=records, prevalence=prevalence, seed=seed))
    kept = found[found["level"].isin(["label", "source"]) & found["metric"].isin(["knn_raw", "knn_rescaled", "ari"])]
    kept = kept[(kept["counts"] == "natural") & (kept["space"].fillna("embedding") == "embedding")]
    kept = kept.assign(number=kept["level"] + ": " + kept["metric"])
    wide = kept.pivot_table(index=["dial", "label_distance"], columns="number", values="value").reset_index()
    rise = wide["label: ari"].diff().to_numpy()[1:].argmax()
    before, after = wide.iloc[rise], wide.iloc[rise + 1]
    print_sentence(
        f"Label ARI jumps from {before['label: ari']:z.2f} to {after['label: ari']:z.2f} where class means move from "
        f"{before['label_distance']:.1f} to {after['label_distance']:.1f} standard deviations apart; label kNN goes "
        f"from {before['label: knn_rescaled']:z.2f} to {after['label: knn_rescaled']:z.2f}."
    )
    wide = wide.drop(columns="label_distance")
    print_frame("From the source (dial 0) to the label (dial 1)", wide)
    _write(found, csv)
    if picture:
        from ecglens.report.dial import draw_dial

        draw_dial(wide.set_index("dial"), picture)


def _write(table: pd.DataFrame, path: Path | None) -> None:
    from ecglens.output import to_csv_text

    if path:
        path.write_text(to_csv_text(table), encoding="utf-8")
