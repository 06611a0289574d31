"""The best probe of an encoder: most data sets first, then the highest mean, then the first."""

import pytest

from ecglens.lenses.scores.references import Reference, best_probes


def reference(probe: str, n: int, mean: float, encoder: str = "e", task: str = "af") -> Reference:
    return Reference(encoder, task, "S", probe, "ptb-xl", mean, n)


@pytest.mark.parametrize(
    ("found", "best"),
    [
        ([reference("mlp", 2, 0.6), reference("svm", 2, 0.7)], "svm"),
        ([reference("svm", 2, 0.7), reference("mlp", 2, 0.6)], "svm"),
        ([reference("mlp", 1, 0.9), reference("svm", 2, 0.5)], "svm"),
        ([reference("svm", 2, 0.5), reference("mlp", 1, 0.9)], "svm"),
        ([reference("mlp", 2, 0.7), reference("svm", 2, 0.7)], "mlp"),
    ],
    ids=["higher mean", "higher mean, first", "more data sets", "more data sets, first", "equal: the first"],
)
def test_one_probe_is_best(found: list[Reference], best: str) -> None:
    assert [each.probe for each in best_probes(found)] == [best]


def test_every_encoder_and_task_has_its_own() -> None:
    found = [
        reference("mlp", 2, 0.6), reference("svm", 2, 0.7, encoder="f"), reference("tree", 2, 0.9, task="sb"),
        reference("svm", 2, 0.5),
    ]  # fmt: skip
    assert [(each.encoder, each.task, each.probe) for each in best_probes(found)] == [
        ("e", "af", "mlp"), ("f", "af", "svm"), ("e", "sb", "tree"),
    ]  # fmt: skip
