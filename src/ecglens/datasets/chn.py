"""CHN: the records of Chapman University, Shaoxing People's Hospital and Ningbo First Hospital."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from ecglens.datasets.card import DatasetCard
from ecglens.datasets.challenge import ChallengeDataset

CARD = DatasetCard(
    name="chn",
    title="Chapman-Shaoxing and Ningbo (CHN)",
    version="ecg-arrhythmia 1.0.0",
    licence="CC BY 4.0",
    url="https://physionet.org/content/ecg-arrhythmia/1.0.0/",
    citation="Zheng et al. 2022, doi:10.13026/wgex-er52; Zheng et al. 2020, doi:10.1038/s41597-020-0386-x",
    country="China",
    vocabulary="snomed-ct",
    expected_records=45_152,
    expected_patients=None,
    has_patient_ids=False,
    layout="WFDBRecords/*/*/JS*.{hea,mat}, or training/chapman_shaoxing/g*/ and training/ningbo/g*/",
    notes=(
        "No patient identifiers: every record counts as a patient of its own.",
        "JS00001-JS10646 are Chapman-Shaoxing, JS10647-JS45551 Ningbo.",
        "Ningbo has no code for atrial fibrillation; its atrial flutter code very probably covers it.",
        "The headers of JS01052 and JS23074 are damaged in ecg-arrhythmia 1.0.0.",
    ),
    marks=(
        "WFDBRecords",
        "training/chapman_shaoxing",
        "training/ningbo",
        "chapman_shaoxing",
        "ningbo",
        "JS*.hea",
        "g*/JS*.hea",
        "[0-9]*/[0-9]*/JS*.hea",
    ),
)


CHAPMAN, NINGBO = "Chapman-Shaoxing", "Ningbo"
LAST_OF_CHAPMAN = 10_646


@dataclass
class Chn(ChallengeDataset):
    """Reader of CHN; see `ChallengeDataset` for the parameters."""

    name: str = "chn"
    card: DatasetCard = field(default=CARD, init=False, repr=False)

    folders: ClassVar[tuple[str, ...]] = (
        "WFDBRecords",
        "training/chapman_shaoxing",
        "training/ningbo",
        "chapman_shaoxing",
        "ningbo",
    )
    ids: ClassVar[str] = "JS*"

    @staticmethod
    def site_of(path: Path) -> str:
        """The hospital, by the folder of the challenge or, without one, by the record number.

        Examples
        --------
        >>> [Chn.site_of(Path(name)) for name in ("JS10646.hea", "JS10647.hea", "training/ningbo/g1/JS1.hea")]
        ['Chapman-Shaoxing', 'Ningbo', 'Ningbo']
        """
        for folder, site in (("chapman_shaoxing", CHAPMAN), ("ningbo", NINGBO)):
            if folder in path.parts:
                return site
        number = re.fullmatch(r"JS([0-9]{1,9})", path.stem)
        if number is None:
            return ""
        return CHAPMAN if int(number[1]) <= LAST_OF_CHAPMAN else NINGBO
