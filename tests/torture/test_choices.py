"""Modules and tests of `make mutants`, and the changes that it makes."""

import ast
import subprocess
import sys

import pytest
from torture.choices import KILLED, PACKAGE, SETTINGS, SURVIVED, chosen, files_that_test
from torture.edits import edits

SOURCE = """
FALLING = ("ilisi", "bras")

def best(values: dict[str, float], limit: float = 0.5) -> list[str]:
    names = [name for name in values if values[name] > limit and name != "x"]
    if not names:
        raise ValueError("nothing above 1")
    return f"{len(names)}" + max(names, key=len)
"""


def found() -> list[str]:
    return list(edits(ast.parse(SOURCE)))


@pytest.mark.parametrize(
    "change",
    [
        "2: ('ilisi', 'bras')  ->  ('bras',)",
        "4: 0.5  ->  1.5",
        "5: values[name] > limit  ->  values[name] >= limit",
        "5: values[name] > limit  ->  values[name] < limit",
        "5: values[name] > limit and name != 'x'  ->  values[name] > limit",
        "5: [name for name in values if values[name] > limit and name != 'x']  ->  [name for name in values]",
        "6: not names  ->  names",
        "8: max(names, key=len)  ->  min(names, key=len)",
        "8: f'{len(names)}' + max(names, key=len)  ->  max(names, key=len)",
    ],
)
def test_choices_are_changed(change: str) -> None:
    assert change in found()


def test_types_and_messages_are_left_alone() -> None:
    assert not [change for change in found() if "ValueError" in change or "float]" in change or "nothing" in change]


def test_every_change_is_taken_back() -> None:
    tree = ast.parse(SOURCE)
    changed = [ast.unparse(tree) for _ in edits(tree)]
    assert len(set(changed)) == len(changed)
    assert ast.unparse(tree) == ast.unparse(ast.parse(SOURCE))


@pytest.mark.parametrize("pattern", SETTINGS["modules"])
def test_every_listed_module_has_tests(pattern: str) -> None:
    modules = chosen([pattern])
    assert modules
    assert [module for module in modules if not files_that_test(module)] == []


def test_the_modules_whose_tests_are_listed_exist() -> None:
    assert [module for module in SETTINGS["tests"] if module not in chosen(SETTINGS["modules"])] == []


SCRIPT = """
import sys
from torture.choices import PACKAGE, Changed, fork

path = PACKAGE / "stats" / "comparisons.py"
for old, new in [("", ""), ("ALPHA = 0.05", "ALPHA = 0.5")]:
    code = compile(path.read_text().replace(old, new), str(path), "exec")
    print(fork([sys.argv[1]], Changed("ecglens.stats.comparisons", path, code), limit=120))
"""


def test_a_change_reaches_the_tests(tmp_path) -> None:
    test = tmp_path / "test_alpha.py"
    test.write_text("from ecglens.stats import ALPHA\n\ndef test_alpha():\n    assert ALPHA == 0.05\n")
    command = [sys.executable, "-c", SCRIPT, str(test)]
    found = subprocess.run(command, cwd=PACKAGE.parents[1], capture_output=True, text=True, check=True)
    assert found.stdout.split() == [str(SURVIVED), str(KILLED)]
