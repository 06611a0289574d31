"""Probes: classifiers on frozen embeddings, and their cross-validation.

Settings are the defaults of the libraries, spelt out if they matter, and the same for every encoder, data set and size,
so that results differ by the embedding alone. Every fit runs in one thread; folds and cells run side by side.

===================  ==================================  ===============================  ==============================
probe                settings and why                    names in the library             differences of the fast engine
===================  ==================================  ===============================  ==============================
xgboost              100 trees, depth 6, learning rate   XGBClassifier: n_estimators,     32 steps of rank per feature
                     0.3, logistic loss, L2 penalty 1    max_depth, learning_rate,        (max_bin is 256), cut by the
                     on leaves, Hessian of 1 or more in  tree_method=hist; defaults       training records of a fold;
                     a child, start at the prevalence;   reg_lambda=1,                    thresholds are midpoints
                     raw features: library defaults      min_child_weight=1,
                                                         objective=binary:logistic,
                                                         base_score from the labels
decision-tree        Gini, grown until leaves are pure;  DecisionTreeClassifier:          256 steps of rank per feature,
                     raw features: library defaults;     criterion=gini; default          where the library tries every
                     its probabilities are mostly 0 or   max_depth=None                   value
                     1
random-forest        100 such trees, each on a           RandomForestClassifier:          64 steps of rank per feature;
                     bootstrap sample, sqrt(d) features  n_estimators; defaults           other random numbers
                     for each split; raw features:       max_features=sqrt,
                     library defaults                    bootstrap=True
logistic-regression  L2 with C = 1, standardised         StandardScaler,                  Newton's method, all folds in
                     features; the scaler is fitted      LogisticRegression: C,           step, within 1e-4 of the
                     inside the fold; 5,000 iterations,  solver=lbfgs, max_iter;          optimum; the library stops
                     so that the fit and not the limit   default penalty L2               earlier; max_iter limits
                     ends it                                                              Newton steps
mlp                  one hidden layer of 100 ReLU, Adam  StandardScaler, MLPClassifier:   all folds in step, in one
                     at 1e-3, 200 records a step, L2     hidden_layer_sizes,              shared order of records; the
                     1e-4, standardised features; at     activation=relu, solver=adam,    weights of a fold start from
                     most 200 epochs, fewer once 10      early_stopping, max_iter;        its own seed; 200 records a
                     have gained less than 1e-4; a fit   defaults alpha=1e-4, tol=1e-4,   step and fold on average;
                     that the limit ends is counted as   n_iter_no_change=10,             32-bit numbers
                     a warning. No early stopping: of    batch_size=auto,
                     the 93 records that size XS trains  learning_rate_init=1e-3
                     on, 9 would judge when to stop
===================  ==================================  ===============================  ==============================

The ``reference`` engine fits the library's estimator; ``benchmarks/probes.py`` holds the two side by side.
"""

from ecglens.errors import ConfigError
from ecglens.probes.base import Estimator, Probe
from ecglens.probes.crossval import CrossValidation, Engine, cross_validate
from ecglens.probes.custom import custom_probe
from ecglens.probes.scoring import fold_metrics
from ecglens.registry import Registry

__all__ = [
    "PROBES",
    "CrossValidation",
    "Engine",
    "Estimator",
    "Probe",
    "cross_validate",
    "custom_probe",
    "fold_metrics",
    "get_probe",
]

PROBES = Registry(
    "probe",
    {
        "xgboost": "ecglens.probes.trees:XGBOOST",
        "decision-tree": "ecglens.probes.trees:DECISION_TREE",
        "random-forest": "ecglens.probes.trees:RANDOM_FOREST",
        "logistic-regression": "ecglens.probes.linear:LOGISTIC_REGRESSION",
        "mlp": "ecglens.probes.mlp:MLP",
    },
)


def get_probe(name: str) -> Probe:
    """Find a probe by its short name or ``package.module:attribute``.

    Raises
    ------
    ConfigError
        Unknown name; the message lists the known ones.

    Examples
    --------
    >>> get_probe("mlp").random
    True
    """
    found = PROBES.load(name)
    if not isinstance(found, Probe):
        raise ConfigError(
            f"probe {name!r} is a {type(found).__name__}, not an ecglens.probes.Probe. Built in: "
            f"{', '.join(PROBES.builtins)}. A classifier of scikit-learn can be a probe of a study: "
            "`{name: svm, estimator: sklearn.svm.SVC}`."
        )
    return found
