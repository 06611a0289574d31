"""What all published encoders share, tried on a network of one matrix; and their cards beside the table of facts."""

import re
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

from ecglens.datasets.card import DatasetCard
from ecglens.embeddings import extract
from ecglens.embeddings.identity import identity
from ecglens.encoders import ENCODERS, Batch, EncoderCard, load_card, load_encoder
from ecglens.encoders.published.base import PublishedEncoder
from ecglens.encoders.weights.checkpoint import Checkpoint
from ecglens.errors import ConfigError, EncoderError
from ecglens.records import LEADS, record_table
from ecglens.signals import Recipe, Windows, ZScore

CARD = DatasetCard("made-up", "", "1", "", "", "", "", "scp-ecg", None, None, False, "")


class Matrix(PublishedEncoder):
    """Each of 100 samples of 12 leads becomes a token of three numbers."""

    card = EncoderCard("matrix", dim=3, fs=100, seconds=1, pretraining=frozenset({"ptb-xl"}))
    checkpoint = Checkpoint("matrix.pt", "huggingface:nobody/matrix", "MIT", key="model", skip=("head.*",))
    recipes: ClassVar = {"plain": Recipe((Windows(1),)), "z-score": Recipe((Windows(1), ZScore()))}
    batch_size = 4

    def build(self):
        return nn.Sequential(_Swap(), nn.Linear(12, 3, bias=False))

    def pool(self, tokens, pooling="mean"):
        return super().pool(tokens, pooling) * 2


class _Swap(nn.Module):
    def forward(self, x):
        return x.transpose(1, 2)


class WholeRecord(Matrix):
    recipes: ClassVar = {"plain": Recipe((ZScore(),))}


@pytest.fixture
def matrix() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(3, 12)).astype(np.float32)


@pytest.fixture
def weights(matrix, tmp_path):
    path = tmp_path / "matrix.pt"
    torch.save({"model": {"1.weight": torch.from_numpy(matrix), "head.bias": torch.zeros(7)}}, path)
    return path


@pytest.fixture
def signals() -> np.ndarray:
    return np.random.default_rng(1).normal(size=(11, 12, 100)).astype(np.float32)


def test_encodes_with_the_weights_of_the_file(weights, matrix, signals):
    tokens = Matrix(weights).encode(Batch(signals, 100, records=None))
    np.testing.assert_allclose(tokens, np.einsum("nlt,dl->ntd", signals, matrix), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("shape", "fs"), [((2, 12, 99), 100), ((2, 8, 100), 100), ((2, 12, 100), 500)])
def test_refuses_signals_that_its_recipe_does_not_return(weights, shape, fs):
    with pytest.raises(EncoderError, match=r"12 leads x 100 samples at 100 Hz.*recipe first"):
        Matrix(weights).encode(Batch(np.zeros(shape, np.float32), fs, records=None))


def test_recipes_by_name(weights):
    assert Matrix(weights).recipe == Matrix.recipes["plain"]
    assert Matrix(weights, recipe="z-score").recipe == Matrix.recipes["z-score"]
    with pytest.raises(ConfigError, match=r"'raw'.*plain, z-score"):
        Matrix(weights, recipe="raw")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("pad", Windows(1, "pad", "all")), ("drop", Windows(1, "drop", "all")), ("first", Windows(1, "drop", "first"))],
)
def test_window_rules_change_the_windows_only(weights, rule, expected):
    assert Matrix(weights, recipe="z-score", windows=rule).recipe == Recipe((expected, ZScore()))
    assert Matrix.recipes["z-score"] == Recipe((Windows(1), ZScore()))


def test_window_rules_that_mean_nothing_are_refused(weights):
    with pytest.raises(ConfigError, match=r"'all'.*pad, drop, first"):
        Matrix(weights, windows="all")
    with pytest.raises(ConfigError, match="does not cut windows"):
        WholeRecord(weights, windows="pad")


def test_extraction_pools_as_the_encoder_does(weights, matrix, signals, tmp_path):
    class MadeUp:
        name, card, root = "made-up", CARD, tmp_path

        def read(self, ids):
            return [signals[int(name)] for name in ids]

    table = record_table({"record_id": str(i), "fs": 100.0} for i in range(len(signals)))
    found = extract(MadeUp(), table, Matrix(weights), tmp_path / "store")
    np.testing.assert_allclose(found.matrix, 2 * signals.mean(axis=-1) @ matrix.T, rtol=0, atol=1e-5)


def test_untrained_weights_follow_the_seed_and_nothing_else():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = (Matrix(untrained=True, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(first.network[1].weight, again.network[1].weight)
    assert not torch.equal(first.network[1].weight, other.network[1].weight)
    assert first.weights_sha256 == again.weights_sha256 != other.weights_sha256


def test_untrained_has_seen_nothing_and_takes_no_weights(weights):
    assert Matrix(weights).card.exposure("ptb-xl") == "seen"
    assert Matrix(untrained=True).card.exposure("ptb-xl") == "not seen"
    assert Matrix(untrained=True).card.name == "matrix@untrained"
    with pytest.raises(ConfigError, match="not both"):
        Matrix(weights, untrained=True)


def test_names_with_a_variant():
    encoder = load_encoder(f"{__name__}:Matrix@untrained", seed=3)
    assert encoder.weights_sha256 == Matrix(untrained=True, seed=3).weights_sha256
    with pytest.raises(ConfigError, match="'random-conv' has no variant 'untrained'"):
        load_encoder("random-conv@untrained")
    with pytest.raises(ConfigError, match="'ecg-fm' has no variant 'fine-tuned'"):
        load_encoder("ecg-fm@fine-tuned")


def test_selection_is_not_clean_and_unknown_never_is():
    card = EncoderCard("x", dim=1, pretraining=frozenset({"a"}), selection=frozenset({"a", "b"}))
    assert [card.exposure(name) for name in "abc"] == ["seen", "selection", "not seen"]
    assert EncoderCard("x", dim=1).exposure("a") == "unknown"
    assert EncoderCard("x", dim=1, selection=frozenset({"b"})).exposure("b") == "selection"


PUBLISHED = [name for name in ENCODERS.builtins if hasattr(ENCODERS.load(name), "checkpoint")]


@pytest.mark.parametrize("name", PUBLISHED)
def test_cards_need_no_weights_and_say_what_encoders_need(name, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    card, checkpoint = load_card(name), ENCODERS.load(name).checkpoint
    assert card.name == name
    assert checkpoint.place in card.weights
    assert ("non-commercial" in card.licence) == checkpoint.non_commercial
    assert card.paper
    assert "unknown" not in (card.architecture, card.objective)
    assert card.pretraining
    assert set(card.leads) <= set(LEADS)
    with pytest.raises(EncoderError, match=re.escape(checkpoint.file)):
        load_encoder(name)


@pytest.mark.parametrize("name", PUBLISHED)
def test_exposure_is_that_of_the_table_of_facts(name, shared):
    text = (shared / "facts" / "models.md").read_text()
    rows = [line.strip("|").split("|") for line in text.split("has seen\n")[1].splitlines() if line.startswith("|")]
    table = pd.DataFrame([[cell.strip() for cell in row[1:]] for row in rows[2:]])
    table.columns = ["ptb-xl", "code-15", "georgia", "chn", "cpsc-2018", "mimic-iv-ecg", "heedb"]
    families = [row[0].split("[")[0].strip().lower() for row in rows[2:]]
    (family,) = (number for number, family in enumerate(families) if name.startswith(family))
    words = {"yes": "seen", "no": "not seen", "selection": "selection"}
    card = load_card(name)
    assert {dataset: card.exposure(dataset) for dataset in table} == table.loc[family].map(words).to_dict()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"device": "abacus"}, "'abacus' is not available"),
        ({"precision": "float16"}, "'float16', expected one of float32, bfloat16"),
        ({"batch_size": 0}, "batch_size is 0"),
    ],
)
def test_options_of_the_device_that_cannot_work_are_refused_before_anything_is_loaded(options, message):
    with pytest.raises(ConfigError, match=message):
        Matrix.check_options(untrained=True, **options)
    with pytest.raises(ConfigError, match=message):
        Matrix(untrained=True, **options)


def test_bfloat16_rounds_weights_and_signals_to_8_bits(weights, matrix, signals):
    def rounded(x):
        return torch.from_numpy(x).bfloat16().double().numpy()

    tokens = Matrix(weights, precision="bfloat16").encode(Batch(signals, 100, records=None))
    assert tokens.dtype == np.float32
    expected = np.einsum("nlt,dl->ntd", rounded(signals), rounded(matrix))
    np.testing.assert_allclose(tokens, expected, rtol=2**-8, atol=2**-8)
    assert not np.allclose(tokens, Matrix(weights).encode(Batch(signals, 100, records=None)), rtol=0, atol=1e-4)


def test_precision_makes_other_embeddings_and_the_size_of_batches_does_not(weights, signals, tmp_path):
    table = record_table({"record_id": "a", "fs": 100.0} for _ in range(1))

    class Source:
        name, card = "made-up", CARD

    facts = [
        identity(Source(), table, Matrix(weights, **options), "mean")
        for options in ({}, {"device": "cpu", "batch_size": 3}, {"precision": "bfloat16"})
    ]
    assert facts[0] == facts[1] != facts[2]


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_batches_of_any_size_give_the_same(weights, signals, batch_size):
    encoder = Matrix(weights, batch_size=batch_size)
    sizes = []
    encoder.network.register_forward_pre_hook(lambda _, inputs: sizes.append(len(inputs[0])))
    tokens = encoder.encode(Batch(signals, 100, records=None))
    assert sizes == [min(batch_size, len(signals) - start) for start in range(0, len(signals), batch_size)]
    np.testing.assert_allclose(tokens, Matrix(weights).encode(Batch(signals, 100, records=None)), rtol=0, atol=1e-6)
