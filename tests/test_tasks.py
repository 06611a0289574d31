"""Tasks against tables that were made independently, and labels against sets compared by hand."""

import csv
import json

import numpy as np
import pandas as pd
import pytest

from ecglens.datasets import open_dataset
from ecglens.errors import ConfigError
from ecglens.tasks import TASKS, Task, describe, get_task, labels

VOCABULARIES = {"scp-ecg": "ptbxl_scp", "snomed-ct": "snomed", "code-15": "code15"}
EITHER = {"195080001"}
"""Atrial fibrillation and flutter: no clean case of the one, but a case of one or the other."""

TOY = Task("toy", "toy", {"v": frozenset({"A", "B"})}, {"v": frozenset({"X"})})


def definitions(shared):
    return json.loads((shared / "facts" / "labels" / "cd_af_definitions.json").read_text())


def table(shared, name):
    with (shared / "facts" / "labels" / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("vocabulary", VOCABULARIES)
@pytest.mark.parametrize(("task", "parts"), [("cd", ["CD_BROAD"]), ("cd-core", ["CD_CORE"]), ("af", ["AF"]),
                                            ("af-or-afl", ["AF", "AFL"])])  # fmt: skip
def test_positive_codes_equal_the_definitions(shared, task, parts, vocabulary):
    facts = definitions(shared)
    expected = {code for part in parts for code in facts[part][VOCABULARIES[vocabulary]]}
    if task == "af-or-afl" and vocabulary == "snomed-ct":
        expected |= EITHER
    assert get_task(task).positive[vocabulary] == expected


def test_excluded_codes_equal_the_definitions(shared):
    facts = definitions(shared)
    variants = {
        row["snomed"] for row in table(shared, "snomed_mapping.csv") if row["AF_family"].startswith("AF_variant")
    }
    assert set(facts["AF"]["snomed_variants"]) <= variants
    for vocabulary, key in VOCABULARIES.items():
        broad, core = set(facts["CD_BROAD"][key]), set(facts["CD_CORE"][key])
        rare = variants if vocabulary == "snomed-ct" else set()
        expected = {
            "cd": set(),
            "cd-core": broad - core,
            "af": set(facts["AFL"][key]) | rare,
            "af-or-afl": rare - EITHER,
        }
        assert {name: set(get_task(name).excluded.get(vocabulary, ())) for name in expected} == expected


def test_codes_equal_the_mapping_tables(shared):
    scp = table(shared, "ptbxl_scp_mapping.csv")
    assert get_task("cd").positive["scp-ecg"] == {r["scp_code"] for r in scp if r["diagnostic_class"] == "CD"}
    snomed = table(shared, "snomed_mapping.csv")
    for task, column in (("cd", "CD_broad"), ("cd-core", "CD_core"), ("af", "AF")):
        assert get_task(task).positive["snomed-ct"] == {r["snomed"] for r in snomed if r[column] == "1"}


@pytest.mark.parametrize(
    ("folder", "reader", "options", "broad", "core", "af", "afl"),
    [
        ("ptb-xl", "ptb-xl", {}, 31, 7, 7, 8),
        ("georgia", "georgia", {}, 11, 6, 3, 1),
        ("chn", "chn", {}, 7, 2, 1, 5),
        ("ptb-xl-normalised", "ptb-xl", {"fs": 100}, 263, None, 61, None),
        ("code-15-real", "code-15", {}, 3, 3, 0, None),
        ("code-15", "code-15", {}, 14, 14, 3, None),
    ],
)
def test_real_records_have_the_published_counts(shared, folder, reader, options, broad, core, af, afl):
    dataset = open_dataset(reader, shared / "ecg" / folder, **options)
    codes, vocabulary = dataset.index().records["codes"], dataset.card.vocabulary
    found = {name: labels(get_task(name), codes, vocabulary) for name in TASKS.names()}
    positive = {name: int((label == 1).sum()) for name, label in found.items()}
    assert (positive["cd"], positive["af"]) == (broad, af)
    if core is not None:
        assert positive["cd-core"] == core
        assert int(found["cd-core"].isna().sum()) == broad - core
    if afl is not None:
        both = af + afl - positive["af-or-afl"]
        assert 0 <= both <= af
        assert int(found["af"].isna().sum()) == afl - both


def test_labels_equal_sets_compared_by_hand():
    rng = np.random.default_rng(0)
    rows = [list(rng.choice(["A", "B", "X", "AB", "x", "C"], rng.integers(0, 4), replace=False)) for _ in range(500)]
    expected = [1 if "A" in row or "B" in row else pd.NA if "X" in row else 0 for row in rows]
    codes = pd.Series(rows, index=[f"r{i}" for i in range(500)])
    found = labels(TOY, codes, "v")
    assert (found.dtype, found.name) == ("Int8", "toy")
    assert found.index.equals(codes.index)
    assert found.tolist() == expected
    assert {1, 0} < set(expected)


def test_unknown_codes_are_left_out():
    codes = pd.Series([None, pd.NA, float("nan"), "A", [], np.array(["A"], dtype=object), ("X",)])
    assert labels(TOY, codes, "v").tolist() == [pd.NA, pd.NA, pd.NA, pd.NA, 0, 1, pd.NA]


def test_unknown_names_list_the_legal_ones():
    with pytest.raises(ConfigError, match="cd, cd-core, af, af-or-afl"):
        get_task("AFIB")
    with pytest.raises(ConfigError, match="scp-ecg, snomed-ct, code-15"):
        labels(get_task("af"), pd.Series([["AFIB"]]), "icd-10")
    with pytest.raises(ConfigError, match="not an ecglens"):
        get_task("math:pi")


def test_meanings_belong_to_the_codes(shared):
    """The description of PTB-XL and the SNOMED names share the words that tell the codes apart."""
    given = {("scp-ecg", r["scp_code"]): r["description"] for r in table(shared, "ptbxl_scp_mapping.csv")}
    given |= {("snomed-ct", r["snomed"]): r["name"] for r in table(shared, "snomed_mapping.csv")}
    telling = {"fibrillation", "flutter", "incomplete", "left", "right", "fascicular", "anterior", "posterior", "lone",
               "chronic", "paroxysmal", "rapid", "intraventricular", "congenital"}  # fmt: skip
    for name in TASKS.names():
        for key, lines in describe(get_task(name)).items():
            vocabulary = key.partition(",")[0]
            for code, _, meaning in (line.partition(": ") for line in lines if isinstance(lines, list)):
                if vocabulary != "code-15":
                    words = set(given[vocabulary, code].lower().replace("(ptb", " ").split())
                    assert words & telling == set(meaning.lower().split()) & telling, code


def test_notes_warn_where_data_sets_differ():
    assert "Ningbo" in describe(get_task("af"))["note on chn"]
    assert "unlabelled" in describe(get_task("cd"))["note on code-15"]
    assert all("likelihood" in describe(get_task(name))["rule"] for name in TASKS.names())
    assert [describe(get_task(name))["name"] for name in TASKS.names()] == TASKS.names()
