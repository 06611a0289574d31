"""The contract of a lens: settings, cells, results, tables and figures of one question about embeddings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from ecglens.errors import ConfigError, printable
from ecglens.registry import Registry


class Row:
    """Columns of a result, in order: the annotated fields of a subclass. Those annotated ``str`` hold text.

    Examples
    --------
    >>> class Rate(Row):
    ...     dataset: str
    ...     value: float
    >>> Rate.columns(), Rate.texts()
    (('dataset', 'value'), frozenset({'dataset'}))
    """

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Names of all columns."""
        return tuple(get_type_hints(cls))

    @classmethod
    def texts(cls) -> frozenset[str]:
        """Names of the columns that hold text."""
        return frozenset(name for name, kind in get_type_hints(cls).items() if kind is str)


Frames = Any
"""Result of a stage: a DataFrame of its rows, or a mapping of frames by name, including the stage's own."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One independent unit of work of a stage.

    Parameters
    ----------
    key
        Its place in the study, as columns of the result: ``encoder``, ``dataset``, ``task``, ``size``, ...
    datasets
        Data sets whose embeddings it needs, if ``encoder`` is in the key; by default ``dataset`` of the key, or all.
    sample
        File of its records (`ecglens.study.run_state.RunState.sample_file`).
    settings
        Plain data that its numbers depend on; of what a registry loads, `ecglens.closure.code_digest`, too.
    inputs
        Files of other cells that it reads, by name.
    reason
        Why it cannot be filled; empty if it can.
    device
        Where it runs; no part of its identity.
    """

    key: Mapping[str, str]
    datasets: tuple[str, ...] | None = None
    sample: Path | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Path] = field(default_factory=dict)
    reason: str = ""
    device: str | None = None


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One kind of cell: planning, computation and columns.

    Parameters
    ----------
    name
        Names the folder under ``results/`` and the table of `ecglens.study.Results`.
    row
        Its columns; every file also has ``status`` and ``reason``.
    cells
        ``(RunState) -> iterable of Cell``; runs when all stages before are finished, and may read their results.
    compute
        ``(CellTask) -> Frames``, a function at module level; raises `CannotFillError` with the reason if the data
        cannot fill the cell. The code that it imports is part of the cell's identity.
    beside
        Further tables that come with its rows.
    raw
        Values behind its numbers: files that `load_results` leaves on disk.
    """

    name: str
    row: type[Row]
    cells: Callable[[Any], Iterable[Cell]]
    compute: Callable[[Any], Frames]
    beside: Mapping[str, type[Row]] = field(default_factory=dict)
    raw: Mapping[str, type[Row]] = field(default_factory=dict)

    @property
    def tables(self) -> dict[str, type[Row]]:
        """Names and columns of all tables that results hold."""
        return {self.name: self.row, **self.beside}


def _nothing_to_check(_study: Any) -> None:
    """Accept every study."""


def _none(_: Any) -> Mapping[str, Any]:
    return {}


def _no_sections(_summary: Any) -> Sequence[Any]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Lens:
    """One question about embeddings, with its settings, stages and sections of the report.

    Parameters
    ----------
    name
        Name of the lens in study files.
    settings
        Fields for the study file, each with its pydantic model; all values have defaults.
    needs
        Names of the lenses whose results it reads; they determine the order of a run and of a summary.
    stages
        Stages in the order of computation; empty for a lens that only reads other lenses.
    check
        ``(Study) -> None``: refuses settings that cannot run, before any work starts.
    records
        ``(RunState) -> mapping``: further records to embed, by name; joint samples of data sets, with columns
        record_id, patient_id and dataset.
    foresee
        ``(RunState) -> mapping``: lines of the dry run.
    summarise
        ``(Summary) -> object``: the results as plain data; `Summary.of` finds it, and those of `needs`, by type.
    sections
        ``(Summary) -> sequence of ecglens.report.section.Section``.
    """

    name: str
    settings: Mapping[str, type[Any]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    check: Callable[[Any], None] = _nothing_to_check
    records: Callable[[Any], Mapping[str, Any]] = _none
    foresee: Callable[[Any], Mapping[str, Any]] = _none
    summarise: Callable[[Any], Any] = _none
    sections: Callable[[Any], Sequence[Any]] = _no_sections


LENSES = Registry(
    "lens",
    {
        "records": "ecglens.lenses.records:LENS",
        "scores": "ecglens.lenses.scores:LENS",
        "overlap": "ecglens.lenses.overlap:LENS",
        "separability": "ecglens.lenses.separability:LENS",
        "signatures": "ecglens.lenses.signatures:LENS",
    },
)
"""The shelf of lenses; other packages add theirs through the entry point group ``ecglens.lens``."""


def load_lenses(names: Iterable[str] = ()) -> tuple[Lens, ...]:
    """Load lenses and the lenses they need, in an order in which each follows the ones it needs.

    Parameters
    ----------
    names
        Names or ``package.module:attribute``; without any, all registered lenses.

    Raises
    ------
    ConfigError
        Unknown name, an object that is no `Lens`, lenses that need each other, two lenses of one name, or lenses that
        add a field or table of the same name.

    Examples
    --------
    >>> [lens.name for lens in load_lenses(["overlap"])]
    ['scores', 'overlap']
    """
    found: dict[str, Lens] = {}

    def add(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            raise ConfigError(f"lenses need each other: {' -> '.join((*above, name))}")
        lens = LENSES.load(name)
        if not isinstance(lens, Lens):
            raise ConfigError(f"lens '{printable(name)}' is a {type(lens).__name__}, not an ecglens.lens.Lens")
        for needed in lens.needs:
            add(needed, (*above, name))
        if found.setdefault(lens.name, lens) is not lens:
            raise ConfigError(f"'{printable(name)}' is another lens named '{printable(lens.name)}': rename one of them")

    for name in tuple(names) or LENSES.names():
        add(name, ())
    _refuse_shared_names(found.values())
    return tuple(found.values())


def _refuse_shared_names(lenses: Iterable[Lens]) -> None:
    """Raise `ConfigError` if two lenses add the same field to the study file, or a table of the same name."""
    owners: dict[tuple[str, str], str] = {}
    for lens in lenses:
        tables = [name for stage in lens.stages for name in (*stage.tables, *stage.raw)]
        for kind, name in [*(("field", name) for name in lens.settings), *(("table", name) for name in tables)]:
            other = owners.setdefault((kind, name), lens.name)
            if other != lens.name:
                raise ConfigError(f"the lenses {other!r} and {lens.name!r} both add the {kind} {name!r}. Rename one.")
