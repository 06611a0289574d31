"""What the package declares is what it needs: every library it imports, in a release that works."""

import ast
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DECLARED = {canonicalize_name(found.name): found for found in map(Requirement, PROJECT["dependencies"])}
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
