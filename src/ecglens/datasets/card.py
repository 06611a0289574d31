"""Facts about a data set, as its publishers give them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DatasetCard:
    """Facts about a data set, as its publishers give them.

    Parameters
    ----------
    name, title, version, licence, url, citation
        What and where it is.
    country
        Where it was recorded.
    vocabulary
        Which vocabulary `codes` are in: ``"scp-ecg"``, ``"snomed-ct"`` or ``"code-15"``. Tasks look codes up by it.
    expected_records, expected_patients
        Counts of the complete release; ``None`` where the publisher gives none.
    has_patient_ids
        False where ``patient_id`` is the record id for want of a better one.
    layout
        One line: what lies where under the root.
    notes
        Traps that a reader of results has to know.
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
