import numpy as np

from ecglens.attribution.shap.explain import explain
from ecglens.attribution.shapley import explain_checked
from ecglens.probes.models import LinearModel


def test_the_former_name_gives_the_same_numbers() -> None:
    model, background, rows = LinearModel(np.array([2.0, -1.0]), 0.5), np.zeros((3, 2)), np.eye(2)
    old, new = explain_checked(model, background, rows), explain(model, background, rows)
    np.testing.assert_array_equal(old.values, new.values)
    assert (old.base, old.gap) == (new.base, new.additivity_error)
