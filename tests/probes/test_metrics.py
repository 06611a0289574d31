import numpy as np
import pytest

from ecglens.probes import fold_metrics
from ecglens.probes.metrics import METRICS

RNG = np.random.default_rng(0)
COUNTS = {"n_test", "n_test_positive", "n_train"}


def measure(y, probability):
    table = fold_metrics(y, probability, np.arange(len(y)) % 5)
    return table.groupby("metric")["value"].mean()


def test_everything_that_is_measured_has_its_words() -> None:
    found = measure(np.tile([0, 0, 1, 1, 1, 0, 1], 30), RNG.random(210))
    assert set(found.index) == set(METRICS) | COUNTS
    assert all(metric.name == name and metric.symbol and metric.caption for name, metric in METRICS.items())


@pytest.mark.parametrize("name", METRICS)
def test_values_lie_in_the_range(name: str) -> None:
    metric = METRICS[name]
    for seed in range(20):
        rng = np.random.default_rng(seed)
        y, levels = rng.integers(0, 2, 60), rng.integers(1, 9)
        value = fold_metrics(y, rng.integers(0, levels + 1, 60) / levels, np.arange(60) % 3)
        values = value.loc[value["metric"] == name, "value"].dropna()
        assert values.between(metric.low, metric.high).all()


@pytest.mark.parametrize("name", sorted(set(METRICS) - {"threshold_tuned", "calibration_slope"}))
def test_a_signal_moves_a_metric_to_its_better_side(name: str) -> None:
    y = np.tile([0, 1], 500)
    noise = RNG.uniform(-0.4, 0.4, 1000)
    chance, signal = measure(y, 0.5 + noise)[name], measure(y, 0.5 + noise / 2 + 0.3 * (y - 0.5))[name]
    assert (signal < chance) == METRICS[name].falls
