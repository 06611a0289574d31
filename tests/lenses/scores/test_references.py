import pandas as pd
import pytest

from ecglens.lenses.scores.references import Reference, best_probes, mean_f1, references


def probe_rows() -> pd.DataFrame:
    scores = {("a", "tree"): [0.5, 0.7], ("a", "mlp"): [0.8, 0.6], ("b", "tree"): [0.9, 0.9], ("b", "mlp"): [0.7, 0.7]}
    rows = [
        {"encoder": "e", "dataset": dataset, "task": "af", "size": "S", "labels": "true", "probe": probe, "fold": fold}
        | {"metric": "f1", "value": value, "status": "done"}
        for (dataset, probe), values in scores.items()
        for fold, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_mean_f1_is_the_mean_over_folds() -> None:
    found = mean_f1(probe_rows()).set_index(["dataset", "probe"])["value"]
    assert found["a", "mlp"] == pytest.approx(0.7)
    assert found["b", "tree"] == pytest.approx(0.9)


def test_the_best_probe_is_best_over_data_sets_and_its_reference_where_it_is_best() -> None:
    (found,) = best_probes(references(probe_rows(), {"af": "S"}))
    # tree: (0.6 + 0.9) / 2 beats mlp: (0.7 + 0.7) / 2
    assert found == Reference("e", "af", "S", "tree", dataset="b", mean=pytest.approx(0.75), n=2)


def test_no_common_size_gives_no_best_probe() -> None:
    assert references(probe_rows(), {"af": None}) == []
