"""A sound reader of made records."""

import numpy as np

from ecglens.datasets import DatasetCard, Index
from ecglens.errors import DatasetError
from ecglens.records import Defect, record_table

CARD = DatasetCard("mine", "Mine", "1", "", "", "", "", "scp-ecg", None, None, True, "a folder")
N = 60


def ecg(number: int) -> np.ndarray:
    """Twelve leads of noise whose limb leads obey Einthoven and Goldberger."""
    one, two, *chest = np.random.default_rng(number).normal(scale=[[0.3]] * 8, size=(8, 2500))
    return np.stack([one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2, *chest]).astype(np.float32)


class Sound:
    """Made records of `N` / 2 patients; every other patient has atrial fibrillation."""

    card, changes = CARD, {}

    def __init__(self, root, name="mine"):
        if not root.is_dir() or not any(root.iterdir()):
            raise DatasetError(f"{root}: holds no records. Expected: a folder")
        self.root, self.name = root, name

    def index(self):
        return Index(self.table(), ())

    def table(self):
        return record_table(map(self.row, range(N)))

    def row(self, i):
        codes = ["AFIB"] if i // 2 % 2 else ["SR"]
        return {"record_id": f"r{i}", "patient_id": f"p{i // 2}", "age": 40 + i, "sex": "FM"[i % 2], "fs": 250,
                "codes": codes, "n_samples": 2500} | self.changes  # fmt: skip

    def read(self, ids):
        return [self.signal(int(name[1:])) if name in self.known() else self.no_such(name) for name in ids]

    def known(self):
        return {f"r{i}" for i in range(N)}

    def no_such(self, name):
        return Defect(name, "missing-file", "no such record")

    def signal(self, i):
        return ecg(i)
