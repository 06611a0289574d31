"""Which probe speaks for an encoder, and which data set is its reference."""

import numpy as np
import pandas as pd
import pytest

from ecglens.lenses.scores.references import Reference, best_probes, mean_f1, references

SCORES = {("a", "tree"): [0.5, 0.7], ("a", "mlp"): [0.8, 0.6], ("b", "tree"): [0.9, 0.9], ("b", "mlp"): [0.7, 0.7]}


def probe_rows(scores=SCORES, **place: str) -> pd.DataFrame:
    """F1 by data set and probe, a fold each."""
    place = {"encoder": "e", "task": "af", "size": "S", "labels": "true", "metric": "f1", "status": "done"} | place
    rows = [
        place | {"dataset": dataset, "probe": probe, "fold": fold, "value": value}
        for (dataset, probe), values in scores.items()
        for fold, value in enumerate(values)
    ]
    return pd.DataFrame(rows)


def found(*tables: pd.DataFrame, **sizes: str | None) -> list[Reference]:
    return references(pd.concat(tables), sizes or {"af": "S"})


def test_mean_f1_is_the_mean_over_folds() -> None:
    means = mean_f1(probe_rows()).set_index(["dataset", "probe"])["value"]
    assert means["a", "mlp"] == pytest.approx(0.7)
    assert means["b", "tree"] == pytest.approx(0.9)


@pytest.mark.parametrize("change", [{"metric": "auroc"}, {"status": "failed"}])
def test_other_metrics_and_failed_fits_do_not_enter(change) -> None:
    other = probe_rows({("a", "tree"): [1.0, 1.0]}, **change)
    pd.testing.assert_frame_equal(mean_f1(pd.concat([probe_rows(), other])), mean_f1(probe_rows()))


@pytest.mark.parametrize("change", [{"labels": "shuffled"}, {"size": "L"}])
def test_other_sizes_and_shuffled_labels_do_not_choose(change) -> None:
    other = probe_rows({("a", "mlp"): [1.0], ("b", "mlp"): [1.0]}, **change)
    assert found(probe_rows(), other) == found(probe_rows())


def test_the_best_probe_is_best_over_data_sets_and_its_reference_where_it_is_best() -> None:
    (best,) = best_probes(found(probe_rows()))
    # tree: (0.6 + 0.9) / 2 beats mlp: (0.7 + 0.7) / 2
    assert best == Reference("e", "af", "S", "tree", dataset="b", mean=pytest.approx(0.75), n=2)


@pytest.mark.parametrize("last", ["mlp", "zero"])
def test_more_data_sets_count_before_a_higher_mean(last) -> None:
    """Whichever probe is met first: a mean over an easy data set alone is no better."""
    everywhere = {("a", "tree"): [0.5], ("b", "tree"): [0.6]}
    (best,) = best_probes(found(probe_rows({("b", last): [0.9], **everywhere})))
    assert (best.probe, best.n, best.mean) == ("tree", 2, pytest.approx(0.55))


def test_an_undefined_score_is_no_data_set() -> None:
    (best,) = best_probes(found(probe_rows({("a", "mlp"): [0.5], ("a", "tree"): [0.6], ("b", "tree"): [np.nan]})))
    assert (best.probe, best.n) == ("tree", 1)


def test_the_first_by_name_wins_among_equals() -> None:
    table = probe_rows({("b", "tree"): [0.5], ("a", "tree"): [0.5], ("b", "mlp"): [0.5], ("a", "mlp"): [0.5]})
    (best,) = best_probes(found(table))
    assert (best.probe, best.dataset) == ("mlp", "a")


def test_every_encoder_and_task_has_its_own() -> None:
    low = {("a", "mlp"): [0.1]}
    every = best_probes(found(probe_rows(), probe_rows(low, encoder="f"), probe_rows(low, task="cd"), af="S", cd="S"))
    assert {(one.encoder, one.task): one.probe for one in every} == {
        ("e", "af"): "tree", ("f", "af"): "mlp", ("e", "cd"): "mlp",
    }  # fmt: skip


def test_no_common_size_gives_no_best_probe() -> None:
    assert found(probe_rows(), af=None) == []
