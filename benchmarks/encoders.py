"""Records to stored embeddings against the network alone and against a plain loop; all in the same run.

Run as ``python benchmarks/encoders.py [NAME ...]``: one process, 2 threads, simulated PTB-XL records, random weights.

- *network*: the forward passes alone on prepared windows, at the best of several batch sizes.
- *ecglens*: `extract` from native files to a new store.
- *plain loop*: `wfdb.rdrecord`, SciPy or NumPy lead by lead, batches of one record, gradients on.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from time import perf_counter

import numpy as np
import torch
import wfdb
from scipy import signal

from ecglens.datasets import Dataset, open_dataset
from ecglens.datasets.simulated import simulate
from ecglens.embeddings import extract
from ecglens.encoders import load_encoder

FS = 500
BATCHES = (1, 4, 8, 16, 32)
MERL_LEADS = [0, 1, 2, 3, 5, 4, 6, 7, 8, 9, 10, 11]
NOTCH = signal.iirnotch(50, 30, fs=FS)
BAND = signal.butter(4, (0.67, 40), "bandpass", fs=FS)
TAPS = signal.firwin(151, [0.05, 47], pass_zero=False, fs=FS)


def merl(leads: np.ndarray) -> np.ndarray:
    low, high = leads.min(), leads.max()
    return ((leads - low) / (high - low + 1e-8))[None, MERL_LEADS]


def ecgfounder(leads: np.ndarray) -> np.ndarray:
    filtered = []
    for lead in np.nan_to_num(leads):
        kept = signal.filtfilt(*BAND, signal.filtfilt(*NOTCH, lead))
        filtered.append(kept - signal.medfilt(kept, 201))
    centred = np.array(filtered) - np.mean(filtered)
    return (centred / (centred.std() + 1e-8))[None]


def hubert_ecg(leads: np.ndarray) -> np.ndarray:
    scaled = []
    for lead in leads:
        kept = signal.filtfilt(TAPS, 1, lead)
        scaled.append(2 * (kept - kept.min()) / (np.ptp(kept) + 1e-8) - 1)
    halves = np.array(scaled).reshape(12, 2, 2500).transpose(1, 0, 2)
    return np.stack([signal.decimate(half.ravel(), 5).reshape(12, 500) for half in halves])


def ecg_fm(leads: np.ndarray) -> np.ndarray:
    scaled = np.array([(lead - lead.mean()) / lead.std() for lead in leads])
    return scaled.reshape(12, 2, 2500).transpose(1, 0, 2)


PLAIN: Mapping[str, Callable[[np.ndarray], np.ndarray]] = {
    "ecgfounder-12lead": ecgfounder,
    "merl-resnet18": merl,
    "merl-vit-tiny": merl,
    "hubert-ecg-small": hubert_ecg,
    "ecg-fm": ecg_fm,
}
RECORDS = {"merl-resnet18": 128, "hubert-ecg-small": 64, "ecg-fm": 16}
HEADS = (
    "records",
    "network",
    "at batch",
    "ecglens",
    "plain loop",
    "ecglens/network",
    "plain loop/ecglens",
    "difference",
)


class Case:
    """One encoder, three ways from the same records to embeddings."""

    def __init__(self, name: str, dataset: Dataset, n: int, scratch: Path) -> None:
        self.name, self.dataset, self.scratch = name, dataset, scratch
        self.encoder = load_encoder(f"{name}@untrained")
        self.records = dataset.index().records.iloc[:n]
        self.paths = [dataset.root / path for path in self.records["path"]]
        x = np.stack(dataset.read(list(self.records.index)))
        self.prepared = torch.from_numpy(self.encoder.recipe.apply(x, FS)[0])

    def network(self, batch: int, windows: int | None = None) -> None:
        with torch.inference_mode():
            for part in torch.split(self.prepared[:windows], batch):
                self.encoder.network(part)

    def ecglens(self) -> np.ndarray:
        with tempfile.TemporaryDirectory(dir=self.scratch) as store:
            return extract(self.dataset, self.records, self.encoder, Path(store)).matrix

    def plain(self) -> np.ndarray:
        network = self.encoder.network.requires_grad_(True)
        rows = []
        for path in self.paths:
            leads = wfdb.rdrecord(str(path)).p_signal.T
            tokens = network(torch.from_numpy(PLAIN[self.name](leads).astype(np.float32))).detach().numpy()
            rows.append(self.encoder.pool(tokens).mean(axis=0))
        network.requires_grad_(False)
        return np.stack(rows)

    def row(self, rounds: int) -> str:
        """Shortest times in ms a record, their ratios, and the largest difference as a share of the largest value."""
        found, expected = self.ecglens(), self.plain()
        best = min(BATCHES, key=lambda batch: min(seconds(self.network, batch, max(BATCHES)) for _ in range(2)))
        times = np.array(
            [[seconds(self.network, best), seconds(self.ecglens), seconds(self.plain)] for _ in range(rounds)]
        )
        forward, whole, plain = 1e3 * times.min(axis=0) / len(self.records)
        difference = np.abs(found - expected).max() / np.abs(expected).max()
        cells = (
            len(self.records),
            f"{forward:.1f}",
            best,
            f"{whole:.1f}",
            f"{plain:.1f}",
            f"{whole / forward:.2f}",
            f"{plain / whole:.2f}",
            f"{difference:.0e}",
        )
        return " ".join(f"{cell:>{len(head)}}" for cell, head in zip(cells, HEADS, strict=True))


def seconds(function: Callable[..., object], *arguments: object) -> float:
    start = perf_counter()
    function(*arguments)
    return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(PLAIN), help=", ".join(PLAIN))
    parser.add_argument("--records", type=int, help="default: 256, fewer for the large networks")
    parser.add_argument("--rounds", type=int, default=3, help="of which the shortest times count")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"ms a record, {options.threads} threads, shortest of {options.rounds} rounds")
    print(f"{'encoder':<18}", " ".join(HEADS))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        sizes = {name: options.records or RECORDS.get(name, 256) for name in options.names}
        simulate(scratch / "ptb-xl", "ptb-xl", max(sizes.values()), seed=0)
        dataset = open_dataset("ptb-xl", scratch / "ptb-xl")
        for name, n in sizes.items():
            case = Case(name, dataset, n, scratch)
            print(f"{name:<18}", case.row(options.rounds), flush=True)


if __name__ == "__main__":
    main()
