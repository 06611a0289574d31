"""Makes a package of what a page in docs/how-to shows, as if a stranger had installed it."""

import contextlib
import importlib
import io
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import pytest

from ecglens.cli import main
from ecglens.study.config import with_lenses

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "how-to"


@dataclass(frozen=True)
class Page:
    """The code of a page, installed in `site` on the path of modules; commands run in `folder`."""

    name: str
    site: Path
    folder: Path

    @property
    def text(self) -> str:
        return (PAGES / f"{self.name}.md").read_text()

    def blocks(self, language: str) -> list[str]:
        return re.findall(rf"^```{language}\n(.*?)^```", self.text, flags=re.DOTALL | re.MULTILINE)

    def modules(self) -> dict[str, str]:
        """File name to code: a block of Python follows the name of its file."""
        found = re.findall(r"^`(\w+\.py)`:\n\n```python\n(.*?)^```", self.text, flags=re.DOTALL | re.MULTILINE)
        assert len(found) == len(self.blocks("python")) > 0
        return dict(found)

    def entry_points(self) -> dict[str, dict[str, str]]:
        """Group to names and targets."""
        project: dict[str, dict[str, dict[str, str]]] = tomllib.loads("\n".join(self.blocks("toml")))["project"]
        return project["entry-points"]

    def commands(self) -> list[list[str]]:
        lines = [line.split("#")[0].strip() for text in self.blocks("sh") for line in text.splitlines()]
        return [shlex.split(line) for line in lines if line]

    def install(self) -> None:
        """Write modules and the metadata that `pip install` would leave."""
        for name, code in self.modules().items():
            (self.site / name).write_text(code)
        for study in self.blocks("yaml"):
            (self.folder / "study.yaml").write_text(study)
        metadata = self.site / "strangers-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
        groups = [
            "\n".join([f"[{group}]", *(f"{name} = {target}" for name, target in names.items())])
            for group, names in self.entry_points().items()
        ]
        (metadata / "entry_points.txt").write_text("\n\n".join(groups) + "\n")

    def run(self, *words: str) -> str:
        """Output of a command of the page, which has to succeed."""
        if words[0] == "python":
            script = [sys.executable, str(ROOT / words[1]), *words[2:]]
            return subprocess.run(script, cwd=self.folder, capture_output=True, text=True, check=True).stdout
        output = io.StringIO()
        with contextlib.chdir(self.folder), contextlib.redirect_stdout(output), patch.object(sys, "argv", list(words)):
            try:
                main()
            except SystemExit as end:
                assert not end.code, output.getvalue()  # noqa: PT017
        return output.getvalue()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Page]]:
    """Installs a page by its name; its modules are forgotten after the test."""
    before = set(sys.modules)

    def installed(name: str) -> Page:
        page = Page(name, tmp_path / "site", tmp_path / "work")
        page.site.mkdir()
        page.folder.mkdir()
        page.install()
        monkeypatch.syspath_prepend(str(page.site))
        importlib.invalidate_caches()
        with_lenses.cache_clear()
        return page

    yield installed
    with_lenses.cache_clear()
    for name in {Path(file).stem for file in (tmp_path / "site").glob("*.py")} - before:
        sys.modules.pop(name, None)
