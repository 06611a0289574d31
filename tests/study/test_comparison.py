"""The predictions that ranks are bootstrapped from are all draws of the right probes, record by record."""

import numpy as np
import pandas as pd
import pytest

from ecglens.study.comparison import _best_at_chance, _block

RECORDS = [f"r{number}" for number in range(12)]
PLACE, LABELS = ("af", "georgia"), ("true", "shuffled")


@pytest.fixture
def written(tmp_path):
    """Predictions of two encoders and their facts; the second left a record out and holds the rest in another order."""
    rng, inputs, tables = np.random.default_rng(0), {}, {}
    for labels in LABELS:
        facts = pd.DataFrame({"record_id": RECORDS, "patient_id": [f"p{number // 2}" for number in range(12)]})
        facts = facts.assign(fold=np.arange(12) // 4, label=rng.permutation(12) % 2)
        for encoder in ("a", "b"):
            kept = facts.sample(frac=1, random_state=1).iloc[:11] if encoder == "b" else facts
            parts = [
                kept.assign(probe=probe, draw=draw, probability=rng.random(len(kept)))
                for probe in ("mlp", "xgboost")
                for draw in range(2)
            ]
            path = tmp_path / f"{encoder}-{labels}.parquet"
            tables[encoder, labels] = pd.concat(parts).sample(frac=1, random_state=2)
            tables[encoder, labels].to_parquet(path)
            inputs[f"prediction {encoder} georgia af {labels}"] = path
    return inputs, tables


def called(table: pd.DataFrame, probe: str, order: list[str]) -> list[list[bool]]:
    own = table[table["probe"] == probe].set_index(["draw", "record_id"])["probability"]
    return [[own[draw, record] > 0.5 for record in order] for draw in range(2)]


def test_a_block_holds_every_draw_of_the_chosen_probes(written) -> None:
    inputs, tables = written
    chosen = {("a", "af"): {"probe": "mlp"}, ("b", "af"): {"probe": "xgboost"}}
    at_chance = {("a", "af"): {"probe": "xgboost"}, ("b", "af"): {"probe": "mlp"}}
    block = _block(inputs, ["a", "b"], chosen, at_chance, PLACE)
    facts, null = (tables["a", labels].drop_duplicates("record_id").set_index("record_id") for labels in LABELS)
    everyone = tables["a", "true"].query("probe == 'mlp'")["record_id"].unique()
    order = [record for record in everyone if record in set(tables["b", "true"]["record_id"])]
    assert len(order) == len(block.label) == 11
    assert block.label.tolist() == facts.loc[order, "label"].tolist()
    assert block.fold.tolist() == facts.loc[order, "fold"].tolist()
    assert block.patient.tolist() == facts.loc[order, "patient_id"].tolist()
    assert block.chance_label.tolist() == null.loc[order, "label"].tolist()
    for said, encoder, probe in zip(block.predicted, "ab", ("mlp", "xgboost"), strict=True):
        assert said.tolist() == called(tables[encoder, "true"], probe, order)
    for said, encoder, probe in zip(block.chance_predicted, "ab", ("xgboost", "mlp"), strict=True):
        assert said.tolist() == called(tables[encoder, "shuffled"], probe, order)


def test_without_shuffled_labels_a_block_has_none(written) -> None:
    inputs = {place: path for place, path in written[0].items() if "shuffled" not in place}
    block = _block(inputs, ["a"], {("a", "af"): {"probe": "mlp"}}, {}, PLACE)
    assert block.chance_label is None
    assert len(block.predicted) == 1
    assert len(block.chance_predicted) == 0


def test_a_probe_that_failed_on_one_data_set_is_not_chosen_for_its_mean_over_the_others(tmp_path, written) -> None:
    scores = {"georgia": {"mlp": 0.4}, "chn": {"mlp": 0.5, "qda": 0.9}}
    inputs = {}
    for dataset, by_probe in scores.items():
        rows = [
            {"probe": probe, "fold": fold, "metric": "f1", "value": value, "status": "done"}
            for probe, value in by_probe.items()
            for fold in range(3)
        ]
        path = tmp_path / f"{dataset}.parquet"
        pd.DataFrame(rows).to_parquet(path)
        inputs[f"probe a {dataset} af shuffled"] = path
    assert _best_at_chance(inputs, {"encoder": "a", "task": "af", "datasets": ["georgia", "chn"]}) == "mlp"
    true = {("a", "af"): {"probe": "mlp"}}
    block = _block(written[0], ["a"], true, {("a", "af"): {"probe": "qda"}}, PLACE)  # no predictions of it here
    assert (len(block.label), len(block.chance_predicted), block.chance_label) == (12, 0, None)
