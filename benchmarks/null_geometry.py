"""Size of every p value of a geometry on noise, and coverage and width of its intervals on noise and on structure.

A number's interval covers if it holds the mean of the number over all sets. Its width is the mean one over that of a
normal distribution with the standard deviation over sets: 1 is right.
"""

import argparse
from collections.abc import Callable

import numpy as np
import pandas as pd

from ecglens.geometry import GeometryPlan, measure_geometry

PLAN = GeometryPlan(
    k=5, seeds=4, n_init=3, repeats=10, permutations=199, strata=False, spaces=("embedding",), spectral_up_to=0
)
Study = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Embeddings, labels, data sets and patients."""


def study(
    rng: np.random.Generator, n: int = 80, d: int = 8, prevalence: float = 0.5, records: int = 1, tails: float = 0.0
) -> Study:
    """Noise: `records` near-copies of each of ``n / records`` patients in two data sets; `tails` are of Student's t."""
    patients = np.arange(n) // records
    people = patients.max() + 1
    draw = rng.standard_t(tails, (people, d)) if tails else rng.normal(size=(people, d))
    sources = np.arange(people) % 2
    labels = np.zeros(people, dtype=int)
    for source in (0, 1):
        inside = np.flatnonzero(sources == source)
        labels[rng.permutation(inside)[: max(1, round(prevalence * len(inside)))]] = 1
    X = draw[patients] + (0.1 * rng.normal(size=(n, d)) if records > 1 else 0)
    return X, labels[patients], sources[patients], patients


def shifted(label: float, source: float, **facts: float) -> Callable[[np.random.Generator], Study]:
    """Means of the labels and of the data sets so many standard deviations apart."""

    def make(rng: np.random.Generator) -> Study:
        X, labels, sources, patients = study(rng, **facts)
        X[:, 0] += label * labels
        X[:, 1] += source * sources
        return X, labels, sources, patients

    return make


def copies(rng: np.random.Generator) -> Study:
    """Every embedding is one of 26."""
    X, labels, sources, patients = study(rng)
    return X[rng.integers(0, 26, len(X))], labels, sources, patients


NOISE: dict[str, Callable[[np.random.Generator], Study]] = {
    "normal": study,
    "heavy tails": lambda rng: study(rng, n=40, d=64, tails=1.5),
    "12 % positive": lambda rng: study(rng, n=120, prevalence=0.12),
    "3 records a patient": lambda rng: study(rng, n=120, records=3),
    "20 patients": lambda rng: study(rng, n=20),
    "duplicates": copies,
    "wide": lambda rng: study(rng, n=60, d=100),
}
STRUCTURE = {
    "data sets apart": shifted(0, 3),
    "label weak": shifted(1, 1),
    "label 2 SD": shifted(2, 1),
    "label 4 SD": shifted(4, 2),
    "label 2 SD, 12 %": shifted(2, 1, n=120, prevalence=0.12),
    "label 2 SD, 3 records": shifted(2, 1, n=120, records=3),
}
STUDIES = NOISE | STRUCTURE
NUMBERS = ["level", "counts", "metric"]


def simulate(name: str, sets: int, plan: GeometryPlan = PLAN) -> pd.DataFrame:
    """All numbers of many studies of one kind."""
    tables = []
    for seed in range(sets):
        X, labels, sources, patients = STUDIES[name](np.random.default_rng([seed, len(name)]))
        table = measure_geometry(X, {"label": labels}, sources, patients, GeometryPlan(**(vars(plan) | {"seed": seed})))
        tables.append(table[table["status"] == "done"].assign(kind=name))
    return pd.concat(tables)


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """Sizes at 0.05 and 0.01, coverage and relative width of each number of one kind of study."""
    rows = []
    for number, part in table.groupby(NUMBERS, sort=False):
        mean, spread = part["value"].mean(), part["value"].std()
        width = (part["patient_high"] - part["patient_low"]).mean() / (2 * 1.96 * spread) if spread else np.nan
        covered = ((part["patient_low"] <= mean + 1e-9) & (mean - 1e-9 <= part["patient_high"])).mean()
        sizes = [(part["p_value"] <= level + 1e-9).mean() for level in (0.05, 0.01)]
        rows.append([*number, *sizes, covered, width, mean, spread])
    return pd.DataFrame(rows, columns=[*NUMBERS, "p<=0.05", "p<=0.01", "coverage", "width", "mean", "sd"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=200, help="studies of each kind")
    parser.add_argument("--kinds", nargs="*", default=list(STUDIES), choices=list(STUDIES), metavar="KIND")
    options = parser.parse_args()
    for name in options.kinds:
        print(f"\n{name}, {options.sets} sets")
        print(summarise(simulate(name, options.sets)).round(3).to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
