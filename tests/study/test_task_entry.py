"""Tasks by name, by path, and defined in a study file: read, refused, kept and read back."""

import json

import pytest
import yaml

from ecglens.errors import ConfigError
from ecglens.study import Study, load_study
from ecglens.study.task_entry import TaskEntry, load_task, read_tasks, write_out
from ecglens.tasks import RULE, Task, get_task

PACED = Task(
    "whatever",
    "pacemaker rhythm\nof any kind",
    {"scp-ecg": frozenset({"PACE"}), "v": frozenset({"2", "1"})},
    {"w": frozenset({"X"}), "v": frozenset()},
    "Counted from 50 on.",
    {"mine": "Few " * 1000},
)

AF = {
    "name": "af",
    "title": "Atrial fibrillation",
    "positive": {"my-codes": ["AFIB"], "scp-ecg": ["AFIB"]},
    "ignore": {"my-codes": ["AFLT"]},
    "notes": {"mine": "Read by one person."},
}


def study_of(*tasks) -> Study:
    return Study.model_validate({"name": "s", "datasets": ["georgia"], "encoders": ["age-sex"], "tasks": list(tasks)})


def test_a_task_defined_in_the_study_is_that_task() -> None:
    study = study_of("cd", AF)
    assert study.task_names == ("cd", "af")
    assert study.task("cd") == get_task("cd")
    assert study.task("af") == Task(
        "af",
        "Atrial fibrillation",
        {"my-codes": {"AFIB"}, "scp-ecg": {"AFIB"}},
        {"my-codes": {"AFLT"}},
        RULE,
        {"mine": "Read by one person."},
    )
    assert study_of({"name": "x", "positive": {"v": ["A"]}}).task("x").title == "x"


def test_a_task_by_its_path_is_called_by_its_attribute_or_as_the_study_says() -> None:
    study = study_of(
        f"{__name__}:PACED", {"name": "mine", "task": f"{__name__}:PACED"}, {"name": "rhythm", "task": "af"}
    )
    assert study.task_names == ("PACED", "mine", "rhythm")
    assert study.task("PACED").name == "PACED"
    assert study.task("mine").positive == PACED.positive
    assert study.task("rhythm").title == "atrial fibrillation"


def test_short_names_stay_text_in_plain_data() -> None:
    study = study_of("cd", {"name": "cd-core"}, AF)
    plain = study.model_dump(mode="json")["tasks"]
    assert plain == ["cd", "cd-core", AF]
    assert study_of(*plain) == study
    assert Study(name="s", datasets=["georgia"], encoders=["age-sex"]).model_dump()["tasks"] == ("cd", "af")


def test_a_run_keeps_what_it_needs_to_be_read_without_the_package_of_a_task() -> None:
    entries = study_of("cd", AF, {"name": "paced", "task": f"{__name__}:PACED"}, {"name": "rhythm", "task": "af"}).tasks
    kept = json.loads(json.dumps([write_out(entry).model_dump(mode="json") for entry in entries]))
    assert kept[:2] == ["cd", AF]
    assert "task" not in kept[2]
    assert kept[2]["positive"] == {"scp-ecg": ["PACE"], "v": ["1", "2"]}
    read = read_tasks({"tasks": kept})
    assert list(read) == ["cd", "af", "paced", "rhythm"]
    for name, expected in (("paced", PACED), ("rhythm", get_task("af"))):
        for field in ("title", "positive", "rule", "notes"):
            assert getattr(read[name], field) == getattr(expected, field)
        assert read[name].name == name
    assert read["paced"].excluded == {"w": {"X"}}


def test_an_unknown_task_lists_the_known_ones() -> None:
    with pytest.raises(ConfigError, match=r"unknown task 'AF'\. Did you mean 'af'"):
        load_task(TaskEntry(name="AF"))


REFUSED = [
    ([5], "5: tasks.0: found 5, expected a name, or a mapping with name, task, title, positive"),
    (["a b"], "5: tasks.0.name: found 'a b', expected a name of at most 80 letters"),
    ([{"title": "x"}], "5: tasks.0.name: is missing, expected a name of"),
    ([{"name": "x", "excluded": {}}], "6: tasks.0.excluded: unknown field. Known fields: name, task, title"),
    ([{"name": "x", "positive": {}}], "6: tasks.0.positive: found {}, expected vocabularies and their codes as text"),
    ([{"name": "x", "positive": {"v": []}}], "7: tasks.0.positive.v: found [], expected a list of codes, each as text"),
    ([{"name": "x", "positive": {"v": "A"}}], "7: tasks.0.positive.v: found 'A', expected a list of codes"),
    ([{"name": "x", "positive": {"v": ["A", 164889003]}}], "9: tasks.0.positive.v.1: found 164889003, expected text"),
    ([{"name": "x", "positive": ["A"]}], "6: tasks.0.positive: found ['A'], expected vocabularies"),
    ([{"name": "x", "ignore": {"v": ["A"]}}], "5: tasks.0: ignore belongs to a task with codes of its own; positive"),
    ([{"name": "x", "title": "y"}], "5: tasks.0: title belongs to a task with codes of its own; positive is missing"),
    (
        [{"name": "x", "title": "\x1b[31m", "positive": {"v": ["A"]}}],
        r"6: tasks.0.title: '\x1b[31m' contains characters",
    ),
    ([{"name": "x", "task": "af", "positive": {"v": ["A"]}}], "5: tasks.0: give either task or positive"),
    (
        [{"name": "x", "positive": {"u": ["A"], "v": ["A", "B"]}, "ignore": {"v": ["B"], "w": ["A"]}}],
        "5: tasks.0: codes cannot be both positive and ignored: B (v)",
    ),
    (["af", AF], "4: tasks: af is listed more than once; give each entry its own name"),
]


@pytest.mark.parametrize(("tasks", "message"), REFUSED, ids=[said for _, said in REFUSED])
def test_an_entry_is_refused_with_its_line_and_what_is_legal(tmp_path, tasks, message) -> None:
    settings = {"name": "s", "datasets": [{"name": "georgia"}], "tasks": tasks, "encoders": ["age-sex"]}
    path = tmp_path / "study.yaml"
    path.write_text(yaml.safe_dump(settings, sort_keys=False))
    with pytest.raises(ConfigError) as caught:
        load_study(path)
    assert str(caught.value).removeprefix(f"{path}:").startswith(message)
    assert len(str(caught.value).splitlines()) == 1
