"""Records to stored embeddings against the network alone and against a plain loop; all in the same run.

Run as ``python benchmarks/encoders.py [NAME ...]``: one process, 2 threads, simulated PTB-XL records, random weights.

- *network*: the forward passes alone on prepared windows, at the best of several batch sizes.
- *ecglens*: `extract` from native files to a new store.
- *plain loop*: `wfdb.rdrecord`, SciPy or NumPy lead by lead, batches of one record, the network as its authors wrote it
  (batch norms and weight norms computed in every pass, channels first), gradients on.
- *products*: what the operations of the network's linear layers and convolutions take at the speed of large products of
  matrices, measured in the same run. Without fewer operations, no implementation in float32 takes less.
- *bfloat16*: largest difference that bfloat16 makes to the embeddings of a record, as *difference* counts it.
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
from torch.utils.flop_counter import FlopCounterMode

from ecglens.datasets import Dataset, open_dataset
from ecglens.datasets.simulated import simulate
from ecglens.embeddings import extract
from ecglens.encoders import Batch, load_encoder

FS = 500
BATCHES = {"cpu": (1, 4, 8, 16), "cuda": (16, 64, 256)}
PRODUCT = 2048
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
RECORDS = {
    "merl-vit-tiny": 192,
    "merl-resnet18": 96,
    "ecgfounder-12lead": 96,
    "hubert-ecg-small": 32,
    "ecg-fm": 8,
}
HEADS = (
    "records",
    "network",
    "at batch",
    "ecglens",
    "plain loop",
    "products",
    "ecglens/network",
    "plain loop/ecglens",
    "plain loop/products",
    "difference",
    "bfloat16",
)


class Case:
    """One encoder, three ways from the same records to embeddings."""

    def __init__(self, name: str, dataset: Dataset, n: int, scratch: Path, device: str) -> None:
        self.name, self.dataset, self.scratch, self.device = name, dataset, scratch, torch.device(device)
        self.encoder = load_encoder(f"{name}@untrained", device=device)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            self.plain_network = self.encoder.build().eval().to(self.device)
        self.records = dataset.index().records.iloc[:n]
        self.paths = [dataset.root / path for path in self.records["path"]]
        x = np.stack(dataset.read(list(self.records.index)))
        self.signals, self.fs = self.encoder.recipe.apply(x, FS)
        self.prepared = torch.from_numpy(self.signals).to(self.device)

    def network(self, batch: int, windows: int | None = None) -> None:
        with torch.inference_mode():
            for part in torch.split(self.prepared[:windows], batch):
                tokens = self.encoder.network(part)
            tokens.cpu()

    def ecglens(self) -> np.ndarray:
        with tempfile.TemporaryDirectory(dir=self.scratch) as store:
            return extract(self.dataset, self.records, self.encoder, Path(store)).matrix

    def plain(self) -> np.ndarray:
        rows = []
        for path in self.paths:
            leads = wfdb.rdrecord(str(path)).p_signal.T
            x = torch.from_numpy(PLAIN[self.name](leads).astype(np.float32)).to(self.device)
            tokens = self.plain_network(x).detach().cpu().numpy()
            rows.append(self.encoder.pool(tokens).mean(axis=0))
        return np.stack(rows)

    def operations(self) -> int:
        """Floating-point operations of a record's linear layers and convolutions; attention adds a few per cent."""
        windows = self.prepared[: len(self.prepared) // len(self.records)]
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            self.encoder.network(windows)
        return counter.get_total_flops()

    def bfloat16(self) -> float:
        """What it changes in the first record."""
        batch = Batch(self.signals[: len(self.signals) // len(self.records)], self.fs, records=None)
        other = load_encoder(f"{self.name}@untrained", device=str(self.device), precision="bfloat16")
        exact, rounded = (encoder.pool(encoder.encode(batch)) for encoder in (self.encoder, other))
        return np.abs(exact - rounded).max() / np.abs(exact).max()

    def row(self, rounds: int) -> str:
        """Shortest times in ms a record, their ratios, and the largest difference as a share of the largest value."""
        found, expected = self.ecglens(), self.plain()
        batches = BATCHES[self.device.type]
        best = min(batches, key=lambda batch: min(seconds(self.network, batch, max(batches)) for _ in range(2)))
        times = np.array(
            [
                [seconds(self.network, best), seconds(self.ecglens), seconds(self.plain), product(self.device)]
                for _ in range(rounds)
            ]
        )
        forward, whole, plain, _ = 1e3 * times.min(axis=0) / len(self.records)
        products = 1e3 * times[:, 3].min() * self.operations() / (2 * PRODUCT**3)
        difference = np.abs(found - expected).max() / np.abs(expected).max()
        cells = (
            len(self.records),
            f"{forward:.1f}",
            best,
            f"{whole:.1f}",
            f"{plain:.1f}",
            f"{products:.1f}",
            f"{whole / forward:.2f}",
            f"{plain / whole:.2f}",
            f"{plain / products:.2f}",
            f"{difference:.0e}",
            f"{self.bfloat16():.0e}",
        )
        return " ".join(f"{cell:>{len(head)}}" for cell, head in zip(cells, HEADS, strict=True))


def product(device: torch.device) -> float:
    """Shortest seconds for a product of two large square matrices."""
    factor = torch.ones(PRODUCT, PRODUCT, device=device)
    with torch.inference_mode():
        return min(seconds(lambda: torch.mm(factor, factor)[0, 0].item()) for _ in range(5))


def seconds(function: Callable[..., object], *arguments: object) -> float:
    start = perf_counter()
    function(*arguments)
    return perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(PLAIN), help=", ".join(PLAIN))
    parser.add_argument("--records", type=int, help="default: fewer for larger networks")
    parser.add_argument("--rounds", type=int, default=3, help="of which the shortest times count")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="where the networks run: cpu or cuda")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"ms a record, {options.threads} threads, networks on {options.device}, shortest of {options.rounds} rounds")
    print(f"{'encoder':<18}", " ".join(HEADS))
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        sizes = {name: options.records or RECORDS[name] for name in options.names}
        simulate(scratch / "ptb-xl", "ptb-xl", max(sizes.values()), seed=0)
        dataset = open_dataset("ptb-xl", scratch / "ptb-xl")
        for name, n in sizes.items():
            case = Case(name, dataset, n, scratch, options.device)
            print(f"{name:<18}", case.row(options.rounds), flush=True)


if __name__ == "__main__":
    main()
