"""Both engines on one small planted problem: the same conclusions."""

from itertools import product

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from ecglens.attribution import top_k
from ecglens.attribution.shap.explain import explain_folds
from ecglens.probes import PROBES, cross_validate
from planted import plant

RNG = np.random.default_rng(0)
N, D, PLANTED = 400, 20, [3, 8, 11]
Y = np.tile([0, 1], N // 2)
X = RNG.normal(size=(N, D)) @ np.diag(np.geomspace(0.1, 10, D))
X[:, PLANTED] += 1.2 * Y[:, None] * X[:, PLANTED].std(axis=0)
X = (X + 2).astype(np.float32)
FOLDS = RNG.permutation(N) % 5


@pytest.fixture(scope="module", params=PROBES.names())
def both(request):
    probe = PROBES.load(request.param)
    return [cross_validate(X, Y, FOLDS, probe, seed=1, engine=engine) for engine in ("fast", "reference")]


def test_scores_agree(both) -> None:
    fast, reference = (result.probability for result in both)
    assert f1_score(Y, fast > 0.5) == pytest.approx(f1_score(Y, reference > 0.5), abs=0.03)
    assert roc_auc_score(Y, fast) == pytest.approx(roc_auc_score(Y, reference), abs=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("name", PROBES.names())
def test_f1_differs_by_a_hundredth_at_most_over_planted_sets(name) -> None:
    """The tolerance of docs/performance.md, with two standard errors for what is chance on twelve small sets."""
    gaps = []
    for kind, seed in product(("linear", "interacting", "rare"), range(4)):
        x, y, folds = plant(kind, 300, 20, 5, seed)
        fast, reference = (
            cross_validate(x, y, folds, PROBES.load(name), seed, engine=engine).probability
            for engine in ("fast", "reference")
        )
        gaps.append(f1_score(y, fast > 0.5) - f1_score(y, reference > 0.5))
    assert abs(np.mean(gaps)) < 0.01 + 2 * np.std(gaps, ddof=1) / np.sqrt(len(gaps))


def test_predictions_go_together(both) -> None:
    fast, reference = (result.probability for result in both)
    certain = np.isin(reference, [0, 1]).all()  # of a tree whose leaves are pure: another split changes all below it
    assert np.corrcoef(fast, reference)[0, 1] > (0.5 if certain else 0.95)


def test_both_rely_on_the_planted_features(both) -> None:
    for result in both:
        assert sorted(top_k(explain_folds(result.models, X, FOLDS)[0].mean(axis=0), 3)) == PLANTED


def test_seeds_are_the_same(both) -> None:
    assert both[0].seeds == both[1].seeds
