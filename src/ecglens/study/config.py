"""What a user asks for: the fields of a study, and what is legal in them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ecglens.probes import PROBES
from ecglens.sampling import SIZES
from ecglens.study.fields import (
    AttributionSettings,
    DatasetEntry,
    EncoderEntry,
    GeometrySettings,
    Name,
    ProbeEntry,
    ProjectionSettings,
    Strict,
)
from ecglens.study.thresholds import Thresholds


class Study(Strict):
    """A study: data sets x encoders x tasks x sizes, and how they are judged.

    Parameters
    ----------
    name
        Title of tables and report.
    seed
        The one seed all randomness comes from.
    data
        Folder that holds data sets under their names; relative paths start at the study file.
    datasets, encoders, tasks, probes
        What is crossed with what.
    sizes
        Names from XS (100 records), S (250), M (500), L (1,000), full (all); or name to number of records.
    balance
        ``equal`` classes or ``natural`` prevalence in every size but ``full``.
    negatives
        Records of which a task's negatives are drawn: of every ``site`` at which the label occurs, or of ``any`` site.
    draws
        How often each size is fitted, each time with another seed and, in every size but the largest, other records.
    folds
        Parts of the cross-validation, disjoint in patients.
    engine
        ``fast`` fits and explains all folds together, ``reference`` one by one with the libraries.
    windows
        What becomes of records that are not as long as an encoder's window: ``pad``, ``drop`` or ``first``; by default
        as each encoder's recipe has it.
    thresholds
        Where the signatures of the report begin.
    shuffled
        Encoders that also run on labels shuffled within the data set: ``all``, ``none`` or names.
    """

    name: str = Field(min_length=1, max_length=200)
    seed: int = Field(0, ge=0, lt=2**32)
    data: Path | None = None
    datasets: tuple[DatasetEntry, ...] = Field(min_length=1)
    encoders: tuple[EncoderEntry, ...] = Field(min_length=1)
    tasks: tuple[str, ...] = Field(("cd", "af"), min_length=1)
    sizes: dict[Name, int | None] = Field(default={name: SIZES[name] for name in ("XS", "S", "M", "L")}, min_length=1)
    balance: Literal["equal", "natural"] = "equal"
    negatives: Literal["site", "any"] = "site"
    draws: int = Field(3, ge=1)
    folds: int = Field(15, ge=2)
    engine: Literal["fast", "reference"] = "fast"
    probes: tuple[ProbeEntry, ...] = Field(tuple(ProbeEntry(name=name) for name in PROBES.builtins), min_length=1)
    windows: Literal["pad", "drop", "first"] | None = None
    shuffled: Literal["all", "none"] | tuple[str, ...] = "all"
    attribution: AttributionSettings = AttributionSettings()  # type: ignore[call-arg]
    geometry: GeometrySettings = GeometrySettings()  # type: ignore[call-arg]
    projection: ProjectionSettings = ProjectionSettings()  # type: ignore[call-arg]
    thresholds: Thresholds = Thresholds()  # type: ignore[call-arg]

    @field_validator("encoders", mode="before")
    @classmethod
    def _one_entry_per_pooling(cls, value: Any) -> Any:
        """``{name: a, pooling: [mean, max]}`` becomes ``a-mean`` and ``a-max``."""
        if not isinstance(value, list):
            return value
        entries: list[Any] = []
        for entry in value:
            several = entry.get("pooling") if isinstance(entry, dict) and "name" in entry else None
            if isinstance(several, list):
                own = {"encoder": entry["name"], **entry}
                entries += [own | {"name": f"{entry['name']}-{pooling}", "pooling": pooling} for pooling in several]
            else:
                entries.append(entry)
        return entries

    @field_validator("sizes", mode="before")
    @classmethod
    def _size_names(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        unknown = [name for name in value if name not in SIZES]
        if unknown:
            raise ValueError(f"unknown size {unknown[0]!r}. Known: {', '.join(SIZES)}; or map a name to a number")
        return {name: SIZES[name] for name in value}

    @field_validator("sizes")
    @classmethod
    def _ascending(cls, sizes: dict[str, int | None]) -> dict[str, int | None]:
        if any(size is not None and size < 4 for size in sizes.values()):
            raise ValueError("a size needs at least 4 records")
        return dict(sorted(sizes.items(), key=lambda item: (item[1] is None, item[1] or 0, item[0])))

    @field_validator("datasets", "encoders", "tasks", "probes")
    @classmethod
    def _unique(cls, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [entry if isinstance(entry, str) else entry.name for entry in entries]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands here more than once; give each its own name")
        return entries

    @model_validator(mode="after")
    def _shuffled_exist(self) -> Study:
        known = [entry.name for entry in self.encoders]
        if isinstance(self.shuffled, tuple) and (unknown := set(self.shuffled) - set(known)):
            raise ValueError(f"shuffled: {min(unknown)!r} is not an encoder of this study: {', '.join(known)}")
        return self

    @property
    def shuffled_encoders(self) -> tuple[str, ...]:
        """Names of the encoders that also run on shuffled labels."""
        if isinstance(self.shuffled, tuple):
            return self.shuffled
        return tuple(entry.name for entry in self.encoders) if self.shuffled == "all" else ()
