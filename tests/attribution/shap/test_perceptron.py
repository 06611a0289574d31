import numpy as np
import pytest
import shap
import torch

from ecglens.attribution.shap.explain import explain
from ecglens.probes.models import Perceptron

RNG = np.random.default_rng(0)
MODEL = Perceptron(RNG.normal(size=(6, 9)), RNG.normal(size=9), RNG.normal(size=9), 0.3)
BACKGROUND, X = RNG.normal(size=(20, 6)), RNG.normal(size=(15, 6)) + 0.5


def test_values_are_those_of_shap():
    first, last = torch.nn.Linear(6, 9, dtype=torch.float64), torch.nn.Linear(9, 1, dtype=torch.float64)
    first.load_state_dict({"weight": torch.tensor(MODEL.hidden.T), "bias": torch.tensor(MODEL.hidden_bias)})
    last.load_state_dict({"weight": torch.tensor(MODEL.output[None]), "bias": torch.tensor([MODEL.output_bias])})
    network = torch.nn.Sequential(first, torch.nn.ReLU(), last)
    explainer = shap.DeepExplainer(network, torch.tensor(BACKGROUND))
    expected = explainer.shap_values(torch.tensor(X), check_additivity=False)[..., 0]
    found = explain(MODEL, BACKGROUND, X)
    np.testing.assert_allclose(found.values, expected, atol=1e-9)
    assert found.base == pytest.approx(float(explainer.expected_value[0]))
    assert found.additivity_error < 1e-12


def test_a_record_that_is_its_own_background_has_no_values():
    found = explain(MODEL, X[:1], X[:1])
    np.testing.assert_allclose(found.values, 0, atol=1e-12)
    assert found.additivity_error < 1e-12
