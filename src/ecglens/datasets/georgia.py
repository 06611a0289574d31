"""Georgia (G12EC): 12-lead records of the PhysioNet/CinC Challenge."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ecglens.datasets.card import DatasetCard
from ecglens.datasets.challenge import ChallengeDataset

CARD = DatasetCard(
    name="georgia",
    title="Georgia 12-lead ECG Challenge Database",
    version="challenge-2021 1.0.3",
    licence="CC BY 4.0",
    url="https://physionet.org/content/challenge-2021/1.0.3/",
    citation="Perez Alday et al. 2020, doi:10.1088/1361-6579/abc960; Reyna et al. 2021, doi:10.13026/34va-7q14",
    country="United States",
    vocabulary="snomed-ct",
    expected_records=10_344,
    expected_patients=None,
    has_patient_ids=False,
    layout="training/georgia/g*/E*.{hea,mat}, or any folder on the way down to g1, g2, ...",
    notes=(
        "No patient identifiers: every record counts as a patient of its own.",
        "E07509 and E07510 are the same recording.",
        "Some records are shorter than 10 s.",
    ),
    marks=("training/georgia", "georgia", "E*.hea", "g*/E*.hea"),
)


@dataclass
class Georgia(ChallengeDataset):
    """Reader of Georgia; see `ChallengeDataset` for the parameters."""

    name: str = "georgia"
    card: DatasetCard = field(default=CARD, init=False, repr=False)

    folders: ClassVar[tuple[str, ...]] = ("training/georgia", "georgia")
    ids: ClassVar[str] = "E*"
