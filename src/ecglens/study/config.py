"""The study: the fields of a study file and their legal values."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Annotated, Any, Literal, Self, TypeVar, cast

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationInfo, create_model, field_validator

from ecglens.errors import ConfigError, did_you_mean, printable
from ecglens.lens import LENSES, load_lenses
from ecglens.options import found
from ecglens.probes import PROBES
from ecglens.sampling import SIZES
from ecglens.study.field_types import MOST_RECORDS, Folder, Name, whole
from ecglens.study.fields import DatasetEntry, EncoderEntry, ProbeEntry, Strict
from ecglens.study.poolings import spread_poolings, written
from ecglens.study.task_entry import TaskEntry, load_task
from ecglens.study.yaml_text import YamlText
from ecglens.tasks import Task

Size = Annotated[int, Field(strict=True, ge=4, le=MOST_RECORDS)]
"""A number of records."""

SIZES_IN_WORDS = (
    f"a list of {', '.join(SIZES)} and mappings such as {{tiny: 20}}, or one mapping of names to numbers of records, "
    f"4 to {MOST_RECORDS:,}, or null for all"
)


def _title(text: str) -> str:
    text = text.strip()
    if not text.isprintable():
        raise ValueError(f"'{printable(text)}' contains characters that cannot be printed on one line")
    return text


S = TypeVar("S", bound=BaseModel)


class Study(Strict):
    """A study: data sets, encoders, tasks and sizes, and the settings of their evaluation.

    Parameters
    ----------
    name
        Title of the study in tables and in the report.
    seed
        Random seed of the study.
    data
        Folder with one subfolder per data set, each named after its data set.
    datasets
        Data sets, by name or as mappings.
    encoders
        Encoders, by name or as mappings.
    tasks
        Tasks, by short name, by ``package.module:attribute``, or as mappings; ``ecglens tasks list`` names them.
    sizes
        Sample sizes: XS (100 records), S (250), M (500), L (1,000), full (all), or your own names and numbers.
    balance
        Class balance of every size but ``full``: ``equal`` classes, or ``natural`` prevalence.
    negatives
        Sites that negatives are drawn from: only sites at which the label occurs (``site``), or all sites (``any``).
    draws
        Number of fits of each size, each with another seed and, except in the largest size, other training records.
    folds
        Number of patient-disjoint folds of the cross-validation.
    repeats
        Number of cross-validations, each with other folds. More repeats detect smaller differences between encoders
        and need proportionally more fits.
    engine
        ``fast`` fits and explains all folds together; ``reference`` uses scikit-learn, XGBoost and shap, fold by fold.
    probes
        Classifiers that are trained on the embeddings, by name or as mappings.
    windows
        Treatment of records that do not fit the input window of an encoder: ``pad``, ``drop`` or ``first``. By default
        the recipe of the encoder decides.
    shuffled
        Encoders that are also evaluated on shuffled labels: ``all``, ``none`` or a list of names.
    lenses
        Lenses to compute, by name or ``package.module:attribute``; lenses that they need are added. By default all
        installed lenses are computed.

    Notes
    -----
    Every lens adds fields with its own settings; `Study` creates a class with the fields of all lenses.
    """

    name: Annotated[str, AfterValidator(_title)] = Field(min_length=1, max_length=200)
    seed: int = whole(0, 0, 2**32 - 1)
    data: Folder | None = None
    datasets: tuple[DatasetEntry, ...] = Field(min_length=1)
    encoders: tuple[EncoderEntry, ...] = Field(min_length=1)
    tasks: tuple[TaskEntry, ...] = Field((TaskEntry(name="cd"), TaskEntry(name="af")), min_length=1)
    sizes: dict[Name, Size | None] = Field(
        default={name: SIZES[name] for name in ("XS", "S", "M", "L")}, min_length=1, title=SIZES_IN_WORDS
    )
    balance: Literal["equal", "natural"] = "equal"
    negatives: Literal["site", "any"] = "site"
    draws: int = whole(3, 1, 1000)
    folds: int = whole(15, 2, 1000)
    repeats: int = whole(1, 1, 1000)
    engine: Literal["fast", "reference"] = "fast"
    probes: tuple[ProbeEntry, ...] = Field(tuple(ProbeEntry(name=name) for name in PROBES.builtins), min_length=1)
    windows: Literal["pad", "drop", "first"] | None = None
    shuffled: Literal["all", "none"] | tuple[str, ...] = "all"
    lenses: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    _text: YamlText | None = PrivateAttr(None)

    def __new__(cls, *_: Any, **fields: Any) -> Self:
        """A study with the fields of its lenses."""
        return cast("Self", super().__new__(with_lenses(_asked(fields)) if cls is Study else cls))

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Check plain data; the class of the result has the fields of its lenses."""
        if cls is not Study or isinstance(obj, Study):
            return super().model_validate(obj, **options)
        return cast("Self", with_lenses(_asked(obj)).model_validate(obj, **options))

    @field_validator("encoders", mode="before")
    @classmethod
    def _one_entry_per_pooling(cls, value: Any) -> Any:
        return [entry for _, entry in spread_poolings(value)] if isinstance(value, list) else value

    @field_validator("sizes", mode="before")
    @classmethod
    def _size_names(cls, value: Any) -> Any:
        """``[XS, {tiny: 20}]`` as a mapping."""
        if not isinstance(value, list):
            return value
        sizes: dict[Any, Any] = {}
        for each in value:
            own = (
                each
                if isinstance(each, dict)
                else {each: SIZES[each]}
                if isinstance(each, str) and each in SIZES
                else None
            )
            if own is None:
                raise ValueError(
                    f"unknown size {found(each)}.{did_you_mean(each, SIZES)} Known: {', '.join(SIZES)}; or map a name "
                    "to a number, as in {tiny: 20}"
                )
            if twice := [name for name in own if name in sizes]:
                raise ValueError(f"{found(twice[0])} is listed more than once; give each entry its own name")
            sizes |= own
        return sizes

    @field_validator("sizes")
    @classmethod
    def _ascending(cls, sizes: dict[str, int | None]) -> dict[str, int | None]:
        return dict(sorted(sizes.items(), key=lambda item: (item[1] is None, item[1] or 0, item[0])))

    @field_validator("datasets", "encoders", "tasks", "probes")
    @classmethod
    def _unique(cls, entries: tuple[Any, ...]) -> tuple[Any, ...]:
        counts = Counter(entry.name for entry in entries)
        if twice := sorted(printable(name) for name, count in counts.items() if count > 1):
            raise ValueError(f"{', '.join(twice[:10])} is listed more than once; give each entry its own name")
        return entries

    @field_validator("shuffled")
    @classmethod
    def _shuffled_exist(cls, value: Any, info: ValidationInfo) -> Any:
        known = [entry.name for entry in info.data.get("encoders", ())]
        unknown = sorted(set(value) - set(known)) if isinstance(value, tuple) and known else []
        if unknown:
            raise ValueError(
                f"'{printable(unknown[0])}' is not an encoder of this study.{did_you_mean(unknown[0], known)} "
                f"It has: {', '.join(known)}"
            )
        return value

    def settings(self, kind: type[S]) -> S:
        """The settings of a lens, by their class."""
        return next(value for _, value in self if isinstance(value, kind))

    def with_text(self, text: YamlText) -> Study:
        """The same study, with the positions of its entries in the study file."""
        study = self.model_copy()
        study._text = text
        return study

    def place(self, *loc: str | int) -> str:
        """Position of a field or entry for error messages: file and line, if it comes from a file, and its name."""
        section = getattr(self, str(loc[0]))
        names = [getattr(section[part], "name", part) if isinstance(part, int) else printable(part) for part in loc]
        name = ".".join(map(str, names))
        if self._text is None:
            return name
        return f"{self._text.source}:{self._text.line(written(self._text.data, loc))}: {name}"

    @property
    def task_names(self) -> tuple[str, ...]:
        """Names of the tasks."""
        return tuple(entry.name for entry in self.tasks)

    def task(self, name: str) -> Task:
        """The task of that name; raises `ConfigError` if there is no such task."""
        return load_task(next(entry for entry in self.tasks if entry.name == name))

    @property
    def shuffled_encoders(self) -> tuple[str, ...]:
        """Names of the encoders that also run on shuffled labels."""
        if isinstance(self.shuffled, tuple):
            return self.shuffled
        return tuple(entry.name for entry in self.encoders) if self.shuffled == "all" else ()


@cache
def with_lenses(names: tuple[str, ...] = ()) -> type[Study]:
    """The study class with the settings of these lenses and of all registered lenses."""
    lenses = load_lenses((*LENSES.names(), *names))
    for lens in lenses:
        if taken := sorted(Study.model_fields.keys() & lens.settings.keys()):
            raise ConfigError(f"the lens {lens.name!r} adds the field {taken[0]!r}, which every study has. Rename it.")
    fields: dict[str, Any] = {field: (kind, kind()) for lens in lenses for field, kind in lens.settings.items()}
    return create_model("Study", __base__=Study, __doc__=Study.__doc__, **fields)


def _asked(fields: Any) -> tuple[str, ...]:
    """Lenses that a study names by import path."""
    named = fields.get("lenses") if isinstance(fields, dict) else None
    return (
        tuple(name for name in named if isinstance(name, str) and ":" in name)
        if isinstance(named, list | tuple)
        else ()
    )
