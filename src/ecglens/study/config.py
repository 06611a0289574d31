"""What a user asks for: the fields of a study, and what is legal in them."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Annotated, Any, Literal, Self, TypeVar, cast

from pydantic import AfterValidator, BaseModel, Field, PrivateAttr, ValidationInfo, create_model, field_validator

from ecglens.errors import did_you_mean, printable
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
        raise ValueError(f"'{printable(text)}' holds characters that cannot be printed in one line")
    return text


S = TypeVar("S", bound=BaseModel)


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
    datasets
        Data sets, by name or as mappings.
    encoders
        Encoders, by name or as mappings.
    tasks
        Tasks, by short name, by ``package.module:attribute``, or as mappings; ``ecglens tasks list`` names them.
    sizes
        Names from XS (100 records), S (250), M (500), L (1,000), full (all); or name to number of records.
    balance
        ``equal`` classes or ``natural`` prevalence in every size but ``full``.
    negatives
        Sites that a task's negatives are drawn from: those at which the label occurs (``site``), or ``any``.
    draws
        How often each size is fitted, each time with another seed and, in every size but the largest, other records.
    folds
        Parts of the cross-validation, disjoint in patients.
    repeats
        How often the cross-validation is repeated with other folds. More repeats show smaller differences between
        encoders; the number of fits grows with them.
    engine
        ``fast`` fits and explains all folds together, ``reference`` one by one with the libraries.
    probes
        Classifiers that are trained on the embeddings, by name or as mappings.
    windows
        What becomes of records that are not as long as an encoder's window: ``pad``, ``drop`` or ``first``; by default
        as each encoder's recipe has it.
    shuffled
        Encoders that also run on labels shuffled within the data set: ``all``, ``none`` or names.
    lenses
        The questions that are asked, by name or ``package.module:attribute``; those that they need are asked, too. By
        default all that are installed.

    Notes
    -----
    Every lens adds the fields of its own settings: `Study` makes a class with the fields of all lenses.
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
                raise ValueError(f"{found(twice[0])} stands here more than once; give each its own name")
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
            raise ValueError(f"{', '.join(twice[:10])} stands here more than once; give each its own name")
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
        """The same study, which knows where its entries stand in a file."""
        study = self.model_copy()
        study._text = text
        return study

    def place(self, *loc: str | int) -> str:
        """Where a field or entry stands, for messages: file and line, if it comes from a file, and its name."""
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
    """The class of studies that ask these lenses: it has the fields of theirs, and of all registered ones."""
    fields: dict[str, Any] = {
        field: (kind, kind())
        for lens in load_lenses((*LENSES.names(), *names))
        for field, kind in lens.settings.items()
    }
    return create_model("Study", __base__=Study, __doc__=Study.__doc__, **fields)


def _asked(fields: Any) -> tuple[str, ...]:
    """Lenses that a study names by their path."""
    named = fields.get("lenses") if isinstance(fields, dict) else None
    return (
        tuple(name for name in named if isinstance(name, str) and ":" in name)
        if isinstance(named, list | tuple)
        else ()
    )
