"""The second lens in the report: overlap, its ceiling, and what the cut-off changes."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from ecglens.report.overlap_tables import FEWER, TOO_LOW
from ecglens.study.references import best_probes, references

from ecglens.report import summarise
from ecglens.report.formats import make_tables
from ecglens.report.frames import where

PTB, GEORGIA, CHN = "simulated-ptb-xl", "simulated-georgia", "simulated-chn"


def test_overlap_stands_against_the_reference_of_the_best_probe(results, summary) -> None:
    best = best_probes(references(results.probe, {"af": "S"}))
    for encoder, share, dim in (("conv", 0.3, 200), ("features", 0.9, 120)):
        (row,) = (one for one in best if (one.encoder, one.task) == (encoder, "af"))
        both = where(summary.portability.overlap, encoder=encoder, task="af")
        table, shuffled = (where(both, labels=labels) for labels in ("true", "shuffled"))
        assert set(table["dataset"]) == {PTB, GEORGIA, CHN} - {row.dataset}
        assert set(table["probe"]) == {row.probe}
        assert table["share"].tolist() == [share] * 2
        assert table["chance"].tolist() == pytest.approx([20 / dim] * 2)
        assert table["group_share"].tolist() == [share] * 2
        assert shuffled["share"].tolist() == [0.25] * 2
        assert shuffled["chance"].tolist() == [0.12] * 2
    matrix = where(summary.portability.matrix, encoder="conv", task="af")
    assert matrix["labels"].value_counts().to_dict() == {"true": 3 * 2, "shuffled": 3 * 2}  # pairs x probes


@pytest.mark.parametrize(
    ("title", "n"),
    [
        ("Feature overlap: atrial", 3),
        ("How well a ranking repeats inside a data set: atrial", 3 * 2 * 3),  # encoders, probes, data sets or pairs
        ("Feature overlap of every pair: atrial", 3 * 2 * 3),
        ("Overlap and the cut-off: atrial", 3),
        ("Agreement of the cut-offs on the order of encoders: atrial", 3),
    ],
)
def test_every_row_has_its_counterpart_under_shuffled_labels(summary, title, n) -> None:
    (table,) = (table for table in make_tables(summary) if table.title.startswith(title))
    shuffled = [row for row in table.rows if row[0].text.endswith(", shuffled labels")]
    assert (len(table.rows) - len(shuffled), len(shuffled)) == (n, n)
    assert all(cell.quiet for row in shuffled for cell in row)
    assert not table.rows[0][0].text.endswith(", shuffled labels"), "true labels come first"
    for row in shuffled:
        name = row[0].text.removesuffix(", shuffled labels")
        own = [other for other in table.rows if [cell.text for cell in other[: table.n_names]]
               == [name, *(cell.text for cell in row[1 : table.n_names])]]  # fmt: skip
        assert len(own) == 1


def test_a_mean_over_fewer_data_sets_says_so(results) -> None:
    """One pair has no corrected overlap: the mean beside it rests on the other pair."""
    table = summarise(results).portability.overlap
    row = where(table, encoder="conv", task="af", labels="true").iloc[0]
    pair = results.overlap["dataset"].isin([row["reference"], row["dataset"]])
    pair &= results.overlap["other"].isin([row["reference"], row["dataset"]]) & (results.overlap["encoder"] == "conv")
    changed = results.overlap.copy()
    changed.loc[pair & (changed["metric"] == "corrected"), "value"] = np.nan
    found = summarise(replace(results, overlap=changed))
    mean = where(found.portability.means, encoder="conv", task="af", labels="true").squeeze()
    assert (mean["n"], mean["n_corrected"]) == (2, 1)
    (shown,) = (table for table in make_tables(found) if table.title.startswith("Feature overlap: atrial"))
    own = next(line for line in shown.rows if line[0].text == "conv")
    assert own[shown.columns.index("corrected")].notes == (FEWER.format(some=1, all=2),)


def test_signatures_are_not_judged_by_shuffled_labels(results, summary) -> None:
    changed = results.overlap.copy()
    changed.loc[(changed["labels"] == "shuffled") & (changed["metric"] == "corrected"), "value"] = -1.0
    assert summarise(replace(results, overlap=changed)).signatures == summary.signatures


def test_reliability_is_mean_and_spread_over_splits(summary) -> None:
    row = where(
        summary.portability.reliability, encoder="conv", task="af", labels="true", probe="xgboost", dataset=PTB
    ).squeeze()
    assert row["reliability_share_mean"] == pytest.approx(0.95)
    assert row["reliability_share_std"] == pytest.approx(0.02)
    assert row["levels_off"] == 4  # 0.5, 0.6, 0.7, 0.7
    (table,) = (
        t for t in make_tables(summary) if t.title.startswith("How well a ranking repeats inside a data set: at")
    )
    narrow = next(row for row in table.rows if row[0].text == "age-sex")
    assert [cell.text for cell in narrow[3:8]] == ["3", "–", "–", "1.00 ± 0.00", "–"]  # nothing but tau was measured


def test_a_run_without_halves_or_growth_has_dashes(results) -> None:
    inside = results.overlap["dataset"] == results.overlap["other"]
    tables = make_tables(summarise(replace(results, overlap=results.overlap[~inside])))
    (table,) = (table for table in tables if table.title.startswith("How well a ranking repeats inside a data set: at"))
    assert {cell.text for row in table.rows for cell in row[3:8]} == {"–"}


def test_the_verdict_on_the_cut_off_follows_the_curve(results, summary) -> None:
    assert not summary.portability.cutoffs["af"].depends
    swapped = results.overlap.copy()
    hit = (swapped["metric"] == "share") & (swapped["k"] == 10) & (swapped["encoder"] == "conv")
    hit &= swapped["labels"] == "true"
    swapped.loc[hit, "value"] = 1.0
    found = summarise(replace(results, overlap=swapped)).portability
    assert found.cutoffs["af"].depends
    curve = where(found.curve, encoder="conv", task="af", labels="true").set_index("k")["excess"]
    assert curve[10] == pytest.approx(1)
    assert curve[20] == pytest.approx((0.3 - 0.1) / 0.9)
    taus = where(found.taus, task="af", labels="true").set_index(["k", "other_k"])["kendall_tau"]
    assert (taus[10, 20], taus[20, 50]) == pytest.approx((-1, 1))


def test_areas_are_taken_where_all_encoders_have_a_value(results) -> None:
    narrow = (results.overlap["encoder"] == "conv") & (results.overlap["k"] == 50)
    narrow &= results.overlap["labels"] == "shuffled"
    found = summarise(replace(results, overlap=results.overlap[~narrow])).portability.curve
    for encoder, dim in (("conv", 200), ("features", 120)):
        share = {"conv": 0.3, "features": 0.9}[encoder]
        heights = [(share - k / dim) / (1 - k / dim) for k in (10, 20)]
        area = where(found, encoder=encoder, task="af", labels="true")["area"]
        assert area.iloc[0] == pytest.approx(np.mean(heights))


def test_overlap_that_cannot_be_measured_says_why(results, summary) -> None:
    narrow = where(summary.portability.overlap, encoder="age-sex")
    assert set(narrow["status"]) == {"cannot-fill"}
    assert narrow["share"].isna().all()
    assert narrow["reason"].str.contains("top 20 of 3 features is all of them").all()
    empty = replace(results, attribution=results.attribution.iloc[:0], overlap=results.overlap.iloc[:0])
    assert set(summarise(empty).portability.overlap["status"]) == {"missing"}
    wide = replace(results, study=dict(results.study) | {"attribution": {"top_k": 150}})
    reasons = where(summarise(wide).portability.overlap, encoder="features")["reason"]
    assert set(reasons) == {"the top 150 of 120 features is all of them"}
    study = dict(results.study) | {"datasets": [{"name": PTB}]}
    alone = summarise(replace(results, study=study, attribution=where(results.attribution, dataset=PTB),
                              probe=where(results.probe, dataset=PTB))).portability.overlap  # fmt: skip
    assert set(alone["reason"]) == {"overlap needs two data sets, the study has one"}


def test_a_ceiling_that_was_not_measured_is_not_called_too_low(results) -> None:
    ceilings = results.overlap["metric"].isin(["ceiling", "corrected"])
    tables = make_tables(summarise(replace(results, overlap=results.overlap[~ceilings])))
    (table,) = (table for table in tables if table.title.startswith("Feature overlap: atrial"))
    assert any("no ceiling was measured" in note for note in table.notes)
    assert not any("well enough" in note for note in table.notes)


def test_a_failed_reference_is_the_reason_of_every_overlap_with_it(results, summary) -> None:
    reference = where(summary.portability.overlap, encoder="conv", task="af")["reference"].iloc[0]
    probe = where(summary.portability.overlap, encoder="conv", task="af")["probe"].iloc[0]
    slug = f"conv__{reference}__af__S__true__{probe}"
    failures = pd.DataFrame([("attribution", slug, "MemoryError: none left")], columns=["stage", "cell", "error"])
    overlap = results.overlap
    gone = (overlap["encoder"] == "conv") & ((overlap["dataset"] == reference) | (overlap["other"] == reference))
    found = summarise(replace(results, failures=failures, overlap=overlap[~gone])).portability.overlap
    rows = where(found, encoder="conv", task="af", labels="true")
    assert set(rows["status"]) == {"failed"}
    assert rows["reason"].str.contains(f"{reference}: .*MemoryError").all()


def test_a_ceiling_that_reaches_chance_has_one_note_and_its_interval_in_the_table_of_pairs(results) -> None:
    changed = results.overlap.copy()
    changed.loc[changed["metric"] == "corrected", "value"] = np.nan
    tables = {table.title.split(":")[0]: table for table in make_tables(summarise(replace(results, overlap=changed)))}
    assert tables["Feature overlap"].notes.count(TOO_LOW) == 1
    pairs = tables["Feature overlap of every pair"]
    column = pairs.columns.index("ceiling")
    ends = changed[changed["metric"].isin(["ceiling_low", "ceiling_high"])].groupby("metric")["value"]
    low, high = ends.first()["ceiling_low"], ends.first()["ceiling_high"]
    assert any(row[column].text.endswith(f"[{low:.2f}, {high:.2f}]") for row in pairs.rows)
