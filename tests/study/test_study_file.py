"""A study file that cannot run is refused with its file, line and field, before any work."""

import os
import sys
import time

import pytest
import yaml

from ecglens.datasets.simulated import simulate
from ecglens.errors import EcgLensError
from ecglens.study import Study, load_study
from ecglens.study.explain import MOST_PROBLEMS
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


@pytest.fixture(scope="module")
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


def plain(**changes) -> dict:
    settings = {"name": "s", "data": "data", "datasets": ["georgia"], "encoders": ["age-sex"], "tasks": ["cd"]}
    return settings | {"sizes": {"T": 12}, "folds": 2, "probes": ["logistic-regression"]} | changes


def refusal(folder, settings: dict) -> str:
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


FIELDS = [
    ({"name": 5}, "1: name: found 5, expected text of 1 to 200 characters."),
    ({"name": "a\x1b[31m"}, r"1: name: 'a\x1b[31m' holds characters that cannot be printed"),
    ({"datasets": "georgia"}, "3: datasets: found 'georgia', expected a list, each entry a name, or a mapping"),
    ({"datasets": []}, "3: datasets: found [], expected a list"),
    ({"datasets": [["georgia"]]}, "4: datasets.0: found ['georgia'], expected a name, or a mapping"),
    ({"datasets": [{"reader": "georgia"}]}, "4: datasets.0.name: is missing, expected a name of"),
    ({"datasets": [{"name": "georgia", 5: 6}]}, "4: datasets.0.5: found 5 as the name of a field, expected text."),
    ({"seed": False}, "14: seed: found false, expected a whole number from 0 to 4,294,967,295."),
    ({"draws": 2**64}, "14: draws: found 18446744073709551616, expected a whole number from 1 to 1,000."),
    ({"folds": 2**31}, "11: folds: found 2147483648, expected a whole number from 2 to 1,000."),
    ({"sizes": {"T": 2**31}}, "10: sizes.T: found 2147483648, expected a whole number from 4 to 10,000,000 or null."),
    ({"sizes": {"T": True}}, "10: sizes.T: found true, expected a whole number"),
    ({"sizes": ["XS", 20]}, "9: sizes: unknown size 20. Known: XS, S, M, L, full; or map a name to a number"),
    ({"sizes": ["xs"]}, "9: sizes: unknown size 'xs'. Did you mean 'XS'?"),
    ({"sizes": ["XS", {"XS": 20}]}, "9: sizes: 'XS' is listed more than once"),
    ({"sizes": [[]]}, "9: sizes: unknown size []"),
    ({"balance": "natura"}, "14: balance: found 'natura', expected 'equal' or 'natural'. Did you mean 'natural'?"),
    ({"shuffled": 5}, "14: shuffled: found 5, expected 'all' or 'none' or a list of text."),
    ({"shuffled": ["agesex"]}, "14: shuffled: 'agesex' is not an encoder of this study. Did you mean 'age-sex'?"),
    ({"encoder": ["age-sex"]}, "14: encoder: unknown field. Did you mean 'encoders'? Known fields: name, seed"),
    ({"geometry": {"kk": 5}}, "15: geometry.kk: unknown field. Did you mean 'k'? Known fields: metrics, k"),
    ({"geometry": {"k": 10**30}}, "15: geometry.k: found 1000000000000000000000000000000, expected a whole number"),
    ({"geometry": 5}, "14: geometry: found 5, expected a mapping"),
    ({"attribution": {"top_k": True}}, "15: attribution.top_k: found true, expected a whole number from 1 to 100,000."),
    ({"attribution": {"cutoffs": [1, "x"]}}, "17: attribution.cutoffs.1: found 'x', expected a whole number"),
    ({"thresholds": {"labelhigh": 1}}, "15: thresholds.labelhigh: unknown field. Did you mean 'label_high'?"),
    ({"thresholds": {"label_high": float("nan")}}, "15: thresholds.label_high: found nan, expected a number"),
    ({"projection": {"min_dist": True}}, "15: projection.min_dist: found true, expected a number from 0 to 1."),
    ({"data": "a\0b"}, "2: data: a path cannot hold the character NUL"),
    ({"data": "x" * 5000}, "2: data: the path 'xxx"),
    ({"data": "$NOT_SET_ANYWHERE/x"}, "2: data: the environment variable $NOT_SET_ANYWHERE is not set"),
    ({"encoders": [{"name": "a", "pooling": []}]}, "7: encoders.0.pooling: found [], expected 'mean', 'max', 'last'"),
    ({"encoders": [{"name": "a", "pooling": ["mean", 5]}]}, "7: encoders.0.pooling: found ['mean', 5], expected"),
    (
        {"encoders": [{"name": "a", "pooling": ["mean", "max"]}, {"name": "b", "pooling": "x"}]},
        "11: encoders.1.pooling: found 'x', expected 'mean', 'max', 'last' or 'cls', or a list of them.",
    ),
    ({"encoders": ["age sex"]}, "6: encoders.0.name: found 'age sex', expected a name of at most 80 letters"),
]


@pytest.mark.parametrize(("changes", "message"), FIELDS, ids=[said for _, said in FIELDS])
def test_every_field_is_refused_with_its_line_and_what_is_legal(folder, changes, message) -> None:
    said = refusal(folder, plain(**changes))
    assert said.startswith(message)
    assert len(said.splitlines()) == 1


def encoder(**options) -> dict:
    return {"encoders": [{"name": "mine", **options}]}


def dataset(**options) -> dict:
    return {"datasets": [options]}


CHECKS = [
    ({"datasets": ["Georgia"]}, "4: datasets.Georgia: unknown data set 'Georgia'. Did you mean 'georgia'?"),
    (dataset(name="georgia", rot="/x"), "5: datasets.georgia.rot: data set 'georgia': unknown option 'rot'. Did you"),
    (dataset(name="georgia", rot="/x"), "Options: reader, root, name."),
    (dataset(name="georgia", root="/no/where"), "4: datasets.georgia: Georgia 12-lead"),
    (dataset(name="code-15", scale="x"), "5: datasets.code-15.scale: data set 'code-15': scale: found 'x', expected a"),
    (dataset(name="ptb-xl", fs=[500]), "5: datasets.ptb-xl.fs: data set 'ptb-xl': fs: found [500], expected"),
    (dataset(name="g", reader="math:pi"), "4: datasets.g: 3.14159"),
    (dataset(name="g", reader="os:getcwd"), "4: datasets.g"),
    ({"encoders": ["agesex"]}, "6: encoders.agesex: unknown encoder 'agesex'. Did you mean 'age-sex'?"),
    (encoder(encoder="random-conv", dim="x"), "8: encoders.mine.dim: encoder 'random-conv': dim: found 'x', expected"),
    (encoder(encoder="random-conv", dim=10**9), "dim is 1000000000, expected 6 to 65,536"),
    (encoder(encoder="random-conv", seed=-1), "seed is -1, expected 0 or more"),
    (encoder(encoder="random-conv", pooling="cls"), "6: encoders.mine: encoder 'random-conv' has no pooling 'cls'"),
    (encoder(encoder="builtins:print"), "6: encoders.mine: encoder 'builtins:print' is <builtin"),
    (encoder(encoder="builtins:exit"), "6: encoders.mine: encoder 'builtins:exit' is <"),
    (encoder(encoder="builtins:dict"), "6: encoders.mine: <type> is neither a class nor a function"),
    (encoder(encoder="math:pi"), "6: encoders.mine: encoder 'math:pi' is 3.14"),
    (encoder(encoder="ecg-fm", weights=5), "8: encoders.mine.weights: encoder 'ecg-fm': weights: found 5, expected"),
    (encoder(encoder="ecg-fm", weights="a\0b"), "8: encoders.mine.weights: a path cannot hold the character NUL"),
    (encoder(encoder="ecg-fm", weights="x" * 5000), "8: encoders.mine.weights: the path 'xxx"),
    (encoder(encoder="ecg-fm@untrained", batch_size="x"), "8: encoders.mine.batch_size: encoder 'ecg-fm@untrained': "),
    (encoder(encoder="ecg-fm@untrained", windows=["x"]), "8: encoders.mine.windows: "),
    (encoder(encoder="ecg-fm@untrained", device="meta"), "device 'meta' is not available"),
    (encoder(encoder="beside_the_study:Mne"), "beside_the_study.py) has no 'Mne'. Did you mean 'Mine'?"),
    (encoder(encoder="beside_the_study:Mine", depth="x"), "8: encoders.mine.depth: encoder 'beside_the_study:Mine': d"),
    (encoder(encoder="beside_the_study:Mine", depth=9), "beside_the_study.py, line 10: ValueError: too deep"),
    (encoder(encoder="beside_the_study:number"), "encoder 'beside_the_study:number' is 5, without the attributes card"),
    ({"tasks": ["CD"]}, "8: tasks.CD: unknown task 'CD'. Did you mean 'cd'?"),
    ({"tasks": ["a" * 100_000]}, "8: tasks.0.name: found 'aaa"),
    ({"probes": ["mlpp"]}, "13: probes.mlpp: unknown probe 'mlpp'. Did you mean 'mlp'?"),
    ({"probes": [{"name": "p", "estimator": "sklearn.svm.SVX"}]}, "13: probes.p: probe 'p': cannot import"),
    ({"geometry": {"device": "meta"}}, "15: geometry.device: device 'meta' is not available"),
]


@pytest.mark.parametrize(("changes", "message"), CHECKS, ids=[said for _, said in CHECKS])
def test_what_would_fail_later_is_refused_before_any_work(folder, own_path, changes, message) -> None:
    said = refusal(folder, plain(**changes))
    assert message in said
    assert said[0].isdigit()


@pytest.mark.parametrize(
    "changes",
    [
        {f"wrong{number}": 1 for number in range(3000)},
        {"encoders": [{"name": f"e{number}", "pooling": "x"} for number in range(1500)]},
        {"tasks": list(range(5000))},
    ],
    ids=["fields", "encoders", "tasks"],
)
def test_many_problems_are_cut_and_found_soon(folder, changes) -> None:
    (folder / "study.yaml").write_text(yaml.safe_dump(plain(**changes)))
    begun = time.process_time()
    with pytest.raises(EcgLensError, match=r"and \d+ more$") as caught:
        load_study(folder / "study.yaml")
    assert time.process_time() - begun < 2
    assert len(str(caught.value).splitlines()) == MOST_PROBLEMS + 1


def test_a_module_beside_the_study_file_is_found_from_anywhere(folder, own_path, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    (folder / "own.yaml").write_text(yaml.safe_dump(plain(**encoder(encoder="beside_the_study:Mine"))))
    assert dry_run(load_study(str(folder / "own.yaml")))["records to read"] == 20


def test_home_and_variables_are_filled_in(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ECGS", "ecgs")
    datasets = [{"name": "georgia", "root": "~/g"}, {"name": "chn", "root": "${ECGS}/c"}, "ptb-xl"]
    settings = plain(data="$HOME/$ECGS", datasets=datasets, **encoder(encoder="ecg-fm", weights="~/w.pt"))
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(settings))
    study = load_study(tmp_path / "study.yaml")
    assert study.data == tmp_path / "home" / "ecgs"
    assert [entry.root for entry in study.datasets] == [
        tmp_path / "home" / "g",
        tmp_path / "ecgs" / "c",
        tmp_path / "home" / "ecgs" / "ptb-xl",
    ]
    assert study.encoders[0].options == {"weights": str(tmp_path / "home" / "w.pt")}


def test_a_study_made_in_python_names_fields_without_a_file(folder) -> None:
    settings = plain(data=None, datasets=[{"name": "georgia", "root": os.fspath(folder / "data" / "georgia")}])
    with pytest.raises(EcgLensError, match=r"^encoders\.nobody: unknown encoder 'nobody'"):
        dry_run(Study.model_validate(settings | {"encoders": ["nobody"]}))
    listed = Study.model_validate(settings | {"sizes": ["S", {"tiny": 20}, "XS"]})
    assert list(listed.sizes.items()) == [("tiny", 20), ("XS", 100), ("S", 250)]
