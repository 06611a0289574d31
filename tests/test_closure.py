"""Identity of code, on a made-up package and on a copy of ecglens: exactly what uses an edited function changes."""

import importlib
import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import ecglens
from ecglens.closure import code_digest, digest_modules, import_closure
from ecglens.errors import EncoderError

FILES = {
    "pkg/__init__.py": "from pkg.metrics import purity\nfrom pkg.rows import rows\n",
    "pkg/metrics/__init__.py": "from pkg.metrics.knn import purity\nfrom .lisi import lisi as ilisi\n",
    "pkg/metrics/knn.py": "from pkg.search import nearest\n\ndef purity(x):\n    return nearest(x)\n",
    "pkg/metrics/lisi.py": "import numpy\n\ndef lisi(x):\n    from pkg import kernels\n    return kernels.run(x)\n",
    "pkg/search.py": "from pkg.kernels import run\n\ndef nearest(x):\n    return run(x)\n",
    "pkg/kernels.py": "def run(x):\n    return x\n",
    "pkg/rows.py": "def rows():\n    return 'codes.csv'\n",
    "pkg/codes.csv": "a,b\n",
    "pkg/tables/tables.py": "def table(name):\n    return f'{name}.csv'\n",
    "pkg/tables/first.csv": "a,b\n",
    "pkg/use_tables.py": "from pkg.tables.tables import table\n",
    "pkg/use_purity.py": "from pkg import purity\n",
    "pkg/use_lisi.py": "from .metrics import ilisi\n",
    "pkg/use_rows.py": "from pkg.rows import rows\n",
    "pkg/use_package.py": "import pkg.metrics\n",
    "pkg/use_types.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from pkg.kernels import run\n",
    "pkg/use_star.py": "from pkg.search import *\n",
    "pkg/use_lazy.py": "from pkg.lazy import run\n",
    "pkg/lazy/__init__.py": "def __getattr__(name):\n    ...\n",
    "pkg/lazy/__init__.pyi": "from pkg.kernels import run as run\n",
}
USERS = [f"pkg.{Path(name).stem}" for name in FILES if "use_" in name]


def lay_out(root: Path) -> Path:
    for name, content in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return root


def digests(root: Path, modules=USERS) -> dict[str, str]:
    return {module: digest_modules([module], root) for module in modules}


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_text()
    assert old in content
    before = path.stat().st_mtime_ns
    path.write_text(content.replace(old, new))
    os.utime(path, ns=(before, max(before + 1, path.stat().st_mtime_ns)))


def changed(root: Path, before: dict[str, str]) -> set[str]:
    after = digests(root, before)
    return {module for module in before if after[module] != before[module]}


@pytest.mark.parametrize(
    ("file", "old", "new", "users"),
    [
        ("kernels.py", "return x", "return -x", {"purity", "lisi", "package", "star", "lazy"}),
        ("search.py", "run(x)\n", "run(x) + 1\n", {"purity", "package", "star"}),
        ("metrics/lisi.py", "return", "yield", {"lisi", "package"}),
        ("rows.py", "codes", "c", {"rows"}),
        ("codes.csv", "b", "c", {"rows"}),
        ("tables/first.csv", "b", "c", {"tables"}),
        ("metrics/__init__.py", "purity\n", "purity\nx = 1\n", {"package"}),
        ("__init__.py", "rows\n", "rows\nx = 1\n", set()),
        ("lazy/__init__.py", "...", "return 1", set()),
    ],
)
def test_an_edit_changes_exactly_what_uses_it(tmp_path, file, old, new, users) -> None:
    before = digests(lay_out(tmp_path))
    edit(tmp_path / "pkg" / file, old, new)
    assert changed(tmp_path, before) == {f"pkg.use_{user}" for user in users}


def test_comments_docstrings_blank_lines_and_new_files_change_nothing(tmp_path) -> None:
    before = digests(lay_out(tmp_path))
    edit(tmp_path / "pkg/kernels.py", "def run(x):\n", '"""Kernels."""\n\n\n# fast\ndef run(x):\n    """Run."""\n\n')
    (tmp_path / "pkg/metrics/other.py").write_text("def other(): ...")
    (tmp_path / "pkg/other.csv").write_text("x")
    assert not changed(tmp_path, before)


def test_the_folder_of_the_package_does_not_count(tmp_path) -> None:
    assert digests(lay_out(tmp_path / "a")) == digests(lay_out(tmp_path / "b"))


def test_modules_that_import_each_other_are_found_once(tmp_path) -> None:
    (tmp_path / "one.py").write_text("import two\nfrom one import x\n")
    (tmp_path / "two.py").write_text("import one\nfrom three import y\n")
    (tmp_path / "three.py").write_text("from four import y\n")
    (tmp_path / "four.py").write_text("from three import y\n")
    assert import_closure(["one"], tmp_path) == ["four", "one", "two"]


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("copy")
    shutil.copytree(Path(ecglens.__file__).parent, root / "ecglens", ignore=shutil.ignore_patterns("__pycache__"))
    return root


def modules_below(root: Path) -> list[str]:
    paths = [path.relative_to(root).with_suffix("") for path in root.rglob("*.py")]
    return sorted(".".join(path.parts).removesuffix(".__init__") for path in paths)


def test_an_edited_step_of_ecglens_changes_the_encoders_that_use_it_and_no_probe(copy) -> None:
    names = ("encoders.baselines.signal_features", "encoders.baselines.age_sex", "probes.trees", "signals.filters")
    before = digests(copy, [f"ecglens.{name}" for name in names])
    edit(copy / "ecglens/signals/filters.py", "def ", "def renamed_")
    assert changed(copy, before) == {"ecglens.encoders.baselines.signal_features", "ecglens.signals.filters"}


def test_a_new_encoder_changes_no_other(copy) -> None:
    names = [name for name in modules_below(copy) if name.startswith(("ecglens.encoders.", "ecglens.datasets."))]
    before = digests(copy, names)
    (copy / "ecglens/encoders/brand_new.py").write_text("class BrandNew: ...")
    (copy / "ecglens/datasets/brand_new.py").write_text("class BrandNew: ...")
    line = '"brand-new": "ecglens.encoders.brand_new:BrandNew",'
    edit(copy / "ecglens/encoders/__init__.py", '"age-sex":', f'{line} "age-sex":')
    assert not changed(copy, before)


def test_the_version_does_not_count(copy) -> None:
    assert not [name for name in modules_below(copy) if "ecglens._version" in import_closure([name], copy)[1:]]


def test_the_whole_package_takes_a_second_once(copy) -> None:
    names = modules_below(copy)
    digest_modules(names, copy)
    started = time.perf_counter()
    digest_modules(names, copy)
    assert time.perf_counter() - started < 0.5


@pytest.fixture
def mine(tmp_path, monkeypatch):
    """A class whose parent lies in a file of its own."""
    (tmp_path / "closure_parents.py").write_text("class Parent: ...")
    (tmp_path / "closure_helpers.py").write_text("def go(): ...")
    (tmp_path / "closure_mine.py").write_text(
        "import closure_parents, numpy, torch\nfrom ecglens.signals import Resample\n\n"
        "class Mine(closure_parents.Parent, torch.nn.Module):\n"
        "    def encode(self):\n        import closure_helpers\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("closure_mine")
    del sys.modules["closure_mine"], sys.modules["closure_parents"]


@pytest.mark.parametrize("file", ["closure_mine", "closure_parents", "closure_helpers"])
def test_files_of_a_user_count_for_the_class(mine, tmp_path, file) -> None:
    before, other = code_digest(mine.Mine), code_digest(np.linalg)
    (tmp_path / f"{file}.py").write_text((tmp_path / f"{file}.py").read_text() + "\nextra = 1\n")
    assert code_digest(mine.Mine) != before
    assert code_digest(np.linalg) == other


def test_a_parent_counts_that_the_class_does_not_import(mine, tmp_path) -> None:
    made = type("Made", (mine.Mine,), {"__module__": "ecglens.registry"})
    before = code_digest(made)
    (tmp_path / "closure_parents.py").write_text("class Parent:\n    x = 1\n")
    assert code_digest(made) != before


def test_functions_classes_modules_and_objects_of_a_module_agree(mine) -> None:
    from ecglens import registry

    assert code_digest(mine.Mine) == code_digest(partial(mine.Mine)) == code_digest(mine)
    names = registry.Registry("number", {})
    assert code_digest(names) == code_digest(registry) == code_digest(registry.Registry.load)
    assert code_digest(mine, registry) == code_digest(registry, mine) != code_digest(mine)


def test_code_in_no_file_is_refused() -> None:
    typed: dict[str, type] = {"__name__": "console"}
    exec("class Typed: ...\ndef typed(): ...", typed)  # noqa: S102
    for target in (typed["Typed"], typed["typed"], sys):
        with pytest.raises(EncoderError, match="its code lies in no file"):
            code_digest(target)
