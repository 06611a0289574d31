"""Probes: the fast engine beside the libraries at one thread, on the same data and folds, in CPU seconds.

``python benchmarks/probes.py`` times a sweep of all probes; ``--quality`` compares F1 over folds on planted data;
``--memory`` prints the largest resident memory of a cell, each probe in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from time import process_time

import numpy as np

from ecglens.attribution import measure_importance
from ecglens.probes import PROBES, CrossValidation, cross_validate, fold_metrics
from planted import KINDS, machine, plant, verdict

GOALS = {300: 6.0, 1000: 7.0, 3000: 6.0}
"""Library over fast, all probes, by records; no probe may be slower."""
F1_GOAL, MB_GOAL = 0.01, 2000
STEPS = ("with the data", "fitted", "explained, 2 seeds and 2 halves")
Data = tuple[np.ndarray, np.ndarray, np.ndarray]


def timed(data: Data, name: str, engine: str, seed: int = 0) -> tuple[float, CrossValidation]:
    start = process_time()
    result = cross_validate(*data, PROBES.load(name), seed, engine=engine)
    return process_time() - start, result


def f1(data: Data, result: CrossValidation) -> np.ndarray:
    """F1 of each fold."""
    table = fold_metrics(data[1], result.probability, data[2])
    return table[table.metric == "f1"].sort_values("fold")["value"].to_numpy()


def warm_up(probes: list[str]) -> None:
    """Compile what is compiled, and import what is imported, before anything is timed."""
    start = process_time()
    small = plant("linear", 60, 20, 3, 0)
    for name in probes:
        timed(small, name, "fast")
        timed(small, name, "reference")
    print(f"warm-up, paid once: {process_time() - start:.1f} s")


def speed(options: argparse.Namespace) -> None:
    """Time both engines, probe by probe, and in sum."""
    warm_up(options.probe)
    for n in options.n:
        data = plant("linear", n, options.d, options.folds, 0)
        print(f"\nn = {n:,}, d = {options.d}, {options.folds} folds, planted: linear")
        print(f"{'probe':<20} {'library s':>10} {'fast s':>8} {'ratio':>6}   {'F1 library':>10} {'F1 fast':>8}")
        total = np.zeros(2)
        for name in options.probe:
            seconds, found = zip(*(timed(data, name, engine) for engine in ("reference", "fast")), strict=True)
            scores = [f1(data, result).mean() for result in found]
            total += seconds
            met = verdict(seconds[0] / seconds[1], 1)
            print(f"{name:<20} {row(*seconds)}   {scores[0]:>10.3f} {scores[1]:>8.3f}   {met}", flush=True)
        print(f"{'sum':<20} {row(*total)}   {'':>10} {'':>8}   {verdict(total[0] / total[1], GOALS.get(n))}")


def row(library: float, fast: float) -> str:
    return f"{library:>10.2f} {fast:>8.2f} {library / fast:>6.1f}"


def quality(options: argparse.Namespace) -> None:
    """Compare F1 over folds of data sets drawn anew, and say how much two seeds of the library differ."""
    for n in options.n:
        print(
            f"\nF1 of {options.repeats} sets of a kind, fast - library, paired over folds; n = {n:,}, d = {options.d}"
        )
        print(f"{'planted':<12} {'probe':<20} {'F1 library':>10} {'difference':>11} {'(s.e.)':>8}   library, new seed")
        for kind in options.kind:
            for name in options.probe:
                compare(kind, name, n, options)


def compare(kind: str, name: str, n: int, options: argparse.Namespace) -> None:
    scores, gaps, noise = [], [], []
    for repeat in range(options.repeats):
        data = plant(kind, n, options.d, options.folds, repeat)
        library, fast = (f1(data, timed(data, name, engine)[1]) for engine in ("reference", "fast"))
        other = f1(data, timed(data, name, "reference", seed=1)[1]) if PROBES.load(name).random else library
        scores.append(np.nanmean(library))
        gaps.append(np.nanmean(fast - library))
        noise.append(np.nanmean(other - library))
    error = np.std(gaps, ddof=1) / np.sqrt(len(gaps))
    spread = np.sqrt(np.mean(np.square(noise)))
    line = f"{kind:<12} {name:<20} {np.mean(scores):>10.3f} {np.mean(gaps):>+11.4f} {error:>8.4f}   +/- {spread:.4f}"
    print(f"{line}   {within(abs(np.mean(gaps)), error)}", flush=True)


def within(gap: float, error: float) -> str:
    """Whether a mean difference keeps to the goal, as far as its standard error lets one tell."""
    open_ = "" if abs(gap - F1_GOAL) > 2 * error else ", within two s.e.: more sets would tell"
    return f"goal {F1_GOAL:g}: {'met' if gap <= F1_GOAL else 'missed'}{open_}"


def memory(options: argparse.Namespace) -> None:
    """Run every probe and its attribution in a process of its own."""
    for n in options.n:
        for name in options.probe:
            words = ["--cell", "--n", n, "--d", options.d, "--folds", options.folds, "--probe", name]
            subprocess.run([sys.executable, __file__, *map(str, words)], check=True)


def cell(options: argparse.Namespace) -> None:
    """Score and explain one probe as a study does, and print the peak of this process."""
    n, name = options.n[0], options.probe[0]
    data = plant("linear", n, options.d, options.folds, 0)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    fit = timed(data, name, "fast")[0]
    fitted = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = process_time()
    measure_importance(*data, PROBES.load(name), seeds=2, halves=1)
    explained = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = f"CPU s: fit {fit:.1f}, explain {process_time() - start:.1f}"
    peaks = ", ".join(
        f"{what} {peak / 1024:.0f}" for what, peak in zip(STEPS, (before, fitted, explained), strict=True)
    )
    met = "met" if explained / 1024 < MB_GOAL else "MISSED"
    print(f"n = {n:,}, d = {options.d}  {name:<20} peak MB: {peaks}, goal {MB_GOAL:,}: {met}   {seconds}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, nargs="+", default=[300, 1000, 3000], help="records")
    parser.add_argument("--d", type=int, default=768, help="features")
    parser.add_argument("--folds", type=int, default=15)
    parser.add_argument("--probe", nargs="+", default=PROBES.names(), choices=PROBES.names())
    parser.add_argument("--kind", nargs="+", default=KINDS, choices=KINDS, help="planted data for --quality")
    parser.add_argument("--repeats", type=int, default=4, help="data sets of each kind for --quality")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--quality", dest="run", action="store_const", const=quality)
    mode.add_argument("--memory", dest="run", action="store_const", const=memory)
    mode.add_argument("--cell", dest="run", action="store_const", const=cell, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run is not cell:
        print(machine())
    (options.run or speed)(options)


if __name__ == "__main__":
    main()
