"""Study files that name wrong things, and how they are refused."""

import sys

import pytest
import yaml

from ecglens.datasets.simulated import simulate
from ecglens.errors import EcgLensError
from ecglens.study import load_study
from ecglens.study.plan import dry_run

MODULE = """
import numpy as np
from ecglens import EncoderCard, Recipe

class Mine:
    recipe = Recipe()

    def __init__(self, depth: int = 3) -> None:
        if depth > 5:
            raise ValueError("too deep")
        self.card = EncoderCard("mine", dim=4)

    def encode(self, batch):
        return np.zeros((len(batch.signals), 1, 4), np.float32)

def number():
    return 5
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("studies")
    simulate(root / "data" / "georgia", "georgia", 20, 1)
    (root / "beside_the_study.py").write_text(MODULE)
    return root


@pytest.fixture
def own_path(monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    yield
    sys.modules.pop("beside_the_study", None)


def plain_study(**changes) -> dict:
    settings = {"name": "s", "data": "data", "datasets": ["georgia"], "encoders": ["age-sex"], "tasks": ["cd"]}
    return settings | {"sizes": {"T": 12}, "folds": 2, "probes": ["logistic-regression"]} | changes


@pytest.fixture(scope="session")
def plain():
    """The settings of a study that runs, with changes."""
    return plain_study


@pytest.fixture
def refusal(folder):
    """Message about a study file with these changes, from after its name."""

    def refused(**changes) -> str:
        settings = plain_study(**changes)
        (folder / "study.yaml").write_text(yaml.safe_dump(settings, sort_keys=False))
        with pytest.raises(EcgLensError) as caught:
            dry_run(load_study(folder / "study.yaml"))
        message = str(caught.value)
        assert message.startswith(f"{folder}/study.yaml:")
        assert "\x1b" not in message
        assert len(message) < 20_000
        for word in ("Input", "valid", "literal", "tuple", "pydantic", "permitted"):
            assert word not in message
        return message.removeprefix(f"{folder}/study.yaml:")

    return refused
