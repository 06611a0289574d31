"""The parts of a study: entries for data sets, encoders and probes, and the settings of each stage."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ecglens.probes import PROBES
from ecglens.study.field_types import MOST_RECORDS, Folder, Name, Number, switch, whole

EXPLAIN_ROWS = 30
"""Records of a data set that are explained where a probe has no SHAP method of its own."""


class Strict(BaseModel):
    """Plain data that does not change; an unknown field is an error."""

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
        """What goes to the reader or encoder as it stands."""
        return dict(self.model_extra or {})


class DatasetEntry(Named):
    """A data set of the study.

    Parameters
    ----------
    name
        How the study calls it; also the reader, unless one is given.
    reader
        Short name or ``package.module:attribute``.
    root
        Folder with the publisher's files; by default the folder `name` in the study's `data`.
    """

    in_words: ClassVar[str] = "a name, or a mapping with name, reader, root and the reader's options"

    reader: str | None = None
    root: Folder | None = None


class EncoderEntry(Named):
    """An encoder of the study.

    Parameters
    ----------
    name
        How the study calls it; also the encoder, unless one is given.
    encoder
        Short name or ``package.module:attribute``.
    pooling
        ``mean``, ``max``, ``last`` or ``cls``; a list stands for one encoder each, named ``<name>-<pooling>``, whose
        tokens are computed once.
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
        How the study calls it; also the probe, unless `probe` or `estimator` is given.
    probe
        Short name or ``package.module:attribute`` of a `Probe`.
    estimator
        Import path of any scikit-learn classifier, such as ``sklearn.svm.SVC``.
    params
        Parameters of the estimator.
    scale
        Whether features are standardised inside the fold.
    explain_rows
        Records per data set that are explained where neither trees nor coefficients make it cheap.
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


class AttributionSettings(Strict):
    """Which features count as important, and how well that is known.

    Parameters
    ----------
    top_k
        The features with the largest mean absolute SHAP value that are compared.
    cutoffs
        Further sizes of the top, for the curve.
    seeds
        Fits of each fold that differ in the probe's seed, where a probe has one.
    halves
        Splits of a data set into two patient-disjoint halves: what their tops share is the ceiling of any overlap.
    permutations
        Permutations of the labels of each data set whose overlap is the chance level; of ``m`` permutations the
        smallest p is ``1 / (m + 1) ** 2``. None for encoders that do not run on shuffled labels.
    probes
        ``all``, or only each encoder's ``best``.
    """

    top_k: int = whole(50, 1, 100_000)
    cutoffs: tuple[Annotated[int, Field(strict=True, ge=1, le=100_000)], ...] = (10, 25, 50, 100, 200)
    seeds: int = whole(3, 1, 1000)
    halves: int = whole(5, 0, 1000)
    permutations: int = whole(5, 0, 1000)
    probes: Literal["all", "best"] = "all"


class GeometrySettings(Strict):
    """How neighbours and clusters are measured; see `ecglens.geometry.GeometryPlan`.

    Parameters
    ----------
    k
        Neighbours per record.
    metric
        Distance between embeddings.
    features
        ``raw`` as the encoder gives them, or ``standardised`` to unit variance.
    seeds
        k-means clusterings, each with another seed.
    repeats
        Subsamples with equal counts.
    permutations
        Permutations behind every p.
    bootstraps
        Groups of patients, each left out once, behind every interval.
    most_per_cell
        Largest number of records per class and data set in a subsample.
    spectral_up_to
        Largest number of records for which the neighbour graph is clustered too.
    max_records
        Records of a data set that fills no size.
    device
        PyTorch device of the neighbour search, such as ``cuda``; by default NumPy on the processor. The numbers are the
        same.
    """

    k: int = whole(10, 1, 10_000)
    metric: Literal["euclidean", "cosine"] = "euclidean"
    features: Literal["raw", "standardised"] = "raw"
    seeds: int = whole(10, 1, 1000)
    repeats: int = whole(20, 1, 100_000)
    permutations: int = whole(200, 1, 100_000)
    bootstraps: int = whole(50, 1, 100_000)
    most_per_cell: int = whole(1000, 2, MOST_RECORDS)
    spectral_up_to: int = whole(5000, 0, 100_000)
    max_records: int = whole(1000, 2, MOST_RECORDS)
    device: str | None = None

    @property
    def plan(self) -> dict[str, Any]:
        """The fields of a `GeometryPlan`."""
        return self.model_dump(exclude={"features", "max_records", "device"})


class ProjectionSettings(Strict):
    """The two parameters of UMAP that change a picture most.

    Parameters
    ----------
    n_neighbors
        Neighbours that UMAP looks at for each record.
    min_dist
        Smallest distance between points of the picture.
    """

    n_neighbors: int = whole(15, 2, 10_000)
    min_dist: Number = Field(default=0.1, ge=0, le=1)
