"""Mutants of CSV tables and HDF5 parts: every record is read or named with a reason, or the table is refused."""

import random
import shutil
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from ecglens.datasets import open_dataset
from ecglens.datasets.simulated import simulate
from ecglens.errors import EcgLensError
from ecglens.records import Defect
from torture.common import Tally, limits, place_of
from torture.mutants import change, odd_value

TABLES = {"ptb-xl": "ptbxl_database.csv", "code-15": "exams.csv"}
RECORDS = 6


def torture(tally: Tally, seed: int, end: float, folder: Path) -> None:
    warnings.simplefilter("ignore")
    rng = random.Random(seed)
    for layout in TABLES:
        simulate(folder / "sound" / layout, layout, RECORDS, seed)
    kinds = [change_cell, change_table, change_part]
    while time.monotonic() < end or len(tally.counts) < len(kinds):
        layout, root = rng.choice(list(TABLES)), folder / "mutant"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(folder / "sound" / layout, root)
        kind = rng.choice(kinds)
        what, may_be_lost = kind(tally, rng, root, layout)
        judge(tally, layout, root, what, may_be_lost)


def judge(tally: Tally, layout: str, root: Path, what: str, may_be_lost: int) -> None:
    """`may_be_lost` records may be left out, each with a reason; more may not."""
    try:
        with limits():
            dataset = open_dataset(layout, root)
            index = dataset.index()
            read = dataset.read(list(index.records.index))
    except EcgLensError as error:
        if may_be_lost < RECORDS:
            tally.fault(f"{layout}, {what}: one record ends the data set: {error}")
        return
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the finding
        tally.fault(f"{layout}, {what}: {place_of(error)}")
        return
    sound = sum(isinstance(signal, np.ndarray) for signal in read)
    named = {defect.record_id for defect in [*index.defects, *(one for one in read if isinstance(one, Defect))]}
    if sound < RECORDS - may_be_lost:
        tally.fault(f"{layout}, {what}: only {sound} of {RECORDS} records are read; {sorted(named)} are named")
    if may_be_lost < RECORDS and sound + len(named) < RECORDS:
        tally.fault(f"{layout}, {what}: a record is neither read nor named")


def change_cell(tally: Tally, rng: random.Random, root: Path, layout: str) -> tuple[str, int]:
    """One cell of one record: all others must be read."""
    import pandas as pd

    tally.count("cells")
    table = pd.read_csv(root / TABLES[layout], dtype=str)
    row, column = rng.randrange(len(table)), rng.choice(list(table))
    value = odd_value(rng)
    table.loc[row, column] = value
    table.to_csv(root / TABLES[layout], index=False)
    return f"row {row}, {column} = {value[:60]!r}", 1


def change_table(tally: Tally, rng: random.Random, root: Path, layout: str) -> tuple[str, int]:
    """Anything in the text of the table, its first line included."""
    tally.count("tables")
    path = root / TABLES[layout]
    content = change(rng, path.read_text())
    path.write_bytes(content)
    return f"{content[:1500]!r}", RECORDS


def change_part(tally: Tally, rng: random.Random, root: Path, _layout: str) -> tuple[str, int]:
    """One member of one HDF5 part: the records of the other part must be read."""
    tally.count("HDF5 parts")
    part = next(iter(sorted(root.glob("*.hdf5"))), None)
    if part is None:
        return change_table(tally, rng, root, _layout)
    how, member = rng.choice(list(PARTS)), rng.choice(["exam_id", "tracings"])
    with h5py.File(part, "r+") as file:
        old = file[member][()]
        del file[member]
        PARTS[how](file, member, old)
    return f"{member} {how}", RECORDS // 2


def bomb(file: h5py.File, name: str, old: np.ndarray) -> None:
    """Terabytes of zeros that take no room in the file."""
    file.create_dataset(name, (2**31, *old.shape[1:]), old.dtype, chunks=True, compression="gzip")


def virtual(file: h5py.File, name: str, old: np.ndarray) -> None:
    layout = h5py.VirtualLayout(old.shape, old.dtype)
    layout[...] = h5py.VirtualSource("/etc/passwd", name, old.shape)
    file.create_virtual_dataset(name, layout)


def replaced(make: Callable[[np.ndarray], object], file: h5py.File, name: str, old: np.ndarray) -> None:
    file.create_dataset(name, data=make(old))


CONTENTS: dict[str, Callable[[np.ndarray], object]] = {
    "a scalar": lambda _old: 1,
    "nothing": lambda _old: h5py.Empty("f4"),
    "text": lambda old: np.full(len(old), b"x"),
    "compound": lambda old: np.zeros(len(old), "i4,f4"),
    "complex": lambda old: old.astype(complex),
    "shorter": lambda old: old[:-2],
    "transposed": lambda old: old.T,
    "negative": lambda old: -np.abs(old) - 1,
    "not a number": lambda old: np.full(old.shape, np.nan),
}
PARTS: dict[str, Callable[[h5py.File, str, np.ndarray], object]] = {
    "missing": lambda _file, _name, _old: None,
    "a group": lambda file, name, _old: file.create_group(name),
    "a type": lambda file, name, _old: file.__setitem__(name, np.dtype("f8")),
    "a loop": lambda file, name, _old: file.__setitem__(name, h5py.SoftLink(f"/{name}")),
    "an external link": lambda file, name, _old: file.__setitem__(name, h5py.ExternalLink("/etc/passwd", "/x")),
    "virtual": virtual,
    "a bomb": bomb,
    **{how: partial(replaced, make) for how, make in CONTENTS.items()},
}
