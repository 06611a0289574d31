"""What a stranger meets first works: the test command, the workflows, the citation and the changelog."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import ecglens

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([\w-]+):", MAKEFILE, flags=re.MULTILINE))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def required(folder: Path, **variables: str) -> str:
    """What `.ci/run` passes to `make` as ECGLENS_REQUIRE_SHARED, in a project below `folder`."""
    project = folder / "project"
    (project / ".ci").mkdir(parents=True)
    (project / ".ci" / "run").write_text((ROOT / ".ci" / "run").read_text())
    make = folder / "bin" / "make"
    make.parent.mkdir()
    make.write_text('#!/bin/sh\necho "$1 ${ECGLENS_REQUIRE_SHARED:-no}"\n')
    make.chmod(0o755)
    environment = {"PATH": f"{make.parent}:/usr/bin:/bin"} | variables
    command = ["bash", project / ".ci" / "run"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def test_real_records_are_not_required_of_a_stranger(tmp_path) -> None:
    assert required(tmp_path) == "test no"


def test_real_records_beside_the_project_are_required(tmp_path) -> None:
    (tmp_path / "shared").mkdir()
    assert required(tmp_path) == "test 1"


def test_real_records_that_are_named_are_required(tmp_path) -> None:
    assert required(tmp_path, ECGLENS_SHARED="/no/such/folder") == "test 1"


def steps(workflow: dict) -> list[dict]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_is_a_workflow_for_each_promise() -> None:
    assert {path.stem for path in WORKFLOWS} == {"test", "lowest", "wheel", "docs"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
class TestWorkflow:
    def test_it_has_the_keys_of_a_workflow(self, path: Path) -> None:
        workflow = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506  # `on` stays a text
        assert set(workflow) == {"name", "on", "permissions", "concurrency", "jobs"}
        assert {"push", "pull_request"} <= set(workflow["on"])
        assert all(job["runs-on"].startswith("ubuntu-") for job in workflow["jobs"].values())
        assert all("timeout-minutes" in job for job in workflow["jobs"].values())
        assert all(("uses" in step) != ("run" in step) for step in steps(workflow))

    def test_it_may_only_read(self, path: Path) -> None:
        workflow = yaml.safe_load(path.read_text())
        assert workflow["permissions"] == {"contents": "read"}
        assert all("permissions" not in job for job in workflow["jobs"].values())

    def test_a_newer_push_ends_it(self, path: Path) -> None:
        concurrency = yaml.safe_load(path.read_text())["concurrency"]
        assert concurrency["cancel-in-progress"] is True
        assert "github.ref" in concurrency["group"]

    def test_actions_have_a_major_version(self, path: Path) -> None:
        used = [step["uses"] for step in steps(yaml.safe_load(path.read_text())) if "uses" in step]
        assert used
        assert [action for action in used if not re.fullmatch(r"actions/[\w-]+@v\d+", action)] == []

    def test_its_make_targets_exist(self, path: Path) -> None:
        assert set(re.findall(r"\bmake ([\w-]+)", path.read_text())) <= TARGETS


def test_the_matrix_holds_every_python_that_is_declared() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    (job,) = workflow["jobs"].values()
    tested = job["strategy"]["matrix"]["python"]
    listed = re.findall(r"Python :: (3\.\d+)", " ".join(PROJECT["classifiers"]))
    assert tested == listed
    assert PROJECT["requires-python"] == f">={tested[0]}"


CHANGELOG = (ROOT / "CHANGELOG.md").read_text()
KINDS = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]


def versions() -> dict[str, str]:
    """Text below every heading of a version."""
    parts = re.split(r"^## (.*)\n", CHANGELOG, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_the_changelog_lists_dated_versions_newest_first() -> None:
    first, *released = versions()
    assert first == "Unreleased"
    assert [name for name in released if not re.fullmatch(r"\d+\.\d+\.\d+ - \d{4}-\d\d-\d\d", name)] == []
    assert released == sorted(released, key=lambda name: [int(part) for part in re.findall(r"\d+", name)], reverse=True)
    assert released[0].split(" - ")[0] == ecglens.__version__


@pytest.mark.parametrize("version", versions())
def test_changes_are_sorted_by_kind(version: str) -> None:
    parts = re.split(r"^### (.*)\n", versions()[version], flags=re.MULTILINE)
    kinds, entries = parts[1::2], parts[2::2]
    assert parts[0].strip() == ""
    assert kinds == sorted(set(kinds), key=KINDS.index)
    for text in entries:
        lines = text.strip().splitlines()
        assert lines
        assert [line for line in lines if not line.startswith(("- ", "  "))] == []
        assert all(len(line) <= 140 for line in lines)


CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text())
CFF_KEYS = {
    *("abstract", "authors", "cff-version", "commit", "contact", "date-released", "doi", "identifiers", "keywords"),
    *("license", "license-url", "message", "preferred-citation", "references", "repository", "repository-artifact"),
    *("repository-code", "title", "type", "url", "version"),
}
REFERENCE_KEYS = {"type", "title", "authors", "year", "url", "doi", "identifiers", "journal", "month", "notes"}
PERSON_KEYS = {"given-names", "family-names", "name-particle", "name-suffix", "affiliation", "email", "orcid", "alias"}


def test_the_citation_has_the_keys_of_its_format() -> None:
    assert CITATION["cff-version"] == "1.2.0"
    assert {"authors", "message", "title"} <= set(CITATION) <= CFF_KEYS
    assert CITATION["type"] in {"software", "dataset"}
    assert CITATION["version"] == ecglens.__version__
    assert CITATION["license"] == PROJECT["license"]
    for reference in CITATION["references"]:
        assert {"type", "title", "authors"} <= set(reference) <= REFERENCE_KEYS
        assert all(set(person) <= PERSON_KEYS for person in reference["authors"])
        assert all(set(found) <= {"type", "value", "description"} for found in reference["identifiers"])
        assert {found["type"] for found in reference["identifiers"]} <= {"doi", "url", "swh", "other"}


def test_the_citation_names_the_authors_of_the_paper() -> None:
    (paper,) = CITATION["references"]
    assert paper["title"] == "Looking Beyond Accuracy: A Holistic Benchmark of ECG Foundation Models"
    assert [f"{person['given-names']} {person['family-names']}" for person in paper["authors"]] == [
        "Francesca Filice",
        "Edoardo De Rose",
        "Simone Bartucci",
        "Francesco Calimeri",
        "Simona Perri",
    ]
