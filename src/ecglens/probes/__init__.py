"""Probes: classifiers on frozen embeddings, and their cross-validation.

Settings are the defaults of the libraries, spelt out where they matter, the same for every encoder, data set and size:
what differs between results is then the embedding. Every fit runs in one thread; folds and cells run side by side.

=====================  =========================================  ====================================================
probe                  settings                                   why
=====================  =========================================  ====================================================
xgboost                100 trees, depth 6, learning rate 0.3,     library defaults
                       histogram splits, raw features
decision-tree          Gini, grown until leaves are pure,         library defaults; its probabilities are mostly 0 or 1
                       raw features
random-forest          100 trees, raw features                    library defaults
logistic-regression    L2 with C = 1, L-BFGS, standardised        the scaler is fitted inside the fold; 5,000
                       features                                   iterations, so that the fit and not the limit ends it
mlp                    one hidden layer of 100 ReLU, Adam,        library defaults; a fit that 200 epochs end before its
                       200 epochs, standardised features          loss is level is counted as a warning. No early
                                                                  stopping: of the 93 records that size XS trains on, 9
                                                                  would judge when to stop
=====================  =========================================  ====================================================
"""

from ecglens.probes.base import Estimator, Probe
from ecglens.probes.crossval import CrossValidation, Engine, cross_validate
from ecglens.probes.custom import custom_probe
from ecglens.probes.metrics import fold_metrics
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
