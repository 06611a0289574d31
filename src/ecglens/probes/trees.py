"""Decision tree, random forest and boosted trees."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier
from xgboost import XGBClassifier

from ecglens.probes.base import Probe

DECISION_TREE = Probe("decision-tree", "Decision tree", DecisionTreeClassifier, {"criterion": "gini"})

RANDOM_FOREST = Probe("random-forest", "Random forest", RandomForestClassifier, {"n_estimators": 100, "n_jobs": 1})

XGBOOST = Probe(
    "xgboost",
    "XGBoost",
    XGBClassifier,
    {"n_estimators": 100, "max_depth": 6, "learning_rate": 0.3, "tree_method": "hist", "n_jobs": 1},
)
