"""Entries of a study: short names, options of their own, and what does not fit together."""

import pytest
from pydantic import ValidationError

from ecglens.probes import PROBES
from ecglens.study.fields import EXPLAIN_ROWS, DatasetEntry, EncoderEntry, ProbeEntry, Strict


@pytest.mark.parametrize("entry", [DatasetEntry, EncoderEntry, ProbeEntry])
def test_a_name_alone_is_an_entry(entry) -> None:
    assert entry.model_validate("chn") == entry(name="chn") == entry.model_validate({"name": "chn"})


@pytest.mark.parametrize("value", [5, None, [], ["chn"], {}, {"name": None}, {"reader": "chn"}])
def test_anything_without_a_name_is_refused(value) -> None:
    with pytest.raises(ValidationError):
        DatasetEntry.model_validate(value)


def test_options_are_what_is_no_field_of_the_entry(tmp_path) -> None:
    given = {"name": "a", "reader": "ptb-xl", "root": tmp_path, "fs": 500, "pooling": "max"}
    dataset = DatasetEntry.model_validate(given)
    assert dataset.options == {"fs": 500, "pooling": "max"}
    assert EncoderEntry.model_validate(given | {"encoder": "b"}).options == {
        "reader": "ptb-xl", "root": tmp_path, "fs": 500,
    }  # fmt: skip
    dataset.options["fs"] = 100
    assert dataset.options["fs"] == 500, "a copy"


def test_only_entries_of_data_sets_and_encoders_take_options() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        ProbeEntry.model_validate({"name": "mlp", "depth": 3})
    with pytest.raises(ValidationError, match="Extra inputs"):
        Strict.model_validate({"depth": 3})


def test_entries_are_frozen() -> None:
    for entry in (DatasetEntry(name="a"), EncoderEntry(name="a"), ProbeEntry(name="mlp")):
        with pytest.raises(ValidationError, match="frozen"):
            entry.name = "b"


SVC = {"estimator": "sklearn.svm.SVC"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": "x", "probe": "mlp", **SVC}, "give either probe or estimator"),
        ({"name": "mlp", **SVC}, "'mlp' is a built-in probe; call the estimator something else"),
        ({"name": "mlp", "params": {"alpha": 1}}, "params and scale belong to an estimator"),
        ({"name": "x", "probe": "m:P", "scale": True}, "params and scale belong to an estimator"),
        ({"name": "mlp", "explain_rows": 9}, "built-in probes are explained on all records"),
        ({"name": "x", "probe": "mlp", "explain_rows": 9}, "built-in probes are explained on all records"),
        ({"name": "x", **SVC, "scale": 1}, "scale"),
        ({"name": "x", **SVC, "explain_rows": 0}, "explain_rows"),
    ],
    ids=str,
)
def test_what_does_not_fit_together_is_refused(entry, message) -> None:
    with pytest.raises(ValidationError, match=message):
        ProbeEntry.model_validate(entry)


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "x", **SVC, "params": {"C": 2}, "scale": True, "explain_rows": 9},
        {"name": "x", "probe": "m:P", "explain_rows": 9},
        {"name": "x", "probe": "mlp", "explain_rows": EXPLAIN_ROWS},
    ],
    ids=str,
)
def test_what_fits_together_is_kept(entry) -> None:
    assert ProbeEntry.model_validate(entry).model_dump(exclude_defaults=True) == {
        name: value for name, value in entry.items() if value != EXPLAIN_ROWS
    }


def test_every_built_in_probe_is_an_entry_that_could_be_written_out() -> None:
    for name in PROBES.builtins:
        entry = ProbeEntry.model_validate(name)
        assert ProbeEntry.model_validate(entry.model_dump(mode="json")) == entry
