"""The encoder of docs/how-to/encoder.md."""

import numpy as np

from ecglens import load_encoder
from ecglens.datasets.simulated import simulate
from ecglens.encoders import Batch
from ecglens.study import Study, load_results, run_study


def test_the_page_adds_an_encoder(install) -> None:
    page = install("encoder")
    shown, checked = (page.run(*command) for command in page.commands())
    assert "Mean and standard deviation" in shown
    assert "FAIL" not in checked


def test_its_tokens_are_those_of_numpy(install) -> None:
    install("encoder")
    signals = np.random.default_rng(0).normal(size=(3, 12, 1000)).astype(np.float32)
    tokens = load_encoder("lead-energy").encode(Batch(signals, 100, records=None))
    assert tokens.shape == (3, 10, 24)
    np.testing.assert_allclose(tokens[1, 4, 2], signals[1, 2, 400:500].mean(), atol=1e-6)
    np.testing.assert_allclose(tokens[1, 4, 14], signals[1, 2, 400:500].std(), atol=1e-6)


def test_a_study_scores_it(install, tmp_path) -> None:
    install("encoder")
    simulate(tmp_path / "georgia", "georgia", 40, 3)
    settings = {
        "name": "small",
        "datasets": [{"name": "georgia", "root": tmp_path / "georgia"}],
        "encoders": ["lead-energy", {"name": "by-path", "encoder": "lead_energy:LeadEnergy"}],
        "tasks": ["cd"],
        "sizes": {"T": 16},
        "draws": 1,
        "folds": 4,
        "probes": ["logistic-regression"],
        "attribution": {"top_k": 2, "cutoffs": [2], "seeds": 1, "halves": 0},
        "geometry": {"k": 3, "seeds": 1, "repeats": 2, "permutations": 5, "bootstraps": 5},
    }
    run_study(Study.model_validate(settings), tmp_path / "run")
    probe = load_results(tmp_path / "run").probe
    values = probe[(probe["metric"] == "f1") & (probe["labels"] == "true")].groupby("encoder")["value"].apply(list)
    assert sorted(values.index) == ["by-path", "lead-energy"]
    assert values.iloc[0] == values.iloc[1]
