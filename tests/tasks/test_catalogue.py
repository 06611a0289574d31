"""Tasks and vocabularies by name, and the facts that `ecglens tasks show` prints."""

import csv
from importlib.metadata import EntryPoint

import pytest

from ecglens.errors import ConfigError
from ecglens.tasks import TASKS, Task, describe, get_task, meanings

PACED = Task("paced", "pacemaker rhythm", {"own-codes": frozenset({"P1", "P2"})})
OWN_CODES = {"P1": "atrial pacing"}


def table(shared, name):
    with (shared / "facts" / "labels" / name).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def installed(monkeypatch):
    """Another package's task and vocabulary."""
    points = {
        "ecglens.task": [EntryPoint("paced", f"{__name__}:PACED", "ecglens.task")],
        "ecglens.vocabulary": [EntryPoint("own-codes", f"{__name__}:OWN_CODES", "ecglens.vocabulary"),
                               EntryPoint("no-mapping", "math:pi", "ecglens.vocabulary")],
    }  # fmt: skip
    monkeypatch.setattr("ecglens.registry.entry_points", lambda group: points.get(group, []))


def test_unknown_names_list_the_legal_ones():
    with pytest.raises(ConfigError, match="cd, cd-core, af, af-or-afl"):
        get_task("AFIB")
    with pytest.raises(ConfigError, match="not an ecglens"):
        get_task("math:pi")


def test_packages_add_tasks_and_vocabularies(installed):
    assert get_task("paced") is PACED
    assert describe(PACED)["own-codes, positive"] == ["P1: atrial pacing", "P2"]


def test_a_vocabulary_that_nobody_describes_has_no_meanings(installed):
    assert meanings("icd-10") == {}
    with pytest.raises(ConfigError, match="'no-mapping' is a float, not a mapping"):
        meanings("no-mapping")


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
