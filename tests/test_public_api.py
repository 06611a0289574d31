"""The names in `ecglens` itself: lazy, typed, and few."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import ecglens
from ecglens.datasets.simulated import simulate

ROOT = Path(__file__).parents[1]
WRONG_USE = ROOT / "tests" / "typing" / "wrong_use.py"


def test_every_public_name_can_be_imported_and_says_what_it_is() -> None:
    for name in set(ecglens.__all__) - {"__version__"}:
        assert getattr(ecglens, name).__doc__, name
    assert len(ecglens.__all__) <= 25
    with pytest.raises(AttributeError, match="no_such_verb"):
        _ = ecglens.no_such_verb


def test_importing_the_package_imports_no_part_of_it() -> None:
    code = (
        "import sys, ecglens; print([name for name in sys.modules if name.startswith('ecglens.') or name == 'numpy'])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def test_a_type_checker_refuses_wrong_uses_and_nothing_else() -> None:
    pytest.importorskip("mypy")
    expected = {
        number for number, line in enumerate(WRONG_USE.read_text().splitlines(), 1) if line.endswith("  # wrong")
    }
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--no-error-summary",
        "--follow-imports=silent",
        str(WRONG_USE),
    ]
    run = subprocess.run(command, cwd=ROOT, env={"MYPYPATH": "src", "PATH": ""}, capture_output=True, text=True)
    found = {int(line) for line in re.findall(r"wrong_use\.py:(\d+): error", run.stdout)}
    assert run.returncode == 1, run.stdout + run.stderr
    assert len(expected) >= 10
    assert found == expected, run.stdout


def test_the_page_lists_every_name_and_its_example_runs(tmp_path, monkeypatch) -> None:
    page = (ROOT / "docs" / "python.md").read_text()
    assert set(ecglens.__all__) - {"__version__"} == set(re.findall(r"`(\w+)`", page)) - {"ecglens"}
    simulate(tmp_path / "georgia", "georgia", 60, 1)
    monkeypatch.chdir(tmp_path)
    (example,) = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    names: dict = {}
    exec(example, names)  # noqa: S102
    assert names["scores"].set_index("metric").loc["auroc", "n_folds"] == 5
    assert len(names["features"]) == names["X"].shape[1]
