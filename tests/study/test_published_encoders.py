"""A checkpoint file in a study: beside its untrained self, encoders that have seen the data, and a wrong file."""

import hashlib
import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest
import yaml

from ecglens.datasets import open_dataset
from ecglens.datasets.base import SIMULATED_MARK
from ecglens.embeddings import load_embeddings
from ecglens.encoders import Batch, EncoderCard, Recipe, load_encoder
from ecglens.errors import ConfigError
from ecglens.report import render, summarise, write_report
from ecglens.study import load_study, run_study

PARITY = Path(__file__).parents[1] / "encoders" / "parity" / "conftest.py"
FILES = {"merl-resnet18": "res18_best_encoder.pth", "merl-vit-tiny": "vit_tiny_best_encoder.pth"}


class Amplitude:
    """An encoder of somebody else."""

    recipe = Recipe()

    def __init__(self, pretraining=None) -> None:
        self.card = EncoderCard("amplitude", dim=12, pretraining=pretraining and frozenset(pretraining))

    def encode(self, batch):
        return batch.signals.std(axis=2)[:, None]


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    """A folder with the published containers, filled by the rule of the parity tests."""
    spec = importlib.util.spec_from_file_location("parity_rule", PARITY)
    parity = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(parity)
    folder = tmp_path_factory.mktemp("weights")
    for slug, file in FILES.items():
        manifest = json.loads((parity.SYNTHETIC / slug / "manifest.json").read_text())
        written = parity.write_as_published(parity.state_dict(manifest), slug, manifest, folder)
        assert written == folder / file
    return folder


def study_file(folder: Path, data: Path, encoders: list) -> Path:
    settings = {
        "name": "published",
        "data": str(data),
        "datasets": ["georgia", "ptb-xl"],
        "encoders": encoders,
        "tasks": ["af"],
        "sizes": {"tiny": 12},
        "folds": 2,
        "probes": ["decision-tree"],
        "shuffled": "none",
        "attribution": {"top_k": 5},
        "geometry": {"seeds": 1, "k": 3},
        "projection": {"n_neighbors": 5},
    }
    path = folder / "study.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


@pytest.fixture(scope="module")
def unmarked(data_of, tmp_path_factory) -> Path:
    """Simulated records that do not say so: the report answers for them as for real ones."""
    data = data_of(tmp_path_factory.mktemp("unmarked"), n_records=40)
    for mark in data.glob(f"*/{SIMULATED_MARK}"):
        mark.unlink()
    return data


@pytest.fixture(scope="module")
def finished(weights, unmarked, tmp_path_factory):
    own = {"encoder": "test_published_encoders:Amplitude"}
    encoders = [
        {"name": "merl-resnet18", "weights": str(weights / FILES["merl-resnet18"]), "verify": False},
        "merl-resnet18@untrained",
        {"name": "wrong", "encoder": "merl-resnet18", "weights": str(weights / FILES["merl-vit-tiny"])},
        {"name": "trained-here", "pretraining": ["georgia"], **own},
        {"name": "silent", **own},
    ]
    out = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).parent)
        return run_study(load_study(study_file(out, unmarked, encoders)), out / "run"), out / "run"


def test_a_checkpoint_runs_beside_its_untrained_self(finished, weights) -> None:
    results, _ = finished
    done = results.probe[results.probe["status"] == "done"]
    assert set(done["encoder"]) == {"merl-resnet18", "merl-resnet18@untrained", "trained-here", "silent"}
    assert (done.groupby("encoder")["dataset"].nunique() == 2).all()
    used = {
        name: {facts["weights"] for facts in about["embeddings"].values()}
        for name, about in results.provenance["encoders"].items()
    }
    published = hashlib.sha256((weights / FILES["merl-resnet18"]).read_bytes()).hexdigest()
    assert used["merl-resnet18"] == {published}
    assert used["merl-resnet18@untrained"] == {load_encoder("merl-resnet18@untrained").weights_sha256} != {published}


def test_the_embeddings_are_those_of_the_file(finished, weights, unmarked) -> None:
    _, out = finished
    encoder = load_encoder("merl-resnet18", weights=weights / FILES["merl-resnet18"], verify=False)
    dataset = open_dataset("georgia", unmarked / "georgia")
    stored = [
        load_embeddings(folder)
        for folder in (out / "embeddings").iterdir()
        if folder.is_dir() and encoder.weights_sha256 in (folder / "provenance.json").read_text()
    ]
    (found,) = [each for each in stored if each.provenance["dataset"]["name"] == "georgia"]
    ids = [str(name) for name in found.record_ids[:3]]
    fs = dataset.index().records.loc[ids, "fs"]
    for row, (signal, rate) in enumerate(zip(dataset.read(ids), fs, strict=True)):
        tokens = encoder.encode(Batch(*encoder.recipe.apply(signal[None], rate), records=None))
        np.testing.assert_allclose(found.matrix[row], tokens.mean(axis=(0, 1)), rtol=0, atol=1e-4)


def test_the_report_says_how_far_each_encoder_knows_each_data_set(finished, tmp_path) -> None:
    results, _ = finished
    summary = summarise(results)
    found = summary.exposure.set_index(["encoder", "dataset"])["seen"].unstack().to_dict("index")
    assert found == {
        "merl-resnet18": {"georgia": "not seen", "ptb-xl": "selection"},
        "merl-resnet18@untrained": {"georgia": "not seen", "ptb-xl": "not seen"},
        "trained-here": {"georgia": "seen", "ptb-xl": "not seen"},
        "silent": {"georgia": "unknown", "ptb-xl": "unknown"},
        "wrong": {"georgia": "unknown", "ptb-xl": "unknown"},
    }
    for text in (render(summary, "markdown"), write_report(results, tmp_path / "report.html").read_text()):
        for word in ("not seen", "selection", "unknown"):
            assert word in text


def test_a_wrong_checkpoint_fails_by_name_and_stops_no_other_cell(finished) -> None:
    results, _ = finished
    assert set(results.failures["cell"]) == {"wrong__georgia", "wrong__ptb-xl"}
    for error in results.failures["error"]:
        assert error.strip().endswith("It looks like a checkpoint of merl-vit-tiny.")
        assert FILES["merl-vit-tiny"] in error
    assert "done" not in set(results.probe.loc[results.probe["encoder"] == "wrong", "status"])


def test_recipes_by_name_reach_the_embeddings_and_unknown_ones_are_refused(weights, unmarked, tmp_path) -> None:
    def variant(name, recipe):
        return {"name": name, "encoder": "ecgfounder-12lead@untrained", "recipe": recipe}

    known = [variant("with-filters", "dataset.py"), variant("without", "zscore-only")]
    results = run_study(load_study(study_file(tmp_path, unmarked, known)), tmp_path / "run")
    assert results.failures.empty
    recipes = {name: about["recipe"] for name, about in results.provenance["encoders"].items()}
    assert "Notch" in recipes["with-filters"]
    assert "Notch" not in recipes["without"]
    with pytest.raises(ConfigError, match=r"encoders\.odd.*'z-score'.*zscore-only"):
        run_study(load_study(study_file(tmp_path, unmarked, [variant("odd", "z-score")])), tmp_path / "refused")
    assert not (tmp_path / "refused").exists()
