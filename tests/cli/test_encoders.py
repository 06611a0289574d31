"""The commands `ecglens encoders`: list, show, pull, check."""

import pytest
from typer.testing import CliRunner

from ecglens.cli import app
from ecglens.encoders import ENCODERS, load_card
from ecglens.encoders.baselines.random_conv import RandomConv
from ecglens.errors import ConfigError, EncoderError

WRONG = """
import numpy as np
from ecglens.encoders import EncoderCard, Recipe

class Wrong:
    card, recipe = EncoderCard("wrong", dim=4), Recipe()

    def encode(self, batch):
        return np.full((len(batch.signals), 1, 4), np.nan, np.float32)

class Weighted:
    recipe = Recipe()

    def __init__(self, weights=None, dim=2):
        self.card = EncoderCard(f"weighted by {weights}, {dim}", dim=dim)

    def encode(self, batch):
        wanted = self.card.name == "weighted by nowhere.pt, 4"
        return batch.signals[:, None, : self.card.dim].mean(axis=3) + np.float32(0 if wanted else np.nan)
"""


def invoke(*words: object):
    return CliRunner().invoke(app, ["encoders", *map(str, words)], catch_exceptions=False)


def test_every_encoder_is_listed_with_its_dimension_and_summary() -> None:
    lines = {line.split()[0]: line for line in invoke("list").stdout.splitlines()}
    assert set(ENCODERS.builtins) <= set(lines)
    for name in ENCODERS.builtins:
        card = load_card(name)
        assert f"dim {card.dim} " in lines[name]
        assert lines[name].endswith(card.summary)


def test_the_facts_of_an_encoder_are_shown() -> None:
    printed = invoke("show", "ecg-fm").stdout
    assert "recipe official" in printed
    own = invoke("show", "random-conv").stdout
    assert RandomConv.recipe.digest in own


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path) -> None:
    file = tmp_path / "weights.pt"
    file.write_bytes(b"not the published weights")
    with pytest.raises(EncoderError, match=r"weights\.pt: neither a safetensors file nor a PyTorch checkpoint"):
        invoke("pull", "ecg-jepa", "--file", file)


def test_the_conformance_check_passes_for_a_built_in_encoder() -> None:
    found = invoke("check", "age-sex")
    assert found.exit_code == 0
    assert "pass" in found.stdout
    assert "FAIL" not in found.stdout


@pytest.fixture
def wrong(tmp_path, monkeypatch) -> str:
    (tmp_path / "encoders_of_cli_tests.py").write_text(WRONG)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "encoders_of_cli_tests"


def test_the_conformance_check_fails_with_exit_code_1_and_a_remedy(wrong) -> None:
    found = invoke("check", f"{wrong}:Wrong")
    assert found.exit_code == 1
    assert "FAIL  finite" in found.stdout


def test_weights_and_options_reach_the_encoder(wrong) -> None:
    both = invoke("check", f"{wrong}:Weighted", "--weights", "nowhere.pt", "-o", "dim=4").stdout
    assert "pass  finite" in both
    assert "FAIL  finite" in invoke("check", f"{wrong}:Weighted", "-o", "dim=4").stdout
    assert "FAIL  finite" in invoke("check", f"{wrong}:Weighted", "--weights", "nowhere.pt").stdout


@pytest.mark.parametrize("option", ["name=x", "weights=x"])
def test_options_that_the_command_gives_itself_are_refused(option) -> None:
    with pytest.raises(ConfigError, match=f"--option {option.partition('=')[0]}: "):
        invoke("check", "age-sex", "--weights", "file.pt", "-o", option)
