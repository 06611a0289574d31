"""Example of a custom reader: a CSV table, and one .npy file per signal.

python my_reader.py DIR                     # writes 24 simulated records in this layout
ecglens data check my_reader:MyRecords DIR  # checks the reader
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

from ecglens.datasets import DatasetCard, Index, open_dataset
from ecglens.datasets.simulated import simulate
from ecglens.errors import DatasetError
from ecglens.records import Defect, record_table

CARD = DatasetCard(
    name="my-records",
    title="My records",
    version="1",
    licence="for internal use",
    url="",
    citation="",
    country="",
    vocabulary="scp-ecg",  # tasks look up codes in this vocabulary
    expected_records=None,
    expected_patients=None,
    has_patient_ids=True,
    layout="records.csv (record_id, patient_id, age, sex, fs, codes) and signals/RECORD_ID.npy",
)


class MyRecords:
    card = CARD

    def __init__(self, root: Path, name: str = "my-records"):
        if not (root / "records.csv").is_file():
            raise DatasetError(f"{root}: no records.csv. Expected: {CARD.layout}")
        self.root, self.name = root, name

    def index(self) -> Index:
        table = pd.read_csv(self.root / "records.csv", dtype={"record_id": str, "patient_id": str, "codes": str})
        rows = table.astype(object).where(table.notna(), None).to_dict("records")  # an empty field is None, not NaN
        return Index(record_table(row | {"codes": split(row["codes"])} for row in rows), defects=())

    def read(self, ids):
        return [self.read_one(record_id) for record_id in ids]

    def read_one(self, record_id):
        path = self.root / "signals" / f"{record_id}.npy"
        if not path.is_file():
            return Defect(record_id, "missing-file", f"{path}: does not exist")
        microvolts = np.load(path)  # [samples, 12], leads I II III aVR aVL aVF V1 to V6
        return (microvolts.T / 1000).astype(np.float32)


def split(codes):
    return None if codes is None else codes.split(";")  # None: nobody labelled this record, and it is left out


def write_example(root: Path, n_records: int = 24) -> None:
    """Write simulated records in the layout of `MyRecords`."""
    with TemporaryDirectory() as folder:
        simulate(Path(folder) / "ptb-xl", "ptb-xl", n_records, seed=0)
        source = open_dataset("ptb-xl", Path(folder) / "ptb-xl")
        records = source.index().records
        signals = source.read(list(records.index))
    (root / "signals").mkdir(parents=True)
    for record_id, signal in zip(records.index, signals, strict=True):
        np.save(root / "signals" / f"{record_id}.npy", np.round(signal.T * 1000).astype(np.int16))
    table = records.assign(codes=records["codes"].str.join(";"))
    table[["patient_id", "age", "sex", "fs", "codes"]].to_csv(root / "records.csv")


if __name__ == "__main__":
    write_example(Path(sys.argv[1]))
