"""What the README shows works as it is shown."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import ecglens
from ecglens.study import load_study

README = (Path(__file__).parents[1] / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_study_is_valid_and_short(tmp_path) -> None:
    (text,) = blocks("yaml")
    assert len(text.splitlines()) < 20
    (tmp_path / "study.yaml").write_text(text)
    assert len(load_study(tmp_path / "study.yaml").datasets) == 4


class Network(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.patches = torch.nn.Conv1d(12, 512, 250, stride=250)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.patches(x).transpose(1, 2)


@pytest.mark.filterwarnings("ignore:.*torch.jit.*:DeprecationWarning")
def test_the_encoder_passes_the_conformance_check(tmp_path) -> None:
    (text,) = blocks("python")
    assert len(text.splitlines()) < 20
    (tmp_path / "my_models.py").write_text(text)
    torch.jit.script(Network()).save(tmp_path / "model.pt")
    command = [
        Path(sys.executable).with_name("ecglens"),
        "encoders",
        "check",
        "my_models:MyEncoder",
        "-o",
        "weights=model.pt",
    ]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "FAIL" not in found.stdout
    assert found.stdout.count("pass") > 5


def test_every_public_name_can_be_imported() -> None:
    assert all(getattr(ecglens, name) is not None for name in ecglens.__all__)
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = ecglens.no_such_name


def test_the_commands_come_first() -> None:
    first = README.split("```")[1].splitlines()
    assert [line.split("#")[0].strip() for line in first[1:]] == ["make demo", "make test"]
