"""Encoders are compared by probes that the other folds choose; ranks are bootstrapped from these very predictions."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ecglens.lenses.scores.comparison import _block, compare_encoders
from ecglens.stats import corrected_t_test
from ecglens.study.cell import CellTask
from ecglens.study.results import write_frame

FOLDS, REPEATS, PER_FOLD = 5, 2, 8
RECORDS = [f"r{number}" for number in range(FOLDS * PER_FOLD)]
PLACE, LABELS, PROBES = ("af", "georgia"), ("true", "shuffled"), {"mlp": 2, "svm": 1, "xgboost": 2}


def cell(rng, labels: str, gain: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Metrics and predictions of one cell: repeats with other folds, a probe without a seed fitted once."""
    metrics, predictions = [], []
    for repeat in range(REPEATS):
        fold = rng.permutation(np.arange(len(RECORDS)) % FOLDS) + FOLDS * repeat
        label = np.arange(len(RECORDS)) % 2 if labels == "true" else rng.permutation(np.arange(len(RECORDS)) % 2)
        facts = pd.DataFrame({"record_id": RECORDS, "fold": fold, "label": label, "repeat": repeat})
        facts["patient_id"] = [f"p{number // 2}" for number in range(len(RECORDS))]
        for probe, n_draws in PROBES.items():
            for draw in range(n_draws):
                probability = np.clip(rng.normal(0.5 + gain * (label - 0.5), 0.3), 0, 1)
                place = {"probe": probe, "draw": draw, "repeat": repeat, "status": "done"}
                predictions.append(facts.assign(**place, probability=probability))
                for number in np.unique(fold):
                    said, positive = probability[fold == number] > 0.5, label[fold == number] == 1
                    f1 = 2 * (said & positive).sum() / max(1, said.sum() + positive.sum())
                    values = {"f1": f1, "n_test": PER_FOLD, "n_train": len(RECORDS) - PER_FOLD}
                    metrics += [place | {"fold": number, "metric": m, "value": v} for m, v in values.items()]
    return pd.DataFrame(metrics), pd.concat(predictions).sample(frac=1, random_state=2)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[dict[str, Path], dict[tuple[str, str], tuple[pd.DataFrame, pd.DataFrame]]]:
    """Files and tables of two encoders: `a` knows the label, `b` does not and left a record out."""
    folder, rng, inputs, tables = tmp_path_factory.mktemp("cells"), np.random.default_rng(0), {}, {}
    for encoder, labels in (("a", "true"), ("a", "shuffled"), ("b", "true"), ("b", "shuffled")):
        metrics, predictions = cell(np.random.default_rng(1), labels, 0.9 * (encoder == "a" and labels == "true"))
        noise = rng.random(len(predictions)) if encoder == "b" else predictions["probability"]
        predictions = predictions.assign(probability=noise)
        tables[encoder, labels] = metrics, predictions[(predictions["record_id"] != "r3") | (encoder == "a")]
        for kind, table in zip(("probe", "prediction"), tables[encoder, labels], strict=True):
            path = inputs[f"{kind} {encoder} georgia af {labels}"] = folder / f"{kind}-{encoder}-{labels}.parquet"
            write_frame(path, table)
    return inputs, tables


def compared(inputs: dict[str, Path], rope: float = 0.01) -> pd.DataFrame:
    cells = [{"encoder": name, "task": "af", "size": "S", "datasets": ["georgia"]} for name in "ab"]
    settings = {"cells": cells, "rope": rope}
    return compare_encoders(CellTask({}, {}, {}, None, inputs, settings, 0))


def by_hand(metrics: pd.DataFrame) -> dict[int, tuple[str, float]]:
    """Probe of every fold and its F1, chosen on the other folds of its repeat."""
    f1 = metrics[metrics["metric"] == "f1"].groupby(["repeat", "fold", "probe"])["value"].mean()
    found = {}
    for repeat, fold in {(repeat, fold) for repeat, fold, _ in f1.index}:
        others = {p: np.mean([v for (r, f, q), v in f1.items() if (r, q) == (repeat, p) and f != fold]) for p in PROBES}
        probe = max(sorted(others), key=others.get)
        found[fold] = probe, f1[repeat, fold, probe]
    return found


def test_a_pair_is_tested_on_the_folds_of_all_repeats_with_probes_that_the_other_folds_choose(made) -> None:
    inputs, tables = made
    rows = compared(inputs)
    chosen = {key: by_hand(metrics) for key, (metrics, _) in tables.items()}
    sides = {"pair": ("b", "true"), "against shuffled labels": ("a", "shuffled")}
    for statistic, other in sides.items():
        row = rows[(rows["statistic"] == statistic) & (rows["encoder"] == "a")].iloc[0]
        differences = [chosen["a", "true"][fold][1] - chosen[other][fold][1] for fold in range(FOLDS * REPEATS)]
        expected = corrected_t_test(differences, len(RECORDS) - PER_FOLD, PER_FOLD)
        assert (row["value"], row["p_value"], row["sd"]) == pytest.approx(
            (expected.mean, expected.p_value, expected.sd)
        )
        assert (row["n"], row["n_records"]) == (FOLDS * REPEATS, len(RECORDS))
        assert -1 <= row["low"] <= row["value"] <= row["high"] <= 1
        assert row["worse"] + row["equal"] + row["better"] == pytest.approx(1)
    score = rows[(rows["statistic"] == "score") & (rows["encoder"] == "b")].iloc[0]
    assert score["value"] == pytest.approx(np.mean([f1 for _, f1 in chosen["b", "true"].values()]))


def test_several_tests_together_have_less_power_than_one(made) -> None:
    inputs, _ = made
    rows = compared(inputs).set_index(["statistic", "encoder"])
    chance = rows.loc["against shuffled labels"]
    alone = {place: path for place, path in inputs.items() if " b georgia af shuffled" not in place}
    one = compared(alone).set_index(["statistic", "encoder"]).loc["against shuffled labels"]
    assert one.loc["a", "detectable"] < chance.loc["a", "detectable"]
    assert one.loc["a", "sd"] == chance.loc["a", "sd"]


def test_a_wider_region_of_equivalence_holds_more(made) -> None:
    narrow, wide = (compared(made[0], rope).dropna(subset="equal") for rope in (0.01, 0.3))
    assert (wide["equal"] > narrow["equal"]).all()


def test_a_block_holds_every_draw_and_repeat_of_the_chosen_probes(made) -> None:
    inputs, tables = made
    folds = {}
    for key, (metrics, _) in tables.items():
        probes = pd.Series({fold: probe for fold, (probe, _) in by_hand(metrics).items()}, name="probe").sort_index()
        folds[key] = probes.to_frame()
    true, chance = ({name: folds[name, labels] for name in "ab"} for labels in LABELS)
    block = _block(inputs, true, chance, PLACE)
    records = sorted(set(RECORDS) - {"r3"})
    first = tables["a", "true"][1].query("repeat == 0").drop_duplicates("record_id").set_index("record_id").loc[records]
    assert block.label.tolist() == first["label"].tolist()
    assert block.fold.tolist() == first["fold"].tolist()
    assert block.patient.tolist() == first["patient_id"].tolist()
    null = tables["a", "shuffled"][1].query("repeat == 0").drop_duplicates("record_id").set_index("record_id")
    assert block.chance_label.tolist() == null.loc[records, "label"].tolist()

    def called(encoder: str, labels: str, repeat: int, draw: int) -> list[bool]:
        rows = tables[encoder, labels][1].query(f"repeat == {repeat}").set_index(["draw", "probe", "record_id"])
        fold = rows["fold"].groupby("record_id").first()
        probes = [folds[encoder, labels].loc[fold[record], "probe"] for record in records]
        places = [(min(draw, PROBES[probe] - 1), probe, record) for probe, record in zip(probes, records, strict=True)]
        return [rows.loc[place, "probability"] > 0.5 for place in places]

    for encoder, said, null in zip("ab", block.predicted, block.chance_predicted, strict=True):
        fits = [(repeat, draw) for repeat in range(REPEATS) for draw in range(2)]
        assert said.tolist() == [called(encoder, "true", *fit) for fit in fits]
        assert null.tolist() == [called(encoder, "shuffled", 0, draw) for draw in range(len(null))]


def test_without_shuffled_labels_there_is_nothing_to_be_held_against(made) -> None:
    inputs = {place: path for place, path in made[0].items() if "shuffled" not in place}
    rows = compared(inputs)
    assert "against shuffled labels" not in set(rows["statistic"])
    assert rows.loc[rows["statistic"] == "shuffled rank", ["low", "high"]].isna().all(axis=None)
