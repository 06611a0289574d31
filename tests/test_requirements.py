"""What the package declares is what it needs: every library it imports, in a release that works."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DECLARED = {canonicalize_name(found.name): found for found in map(Requirement, PROJECT["dependencies"])}
TESTS = list(map(Requirement, PROJECT["optional-dependencies"]["test"]))
OPTIONAL = {"huggingface_hub"}


def imported() -> set[str]:
    """Top-level names that the package imports."""
    found = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.split(".")[0])
    return found - set(sys.stdlib_module_names) - {"ecglens"} - OPTIONAL


def test_every_imported_library_is_declared():
    distributions = packages_distributions()
    homeless = {name for name in imported() if not {canonicalize_name(d) for d in distributions[name]} & set(DECLARED)}
    assert not homeless


@pytest.mark.parametrize(
    ("name", "too_old"),
    [
        ("scikit-learn", "1.7.2"),  # its StratifiedGroupKFold does not stratify where it shuffles
        ("typer", "0.18.0"),  # knows no options of type Literal
        ("numpy", "1.26.4"),  # has no trapezoid
    ],
)
def test_releases_that_fail_are_excluded(name, too_old):
    assert not DECLARED[name].specifier.contains(too_old)


def floors() -> dict[str, Version]:
    """The lowest release of every package that the package or its tests declare."""
    found = {}
    for requirement in [*DECLARED.values(), *TESTS]:
        (floor,) = [Version(part.version) for part in requirement.specifier if part.operator == ">="]
        found[canonicalize_name(requirement.name)] = floor
    return found


def pinned(name: str) -> dict[str, Version]:
    """Package and release of every line of a file of constraints."""
    lines = [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]
    pairs = [line.split("==") for line in lines]
    return {canonicalize_name(package): Version(release) for package, release in pairs}


def test_the_lowest_releases_that_are_tested_are_those_declared():
    assert pinned("constraints-lowest.txt") == floors()


def test_the_pinned_set_holds_every_declared_package():
    found = pinned("constraints.txt")
    assert set(floors()) <= set(found)
    assert {name: found[name] for name, floor in floors().items() if found[name] < floor} == {}
