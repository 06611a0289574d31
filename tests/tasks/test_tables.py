"""The built-in tasks against tables that were made independently, and records against published counts."""

import csv
import json

import pytest

from ecglens.datasets import open_dataset
from ecglens.tasks import TASKS, get_task, labels
from ecglens.tasks.tables import build_tasks, builtin_tasks, builtin_vocabularies, read_rows

VOCABULARIES = {"scp-ecg": "ptbxl_scp", "snomed-ct": "snomed", "code-15": "code15"}
EITHER = {"195080001"}
"""Atrial fibrillation and flutter: no clean case of the one, but a case of one or the other."""


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


def test_every_row_belongs_to_a_task_and_every_code_has_a_meaning():
    names = list(builtin_tasks())
    assert names == ["cd", "cd-core", "af", "af-or-afl"]
    for table in ("codes", "notes"):
        assert {row["task"] for row in read_rows(table)} <= set(names)
    assert {row["role"] for row in read_rows("codes")} == {"positive", "excluded"}
    used = {(row["vocabulary"], row["code"]) for row in read_rows("codes")}
    assert used == {(name, code) for name, codes in builtin_vocabularies().items() for code in codes}


def test_a_task_is_rows():
    codes = [
        {"task": "paced", "vocabulary": vocabulary, "code": code, "role": role}
        for vocabulary, code, role in [("v", "A", "positive"), ("v", "B", "positive"), ("w", "C", "excluded")]
    ]
    note = {"task": "paced", "dataset": "mine", "note": "Rare here."}
    (task,) = build_tasks([{"task": "paced", "title": "pacemaker rhythm"}], codes, [note]).values()
    assert (task.name, task.title, task.notes) == ("paced", "pacemaker rhythm", {"mine": "Rare here."})
    assert (task.positive, task.excluded) == ({"v": {"A", "B"}}, {"w": {"C"}})
