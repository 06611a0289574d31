"""Which cells scores ask for: every encoder on every sample, on shuffled labels only where the study asks for it."""

from types import SimpleNamespace

import pandas as pd

from ecglens.lenses.scores.cells import comparison_cells, probe_cells
from ecglens.study import Study
from ecglens.study.samples import Sample

SETTINGS = {
    "name": "x",
    "datasets": ["ptb-xl", "georgia"],
    "encoders": ["age-sex", "random-conv"],
    "tasks": ["af"],
    "probes": ["mlp", "xgboost"],
    "shuffled": ["random-conv"],
    "thresholds": {"rope": 0.02},
}


def rows(encoder: str, dataset: str, labels: str, **f1: float) -> list[dict[str, object]]:
    place = {"encoder": encoder, "dataset": dataset, "task": "af", "size": "S", "labels": labels, "status": "done"}
    return [place | {"probe": probe, "metric": "f1", "value": value} for probe, value in f1.items()]


def run() -> SimpleNamespace:
    samples = [
        Sample(dataset, "af", size, labels, pd.DataFrame(), "too few" if size == "L" else "")
        for dataset in ("ptb-xl", "georgia")
        for size in ("S", "L")
        for labels in ("true", "shuffled")
    ]
    probe = [
        row
        for dataset in ("ptb-xl", "georgia")
        for e in ("age-sex", "random-conv")
        for row in rows(e, dataset, "true", mlp=0.7, xgboost=0.6)
    ]
    return SimpleNamespace(
        study=Study.model_validate(SETTINGS),
        samples=samples,
        tables={"ptb-xl": None, "georgia": None},
        common_sizes={"af": "S"},
        sample_file=lambda slug, _: slug,
        rows=lambda stage: pd.DataFrame(probe) if stage == "probe" else None,
        file=lambda stage, key, table="": (
            None if key[0] == "age-sex" and key[-1] == "shuffled" else "__".join((table or stage, *key))
        ),
    )


def test_every_encoder_meets_true_labels_and_only_some_meet_shuffled_ones() -> None:
    cells = list(probe_cells(run()))
    found = {tuple(cell.key.values()) for cell in cells}
    assert len(found) == len(cells) == 4 + 8
    assert {key[0] for key in found if key[-1] == "shuffled"} == {"random-conv"}
    for cell in cells:
        assert cell.sample == "__".join(list(cell.key.values())[1:])
        assert cell.reason == ("too few" if cell.key["size"] == "L" else "")
        assert [probe["entry"]["name"] for probe in cell.settings["probes"]] == ["mlp", "xgboost"]


def test_the_comparison_reads_scores_and_predictions_of_all_encoders_at_the_common_size() -> None:
    (cell,) = comparison_cells(run())
    assert cell.settings["rope"] == 0.02
    asked = [(each["encoder"], each["task"], each["size"], each["datasets"]) for each in cell.settings["cells"]]
    assert asked == [(e, "af", "S", ["georgia", "ptb-xl"]) for e in ("age-sex", "random-conv")]
    assert cell.inputs["probe random-conv georgia af shuffled"] == "probe__random-conv__georgia__af__S__shuffled"
    assert cell.inputs["prediction age-sex ptb-xl af true"] == "prediction__age-sex__ptb-xl__af__S__true"
    assert not [name for name in cell.inputs if "age-sex" in name and "shuffled" in name]
    assert len(cell.inputs) == 2 * (2 + 4)
