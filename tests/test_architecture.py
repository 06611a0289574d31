"""The floors of the house: a module imports only from floors below its own, or from its own part."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "ecglens"
FLOORS = [
    {"errors", "status", "_version"},
    {"checks", "module_files", "python_source"},
    {"modules", "options", "compiled", "threads", "closure"},
    {"metric", "records", "registry", "devices", "splitmix", "interrupts", "worker", "output", "files"},
    {"lens", "sampling"},
    {"signals", "tasks", "probes", "geometry", "stats"},
    {"encoders", "datasets", "attribution"},
    {"embeddings", "matrix_files"},
    {"matrices", "front"},
    {"study"},
    {"report"},
    {"lenses"},
    {"cli"},
    {"__main__"},
]
FLOOR = {part: number for number, parts in enumerate(FLOORS) for part in parts}
MODULES = sorted(path for path in ROOT.rglob("*.py") if path != ROOT / "__init__.py")


def part_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_parts(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ecglens"):
            names = [node.module] if "." in node.module else [f"ecglens.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("ecglens.")]
        else:
            continue
        found |= {name.split(".")[1] for name in names}
    return found - {"__version__"}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_module_imports_only_from_floors_below(path: Path) -> None:
    own = part_of(path)
    above = {part for part in imported_parts(path) if part != own and FLOOR[part] >= FLOOR[own]}
    assert not above, f"{own} (floor {FLOOR[own]}) imports {above}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_is_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, ecglens.cli; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    heavy = {
        "numpy",
        "pandas",
        "scipy",
        "sklearn",
        "torch",
        "xgboost",
        "shap",
        "umap",
        "matplotlib",
        "h5py",
        "pydantic",
    }
    assert not heavy & set(loaded)
