"""Probes: the fast engine beside plain scripts at one thread, on the same data and folds, in user CPU seconds.

The plain script is the libraries' estimators fold by fold: scikit-learn's, behind a scaler where a probe has one, and
XGBoost with ``max_bin=32``, which is what the fast engine uses. ``library`` is the same with XGBoost's default of 256.

``python benchmarks/probes.py`` times a sweep of all probes, in turns; ``--quality`` compares F1 over folds on planted
data; ``--memory`` prints the largest resident memory of a cell, each probe in a process of its own.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np

from ecglens.attribution import measure_importance
from ecglens.probes import PROBES, CrossValidation, Probe, cross_validate, fold_metrics
from ecglens.probes.fast.bins import N_BINS
from planted import KINDS, machine, plant, verdict

GOALS = {1000: 5.0}
"""Plain over fast, all probes, by records; no probe may be slower."""
F1_GOAL, MB_GOAL = 0.01, 2000
STEPS = ("with the data", "fitted", "explained, 2 seeds and 2 halves")
Data = tuple[np.ndarray, np.ndarray, np.ndarray]


def user_time() -> float:
    """CPU seconds that this process has spent outside the kernel."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_utime


def timed(run: Callable[[], CrossValidation]) -> tuple[float, CrossValidation]:
    start = user_time()
    result = run()
    return user_time() - start, result


def coarse(probe: Probe) -> Probe:
    """The probe as a plain script has it: XGBoost with the bins of the fast engine."""
    return replace(probe, settings={**probe.settings, "max_bin": N_BINS}) if probe.name == "xgboost" else probe


def library(data: Data, name: str, seed: int = 0) -> CrossValidation:
    return cross_validate(*data, PROBES.load(name), seed, engine="reference")


def plain(data: Data, name: str, seed: int = 0) -> CrossValidation:
    return cross_validate(*data, coarse(PROBES.load(name)), seed, engine="reference")


def fast(data: Data, name: str, seed: int = 0) -> CrossValidation:
    return cross_validate(*data, PROBES.load(name), seed)


def f1(data: Data, result: CrossValidation) -> np.ndarray:
    """F1 of each fold."""
    table = fold_metrics(data[1], result.probability, data[2])
    return table[table.metric == "f1"].sort_values("fold")["value"].to_numpy()


def warm_up(probes: list[str]) -> None:
    """Compile what is compiled, and import what is imported, before anything is timed."""
    start = user_time()
    small = plant("linear", 60, 20, 3, 0)
    for name in probes:
        fast(small, name)
        plain(small, name)
    print(f"warm-up, paid once: {user_time() - start:.1f} s")


def speed(options: argparse.Namespace) -> None:
    """Time plain scripts and the fast engine in turns, probe by probe, and in sum."""
    warm_up(options.probe)
    for n, kind in product(options.n, options.kind or KINDS[:1]):
        data = plant(kind, n, options.d, options.folds, 0)
        print(f"\nn = {n:,}, d = {options.d}, {options.folds} folds, planted: {kind}; mean of {options.rounds} rounds")
        print(
            f"{'probe':<20} {'library s':>9} {'plain s':>8} {'fast s':>7} {'library/fast':>12} {'plain/fast':>10}"
            f"   {'F1 plain':>8} {'F1 fast':>8}"
        )
        total = np.zeros(3)
        for name in options.probe:
            seconds, scores = sweep(data, name, options.rounds)
            total += seconds
            met = verdict(seconds[1] / seconds[2], 1)
            print(f"{name:<20} {row(seconds)}   {scores[0]:>8.3f} {scores[1]:>8.3f}   {met}", flush=True)
        print(f"{'sum':<20} {row(total)}   {'':>8} {'':>8}   {verdict(total[1] / total[2], GOALS.get(n))}")


def sweep(data: Data, name: str, rounds: int) -> tuple[np.ndarray, list[float]]:
    """Seconds of the library, the plain script and the fast engine, and mean F1 of the last two.

    The library is a run of its own only where it differs from the plain script, and then in the first round only.
    """
    seconds, scores = np.zeros((rounds, 2)), [0.0, 0.0]
    for turn in range(rounds):
        for place, run in enumerate((plain, fast)):
            seconds[turn, place], result = timed(lambda run=run: run(data, name))
            scores[place] = float(np.nanmean(f1(data, result)))
    mean = seconds.mean(axis=0)
    differs = coarse(PROBES.load(name)) is not PROBES.load(name)
    own = timed(lambda: library(data, name))[0] if differs else mean[0]
    return np.array([own, *mean]), scores


def row(seconds: np.ndarray) -> str:
    library_s, plain_s, fast_s = seconds
    ratios = f"{library_s / fast_s:>12.1f} {plain_s / fast_s:>10.1f}"
    return f"{library_s:>9.2f} {plain_s:>8.2f} {fast_s:>7.2f} {ratios}"


def quality(options: argparse.Namespace) -> None:
    """Compare F1 over folds of data sets drawn anew, and say how much two seeds of the library differ."""
    for n in options.n:
        print(
            f"\nF1 of {options.repeats} sets of a kind, fast - library, paired over folds; n = {n:,}, d = {options.d}"
        )
        print(f"{'planted':<12} {'probe':<20} {'F1 library':>10} {'difference':>11} {'(s.e.)':>8}   library, new seed")
        for kind in options.kind or KINDS:
            for name in options.probe:
                compare(kind, name, n, options)


def compare(kind: str, name: str, n: int, options: argparse.Namespace) -> None:
    scores, differences, noise = [], [], []
    for repeat in range(options.repeats):
        data = plant(kind, n, options.d, options.folds, repeat)
        theirs, ours = (f1(data, run(data, name)) for run in (library, fast))
        other = f1(data, library(data, name, seed=1)) if PROBES.load(name).random else theirs
        scores.append(np.nanmean(theirs))
        differences.append(np.nanmean(ours - theirs))
        noise.append(np.nanmean(other - theirs))
    error = np.std(differences, ddof=1) / np.sqrt(len(differences))
    spread = np.sqrt(np.mean(np.square(noise)))
    mean = float(np.mean(differences))
    line = f"{kind:<12} {name:<20} {np.mean(scores):>10.3f} {mean:>+11.4f} {error:>8.4f}   +/- {spread:.4f}"
    print(f"{line}   {within(abs(mean), error)}", flush=True)


def within(difference: float, error: float) -> str:
    """Whether a mean difference keeps to the goal, as far as its standard error lets one tell."""
    open_ = "" if abs(difference - F1_GOAL) > 2 * error else ", within two s.e.: more sets would tell"
    return f"goal {F1_GOAL:g}: {'met' if difference <= F1_GOAL else 'missed'}{open_}"


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
    fit = timed(lambda: fast(data, name))[0]
    fitted = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = user_time()
    measure_importance(*data, PROBES.load(name), seeds=2, halves=1)
    explained = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = f"CPU s: fit {fit:.1f}, explain {user_time() - start:.1f}"
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
    parser.add_argument("--kind", nargs="+", choices=KINDS, help="planted data; by default linear, all for --quality")
    parser.add_argument("--rounds", type=int, default=1, help="times that a speed is taken, in turns")
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
