"""Change one choice of a module at a time, and list the changes that the module's tests do not notice.

python -m torture.choices --budget 120                    # all modules of [tool.choices] in pyproject.toml
python -m torture.choices report/ranking.py stats/*.py    # some of them

General mutation testers do not fit here: mutmut wraps functions, which compiled functions do not survive, and leaves
tables at the top of modules alone; cosmic-ray starts Python anew for every change, which costs seconds of imports.
Here a process that has imported everything else is forked for each change.
"""

import argparse
import ast
import os
import signal
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatch
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from random import Random
from types import CodeType, ModuleType

from torture.edits import edits

ROOT = Path(__file__).parents[1]
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["choices"]
PACKAGE = ROOT / "src" / "ecglens"
KILLED, SURVIVED = 1, 0


class Changed(MetaPathFinder, SourceFileLoader):
    """Imports one module from changed code."""

    def __init__(self, name: str, path: Path, code: CodeType):
        super().__init__(name, str(path))
        self.code = code

    def find_spec(self, fullname: str, path: object = None, _: ModuleType | None = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path) if fullname == self.name else None  # type: ignore[arg-type]
        if spec is not None:
            spec.loader = self
        return spec

    def get_code(self, _: str) -> CodeType:
        return self.code


def run_tests(tests: list[str], changed: Changed | None, seen: Path | None = None) -> int:
    """Exit code of pytest in a forked process; foreign modules that were imported are written to `seen`."""
    import pytest

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    if changed:
        sys.meta_path.insert(0, changed)
    early = "ignore::pytest.PytestAssertRewriteWarning"  # plugins were imported before pytest began
    code = int(pytest.main(["-x", "-W", early, "-p", "no:cacheprovider", *tests]))
    if seen is not None:
        ours = ("ecglens", "tests", "test", "conftest", "torture", "_")
        seen.write_text("\n".join(name for name in sys.modules if not name.startswith(ours)))
    return code


def fork(tests: list[str], changed: Changed | None, limit: float, seen: Path | None = None) -> int:
    """Run tests in a child; a child that takes longer than `limit` seconds counts as killed."""
    child = os.fork()
    if child == 0:
        os.setsid()
        code = 3
        try:
            code = run_tests(tests, changed, seen)
        finally:
            os._exit(code)
    end = time.monotonic() + limit
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return KILLED


def import_foreign(seen: Path) -> None:
    """Import what the tests imported, except this package, so that forked processes need not."""
    for name in seen.read_text().splitlines():
        with suppress(Exception):  # some submodules can only be imported by their package
            __import__(name)


def files_that_test(module: str) -> list[str]:
    """The test file of the same name, and those of [tool.choices.tests]."""
    same = str(Path("tests") / Path(module).parent / f"test_{Path(module).name}")
    named = (same, *SETTINGS["tests"].get(module, ()))
    return [str(ROOT / path) for path in dict.fromkeys(named) if (ROOT / path).is_file()]


def survivors(module: str, budget: float, seed: int, seen: Path) -> Iterator[str]:
    """Lines of the report of one module."""
    path, tests = PACKAGE / module, files_that_test(module)
    name = "ecglens." + module.removesuffix(".py").replace("/", ".")
    tree = ast.parse(path.read_text())
    unchanged = Changed(name, path, compile(tree, str(path), "exec"))
    if not tests:
        yield f"{module}: not tried, it has no tests"
        return
    fork(tests, unchanged, 600, seen)
    import_foreign(seen)
    began = time.monotonic()
    if fork(tests, unchanged, 600) != SURVIVED:
        yield f"{module}: not tried, its tests fail without a change"
        return
    limit = 3 * (time.monotonic() - began) + 5
    found = [(text, compile(tree, str(path), "exec")) for text in edits(tree)]
    Random(seed).shuffle(found)
    tried, alive = 0, []
    began = time.monotonic()
    for text, code in found:
        if time.monotonic() - began > budget:
            break
        tried += 1
        if fork(tests, Changed(name, path, code), limit) == SURVIVED:
            alive.append(text)
    yield f"{module}: {tried} of {len(found)} changes tried, {len(alive)} not noticed, {time.monotonic() - began:.0f} s"
    yield from (f"  {module}:{text}" for text in sorted(alive, key=lambda text: int(text.split(":")[0])))


def chosen(patterns: list[str]) -> list[str]:
    """Modules of the package that a pattern matches."""
    every = sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
    return [module for module in every if any(fnmatch(module, pattern) for pattern in patterns)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m torture.choices", description="List choices no test notices.")
    parser.add_argument("modules", nargs="*", default=SETTINGS["modules"], help="below src/ecglens; * matches any text")
    parser.add_argument("--budget", type=float, default=120, help="seconds per module, about")
    parser.add_argument("--seed", type=int, default=1, help="of the order in which changes are tried")
    asked = parser.parse_args()
    seen = ROOT / ".pytest_cache" / "imported.txt"
    seen.parent.mkdir(exist_ok=True)
    for module in chosen(asked.modules):
        for line in survivors(module, asked.budget, asked.seed, seen):
            print(line, flush=True)


if __name__ == "__main__":
    main()
