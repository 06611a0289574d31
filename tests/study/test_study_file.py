"""A study file is read: its paths, its modules, its defaults."""

import os

import pytest
import yaml

from ecglens.errors import EcgLensError
from ecglens.study import Study, load_study
from ecglens.study.plan import dry_run


def test_a_module_beside_the_study_file_is_found_from_anywhere(folder, plain, own_path, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (folder / "own.yaml").write_text(
        yaml.safe_dump(plain(encoders=[{"name": "mine", "encoder": "beside_the_study:Mine"}]))
    )
    assert dry_run(load_study(str(folder / "own.yaml")))["records to read"] == 20


def test_home_and_variables_are_filled_in(plain, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ECGS", "ecgs")
    datasets = [{"name": "georgia", "root": "~/g"}, {"name": "chn", "root": "${ECGS}/c"}, "ptb-xl"]
    settings = plain(
        data="$HOME/$ECGS", datasets=datasets, encoders=[{"name": "mine", "encoder": "ecg-fm", "weights": "~/w.pt"}]
    )
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(settings))
    study = load_study(tmp_path / "study.yaml")
    assert study.data == tmp_path / "home" / "ecgs"
    assert [entry.root for entry in study.datasets] == [
        tmp_path / "home" / "g",
        tmp_path / "ecgs" / "c",
        tmp_path / "home" / "ecgs" / "ptb-xl",
    ]
    assert study.encoders[0].options == {"weights": str(tmp_path / "home" / "w.pt")}


def test_a_study_made_in_python_names_fields_without_a_file(folder, plain) -> None:
    settings = plain(data=None, datasets=[{"name": "georgia", "root": os.fspath(folder / "data" / "georgia")}])
    with pytest.raises(EcgLensError, match=r"^encoders\.nobody: unknown encoder 'nobody'"):
        dry_run(Study.model_validate(settings | {"encoders": ["nobody"]}))
    listed = Study.model_validate(settings | {"sizes": ["S", {"tiny": 20}, "XS"]})
    assert list(listed.sizes.items()) == [("tiny", 20), ("XS", 100), ("S", 250)]
