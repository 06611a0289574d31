"""Settings of feature overlap in a study: limits, and that they reach the cells."""

import pytest
from pydantic import ValidationError

from ecglens.lenses.overlap.settings import AttributionSettings
from ecglens.study import Study

LEAST = {"name": "x", "datasets": ["chn"], "encoders": ["age-sex"]}


def test_a_study_holds_them_under_attribution_with_their_defaults() -> None:
    study = Study.model_validate(LEAST | {"attribution": {"top_k": 7}})
    assert study.settings(AttributionSettings) == AttributionSettings(top_k=7)
    assert Study.model_validate(LEAST).settings(AttributionSettings) == AttributionSettings()
    assert AttributionSettings().top_k in AttributionSettings().cutoffs


@pytest.mark.parametrize(
    "wrong",
    [
        {"top_k": 0}, {"top_k": True}, {"top_k": 100_001}, {"cutoffs": [0]}, {"cutoffs": [True]}, {"cutoffs": ["5"]},
        {"seeds": 0}, {"halves": -1}, {"permutations": 1.5}, {"probes": "mlp"}, {"k": 5},
    ],
    ids=str,
)  # fmt: skip
def test_values_out_of_range_are_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        AttributionSettings.model_validate(wrong)


@pytest.mark.parametrize("legal", [{"halves": 0}, {"permutations": 0}, {"cutoffs": []}, {"top_k": 100_000}], ids=str)
def test_nothing_of_an_optional_part_is_legal(legal) -> None:
    assert AttributionSettings.model_validate(legal).model_dump(include=set(legal), mode="json") == legal
