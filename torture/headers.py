"""Mutants of WFDB headers: every record is read or named with a reason; values are wfdb's wherever both read."""

import os
import random
import shutil
import sys
import time
import warnings
from pathlib import Path

import numpy as np

import ecglens
from ecglens.datasets import open_dataset
from ecglens.datasets.simulated import simulate
from ecglens.records import LEADS, Defect
from torture.common import Tally, limits, place_of
from torture.mutants import change

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import wfdb

LAYOUTS = ("georgia", "chn", "ptb-xl")
IN_MV = {"mV": 1.0, "mv": 1.0, "uV": 1e-3, "uv": 1e-3, "V": 1e3, "v": 1e3}


def torture(tally: Tally, seed: int, end: float, folder: Path) -> None:
    rng, opened = random.Random(seed), Opened()
    for layout in LAYOUTS:
        simulate(folder / "sound" / layout, layout, 3, seed)
    while time.monotonic() < end or tally.counts["headers"] < len(LAYOUTS):
        layout, root = rng.choice(LAYOUTS), folder / "mutant"
        shutil.rmtree(root, ignore_errors=True)
        shutil.copytree(folder / "sound" / layout, root)
        header = rng.choice([path for path in sorted(root.rglob("*.hea")) if not path.stem.endswith("_lr")])
        header.write_bytes(change(rng, header.read_text()))
        judge(tally, layout, root, header, opened)


class Opened:
    """Files that this process opens outside a root, the libraries' own left out."""

    def __init__(self) -> None:
        self.root, self.found = "", []
        self._own = tuple(
            map(os.path.realpath, (sys.prefix, sys.base_prefix, Path(ecglens.__file__).parent, "/proc", "/sys"))
        )
        sys.addaudithook(self._hook)

    def _hook(self, name: str, args: tuple) -> None:
        if self.root and name == "open" and isinstance(args[0], str | bytes | os.PathLike):
            path = os.path.realpath(os.fsdecode(args[0]))
            self.found += [path] if not path.startswith((self.root, *self._own)) else []


def judge(tally: Tally, layout: str, root: Path, header: Path, opened: Opened) -> None:
    tally.count("headers")
    text = header.read_bytes()[:1500]
    opened.root, opened.found = str(root), []
    try:
        with limits():
            dataset = open_dataset(layout, root)
            index = dataset.index()
            read = dataset.read(list(index.records.index))
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is the finding
        tally.fault(f"{layout}, {place_of(error)}: {text!r}")
        return
    finally:
        opened.root = ""
    if opened.found:
        tally.fault(f"{layout}, opened {opened.found[0]}: {text!r}")
    if len(index.records) + len({defect.record_id for defect in index.defects}) < 3:
        tally.fault(f"{layout}, a record is neither read nor named: {text!r}")
    signals = dict(zip(index.records.index, read, strict=True))
    if sum(isinstance(signal, np.ndarray) for signal in signals.values()) < 2:
        tally.fault(f"{layout}, one header takes other records with it: {text!r}")
    name = str(int(header.stem[:5])) if layout == "ptb-xl" else header.stem
    if not isinstance(signals.get(name, Defect(name, "", "")), Defect):
        tally.count("read")
        compare(tally, signals[name], header, f"{layout}, {text!r}")


def compare(tally: Tally, signal: np.ndarray, header: Path, what: str) -> None:
    """Against wfdb, where it can read the record and knows the twelve leads."""
    try:
        with limits():
            record = wfdb.rdrecord(str(header.with_suffix("")))
            names = [str(name).upper() for name in record.sig_name]
            columns = [names.index(lead.upper()) for lead in LEADS]
            right = np.stack([record.p_signal[:, column] * IN_MV[record.units[column]] for column in columns])
    except Exception:  # noqa: BLE001 - wfdb raises anything
        return
    tally.count("compared with wfdb")
    if signal.shape != right.shape or not np.allclose(signal, right, rtol=1e-5, atol=1e-6, equal_nan=True):
        tally.fault(f"other values than wfdb's: {what}")
