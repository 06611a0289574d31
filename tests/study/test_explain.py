"""A wrong field of a study file is named with its file, line, found value and legal values."""

import time

import pytest
import yaml

from ecglens.errors import ConfigError, DatasetError, EcgLensError
from ecglens.options import OptionError
from ecglens.study import Study, load_study
from ecglens.study.explain import MOST_PROBLEMS, at

FIELDS = [
    ({"name": 5}, "1: name: found 5, expected text of 1 to 200 characters."),
    ({"name": "a\x1b[31m"}, r"1: name: 'a\x1b[31m' contains characters that cannot be printed"),
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
    ({"data": "a\0b"}, "2: data: a path cannot contain the character NUL"),
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
def test_every_field_is_refused_with_its_line_and_what_is_legal(refusal, changes, message) -> None:
    said = refusal(**changes)
    assert said.startswith(message)
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {f"wrong{number}": 1 for number in range(3000)},
        {"encoders": [{"name": f"e{number}", "pooling": "x"} for number in range(1500)]},
        {"tasks": list(range(5000))},
    ],
    ids=["fields", "encoders", "tasks"],
)
def test_many_problems_are_cut_and_found_soon(folder, plain, changes) -> None:
    (folder / "study.yaml").write_text(yaml.safe_dump(plain(**changes)))
    begun = time.process_time()
    with pytest.raises(EcgLensError, match=r"and \d+ more$") as caught:
        load_study(folder / "study.yaml")
    assert time.process_time() - begun < 2
    assert len(str(caught.value).splitlines()) == MOST_PROBLEMS + 1


def test_what_holds_a_wrong_field_is_no_further_problem(refusal) -> None:
    lines = refusal(encoders=[{"name": "a", "pooling": "x"}, "a b"], sizes={"T": 1, "U": 2}).splitlines()
    names = [line.rpartition("study.yaml:")[2].split(": ")[1] for line in lines]
    assert names == ["encoders.0.pooling", "encoders.1.name", "sizes.T", "sizes.U"]


@pytest.mark.parametrize(
    ("error", "expected", "place"),
    [
        (OptionError("dim", "too many"), ConfigError, "7: encoders.age-sex.dim: too many"),
        (DatasetError("not there"), DatasetError, "6: encoders.age-sex: not there"),
        (ConfigError("unknown"), ConfigError, "6: encoders.age-sex: unknown"),
    ],
    ids=["option", "data set", "name"],
)
def test_an_error_is_given_its_place_and_keeps_its_kind(tmp_path, plain, error, expected, place) -> None:
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(plain(encoders=[{"name": "age-sex", "dim": 5}]), sort_keys=False))
    with pytest.raises(EcgLensError) as caught, at(load_study(path), "encoders", 0):
        raise error
    assert type(caught.value) is expected
    assert str(caught.value) == f"{path}:{place}"


def test_what_is_no_error_of_ecglens_passes_as_it_is(plain) -> None:
    study = Study.model_validate(plain())
    with pytest.raises(ZeroDivisionError, match=r"^division by zero$"), at(study, "encoders", 0):
        _ = 1 / 0
