"""Geometry against plain scikit-learn and umap-learn at equal settings, in one run; and how it grows.

Seconds are wall clock and, in brackets, CPU. Memory is what the process's peak rose by.
"""

import argparse
import re
import resource
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, process_time
from typing import Any

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.neighbors import NearestNeighbors

from ecglens.geometry import GeometryPlan, build_index, find_neighbours, measure_geometry, project_umap
from ecglens.geometry.metrics.kmeans import k_means
from ecglens.geometry.pca import principal_components

SHARES = (0.4, 0.3, 0.2, 0.1)
PREVALENCE = {"cd": 0.25, "af": 0.1}


def plant(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, dict[str, np.ndarray], np.ndarray]:
    """Embeddings with a falling spectrum in which four data sets and two tasks shift the mean."""
    means, rng = np.random.default_rng(0), np.random.default_rng([seed, 1])  # the means are the same in all parts
    sources = rng.choice(len(SHARES), n, p=SHARES)
    tasks = {name: (rng.random(n) < share).astype(int) for name, share in PREVALENCE.items()}
    # The means are far enough from each other that clusters exist, near enough that they overlap.
    axes = means.normal(size=(len(SHARES) + len(tasks), d))
    spread = means.normal(size=(30, d)) * np.linspace(0.5, 0.1, 30)[:, None]
    X = np.empty((n, d), dtype=np.float32)
    for start in range(0, n, 10_000):
        rows = slice(start, start + 10_000)
        X[rows] = rng.normal(size=(len(sources[rows]), 30)) @ spread + rng.normal(size=(len(sources[rows]), d))
        X[rows] += axes[sources[rows]]
        X[rows] += sum(labels[rows, None] * axes[len(SHARES) + i] for i, labels in enumerate(tasks.values()))
    return X, tasks, sources


def timed(name: str, function: Callable[[], Any]) -> tuple[float, float, Any]:
    before, wall, cpu = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, perf_counter(), process_time()
    result = function()
    wall, cpu = perf_counter() - wall, process_time() - cpu
    risen = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"{name:<58} {wall:8.1f} s ({cpu:7.1f} s)  +{risen:.0f} MB", flush=True)
    return wall, cpu, result


def ratio(name: str, plain: tuple[float, float, Any], ours: tuple[float, float, Any]) -> None:
    print(f"{name:<58} {plain[0] / ours[0]:8.1f} x ({plain[1] / ours[1]:7.1f} x)", flush=True)


def compare(n: int, d: int, umap: bool) -> None:
    X, tasks, sources = plant(n, d)
    search = timed("kNN@10, ours", lambda: find_neighbours(X, 10))
    brute = NearestNeighbors(n_neighbors=10, algorithm="brute").fit(X)
    plain = timed("kNN@10, scikit-learn brute force", lambda: brute.kneighbors(return_distance=False))
    ratio("  ratio", plain, search)
    print(f"  neighbours that differ: {(search[2].indices != plain[2]).sum()} of {plain[2].size}")

    k = len(SHARES)
    ours = timed("k-means, 1 seed, 10 starts, ours", lambda: k_means(principal_components(X).coordinates, k, [0]))
    plain = timed("k-means, 1 seed, 10 starts, scikit-learn", lambda: KMeans(k, n_init=10, random_state=0).fit(X))
    ratio("  ratio", plain, ours)
    scores = [adjusted_rand_score(sources, found) for found in (ours[2].labels[0], plain[2].labels_)]
    print(f"  ARI with the data set: {scores[0]:.3f}, scikit-learn {scores[1]:.3f}")
    timed("k-means, 10 seeds, 10 starts, ours", lambda: k_means(principal_components(X).coordinates, k, range(10)))

    own = timed(
        "its one search: 150 neighbours in, 150 across data sets", lambda: build_index(X, np.arange(n), sources)
    )
    everything = timed(
        "everything: 2 tasks, 20 repeats, 200 permutations",
        lambda: measure_geometry(X, tasks, sources, np.arange(n), GeometryPlan()),
    )
    for name, one in (("its own search", own), ("a search for kNN@10", search)):
        print(f"{'  times ' + name:<58} {everything[0] / one[0]:8.1f} x ({everything[1] / one[1]:7.1f} x)")
    print(f"  {len(everything[2])} numbers")
    if umap:
        from umap import UMAP

        ours = timed("UMAP, ours, cold", lambda: project_umap(X, 0))
        plain = timed("UMAP, umap-learn", lambda: UMAP(random_state=0, n_jobs=1).fit_transform(X))
        ratio("  ratio", plain, ours)


def grow(sizes: list[int], d: int) -> None:
    previous = None
    for n in sizes:
        X = plant(n, d)[0]
        _, cpu, _ = timed(f"kNN@10 of {n:,} x {d}", lambda X=X: find_neighbours(X, 10))
        if previous:
            power = np.log(cpu / previous[1]) / np.log(n / previous[0])
            print(f"  grows with the power {power:.2f} of the number of records")
        previous = (n, cpu)


class OwnMemory:
    """The most memory that was the process's own while it ran: mapped pages, which can be dropped, do not count."""

    def __enter__(self) -> "OwnMemory":
        self.peak, self._done = 0, Event()
        self._thread = Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.1):
            found = re.search(r"RssAnon:\s+(\d+) kB", Path("/proc/self/status").read_text())
            self.peak = max(self.peak, int(found[1]) if found else 0)


def mapped(n: int, d: int, everything: bool) -> None:
    """Search a matrix on disk, or measure its whole geometry."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "X.npy"
        X = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, d))
        pieces = []
        for start in range(0, n, 10_000):
            rows = min(10_000, n - start)
            X[start : start + rows], *facts = plant(rows, d, seed=start)
            pieces.append(facts)
        X.flush()
        del X
        tasks = {name: np.concatenate([piece[0][name] for piece in pieces]) for name in PREVALENCE}
        sources = np.concatenate([piece[1] for piece in pieces])
        X, last = np.load(path, mmap_mode="r"), [perf_counter()]

        def progress(done: int, blocks: int) -> None:
            if perf_counter() - last[0] > 30 or done == blocks:
                last[0] = perf_counter()
                print(f"  {done} of {blocks} blocks", flush=True)

        with OwnMemory() as memory:
            if everything:
                patients, plan = np.arange(n), GeometryPlan()
                work = partial(measure_geometry, X, tasks, sources, patients, plan, progress)
                found = timed(f"all numbers of {n:,} x {d}, memory-mapped", work)[2]
                print(f"  {len(found)} numbers, {(found['status'] != 'done').sum()} of them could not be filled")
            else:
                timed(f"kNN@10 of {n:,} x {d}, memory-mapped", lambda: find_neighbours(X, 10, progress=progress))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(f"  peak {peak:.2f} GB, of which the process's own, without mapped pages, {memory.peak / 1024**2:.2f} GB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--dim", type=int, default=768)
    parser.add_argument("--umap", action="store_true", help="compare UMAP too (minutes)")
    parser.add_argument("--grow", type=int, nargs="*", default=[], metavar="N", help="such as 10000 20000 50000")
    parser.add_argument(
        "--mapped", type=int, nargs=2, metavar=("N", "D"), help="such as 345000 1024; nothing else runs"
    )
    parser.add_argument("--everything", action="store_true", help="with --mapped: all numbers, not the search alone")
    options = parser.parse_args()
    if options.mapped:
        mapped(*options.mapped, options.everything)
        return
    # Compilation is paid once and kept on disk.
    small = plant(500, 16)
    measure_geometry(*small, np.arange(500), GeometryPlan(repeats=1, seeds=1))
    compare(options.records, options.dim, options.umap)
    grow(options.grow, options.dim)


if __name__ == "__main__":
    main()
