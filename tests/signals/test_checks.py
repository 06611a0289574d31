from dataclasses import dataclass

import pytest

from ecglens.errors import ConfigError, RecipeError
from ecglens.signals.checks import check_below_nyquist, check_choice, check_parameter, check_positive, n_samples


@dataclass(frozen=True)
class Made:
    value: float = 1
    kind: str = "a"


def test_a_broken_rule_is_told_with_the_step():
    check_parameter(Made(), True, "a rule")
    with pytest.raises(ConfigError, match=r"^Made\(value=1, kind='a'\): a rule$"):
        check_parameter(Made(), False, "a rule")


@pytest.mark.parametrize("value", [0, -1, float("inf"), float("-inf"), float("nan")])
def test_only_finite_numbers_above_0_are_positive(value):
    check_positive(Made(1e-300), "value")
    with pytest.raises(ConfigError, match="value has to be a positive number"):
        check_positive(Made(value), "value")


def test_a_choice_lists_the_legal_values():
    check_choice(Made(), "kind", ("a", "b"))
    with pytest.raises(ConfigError, match=r"kind has to be one of a, b$"):
        check_choice(Made(kind="c"), "kind", ("a", "b"))


@pytest.mark.parametrize(("frequency", "fits"), [(249.9, True), (250, False), (251, False)])
def test_frequencies_are_below_half_the_sampling_rate(frequency, fits):
    if fits:
        check_below_nyquist("step", frequency, 500)
    else:
        with pytest.raises(RecipeError, match=f"{frequency:g} Hz is not below half the sampling rate of 500 Hz"):
            check_below_nyquist("step", frequency, 500)


@pytest.mark.parametrize(("seconds", "fs", "count"), [(5, 500, 2500), (0.3, 10, 3), (0.1, 257, 26), (0.0011, 500, 1)])
def test_durations_are_rounded_to_samples(seconds, fs, count):
    assert n_samples("step", seconds, fs) == count


def test_a_duration_has_a_sample_at_least():
    with pytest.raises(RecipeError, match=r"0\.0009 s at 500 Hz is less than one sample"):
        n_samples("step", 0.0009, 500)
