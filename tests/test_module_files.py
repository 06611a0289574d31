import sys
from pathlib import Path

import numpy as np

from ecglens import module_files
from ecglens.module_files import ModuleFiles


def test_modules_are_found_where_python_finds_them() -> None:
    found = ModuleFiles()
    for module in (np, np.linalg, module_files, sys.modules["importlib.machinery"]):
        assert found.find(module.__name__) == Path(module.__file__)
    for name in ("sys", "no_such_package", "no_such_package.module", "numpy.no_such_module", "", "__main__.x"):
        assert found.find(name) is None


def test_nothing_is_imported(tmp_path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/__init__.py").write_text("raise SystemExit")
    (tmp_path / "broken/part.py").write_text("raise SystemExit")
    assert ModuleFiles(tmp_path).find("broken.part") == tmp_path / "broken/part.py"
    assert ModuleFiles(tmp_path).find("broken") == tmp_path / "broken/__init__.py"


def test_a_package_without_an_init_has_modules_and_no_file(tmp_path) -> None:
    (tmp_path / "outer/inner").mkdir(parents=True)
    (tmp_path / "outer/inner/part.py").write_text("")
    assert ModuleFiles(tmp_path).find("outer.inner.part") == tmp_path / "outer/inner/part.py"
    assert ModuleFiles(tmp_path).find("outer.inner") is None


def test_a_package_is_taken_before_a_module_of_its_name(tmp_path) -> None:
    (tmp_path / "top/part").mkdir(parents=True)
    for name in ("__init__.py", "part.py", "part/__init__.py"):
        (tmp_path / "top" / name).write_text("")
    assert ModuleFiles(tmp_path).find("top.part") == tmp_path / "top/part/__init__.py"


def test_known_files_are_not_looked_for(tmp_path) -> None:
    assert ModuleFiles(tmp_path, {"script": tmp_path / "run.py"}).find("script") == tmp_path / "run.py"
