"""Fixtures that every test may use."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real records beside the project. Most machines lack it, and its tests are skipped there."""
    root = Path(os.environ.get("ECGLENS_SHARED", Path(__file__).parents[2] / "shared"))
    if not root.is_dir():
        if os.environ.get("ECGLENS_REQUIRE_SHARED") == "1":
            pytest.fail(f"ECGLENS_REQUIRE_SHARED=1, but {root} is not there")
        pytest.skip(f"needs the folder of real records; {root} is not there (set ECGLENS_SHARED)")
    return root


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are as wide on every machine."""
    monkeypatch.setenv("COLUMNS", "160")
