"""Thresholds are what their reasons say, and those of the measure of one matrix."""

import pytest

from ecglens.errors import ConfigError
from ecglens.geometry.verdict import Limits
from ecglens.lenses.thresholds import Thresholds
from ecglens.study import Study


def test_verdicts_of_a_study_and_of_a_matrix_have_the_same_limits() -> None:
    own, limits = Thresholds(), Limits()
    assert (own.label_low, own.label_high) == (limits.label_low, limits.label_high)
    assert (own.source_low, own.source_high) == (limits.source_low, limits.source_high)


def test_reasons_that_name_another_threshold_agree_with_it() -> None:
    own = Thresholds()
    assert own.within_high == 2 * own.label_low
    assert own.across_low == own.label_low
    assert own.source_high == own.label_high


def test_every_threshold_has_a_reason() -> None:
    assert all(field.description for field in Thresholds.model_fields.values())


@pytest.mark.parametrize("name", ["rope", "difference"])
def test_a_size_of_a_difference_is_not_negative(name) -> None:
    assert getattr(Thresholds.model_validate({name: 0}), name) == 0
    with pytest.raises(ValueError, match=name):
        Thresholds.model_validate({name: -0.01})


def test_an_unknown_threshold_is_refused() -> None:
    study = {"name": "x", "datasets": ["simulated-ptb-xl"], "encoders": ["age-sex"], "tasks": ["af"]}
    with pytest.raises((ConfigError, ValueError), match="label_hihg"):
        Study.model_validate(study | {"thresholds": {"label_hihg": 0.5}}).settings(Thresholds)
