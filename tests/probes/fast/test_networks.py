"""Steps of all folds together are those of torch, fold by fold."""

import numpy as np
import pytest
import torch

from ecglens.probes.fast.networks import Networks
from ecglens.probes.fast.scaling import scale_folds

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 60)
X = (RNG.normal(size=(120, 7)) * 3 + 5 + Y[:, None] * (np.arange(7) < 2)).astype(np.float32)
TRAIN = np.arange(120) % 3 != np.arange(3)[:, None]


def as_torch(model, scaler_mean, scaler_scale):
    """The same network on standardised features, in 64 bits."""
    layers = torch.nn.Linear(7, 4, dtype=torch.float64), torch.nn.Linear(4, 1, dtype=torch.float64)
    scaled = model.hidden * scaler_scale[:, None]
    state = [
        {"weight": torch.tensor(scaled.T), "bias": torch.tensor(model.hidden_bias + scaler_mean @ model.hidden)},
        {"weight": torch.tensor(model.output[None]), "bias": torch.tensor([model.output_bias])},
    ]
    for layer, values in zip(layers, state, strict=True):
        layer.load_state_dict(values)
    return torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1])


def test_steps_are_those_of_torch():
    scalers = scale_folds(X, TRAIN)
    networks = Networks.start(scalers, [0, 1, 2], 4)
    scale = [(X[used].mean(axis=0, dtype=float), X[used].std(axis=0, dtype=float)) for used in TRAIN]
    twins = [as_torch(networks.model(fold), *scale[fold]) for fold in range(3)]
    optimisers = [torch.optim.Adam(twin.parameters(), lr=1e-3) for twin in twins]
    for batch in range(40):
        rows = np.arange(batch % 3, 120, 3) if batch % 2 else RNG.permutation(120)[:50]
        loss = networks.descend(scalers.Z[rows], Y[rows].astype(np.float32), TRAIN[:, rows].T)
        for fold, (twin, optimiser) in enumerate(zip(twins, optimisers, strict=True)):
            mean, spread = scale[fold]
            used = rows[TRAIN[fold, rows]]
            if not len(used):
                used_loss = torch.zeros(())
                penalty = 1e-4 / 2
            else:
                inputs, labels = torch.tensor((X[used] - mean) / spread), torch.tensor(Y[used, None] * 1.0)
                used_loss = torch.nn.functional.binary_cross_entropy_with_logits(twin(inputs), labels)
                penalty = 1e-4 / 2 / len(used)
            assert loss[fold] == pytest.approx(used_loss.item() * max(len(used), 1), rel=1e-4, abs=1e-6)
            optimiser.zero_grad()
            (used_loss + penalty * sum((twin[i].weight ** 2).sum() for i in (0, 2))).backward()
            for parameter in twin.parameters():
                parameter.grad = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            optimiser.step()
    for fold, twin in enumerate(twins):
        mean, spread = scale[fold]
        with torch.no_grad():
            expected = twin(torch.tensor((X - mean) / spread))[:, 0].numpy()
        np.testing.assert_allclose(networks.model(fold).decision_function(X), expected, atol=2e-4)


def test_folds_that_stop_leave_the_others_as_they_were():
    scalers = scale_folds(X, TRAIN)
    rows = np.arange(120)
    together, apart = Networks.start(scalers, [0, 1, 2], 4), Networks.start(scalers, [0, 1, 2], 4)
    for step in range(6):
        together.descend(scalers.Z, Y.astype(np.float32), TRAIN.T)
        if step == 3:
            apart = apart.keep(np.array([True, False, True]))
        apart.descend(scalers.Z, Y.astype(np.float32), TRAIN[apart.folds][:, rows].T)
    np.testing.assert_allclose(apart.model(1).hidden, together.model(2).hidden, rtol=1e-5)
    np.testing.assert_allclose(apart.squares(), together.squares()[[0, 2]], rtol=1e-5)
