"""Reference page of the study file, generated from its models: ``python -m ecglens.study.reference``."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ecglens.lens import LENSES, load_lenses
from ecglens.options import words
from ecglens.study.config import with_lenses
from ecglens.study.fields import DatasetEntry, EncoderEntry, ProbeEntry
from ecglens.study.task_entry import TaskEntry

_ENTRIES: Mapping[str, type[BaseModel]] = {
    "`datasets`: an entry": DatasetEntry,
    "`encoders`: an entry": EncoderEntry,
    "`tasks`: an entry": TaskEntry,
    "`probes`: an entry": ProbeEntry,
}

_HEAD = """# The study file

A study file is a YAML file. Values are text, numbers, true, false, null, lists and mappings; dates are read as text.
A key can be omitted unless its default is *required*.

- Relative paths start at the folder of the study file. `~` and `$VARIABLES` are expanded.
- Other keys of an entry under `datasets` or `encoders` are options of that reader or encoder, such as `fs` or `device`.
- A name of the form `package.module:attribute` refers to a [module of your own](encoders.md#modules-of-your-own).

`ecglens run study.yaml --out FOLDER --dry-run` checks the file, the data sets and the encoders, and computes nothing.
"""


def reference() -> str:
    """The page as Markdown: every key with its legal values, its default and its meaning."""
    settings = {f"`{name}`": kind for lens in load_lenses(LENSES.builtins) for name, kind in lens.settings.items()}
    sections = {"The study": with_lenses(), **_ENTRIES, **settings}
    tables = (f"## {title}\n\n{_table(model)}" for title, model in sections.items())
    return "\n".join([_HEAD, *tables])


def _table(model: type[BaseModel]) -> str:
    meanings = _meanings(model)
    rows = [
        (f"`{name}`", words(field.annotation, [*field.metadata, field]), _default(field), meanings.get(name, ""))
        for name, field in model.model_fields.items()
    ]
    lines = [("key", "expected", "default", "meaning"), ("---",) * 4, *rows]
    return "".join(f"| {' | '.join(cell.replace('|', ' or ') for cell in line)} |\n" for line in lines)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*required*"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel):
        return "see below"
    return f"`{json.dumps(_plain(value), ensure_ascii=False)}`".replace('"', "")


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [getattr(each, "name", each) for each in value]
    return value


def _meanings(model: type[BaseModel]) -> dict[str, str]:
    """Descriptions of the fields, from the section Parameters of the docstring or from the fields."""
    _, _, parameters = (inspect.getdoc(model) or "").partition("Parameters\n----------\n")
    found = re.findall(r"^(\w+)\n((?:    .*\n?)+)", parameters, flags=re.MULTILINE)
    written = {name: re.sub(r"\s+", " ", text).strip().replace("``", "`") for name, text in found}
    return {name: field.description or _of_settings(field) for name, field in model.model_fields.items()} | written


def _of_settings(field: FieldInfo) -> str:
    """The first line of the docstring of a lens's settings."""
    kind = field.annotation
    is_model = isinstance(kind, type) and issubclass(kind, BaseModel)
    return (inspect.getdoc(kind) or "").partition("\n")[0] if is_model else ""


if __name__ == "__main__":
    print(reference(), end="")
