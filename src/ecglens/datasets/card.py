"""Facts about a data set, as its publishers give them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from ecglens.errors import ConfigError


@dataclass(frozen=True)
class DatasetCard:
    """Facts about a data set, as its publishers give them.

    Parameters
    ----------
    name, title, version, licence, url, citation
        Short name, full name, release, terms, address and reference.
    country
        Country of the recordings.
    vocabulary
        Vocabulary of the codes: ``"scp-ecg"``, ``"snomed-ct"``, ``"code-15"`` or your own. Tasks look up codes by it.
    expected_records, expected_patients
        Counts of the complete release; ``None`` if the publisher gives none.
    has_patient_ids
        False if there are no patient identifiers, and ``patient_id`` is the record id.
    layout
        Files below the root, in one line.
    notes
        Caveats for the interpretation of results.
    marks
        Patterns of paths below the root, such as ``"records.csv"`` or ``"g*/E*.hea"``. A folder in which one of them
        matches holds the data set.
    """

    name: str
    title: str
    version: str
    licence: str
    url: str
    citation: str
    country: str
    vocabulary: str
    expected_records: int | None
    expected_patients: int | None
    has_patient_ids: bool
    layout: str
    notes: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse marks that are no patterns of paths below a root."""
        marks: object = self.marks
        if not isinstance(marks, tuple) or not all(isinstance(mark, str) and _is_below_root(mark) for mark in marks):
            raise ConfigError(
                f"card of data set {self.name!r}: marks are {marks!r}, expected a tuple of patterns relative to the "
                "root, such as ('records.csv',)"
            )


def _is_below_root(pattern: str) -> bool:
    path = PurePath(pattern)
    return path.parts != () and not path.is_absolute() and ".." not in path.parts
