"""The parts of a study: entries for data sets, encoders and probes."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecglens.probes import PROBES
from ecglens.study.field_types import MOST_RECORDS, Folder, Name, switch, whole

EXPLAIN_ROWS = 30
"""Number of records of a data set that are explained if a probe has no SHAP method of its own."""


class Strict(BaseModel):
    """Frozen plain data; an unknown field is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    in_words: ClassVar[str] = "a mapping"


class Named(BaseModel):
    """A short name, or a mapping with a name and options of its own."""

    model_config = ConfigDict(extra="allow", frozen=True)

    name: Name

    @model_validator(mode="before")
    @classmethod
    def _from_short_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @property
    def options(self) -> dict[str, Any]:
        """Options that are passed to the reader or encoder unchanged."""
        return dict(self.model_extra or {})


class DatasetEntry(Named):
    """A data set of the study.

    Parameters
    ----------
    name
        Name of the data set in the study, and of its reader unless `reader` is given.
    reader
        Reader, by short name or ``package.module:attribute``.
    root
        Folder with the publisher's files. By default the subfolder `name` of the study's `data`.
    """

    in_words: ClassVar[str] = "a name, or a mapping with name, reader, root and the reader's options"

    reader: str | None = None
    root: Folder | None = None


class EncoderEntry(Named):
    """An encoder of the study.

    Parameters
    ----------
    name
        Name of the encoder in the study, and of the encoder to load unless `encoder` is given.
    encoder
        Encoder to load, by short name or ``package.module:attribute``.
    pooling
        Token pooling: ``mean``, ``max``, ``last`` or ``cls``. A list adds one encoder per pooling, named
        ``<name>-<pooling>``; tokens are computed once.
    """

    in_words: ClassVar[str] = "a name, or a mapping with name, encoder, pooling and the encoder's options"

    encoder: str | None = None
    pooling: Annotated[
        Literal["mean", "max", "last", "cls"], Field(title="'mean', 'max', 'last' or 'cls', or a list of them")
    ] = "mean"


class ProbeEntry(Strict):
    """A probe of the study.

    Parameters
    ----------
    name
        Name of the probe in the study, and of the probe to load unless `probe` or `estimator` is given.
    probe
        `Probe` to load, by short name or ``package.module:attribute``.
    estimator
        Import path of any scikit-learn classifier, such as ``sklearn.svm.SVC``.
    params
        Parameters of the estimator.
    scale
        Whether features are standardised inside the fold.
    explain_rows
        Number of records per data set that permutation SHAP explains.
    """

    in_words: ClassVar[str] = "a name, or a mapping with name, probe, estimator, params, scale, explain_rows"

    name: Name
    probe: str | None = None
    estimator: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    scale: bool = switch(False)
    explain_rows: int = whole(EXPLAIN_ROWS, 1, MOST_RECORDS)

    @model_validator(mode="before")
    @classmethod
    def _from_short_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_source(self) -> ProbeEntry:
        if self.probe and self.estimator:
            raise ValueError("give either probe or estimator")
        if self.estimator and self.name in PROBES.builtins:
            raise ValueError(f"{self.name!r} is a built-in probe; call the estimator something else")
        if (self.params or self.scale) and not self.estimator:
            raise ValueError("params and scale belong to an estimator; the built-in probes have fixed settings")
        if not self.estimator and (self.probe or self.name) in PROBES.builtins and self.explain_rows != EXPLAIN_ROWS:
            raise ValueError("explain_rows belongs to an estimator; built-in probes are explained on all records")
        return self
