"""Signal steps on a batch against a plain loop that calls SciPy or NumPy lead by lead; both in the same run."""

import argparse
from collections.abc import Callable
from time import perf_counter

import numpy as np
from scipy import signal, stats

from ecglens.signals import Butterworth, FIRBandpass, MedianBaseline, MinMax, Notch, Resample, Step, ZScore

FS = 500
BAND = (0.67, 40)
SECTIONS = signal.butter(4, BAND, "bandpass", fs=FS, output="sos")
POLYNOMIALS = signal.butter(4, BAND, "bandpass", fs=FS)
NOTCH = signal.iirnotch(50, 30, fs=FS)
TAPS = signal.firwin(151, [0.05, 47], pass_zero=False, fs=FS)

CASES: list[tuple[Step, Callable[[np.ndarray], np.ndarray]]] = [
    (Resample(250), lambda lead: signal.resample(lead, len(lead) // 2)),
    (Resample(250, "polyphase"), lambda lead: signal.resample_poly(lead, 1, 2)),
    (
        Resample(250, "linear"),
        lambda lead: np.interp(np.linspace(0, len(lead) - 1, len(lead) // 2), np.arange(len(lead)), lead),
    ),
    (Butterworth("bandpass", BAND), lambda lead: signal.sosfiltfilt(SECTIONS, lead)),
    (Butterworth("bandpass", BAND, form="ba"), lambda lead: signal.filtfilt(*POLYNOMIALS, lead)),
    (Notch(50), lambda lead: signal.filtfilt(*NOTCH, lead)),
    (FIRBandpass(0.05, 47), lambda lead: signal.filtfilt(TAPS, 1, lead)),
    (MedianBaseline(), lambda lead: lead - signal.medfilt(lead, 201)),
    (ZScore(), stats.zscore),
    (MinMax(), lambda lead: 2 * (lead - lead.min()) / np.ptp(lead) - 1),
]


def lead_by_lead(function: Callable[[np.ndarray], np.ndarray], x: np.ndarray) -> np.ndarray:
    return np.array([[function(lead) for lead in record] for record in x])


def fastest(repeats: int, function: Callable[..., np.ndarray], *arguments: object) -> tuple[float, np.ndarray]:
    """Shortest of several durations in ms, and the result."""
    durations = []
    for _ in range(repeats):
        start = perf_counter()
        result = function(*arguments)
        durations.append(1e3 * (perf_counter() - start))
    return min(durations), result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    x = np.random.default_rng(0).normal(size=(options.records, 12, 10 * FS)).cumsum(axis=-1)
    print(f"{options.records} records x 12 leads x {10 * FS} samples, float64, best of {options.repeats}")
    print(f"{'step':<70} {'loop ms':>9} {'batch ms':>9} {'ratio':>6} {'largest difference':>19}")
    for step, per_lead in CASES:
        plain, expected = fastest(options.repeats, lead_by_lead, per_lead, x)
        batch, (found, _) = fastest(options.repeats, step, x, FS)
        gap = np.abs(found - expected).max()
        print(f"{step!s:<70} {plain:>9.1f} {batch:>9.1f} {plain / batch:>6.1f} {gap:>19.1e}")


if __name__ == "__main__":
    main()
