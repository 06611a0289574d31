"""Settings of separability in a study: they are those of a plan, and only what numbers depend on."""

from dataclasses import fields

import pytest
from pydantic import ValidationError

from ecglens.geometry import GeometryPlan
from ecglens.lenses.separability.settings import GeometrySettings, ProjectionSettings
from ecglens.study import Study

LEAST = {"name": "x", "datasets": ["chn"], "encoders": ["age-sex"]}
OF_A_CELL = {"seed", "device", "sources"}


def test_a_study_and_a_plan_have_the_same_defaults() -> None:
    """`ecglens geometry` without options computes what a study without settings does."""
    settings, plan = GeometrySettings().plan, GeometryPlan()
    assert {name: getattr(plan, name) for name in settings} == settings


def test_a_study_sets_every_field_of_a_plan_but_these() -> None:
    fixed = {"n_init", "spaces", "strata"}
    assert {field.name for field in fields(GeometryPlan)} - set(GeometrySettings().plan) == fixed | OF_A_CELL


def test_a_plan_takes_what_a_study_sets() -> None:
    given = {"metrics": ("ari", "ilisi"), "k": 7, "metric": "cosine", "seeds": 2, "repeats": 3, "most_per_cell": 5}
    settings = Study.model_validate(LEAST | {"geometry": given | {"device": "cpu"}}).settings(GeometrySettings)
    plan = GeometryPlan(**settings.plan)
    assert {name: getattr(plan, name) for name in given} == given
    assert settings.device == "cpu"


@pytest.mark.parametrize(
    "wrong",
    [
        {"metrics": []}, {"metrics": "ari"}, {"metrics": [5]}, {"k": 0}, {"metric": "manhattan"}, {"features": "z"},
        {"most_per_cell": 1}, {"max_records": 1}, {"bootstraps": 0}, {"spectral_up_to": -1},
        {"seeds": 2.5}, {"umap": {}},
    ],
    ids=str,
)  # fmt: skip
def test_values_out_of_range_are_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        GeometrySettings.model_validate(wrong)


@pytest.mark.parametrize(
    "wrong", [{"n_neighbors": 1}, {"min_dist": -0.1}, {"min_dist": 1.1}, {"min_dist": True}], ids=str
)
def test_a_picture_that_umap_cannot_draw_is_refused(wrong) -> None:
    with pytest.raises(ValidationError):
        ProjectionSettings.model_validate(wrong)
    assert ProjectionSettings(n_neighbors=2, min_dist=0).min_dist == 0
