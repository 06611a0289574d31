"""Lenses that are one file outside ecglens: cells in worker processes, a table and a figure in every form."""

import io
import json
import sys
from importlib import invalidate_caches

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from ecglens.embeddings import load_embeddings
from ecglens.errors import StoreError
from ecglens.report import print_tables, render, summarise, write_report
from ecglens.study import load_results, load_study, run_study
from ecglens.study.config import with_lenses

MEASURES = """
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure
from pydantic import BaseModel

from ecglens.errors import CannotFillError
from ecglens.lens import Cell, Lens, Row, Stage
from ecglens.report.drawing import finish
from ecglens.report.section import Section
from ecglens.report.table import Table, number, texts


class LengthSettings(BaseModel):
    power: int = 1


class LengthRow(Row):
    encoder: str
    dataset: str
    length: float
    n: int


@dataclass(frozen=True)
class Lengths:
    rows: pd.DataFrame


def cells(state):
    power = state.study.settings(LengthSettings).power
    for encoder in state.study.encoders:
        for dataset in state.tables:
            yield Cell(key={"encoder": encoder.name, "dataset": dataset}, settings={"power": power})


def compute(task):
    if task.key["dataset"].endswith("georgia"):
        raise CannotFillError("no lengths in Georgia")
    x = task.open_embeddings(task.key["dataset"]).matrix
    return pd.DataFrame([{"length": float(abs(x).mean() ** task.settings["power"]), "n": len(x)}])


def draw(found):
    figure = Figure((4, 2))
    figure.subplots().plot(found["length"])
    return [finish(figure, "Drawn lengths", "One point an encoder.")]


def sections(summary):
    found = summary.of(Lengths).rows
    rows = tuple(texts(row.encoder, row.dataset, number(row.length, 4), row.reason) for row in found.itertuples())
    columns = ("encoder", "data set", "length", "reason")
    table = Table("Lengths of embeddings", columns, rows, "Mean of absolute values.")
    return [Section(name="lengths", title="Lengths", tables=(table,), frames={"lengths": found},
                    figures=lambda: draw(found))]


LENS = Lens(
    name="lengths",
    settings={"lengths": LengthSettings},
    stages=(Stage(name="lengths", row=LengthRow, cells=cells, compute=compute),),
    summarise=lambda summary: Lengths(summary.results.lengths),
    sections=sections,
)
"""
WORDS = """
from outside_lengths import Lengths

from ecglens.lens import Lens
from ecglens.report.section import Finding, Section


def sections(summary):
    rows = summary.of(Lengths).rows
    longest = rows.loc[rows["length"].idxmax(), "encoder"]
    finding = Finding("Longest", "of all", (f"{longest} is longest.",))
    return [Section(name="words", title="In words", findings=(finding,))]


LENS = Lens(name="words", needs=(NEEDED,), sections=sections)
"""
STUDY = """
name: Lenses from outside
datasets: [{name: a-georgia, reader: georgia, root: DATA/georgia}, {name: a-ptb, reader: ptb-xl, root: DATA/ptb-xl}]
encoders: [age-sex, signal-features]
tasks: [af]
sizes: {tiny: 20}
folds: 2
lenses: LENSES
lengths: {power: 2}
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on the path of modules; what is imported from it is forgotten."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    with_lenses.cache_clear()
    yield folder
    with_lenses.cache_clear()
    for name in ("outside_lengths", "outside_words"):
        sys.modules.pop(name, None)


def install(folder, needed: str) -> None:
    (folder / "outside_lengths.py").write_text(MEASURES)
    (folder / "outside_words.py").write_text(WORDS.replace("NEEDED", repr(needed)))
    invalidate_caches()


def register(folder) -> None:
    """What ``pip install`` leaves of an entry point."""
    info = folder / "strangers-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[ecglens.lens]\nlengths = outside_lengths:LENS\nwords = outside_words:LENS\n"
    )


def write_study(folder, data, lenses: str):
    path = folder / "study.yaml"
    path.write_text(STUDY.replace("DATA", str(data)).replace("LENSES", lenses))
    return path


def test_a_lens_of_one_file_runs_in_workers_and_is_shown_in_every_form(site, data, tmp_path) -> None:
    install(site, needed="outside_lengths:LENS")
    study = load_study(write_study(tmp_path, data, '["outside_words:LENS"]'))
    assert study.lengths.power == 2
    out = tmp_path / "run"
    assert run_study(study, out, workers=2).failures.empty

    results = load_results(out)
    assert set(results.tables) == {"lengths"}
    rows = results.lengths.set_index(["encoder", "dataset"])
    assert list(results.lengths) == ["encoder", "dataset", "length", "n", "status", "reason"]
    assert set(rows.xs("a-georgia", level="dataset")["reason"]) == {"no lengths in Georgia"}
    stores = [load_embeddings(path.parent) for path in (out / "embeddings").glob("*/matrix.npy")]
    known = {
        (s.provenance["encoder"]["name"], s.provenance["dataset"]["name"]): np.abs(s.matrix).mean() for s in stores
    }
    for encoder in ("age-sex", "signal-features"):
        row = rows.loc[encoder, "a-ptb"]
        assert row["length"] == pytest.approx(known[encoder, "a-ptb"] ** 2, rel=1e-5)
        assert row["status"] == "done"

    summary = summarise(results)
    screen = io.StringIO()
    print_tables(summary, Console(file=screen, width=160))
    shown = f"{rows.loc['signal-features', 'a-ptb']['length']:.4f}"
    for text in (screen.getvalue(), render(summary, "markdown"), render(summary, "latex")):
        assert "Lengths of embeddings" in text
        assert "no lengths in Georgia" in text
        assert shown in text
    long = pd.read_csv(io.StringIO(render(summary, "csv")))
    assert rows["length"].max() == pytest.approx(long["length"].max())
    plain = json.loads(render(summary, "json"))
    assert "no lengths in Georgia" in json.dumps(plain)
    page = write_report(results, tmp_path / "report.html").read_text()
    for text in ("Lengths of embeddings", "Drawn lengths", "One point an encoder.", "In words", shown):
        assert text in page
    assert "signal-features is longest." in page


def test_lenses_are_found_by_entry_points_and_named_where_they_are_missing(site, data, tmp_path) -> None:
    install(site, needed="lengths")
    register(site)
    out = tmp_path / "run"
    study = load_study(write_study(tmp_path, data, "[words]"))
    results = run_study(study, out)
    assert results.failures.empty
    assert results.lenses == ("words",)
    assert "signal-features is longest." in write_report(results, tmp_path / "report.html").read_text()
    for path in (site / "strangers-1.0.dist-info").iterdir():
        path.unlink()
    (site / "strangers-1.0.dist-info").rmdir()
    invalidate_caches()
    with pytest.raises(StoreError, match="results of a lens that is not installed: unknown lens 'words'"):
        load_results(out)
