"""Reading a study file: what is wrong is said with file, line and field, before any work starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from ecglens.errors import ConfigError
from ecglens.study.config import Study


def load_study(path: Path) -> Study:
    """Read and check a study file.

    Parameters
    ----------
    path
        A YAML file; relative folders in it start at the file's own folder.

    Raises
    ------
    ConfigError
        Naming the file, the line, the field and what is legal there.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"cannot read the study file {path}: {error}") from error
    _refuse_repeated_keys(path, yaml.compose(text, Loader=yaml.SafeLoader))
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: a study file is a mapping with name, datasets, encoders; see examples/")
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        lines = [_explain(path, tree, dict(problem)) for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from error
    return _resolve_paths(study, path.parent)


def _resolve_paths(study: Study, base: Path) -> Study:
    """Make every path absolute; a data set without a root lies under its name in the study's `data`."""
    data = (base / study.data).resolve() if study.data else None
    entries = []
    for entry in study.datasets:
        if entry.root is None and data is None:
            raise ConfigError(f"datasets: {entry.name} has no root; give it one, or give the study a data folder")
        root = base / entry.root if entry.root else (data or base) / entry.name
        entries.append(entry.model_copy(update={"root": root.resolve()}))
    encoders = [
        entry.model_copy(update={"weights": str((base / weights).resolve())})
        if isinstance(weights := entry.options.get("weights"), str)
        else entry
        for entry in study.encoders
    ]
    return study.model_copy(update={"data": data, "datasets": tuple(entries), "encoders": tuple(encoders)})


def _refuse_repeated_keys(path: Path, node: yaml.Node | None) -> None:
    """YAML takes the last of two equal keys; who wrote both meant something else."""
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_repeated_keys(path, child)
    elif isinstance(node, yaml.MappingNode):
        known: set[str] = set()
        for key, child in node.value:
            if key.value in known:
                raise ConfigError(f"{path}:{key.start_mark.line + 1}: {key.value!r} stands here a second time")
            known.add(key.value)
            _refuse_repeated_keys(path, child)


def _explain(path: Path, tree: yaml.Node | None, problem: dict[str, Any]) -> str:
    """One line of an error message: file, line, field, what is wrong."""
    node, line = tree, 1
    for key in problem["loc"]:
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            child = next((value for name, value in node.value if name.value == str(key)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            child = node.value[key]
        if child is None:
            break
        node, line = child, child.start_mark.line + 1
    field = ".".join(str(part) for part in problem["loc"]) or "study"
    legal = (
        f" Known fields: {', '.join(Study.model_fields)}."
        if problem["type"] == "extra_forbidden" and len(problem["loc"]) == 1
        else ""
    )
    found = f" (found {problem['input']!r:.80})" if problem["loc"] else ""
    return f"{path}:{line}: {field}: {problem['msg'].removeprefix('Value error, ')}{found}.{legal}"
