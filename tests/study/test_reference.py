from pathlib import Path

import pytest
import yaml

from ecglens.study import load_study
from ecglens.study.config import Study
from ecglens.study.reference import reference

PAGE = Path(__file__).parents[2] / "docs" / "study-file.md"


def test_the_page_is_what_the_models_say() -> None:
    said = "run `python -m ecglens.study.reference > docs/study-file.md`"
    assert PAGE.read_text(encoding="utf-8") == reference(), said


def test_every_key_has_a_meaning() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert len(rows) >= 60
    assert {f"| `{name}`" for name in Study.model_fields} <= {row.rpartition(" | ")[0].split(" | ")[0] for row in rows}
    for row in rows:
        assert not row.endswith("|  |"), row
        assert "another value" not in row


def test_the_defaults_of_the_page_are_legal(tmp_path) -> None:
    """The printed defaults, written into a study file, make the study that they are left out of."""
    rows = [line.split(" | ") for line in reference().partition("## `datasets`")[0].splitlines() if line[:3] == "| `"]
    shown = {row[0][3:-1]: row[2].strip("`") for row in rows if row[2] not in ("*required*", "see below")}
    least = {"name": "s", "data": "d", "datasets": ["georgia"], "encoders": ["age-sex"]}
    given = {key: yaml.safe_load(value) for key, value in shown.items() if key != "data"}
    for name, settings in (("least", least), ("full", least | given)):
        (tmp_path / f"{name}.yaml").write_text(yaml.safe_dump(settings))
    assert len(given) > 8
    assert load_study(tmp_path / "full.yaml").model_dump() == load_study(tmp_path / "least.yaml").model_dump()


@pytest.mark.parametrize(
    "key", ["datasets", "encoders", "tasks", "probes", "attribution", "geometry", "projection", "thresholds"]
)
def test_every_section_has_a_table(key: str) -> None:
    assert f"## `{key}`" in reference()
