"""Importance is that of the models that were scored, repeated; backgrounds hold what they were trained on."""

import numpy as np
import pytest

from ecglens.attribution import importance, measure_importance
from ecglens.attribution.shap import explain as shap_explain
from ecglens.attribution.shap.explain import explain, explain_folds
from ecglens.probes import PROBES, cross_validate

RNG = np.random.default_rng(0)
Y = np.tile([0, 1], 40)
X = RNG.normal(size=(80, 5)) + Y[:, None] * [1.5, 0.5, 0, 0, 0]
FOLDS = np.arange(80) // 2 % 8


def test_the_first_fits_are_the_ones_that_were_scored() -> None:
    probe = PROBES.load("random-forest")
    found = measure_importance(X, Y, FOLDS, probe, seed=3, seeds=2)
    models = cross_validate(X, Y, FOLDS, probe, 3).models
    np.testing.assert_allclose(found.by_fold[0], explain_folds(models, X, FOLDS, seed=3)[0])
    first = np.average(found.by_fold[0], axis=0, weights=np.bincount(FOLDS))
    second = np.average(found.by_fold[1], axis=0, weights=np.bincount(FOLDS))
    np.testing.assert_allclose(found.mean, (first + second) / 2)
    assert not np.allclose(found.by_fold[0], found.by_fold[1])


def test_a_probe_without_randomness_is_fitted_once_and_few_folds_make_no_halves() -> None:
    probe = PROBES.load("logistic-regression")
    found = measure_importance(X, Y, FOLDS, probe, seeds=3, halves=2)
    assert found.by_fold.shape == (1, 8, 5)
    assert found.halves.shape == (2, 2, 5)
    assert (found.halves.argmax(axis=-1) == 0).all()
    assert len(measure_importance(X, Y, FOLDS, PROBES.load("decision-tree"), seeds=3).by_fold) == 3, "ties are drawn"
    assert len(measure_importance(X, Y, FOLDS % 3, probe, halves=2).halves) == 0


def test_every_fit_has_a_seed_of_its_own(monkeypatch) -> None:
    """Networks that begin alike agree on more than the data tell: halves would repeat too well."""
    seeds = []

    def watch(x, y, folds, probe, seed, **rest):
        seeds.append(seed)
        return cross_validate(x, y, folds, probe, seed, **rest)

    monkeypatch.setattr(importance, "cross_validate", watch)
    measure_importance(X, Y, FOLDS, PROBES.load("decision-tree"), seed=3, seeds=2, halves=3)
    assert seeds[0] == 3
    assert len(set(seeds)) == len(seeds) == 2 + 3 * 2


def test_a_split_that_cannot_be_filled_takes_nothing_else_with_it() -> None:
    rare = np.isin(np.arange(80), [0, 2, 4, 6]).astype(int)  # in folds 0 to 3, of which each half needs two
    found = measure_importance(X, rare, FOLDS, PROBES.load("logistic-regression"), halves=20)
    assert found.by_fold.shape == (1, 8, 5)
    assert 0 < len(found.halves) < 20


@pytest.mark.parametrize("name", ["logistic-regression", "random-forest"])
def test_backgrounds_hold_only_records_that_were_trained_on(monkeypatch, name: str) -> None:
    train = RNG.random(80) < 0.6
    seen = []

    def watch(model, background, rows):
        seen.append((background, rows))
        return explain(model, background, rows)

    monkeypatch.setattr(shap_explain, "explain", watch)
    importance.measure_importance(X, Y, FOLDS, PROBES.load(name), train=train)
    rows = {tuple(row): number for number, row in enumerate(X)}
    for fold, (background, held_out) in enumerate(seen):
        assert train[[rows[tuple(row)] for row in background]].all()
        assert {FOLDS[rows[tuple(row)]] for row in held_out} == {fold}
        assert fold not in {FOLDS[rows[tuple(row)]] for row in background}


def test_how_well_values_add_up_is_told() -> None:
    probe = PROBES.load("mlp")
    models = cross_validate(X, Y, FOLDS, probe, 0).models
    errors = []
    for fold, model in enumerate(models):
        held_out, background = X[fold == FOLDS], X[fold != FOLDS]
        found = explain(model, background, held_out)
        output = model.decision_function(held_out)
        errors.append(np.abs(found.base + found.values.sum(axis=1) - output).max() / max(1, np.abs(output).max()))
    assert 0 < measure_importance(X, Y, FOLDS, probe).additivity_error < 1e-5
    assert max(errors) < 1e-5
