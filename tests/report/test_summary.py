from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from ecglens.report import summarise
from ecglens.report.formats import make_tables
from ecglens.report.frames import where
from ecglens.study.results import cannot_fill_frame

NOTE = "left out: 1 fit (fold and draw) without a defined value"
PTB, GEORGIA, CHN = "simulated-ptb-xl", "simulated-georgia", "simulated-chn"


def only(frame: pd.DataFrame, **values):
    found = where(frame, **values)
    assert len(found) == 1
    return found.iloc[0]


def raw_f1(results, **values) -> pd.Series:
    return where(results.probe, metric="f1", **values).set_index("fold")["value"]


def test_the_interval_of_a_cell_is_the_corrected_one(results, summary) -> None:
    place = {"encoder": "conv", "dataset": PTB, "task": "af", "size": "S", "labels": "true", "probe": "xgboost"}
    row = only(summary.scores, metric="f1", **place)
    folds = raw_f1(results, **place)
    # Nadeau and Bengio (2003): 250 records in 5 folds train on 200 and test on 50.
    low, high = stats.t.interval(0.95, df=4, loc=folds.mean(), scale=folds.std() * np.sqrt(1 / 5 + 50 / 200))
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((folds.mean(), low, high))
    assert (row["n_train"], row["n_test"], row["n_positive"], row["n_folds"]) == (200, 250, 125, 5)
    assert row["n_undefined"] == 0


def by_the_other_folds(f1: pd.DataFrame) -> dict[int, tuple[str, float]]:
    """Probe of every fold that is best on the other folds, and what it scores, from ``[folds, probes]``."""
    probes = {fold: f1.drop(index=fold).mean().idxmax() for fold in f1.index}
    return {fold: (probe, f1.loc[fold, probe]) for fold, probe in probes.items()}


def test_a_cell_shows_the_probe_of_the_other_folds_and_beside_it_the_best_and_a_fixed_one(results, summary) -> None:
    gains = []
    for row in summary.f1[summary.f1["status"] == "done"].itertuples():
        place = {name: getattr(row, name) for name in ("encoder", "dataset", "task", "size", "labels")}
        f1 = where(results.probe, metric="f1", **place).pivot_table(index="fold", columns="probe", values="value")
        chosen = by_the_other_folds(f1)
        assert row.mean == pytest.approx(np.mean([value for _, value in chosen.values()]))
        assert row.chosen == pd.Series([probe for probe, _ in chosen.values()]).mode()[0]
        assert (row.best_probe, row.best_mean) == (f1.mean().idxmax(), pytest.approx(f1.mean().max()))
        assert (row.fixed_probe, row.fixed_mean) == ("logistic-regression", pytest.approx(f1.mean().iloc[0]))
        gains.append(row.best_mean - row.mean)
    assert min(gains) > -1e-12


def test_the_best_encoder_of_a_cell_is_marked(summary) -> None:
    marked = summary.f1[summary.f1["best"]]
    assert set(marked["labels"]) == {"true"}
    assert marked.groupby(["dataset", "task", "size"]).size().tolist() == [1] * 17
    assert only(marked, dataset=CHN, task="cd", size="S")["encoder"] == "conv"
    assert only(marked, dataset=CHN, task="cd", size="L")["encoder"] == "features"


def test_overlap_with_shuffled_labels_compares_the_bounds(summary) -> None:
    place = {"dataset": PTB, "task": "af", "size": "S"}
    for encoder in ("features", "age-sex"):
        true = only(summary.f1, encoder=encoder, labels="true", **place)
        shuffled = only(summary.f1, encoder=encoder, labels="shuffled", **place)
        assert true["overlaps_shuffled"] == (true["low"] <= shuffled["high"]) == (encoder == "age-sex")
    unfilled = only(summary.f1, encoder="conv", dataset=GEORGIA, task="af", size="L", labels="true")
    assert pd.isna(unfilled["overlaps_shuffled"])


def test_a_cell_without_a_number_says_why(summary) -> None:
    unfilled = only(summary.f1, encoder="conv", dataset=GEORGIA, task="af", size="L", labels="true")
    assert unfilled["status"] == "cannot-fill"
    assert "needs 500 positives, has 301" in unfilled["reason"]
    failed = only(summary.f1, encoder="features", dataset=CHN, task="cd", size="S", labels="true")
    assert (failed["status"], failed["reason"]) == ("failed", "probe failed: ValueError: no <beats> found")
    missing = only(summary.f1, encoder="features", dataset=CHN, task="cd", size="S", labels="shuffled")
    assert (missing["status"], missing["reason"]) == ("missing", "not computed yet")


def test_a_failed_embedding_is_the_reason_of_every_cell_that_needs_it(results) -> None:
    failures = pd.DataFrame([("embed", f"conv__{CHN}", "OSError: disk full")], columns=["stage", "cell", "error"])
    gone = results.probe[(results.probe["encoder"] != "conv") | (results.probe["dataset"] != CHN)]
    geometry = results.geometry[results.geometry["encoder"] != "conv"]
    found = summarise(replace(results, failures=failures, probe=gone, geometry=geometry))
    for frame in (where(found.f1, encoder="conv", dataset=CHN), where(found.separability, encoder="conv")):
        assert set(frame["status"]) == {"failed"}
        assert set(frame["reason"]) == {f"embedding {CHN} failed: OSError: disk full"}


def test_undefined_folds_are_counted_and_left_out(results) -> None:
    probe = results.probe.copy()
    place = {"encoder": "conv", "dataset": PTB, "task": "af", "size": "S", "labels": "true", "probe": "xgboost"}
    hit = where(probe, metric="precision", fold=0, **place).index
    probe.loc[hit, "value"] = np.nan
    summary = summarise(replace(results, probe=probe))
    row = only(summary.scores, metric="precision", **place)
    assert (row["n_folds"], row["n_undefined"]) == (4, 1)
    others = where(results.probe, metric="precision", **place).query("fold != 0")["value"]
    assert row["mean"] == pytest.approx(others.mean())
    (table,) = (table for table in make_tables(summary) if table.title.startswith("All metrics: atrial"))
    noted = [
        (row, name) for row in table.rows for name, cell in zip(table.columns, row, strict=True) if NOTE in cell.notes
    ]
    assert [(row[1].text, name) for row, name in noted] == [("conv", "precision")]


def test_means_lie_in_their_intervals_and_these_in_the_range_of_the_metric(results) -> None:
    probe = results.probe.copy()
    probe.loc[probe["metric"] == "threshold_tuned", "value"] = -5e-7
    probe.loc[(probe["metric"] == "f1") & (probe["fold"] == 0), "value"] = 0.0
    table = summarise(replace(results, probe=probe)).scores.dropna(subset="mean")
    assert ((table["low"] <= table["mean"]) & (table["mean"] <= table["high"])).all()
    f1 = where(table, metric="f1")
    assert (f1["low"].min(), f1["high"].max()) == (0, 1)


def test_a_metric_that_most_folds_lack_has_no_mean(results) -> None:
    probe, place = results.probe.copy(), {"encoder": "conv", "dataset": PTB, "size": "S", "labels": "true"}
    hit = where(probe, metric="calibration_slope", task="af", probe="xgboost", **place).query("fold > 1").index
    probe.loc[hit, "value"] = np.nan
    summary = summarise(replace(results, probe=probe))
    slope = only(summary.scores, metric="calibration_slope", task="af", probe="xgboost", **place)
    assert (slope["n_folds"], slope["n_undefined"]) == (2, 3)
    assert np.isnan([slope["mean"], slope["low"], slope["high"]]).all()


def test_a_probe_that_failed_stands_beside_the_others(results) -> None:
    place = {"encoder": "conv", "dataset": PTB, "task": "af", "size": "S", "labels": "true", "probe": "xgboost"}
    probe = results.probe.drop(where(results.probe, **place).index)
    failure = {"stage": "probe", "cell": "__".join([*list(place.values())]), "error": "Traceback\nValueError: no"}
    summary = summarise(replace(results, probe=probe, failures=pd.DataFrame([failure])))
    (table,) = (table for table in make_tables(summary) if table.title.startswith("F1 of every probe: atrial"))
    (row,) = (
        row
        for row in table.rows
        if [cell.text for cell in row[:3]] == ["S", "conv", "true"] and row[3].text == summary.shown(PTB)
    )
    cell = row[table.columns.index("xgboost")]
    assert (cell.text, cell.notes) == ("failed", ("probe failed: ValueError: no",))


def test_shuffled_labels_stand_among_the_ranks_and_the_pairs(summary) -> None:
    chance = summary.ranking.shuffled
    assert (chance.f1, chance.n_blocks) == (pytest.approx(0.54), 6)
    assert chance.rank == pytest.approx(1 + 2 + 1 / 2)  # two encoders are better, the third is equal
    tables = make_tables(summary)
    ranks = next(table for table in tables if table.title.startswith("Encoders by average rank"))
    assert [cell.text for cell in ranks.rows[-1]][:4] == ["shuffled labels", "3.50 [3.20, 4.00]", "0.54", "6"]
    pairs = next(table for table in tables if table.title.startswith("Encoders compared in pairs: atrial"))
    assert [row[3].text for row in pairs.rows].count("shuffled labels") == 3 * 3


def test_encoders_stand_in_the_order_of_their_ranks(summary) -> None:
    assert summary.ranking.order == ("features", "conv", "age-sex")
    row = only(summary.ranking.table, encoder="conv")
    assert (row["rank"], row["low"], row["high"]) == pytest.approx((2, 1.8, 2.3))
    assert (row["n_blocks"], row["above_chance"], row["compared"]) == (6, 6, 6)
    assert only(summary.ranking.table, encoder="age-sex")["above_chance"] == 0
    assert row["f1"] == pytest.approx(0.76)
    f1 = next(table for table in make_tables(summary) if table.title.startswith("F1: atrial"))
    shown = [row[1].text for row in f1.rows if row[0].text == "S" and "shuffled" not in row[1].text]
    assert list(dict.fromkeys(shown)) == ["features", "conv", "age-sex"]
    beside = [row[2].text for row in f1.rows if row[0].text == "S" and row[1].text == "conv"]
    assert beside == ["chosen on other folds", "best of the cell", "always LR"]


@pytest.mark.parametrize("title", ["All metrics", "Encoders compared in pairs"])
def test_tables_for_a_closer_look_are_in_the_order_of_the_ranks(summary, title) -> None:
    (table, _) = (table for table in make_tables(summary) if table.title.startswith(title))
    encoder = table.columns.index("encoder")
    blocks = {}
    for row in table.rows:
        blocks.setdefault(row[0].text, []).append(summary.ranking.order.index(row[encoder].text))
    assert len(blocks) > 1
    assert all(places == sorted(places) for places in blocks.values())


def test_encoders_stand_by_their_alignment_in_the_table_of_separability(results, summary) -> None:
    (table,) = (table for table in make_tables(summary) if table.title.startswith("Diagnosis or source: atrial"))
    shown = {row[0].text: [cell.text for cell in row[1:]] for row in table.rows}
    assert list(shown) == ["features", "age-sex", "conv"]
    assert shown["conv"] == [
        "-0.68 [-0.71, -0.68]", "0.02 [-0.02, 0.07]", "0.70 [0.66, 0.75]", "0.03 (p 0.005)", "0.03 (p 0.005)",
        "0.51", "0.85",
    ]  # fmt: skip
    assert [row[2].strong for row in table.rows] == [True, False, False]
    geometry = results.geometry[~((results.geometry["encoder"] == "conv") & (results.geometry["task"] == "af"))]
    gap = cannot_fill_frame("geometry", {"encoder": "conv", "task": "af"}, "the encoder left out all 9 records")
    gone = summarise(replace(results, geometry=pd.concat([geometry, gap], ignore_index=True)))
    (table,) = (table for table in make_tables(gone) if table.title.startswith("Diagnosis or source: atrial"))
    last = table.rows[-1]
    assert [cell.text for cell in last[:4]] == ["conv", "cannot fill", "cannot fill", "cannot fill"]
    assert table.notes == ("the encoder left out all 9 records",)


def test_every_number_of_the_geometry_is_in_the_summary(results, summary) -> None:
    pd.testing.assert_frame_equal(summary.separability, results.geometry, check_dtype=False)


def test_pretraining_that_is_unknown_is_never_clean(results) -> None:
    names = {PTB: "a", GEORGIA: "b", CHN: "c"}
    real = {names[name]: facts | {"summary": facts["summary"] | {"simulated": False}} for name, facts in
            results.records.items()}  # fmt: skip
    study = dict(results.study) | {"datasets": [{"name": name} for name in real]}
    found = summarise(replace(results, study=study, records=real)).contamination
    seen = found.set_index(["encoder", "dataset"])["seen"].to_dict()
    assert seen["conv", "a"] == "seen"
    assert seen["conv", "b"] == "not seen"
    assert seen["features", "a"] == "unknown"
    assert seen["age-sex", "a"] == "not seen"


def test_what_is_simulated_says_so(results, summary) -> None:
    assert summary.simulated == {PTB, GEORGIA, CHN}
    assert summary.heading("F1", "af") == "F1: atrial fibrillation (simulated records)"
    study = dict(results.study) | {"datasets": [{"name": "mine"}, {"name": "real"}]}
    facts = results.records[PTB]
    records = {"mine": facts, "real": facts | {"summary": facts["summary"] | {"simulated": False}}}
    mixed = summarise(replace(results, study=study, records=records))
    assert mixed.simulated == {"mine"}
    assert mixed.shown("mine") == "mine (simulated)"
    assert mixed.shown("real") == "real"
    assert mixed.origin == "some records are simulated"


def test_sizes_keep_their_order(summary) -> None:
    assert summary.grid.sizes == ("XS", "S", "L")


def test_a_run_that_has_not_begun_has_a_summary(results) -> None:
    empty = {name: getattr(results, name).iloc[:0] for name in
             ("defects", "samples", "joint_samples", "probe", "comparison", "attribution", "overlap", "geometry",
              "projection", "failures")}  # fmt: skip
    provenance = dict(results.provenance) | {"encoders": {}}
    found = summarise(replace(results, records={}, provenance=provenance, **empty))
    assert set(found.f1["status"]) == {"missing"}
    assert {signature.state for signature in found.signatures} == {"cannot be judged"}


def test_fits_that_warned_are_counted(results) -> None:
    place = {"encoder": "conv", "dataset": PTB, "task": "af", "size": "S", "labels": "true", "status": "done"}
    place |= {"draw": 0, "repeat": 0}
    warned = {"xgboost": [0, 0, 0], "mlp": [2, 0, 1]}
    counts = [
        place | {"probe": probe, "fold": fold, "metric": "n_warnings", "value": float(value)}
        for probe, values in warned.items()
        for fold, value in enumerate(values)
    ]
    before = summarise(results)
    after = summarise(replace(results, probe=pd.concat([results.probe, pd.DataFrame(counts)], ignore_index=True)))
    (note,) = set(after.notes) - set(before.notes)
    assert (note.subject, note.text[:13]) == ("mlp", "2 of 3 fits e")


def test_what_the_embedding_knows_of_the_source_has_intervals_and_a_chance_level(summary) -> None:
    table = next(table for table in make_tables(summary) if table.title.startswith("What the embedding knows"))
    by_encoder = {row[0].text: row[table.columns.index("source classifier")].text for row in table.rows}
    assert by_encoder["conv"] == "0.68 [0.30, 0.90] (0.38)"
