"""What a study names is looked up, and refused with its line, before any work."""

import pytest

from ecglens.errors import ConfigError, DatasetError
from ecglens.lens import Lens
from ecglens.study import Study, entries
from ecglens.study.entries import TRIAL_OF_FULL, check, load_entry, open_entry, settle
from ecglens.study.fields import DatasetEntry, EncoderEntry


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


def test_a_data_set_is_opened_by_its_reader_under_its_own_name(folder) -> None:
    opened = open_entry(DatasetEntry(name="mine", reader="georgia", root=folder / "data" / "georgia"))
    assert (opened.name, opened.root) == ("mine", folder / "data" / "georgia")
    assert opened.card == open_entry(DatasetEntry(name="georgia", root=folder / "data" / "georgia")).card
    with pytest.raises(DatasetError):
        open_entry(DatasetEntry(name="georgia"))


def test_an_encoder_is_loaded_with_its_options_and_its_pooling_is_checked() -> None:
    entry = EncoderEntry.model_validate({"name": "mine", "encoder": "random-conv", "dim": 12, "pooling": "max"})
    assert load_entry(entry).card.dim == 12
    with pytest.raises(ConfigError, match="no pooling 'cls'"):
        load_entry(entry.model_copy(update={"pooling": "cls"}))


def test_windows_of_the_study_reach_encoders_that_take_them_and_have_none_of_their_own(plain) -> None:
    named = ["ecg-fm@untrained", {"name": "own", "encoder": "ecg-fm@untrained", "windows": "pad"}, "age-sex"]
    study = Study.model_validate(plain(encoders=named, windows="drop"))
    assert [entry.options.get("windows") for entry in settle(study).encoders] == ["drop", "pad", None]
    assert [entry.options.get("windows") for entry in study.encoders] == [None, "pad", None]
    without = Study.model_validate(plain(encoders=named))
    assert settle(without).encoders == without.encoders


@pytest.mark.parametrize(
    ("sizes", "folds", "n"),
    [
        ({"a": 100, "b": 40}, 4, 30),
        ({"a": 100, "all": None}, 10, 90),
        ({"all": None}, 5, TRIAL_OF_FULL),
        ({"a": 4}, 3, 2),
    ],
)
def test_a_probe_is_tried_on_what_the_smallest_size_leaves_outside_a_fold(folder, plain, sizes, folds, n, monkeypatch):
    tried = []
    monkeypatch.setattr(entries, "load_probe", lambda entry, n_trial: tried.append(n_trial))
    datasets = [{"name": "georgia", "root": folder / "data" / "georgia"}]
    check(Study.model_validate(plain(datasets=datasets, data=None, sizes=sizes, folds=folds)))
    assert tried == [n]


def test_a_lens_refuses_before_any_data_set_is_opened(plain) -> None:
    def refuse(study) -> None:
        raise ConfigError(f"not with {study.name}")

    with pytest.raises(ConfigError, match="not with s"):
        check(Study.model_validate(plain()), [Lens(name="strict", check=refuse)])


def test_a_task_has_to_have_codes_for_one_of_the_data_sets(folder, plain) -> None:
    datasets = [{"name": "georgia", "root": folder / "data" / "georgia"}]
    own = {"name": "own", "title": "own", "positive": {"scp-ecg": ["AFIB"]}}
    with pytest.raises(ConfigError, match=r"tasks\.own: .*vocabularies are: snomed-ct\. It has: scp-ecg\."):
        check(Study.model_validate(plain(datasets=datasets, data=None, tasks=["cd", own])))
    both = own | {"positive": {"scp-ecg": ["AFIB"], "snomed-ct": ["164889003"]}}
    (opened,) = check(Study.model_validate(plain(datasets=datasets, data=None, tasks=["cd", both])))
    assert opened.name == "georgia"
