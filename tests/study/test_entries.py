"""What a study names is looked up, and refused with its line, before any work."""

import pytest


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
    (encoder(encoder="builtins:dict"), "6: encoders.mine: <type> is neither a Python class nor a Python function"),
    (encoder(encoder="math:pi"), "6: encoders.mine: encoder 'math:pi' is 3.14"),
    (encoder(encoder="ecg-fm", weights=5), "8: encoders.mine.weights: encoder 'ecg-fm': weights: found 5, expected"),
    (encoder(encoder="ecg-fm", weights="a\0b"), "8: encoders.mine.weights: a path cannot contain the character NUL"),
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
def test_what_would_fail_later_is_refused_before_any_work(refusal, own_path, changes, message) -> None:
    said = refusal(**changes)
    assert message in said
    assert said[0].isdigit()
